"""A daemon in small, to be killed in the middle of its scan: DSN EXECUTOR LOG FOLDER."""

from __future__ import annotations

import os
import sys
import threading
from datetime import timedelta
from pathlib import Path

from earnings.vocabulary import Company, Lead, RawDocument
from jobs.catch_up import CatchUp
from jobs.durable import Engine
from jobs.planning import Plan
from jobs.registration import QUEUES
from jobs.slots import parse
from jobs.ticker import Ticker
from resilience.clock import SystemClock
from resilience.testing import FakeClock
from storage.database import Database
from storage.leases import InstanceLock
from storage.ledger import Ledger
from storage.pool import PoolSettings
from tests.integration.jobs.house import House
from tests.integration.jobs.releases import release
from tests.integration.jobs.worker import note
from tests.unit.jobs.fakes import FakeSource, Published

JOB, SLOT = "daily_earnings_scan", "2026-11-22T07:00"
COMPANIES = [Company(f"C{n:02}", f"Company {n}, Inc.") for n in range(8)]


class SlowShelf(FakeSource):
    """Each fetch leaves a line, and takes a moment."""

    def __init__(self, log: str, pause_s: float) -> None:
        super().__init__()
        self.log = log
        self.pause_s = pause_s

    def fetch(self, lead: Lead) -> RawDocument:
        note(self.log, lead.external_id)
        threading.Event().wait(self.pause_s)
        return super().fetch(lead)


class Daemon:
    def __init__(self, dsn: str, executor: str, log: str, folder: Path, pause_s: float) -> None:
        self.clock = SystemClock()
        self.database = Database(dsn, PoolSettings(size=5, overflow=5))
        self.engine = Engine(dsn, executor, queues=QUEUES, clock=self.clock, poll_s=0.1)
        self.house = House(self.database, self.clock, folder, self.engine)
        shelf = SlowShelf(log, pause_s)
        for number, company in enumerate(COMPANIES):
            content = release(company, sales=f"1,2{number:02}.0")
            shelf.put(company, f"{company.ticker}-q3", Published(content, "text/html", 18))
        self.house.context.sources["shelf"] = shelf  # type: ignore[index]
        self.house.watch(*COMPANIES)

    def tick(self) -> None:
        """At a quarter past seven of the slot's day, whatever day it is."""
        then = FakeClock(FakeClock().now().replace(hour=12, minute=15))
        plan = Plan(JOB, parse("07:00", "America/New_York"), CatchUp.LATEST, timedelta(days=1))
        ledger = Ledger(self.database, then)
        ledger.decide(JOB, "2026-11-21T07:00", then.now(), "skipped", "earlier", "test")
        Ticker([plan], ledger, self.engine, then).tick()

    def close(self) -> None:
        self.engine.close(10)
        self.database.close()


def main(dsn: str, executor: str, log: str, folder: str) -> None:
    lock = InstanceLock(dsn, executor, executor, kind="command")
    lock.acquire(os.getpid(), "here")
    daemon = Daemon(dsn, executor, log, Path(folder), pause_s=0.5)
    daemon.engine.launch()
    daemon.tick()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
