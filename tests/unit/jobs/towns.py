"""A town: a clock on the wall that can be moved, a ledger, an engine, and tickers that start anew
with other settings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from jobs.catch_up import CatchUp
from jobs.planning import Plan
from jobs.slots import parse
from jobs.ticker import Ticker
from jobs.work import WorkState
from resilience.testing import FakeClock
from tests.unit.jobs.fakes import FakeEngine, FakeLedger

JOB = "daily_earnings_scan"
NEW_YORK, TOKYO, APIA = "America/New_York", "Asia/Tokyo", "Pacific/Apia"
PAGO_PAGO = "Pacific/Pago_Pago"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_plan(catch_up: CatchUp = CatchUp.LATEST, at: str = "07:00", zone: str = NEW_YORK) -> Plan:
    return Plan(JOB, parse(at, zone), catch_up, timedelta(days=1))


class MovingTown:
    """In New York it is 07:10 on 22 November 2026 (12:10 UTC), and today's slot has run."""

    def __init__(self, catch_up: CatchUp = CatchUp.LATEST) -> None:
        self.clock = FakeClock(utc("2026-11-22T11:59"))
        self.ledger = FakeLedger(self.clock)
        self.engine = FakeEngine()
        self.dead: Collection[str] = ()
        self.ran: list[str] = []  # slots, in the order in which they were begun
        self.start(a_plan(catch_up))
        self.ticker.tick()
        self.pass_by(minutes=11)
        assert self.ran == ["2026-11-22T07:00"]

    def start(self, plan: Plan) -> None:
        """A process starts, with these settings."""
        self.plan = plan
        self.ticker = Ticker(
            [plan], self.ledger, self.engine, self.clock, is_dead=lambda one: one in self.dead
        )

    def start_anew(self, **changes: Any) -> None:
        self.start(replace(self.plan, **changes))

    def move_to(self, zone: str) -> None:
        """Another zone in the settings, and a start."""
        self.start_anew(schedule=replace(self.plan.schedule, zone=parse("00:00", zone).zone))
        self.tick()

    def move_at(self, at: str) -> None:
        """Another time in the settings, and a start."""
        self.start_anew(schedule=parse(at, self.plan.schedule.zone.key))
        self.tick()

    def pass_by(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> None:
        """Time passes with a tick every five minutes (every hour, if it is long), and work is
        done."""
        end = self.clock.now() + timedelta(days=days, hours=hours, minutes=minutes)
        every_s = 300 if days < 5 else 3600
        while self.clock.now() < end:
            self.clock.advance(min(every_s, (end - self.clock.now()).total_seconds()))
            self.tick()

    def sleep(self, *, days: float = 0, hours: float = 0) -> None:
        """The machine sleeps, or the daemon is down; then a tick."""
        self.clock.advance(days * 86_400 + hours * 3600)
        self.tick()

    def set_clock(self, *, days: float = 0, hours: float = 0) -> None:
        """Somebody moves the wall clock; then a tick."""
        self.clock.set_back(-(days * 86_400 + hours * 3600))
        self.tick()

    def tick(self) -> None:
        self.ticker.tick()
        while self.work():
            self.ticker.tick()

    def work(self) -> bool:
        """What is enqueued runs to its end; whether there was anything."""
        did = False
        for _, work_id, args in self.engine.enqueued:
            if self.engine.work[work_id].state is WorkState.QUEUED:
                job, slot = (str(arg) for arg in args)
                run_id = self.ledger.claim(job, slot, "us")
                if run_id is not None:
                    self.ran.append(slot)
                    self.ledger.finish(run_id, "succeeded", executor="us")
                self.engine.finish(work_id)
                did = True
        return did

    def begin(self, slot: str, by: str = "us") -> None:
        """A run that goes on."""
        work_id = f"{JOB}:{slot}"
        assert self.engine.work[work_id].state is WorkState.QUEUED
        assert self.ledger.claim(JOB, slot, by) is not None
        self.ran.append(slot)

    def end(self, slot: str) -> None:
        row = self.ledger.rows[JOB, slot]
        assert self.ledger.finish(
            list(self.ledger.rows).index((JOB, slot)), "succeeded", executor=row.executor
        )
        self.engine.finish(f"{JOB}:{slot}")

    def state(self, slot: str) -> str:
        row = self.ledger.rows.get((JOB, slot))
        return row.state if row else "undecided"

    def reason(self, slot: str) -> str:
        return self.ledger.rows[JOB, slot].reason
