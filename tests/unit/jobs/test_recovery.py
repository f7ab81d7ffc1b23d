"""What the dead left behind."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest

from jobs.recovery import FULL_S, Recovery
from resilience.testing import START, FakeClock
from tests.unit.jobs.fakes import FakeEngine, FakeLedger


class Graveyard:
    """`dead`: whose locks nobody holds. `unseen`: of these the quick look knows nothing."""

    def __init__(self, *dead: str, unseen: Collection[str] = ()) -> None:
        self.dead = {*dead, *unseen}
        self.unseen = set(unseen)
        self.settled: list[str] = []
        self.asked: list[str] = []

    def gone(self) -> Sequence[str]:
        return sorted(self.dead - self.unseen - set(self.settled))

    def fence(self, executor: str) -> bool:
        self.asked.append(executor)
        return executor in self.dead

    def settle(self, executors: Collection[str]) -> int:
        self.settled += executors
        return len(executors)


def ledger_with(*executors: str) -> FakeLedger:
    ledger = FakeLedger()
    for executor in executors:
        ledger.decide("job", executor, START, "run", "", executor)
        ledger.claim("job", executor, executor)
    return ledger


def test_the_runs_of_the_dead_are_free_and_those_of_the_living_are_not(clock: FakeClock) -> None:
    ledger = ledger_with("dead", "slow")
    graves = Graveyard("dead")
    Recovery(ledger, FakeEngine(), graves, clock).sweep()
    states = {row.slot: row.state for row in ledger.rows.values()}
    assert states == {"dead": "abandoned", "slow": "running"}
    assert graves.settled == ["dead"]


def test_a_process_never_takes_itself_for_dead(clock: FakeClock) -> None:
    """Even if its lock is lost for the moment."""
    ledger, graves = ledger_with("us"), Graveyard("us")
    Recovery(ledger, FakeEngine("us"), graves, clock).sweep()
    assert ledger.running()
    assert graves.asked == graves.settled == []


def test_each_process_is_judged_once_a_sweep(clock: FakeClock) -> None:
    """The same verdict for ledger and engine, and one question to the database."""
    engine, graves = FakeEngine(), Graveyard("dead")
    engine.pending_of = {"dead": 16}
    assert Recovery(ledger_with("dead"), engine, graves, clock).sweep() == 16
    assert graves.asked == ["dead"]


def test_who_came_back_meanwhile_is_not_settled(clock: FakeClock) -> None:
    """The look is no verdict: only who could be fenced is dead."""
    ledger, graves = ledger_with("back"), Graveyard("back")
    graves.fence = lambda executor: False  # type: ignore[method-assign]
    assert Recovery(ledger, FakeEngine(), graves, clock).sweep() == 0
    assert ledger.running()
    assert graves.settled == []


def test_with_nobody_dead_nothing_changes(clock: FakeClock) -> None:
    ledger = ledger_with("one", "two")
    assert Recovery(ledger, FakeEngine(), Graveyard(), clock).sweep() == 0
    assert len(ledger.running()) == 2


def test_everything_is_looked_at_first_and_then_now_and_then(clock: FakeClock) -> None:
    """Work of an executor whose row is forgotten is found too, only not within seconds; after
    trouble with the database each sweep looks."""
    troubled: list[bool] = []
    engine, graves = FakeEngine(), Graveyard(unseen=["old"])
    engine.pending_of = {"old": 1}
    recovery = Recovery(FakeLedger(), engine, graves, clock, troubled=lambda: bool(troubled))
    assert recovery.sweep() == 1
    clock.advance(FULL_S / 2)
    assert recovery.sweep() == 0
    troubled.append(True)
    assert recovery.sweep() == 1
    troubled.clear()
    assert recovery.sweep() == 0
    clock.advance(FULL_S)
    assert recovery.sweep() == 1


def test_paid_calls_of_the_dead_are_settled_with_the_rest(
    caplog: pytest.LogCaptureFixture, clock: FakeClock
) -> None:
    Recovery(FakeLedger(), FakeEngine(), Graveyard(), clock, settle_calls=lambda: 2).sweep()
    assert "2 paid call(s) of dead processes are in doubt" in caplog.text
