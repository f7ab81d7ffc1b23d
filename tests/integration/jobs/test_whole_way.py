"""From the tick to the insights, through ledger, engine and stores, with and without a crash."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from earnings.vocabulary import DocumentState
from jobs.recovery import Recovery
from storage.database import Database
from storage.leases import Instances
from storage.ledger import JobRun, Ledger
from storage.states import RunState
from tests.integration.jobs.scanner import COMPANIES, JOB, SLOT, Daemon
from tests.integration.jobs.worker import lines

pytestmark = pytest.mark.database

SOON_S = 40.0


def until(what: Callable[[], bool]) -> bool:
    """Polls real processes."""
    deadline = time.monotonic() + SOON_S
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def daemon(dsn: str, tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(dsn, "second", str(tmp_path / "fetched"), tmp_path, pause_s=0)
    try:
        yield daemon
    finally:
        daemon.close()


def ledger_row(daemon: Daemon) -> JobRun | None:
    return Ledger(daemon.database).get(JOB, SLOT)


def has_succeeded(daemon: Daemon) -> bool:
    run = ledger_row(daemon)
    return run is not None and run.state is RunState.SUCCEEDED


def analysed(daemon: Daemon) -> int:
    return daemon.house.context.documents.by_state()[DocumentState.ANALYSED]


def test_a_tick_reads_every_companys_release(daemon: Daemon, tmp_path: Path) -> None:
    daemon.engine.launch()
    daemon.tick()
    daemon.tick()
    assert until(lambda: has_succeeded(daemon))
    assert analysed(daemon) == len(COMPANIES)
    assert Counter(lines(tmp_path / "fetched")) == Counter(
        f"{company.ticker}-q3" for company in COMPANIES
    )


def test_a_scan_whose_process_is_killed_is_finished_by_another(
    daemon: Daemon, database: Database, dsn: str, tmp_path: Path
) -> None:
    """kill -9 between two documents: the run is claimed again, every document is analysed
    once, and no finished one is fetched a second time."""
    log = tmp_path / "fetched"
    module = "tests.integration.jobs.scanner"
    process = subprocess.Popen(
        [sys.executable, "-m", module, dsn, "first", str(log), str(tmp_path)]
    )
    try:
        assert until(lambda: analysed(daemon) >= 2)
    finally:
        process.kill()
        process.wait()
    done_before = analysed(daemon)
    instances = Instances(database)
    assert until(lambda: instances.is_dead("first"))
    daemon.engine.launch()
    context = daemon.house.context
    assert Recovery(context.ledger, daemon.engine, instances, context.clock).sweep() >= 1
    assert until(lambda: has_succeeded(daemon))
    assert analysed(daemon) == len(COMPANIES)
    run = ledger_row(daemon)
    assert run is not None
    assert (run.attempts, run.executor) == (2, "second")
    fetched = Counter(lines(log))
    assert len(fetched) == len(COMPANIES)
    assert sum(fetched.values()) - len(fetched) <= 4  # those that were under way
    assert done_before < len(COMPANIES)
    for company in COMPANIES:
        document = context.documents.find("shelf", f"{company.ticker}-q3")
        assert document is not None
        assert len(context.insights.analyses(document.id)) == 1
