"""The storm on real processes: what it proves of the product, it would not find in a broken one."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from chaos.options import DatabaseInUse, Options
from chaos.plan import Fault
from chaos.run import run
from resilience.clock import SystemClock
from tests.acceptance.installation import Installation
from tests.acceptance.processes import eventually

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

LEAKY = (sys.executable, str(Path(__file__).parent / "leaky.py"))
SMALL = Options(
    seed=4,
    daemons=1,
    documents=24,
    kills=3,
    faults=(Fault.KILL,),
    program=LEAKY,
    patience_s=20.0,
)


@pytest.mark.timeout(400)
def test_a_product_that_pays_twice_is_caught() -> None:
    """Its paid-call ledger lets everything through. The storm names who was paid twice, in the
    provider's own words, and that payments were made of which the product knows nothing."""
    report = run(SMALL, SystemClock(), lambda _: None)
    lines = {check.name: check for check in report.checks}
    assert not report.met
    assert lines["paid twice"].met is False
    assert "billed" in lines["paid twice"].breaches[0]
    assert lines["in doubt, asked directly"].met is False
    assert "the product knows of no call" in lines["in doubt, asked directly"].breaches[0]
    assert report.kept is not None
    assert (report.kept / "claude.jsonl").stat().st_size > 0
    shutil.rmtree(report.kept)


def test_a_database_that_was_used_is_left_alone(house: Installation) -> None:
    """One row of ours or none: its tables are enough."""
    assert house.run("scan").code == 0
    before = house.counts()
    assert house.dsn is not None
    with pytest.raises(DatabaseInUse):
        run(Options(seed=1, database=house.dsn), SystemClock(), lambda _: None)
    assert house.counts() == before
    refused = house.run("chaos", "--database", house.dsn)
    assert refused.code == 5, refused.said


def test_ctrl_c_leaves_nothing_behind(house: Installation, fast_path: Path) -> None:
    """Every process it started is gone: the server's, the providers', the daemons'."""
    folder = fast_path / "storms"
    folder.mkdir()
    storm = house.start("chaos", "--seed", "1", TMPDIR=str(folder))
    storm.says("kill -9", 100)
    assert _mentioning(folder), "there is something to clean up"
    storm.tell(signal.SIGINT)
    ended = storm.ended(60)
    assert ended.code == 130, ended.said
    assert "Interrupted after" in ended.out
    eventually(lambda: not _mentioning(folder), "all have ended", 10)


def _mentioning(folder: Path) -> list[str]:
    """Processes that were started in a folder: by their command line or where they stand."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            place = str((entry / "cwd").readlink())
        except OSError:
            continue
        if words and (str(folder) in words or place.startswith(str(folder))):
            found.append(words)
    return found
