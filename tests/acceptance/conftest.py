"""Houses for the acceptance tests: with a database of its own each, or with the suite's."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from resilience.clock import SystemClock
from tests.acceptance.installation import CONTACT, SCAN, Installation
from tests.acceptance.processes import PYTHON_MAIN, Running
from tests.leftovers import fresh_folder
from tests.servers.claude import KEY, ClaudeServer
from tests.servers.edgar import EdgarServer


@dataclass(frozen=True)
class ScheduledPair:
    """Two daemons of one house, and the slot of their scan."""

    house: Installation
    first: Running
    second: Running
    slot: str


NOBODY = 65534  # an ordinary user that every machine has
PACE = 10  # requests a second: the most that may be configured
MakeHouse = Callable[..., Installation]


@pytest.fixture
def own_house(fast_path: Path) -> Iterator[MakeHouse]:
    """Makes installations as they are shipped, with the embedded database."""
    with ExitStack() as houses:
        yield lambda name="house", **environ: houses.enter_context(
            Installation(fast_path / name, **environ)
        )


@pytest.fixture(scope="session")
def scheduled_pair() -> Iterator[ScheduledPair]:
    """Two daemons that wait for a minute which is still to come."""
    folder = fresh_folder()
    with Installation(folder) as house:
        now = SystemClock().now()
        minutes = 1 if now.second < 45 else 2
        house.schedule(-minutes, SCAN)
        first = house.daemon()  # has its port before the other asks for one
        second = house.start(RETAILXAI_INSTANCE="another")
        slot = f"{now + timedelta(minutes=minutes):%Y-%m-%dT%H:%M}"
        yield ScheduledPair(house, first, second, slot)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _begun_early(request: pytest.FixtureRequest) -> None:
    """The minute passes while other tests run, so nobody waits for it at the end. With workers
    side by side it passes for one of them anyhow, and each would start two daemons."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    names = (getattr(item, "fixturenames", ()) for item in request.session.items)
    if any("scheduled_pair" in each for each in names):
        request.getfixturevalue("scheduled_pair")


@pytest.fixture
def house(fast_path: Path, dsn: str) -> Iterator[Installation]:
    """An installation on a database of the suite's server: quicker to start."""
    with Installation(fast_path / "house", dsn=dsn) as made:
        yield made


@pytest.fixture(scope="session")
def as_ordinary_user() -> Sequence[str]:
    """What to put before a command so that an ordinary user runs it."""
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("setpriv (util-linux) is not there")
    prefix = (setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    probe = subprocess.run([*prefix, *PYTHON_MAIN, "version"], capture_output=True)
    if probe.returncode != 0:
        pytest.skip("an ordinary user may not run the program from where it lies")
    return prefix


@pytest.fixture
def sec() -> Iterator[EdgarServer]:
    server = EdgarServer()
    with server:
        yield server


@pytest.fixture
def reading_house(house: Installation, sec: EdgarServer) -> Installation:
    """A house that reads from `sec`."""
    house.environ |= {
        "SEC_CONTACT": CONTACT,
        "RETAILXAI_SEC_WWW_URL": sec.url,
        "RETAILXAI_SEC_DATA_URL": sec.url,
        "RETAILXAI_SEC_REQUESTS_PER_S": str(PACE),
    }
    return house


@pytest.fixture
def claude() -> Iterator[ClaudeServer]:
    with ClaudeServer() as server:
        yield server


@pytest.fixture
def asking_house(reading_house: Installation, claude: ClaudeServer) -> Installation:
    """A house that reads from `sec` and asks `claude`."""
    reading_house.environ |= {
        "ANTHROPIC_API_KEY": KEY,
        "RETAILXAI_CLAUDE_BASE_URL": claude.url,
    }
    return reading_house
