"""Ticks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from jobs.catch_up import CatchUp
from jobs.planning import Plan
from jobs.slots import parse
from jobs.ticker import Ticker, work_id_of
from jobs.work import WorkState
from resilience.testing import FakeClock
from tests.unit.jobs.fakes import FakeEngine, FakeLedger, FakeRun

JOB = "daily_earnings_scan"
MORNING = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)  # 06:00 in New York


class Town:
    """A clock on the wall, a ledger, an engine, and any number of tickers."""

    def __init__(self, catch_up: CatchUp = CatchUp.LATEST, at: str = "07:00") -> None:
        self.clock = FakeClock(MORNING)
        self.ledger = FakeLedger(self.clock)
        self.engine = FakeEngine()
        plan = Plan(JOB, parse(at, "America/New_York"), catch_up, timedelta(days=1))
        self.ticker = Ticker([plan], self.ledger, self.engine, self.clock)

    def tick_at(self, *, days: float = 0, hours: float = 0) -> None:
        self.clock.advance(days * 86_400 + hours * 3600)
        self.ticker.tick()

    def states(self) -> dict[str, str]:
        return {slot: row.state for (_, slot), row in self.ledger.rows.items()}

    def done(self) -> None:
        """Everything enqueued runs to its end."""
        for name, work_id, args in self.engine.enqueued:
            job, slot = (str(arg) for arg in args)
            run_id = self.ledger.claim(job, slot, "us")
            if run_id is not None:
                self.ledger.finish(run_id, "succeeded", executor="us")
            if self.engine.work[work_id].state is WorkState.QUEUED:
                self.engine.finish(work_id)
            assert name == "job"


def test_a_new_installation_owes_nothing_to_the_past() -> None:
    """The first tick runs nothing, and remembers where the schedule began."""
    town = Town()
    town.tick_at()
    assert town.engine.enqueued == []
    assert town.states() == {"2026-11-21T07:00": "skipped"}
    assert town.ledger.rows[JOB, "2026-11-21T07:00"].reason == "the schedule begins after it"


def test_a_slot_is_enqueued_once_when_it_is_due() -> None:
    town = Town()
    town.tick_at()
    town.tick_at(hours=0.5)
    assert town.engine.enqueued == []
    town.tick_at(hours=0.6)
    town.ticker.tick()
    assert town.engine.enqueued == [("job", f"{JOB}:2026-11-22T07:00", (JOB, "2026-11-22T07:00"))]


def test_any_number_of_processes_may_tick() -> None:
    """Two tickers on one ledger and one engine: one run."""
    town = Town()
    town.tick_at()
    town.clock.advance(7200)
    plan = Plan(JOB, parse("07:00", "America/New_York"), CatchUp.LATEST, timedelta(days=1))
    other = Ticker([plan], town.ledger, town.engine, town.clock)
    town.ticker.tick()
    other.tick()
    assert len(town.engine.enqueued) == 1


def test_a_tick_that_died_before_enqueueing_is_finished_by_the_next() -> None:
    """The ledger says "due"; whoever ticks next enqueues it."""
    town = Town()
    town.ledger.decide(JOB, "2026-11-21T07:00", MORNING, "run", "", "a dead process")
    town.ticker.tick()
    assert [work_id for _, work_id, _ in town.engine.enqueued] == [f"{JOB}:2026-11-21T07:00"]


def test_after_a_week_away_only_the_latest_runs_and_the_rest_says_why() -> None:
    town = Town()
    town.tick_at()
    town.tick_at(days=7, hours=3)
    states = town.states()
    assert states.pop("2026-11-29T07:00") == "due"
    assert set(states.values()) == {"skipped"}
    assert len(states) == 8
    assert all(row.reason for row in town.ledger.rows.values() if row.state == "skipped")


def test_catching_up_on_all_goes_one_by_one() -> None:
    """Each missed day runs, oldest first, the next when the one before has ended; those
    beyond the maximum age are skipped."""
    town = Town(CatchUp.ALL)
    town.tick_at()
    town.tick_at(days=2, hours=2)
    for _ in range(4):
        town.done()
        town.ticker.tick()
    ran = [slot for slot, state in town.states().items() if state == "succeeded"]
    assert ran == ["2026-11-24T07:00"]
    assert town.states()["2026-11-22T07:00"] == "skipped"


def test_a_slot_that_falls_into_a_running_one_is_skipped() -> None:
    town = Town()
    town.tick_at()
    town.tick_at(hours=2)
    town.ledger.claim(JOB, "2026-11-22T07:00", "us")
    town.tick_at(days=1)
    assert town.states()["2026-11-23T07:00"] == "skipped"
    assert "2026-11-22T07:00" in town.ledger.rows[JOB, "2026-11-23T07:00"].reason


def test_a_run_left_by_a_dead_process_gets_work_of_a_new_id() -> None:
    """The engine does an id once; a second begin needs a second id."""
    town = Town()
    town.tick_at()
    town.tick_at(hours=2)
    town.ledger.claim(JOB, "2026-11-22T07:00", "dead")
    town.ledger.abandon_of(["dead"])
    town.ticker.tick()
    assert town.engine.enqueued[-1][1] == f"{JOB}:2026-11-22T07:00#1"


def test_work_that_ended_without_its_run_frees_the_job() -> None:
    """Otherwise every later slot would be skipped as overlapping, for ever."""
    town = Town()
    town.tick_at()
    town.tick_at(hours=2)
    town.engine.finish(f"{JOB}:2026-11-22T07:00", WorkState.FAILED, error="broken")
    town.ticker.tick()
    row = town.ledger.rows[JOB, "2026-11-22T07:00"]
    assert row.state == "skipped"
    assert "broken" in row.reason


def test_runs_by_hand_are_none_of_its_business() -> None:
    """They neither hold a slot up nor are they enqueued."""
    town = Town()
    town.tick_at()
    town.ledger.decide(JOB, "manual:1", MORNING, "run", "by hand", "us")
    town.tick_at(hours=2)
    assert town.states()["2026-11-22T07:00"] == "due"
    assert len(town.engine.enqueued) == 1


def test_a_database_that_is_away_is_the_next_ticks_matter() -> None:
    town = Town()
    town.tick_at()
    town.ledger.away.append(ConnectionError("away"))
    town.clock.advance(7200)
    with pytest.raises(ConnectionError):
        town.ticker.tick()
    town.ticker.tick()
    assert len(town.engine.enqueued) == 1


@pytest.mark.parametrize("at", ["00:00", "02:30"])
def test_a_year_of_ticks_gives_a_run_for_every_day(at: str) -> None:
    """Ticking every few hours through both clock changes: 365 days, 365 runs."""
    town = Town(at=at)
    town.tick_at()
    for _ in range(365 * 4):
        town.tick_at(hours=6)
        town.done()
    ran = [slot for slot, state in town.states().items() if state == "succeeded"]
    assert len(ran) == 365
    assert len(set(ran)) == 365


def test_a_slot_that_a_person_asks_for_again_is_new_work() -> None:
    """The engine does an id once: also of one that was cancelled before it was begun."""
    run = FakeRun(JOB, "2026-11-22T07:00", MORNING)
    ids = [
        work_id_of(replace(run, attempts=attempts, retries=retries))
        for attempts in (0, 1, 2)
        for retries in (0, 1, 2)
    ]
    assert len(set(ids)) == len(ids)


def test_an_old_slot_that_a_person_asked_for_is_not_overtaken() -> None:
    """Catching up leaves older slots out; a person's word is no catching up."""
    town = Town()
    town.tick_at()
    town.tick_at(hours=2)
    first = town.ledger.rows[JOB, "2026-11-22T07:00"]
    town.ledger.rows[JOB, first.slot] = replace(first, retries=1)
    town.tick_at(days=1)
    assert town.ledger.rows[JOB, first.slot].state == "due"


def test_a_quiet_ledger_is_asked_for_its_last_slot_only_when_something_is_due(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Most ticks find nothing and ask nothing; a clock that is set back asks anew."""
    town = Town()
    asked: list[str] = []
    last_slot = town.ledger.last_slot

    def counted(job: str, until: datetime) -> str | None:
        asked.append(f"{until:%d %H:%M}")
        return last_slot(job, until)

    monkeypatch.setattr(town.ledger, "last_slot", counted)
    for _ in range(5):
        town.tick_at(hours=0.1)
    assert asked == ["22 11:06", "22 11:12"]  # the first began its history
    town.tick_at(hours=1)
    assert asked[2:] == ["22 12:30"]
    assert town.states()["2026-11-22T07:00"] == "due"
    town.tick_at(hours=1)
    town.tick_at(hours=1)
    town.clock.set_back(3600)
    town.ticker.tick()
    assert asked[3:] == ["22 13:30", "22 13:30"]
