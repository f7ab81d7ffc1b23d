"""`why` over a real ledger: each way a slot can stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cli.failures import Failure
from cli.run_counter import RunCounter, RunHouse
from cli.slot_counter import SlotCounter, SlotHouse
from cli.slot_views import SlotView
from jobs.catch_up import CatchUp
from jobs.planning import NEW_HERE, SWITCHED_OFF, Plan
from jobs.slots import parse
from resilience.testing import FakeClock
from storage.database import Database
from storage.ledger import Ledger
from storage.run_lives import RunLives

pytestmark = pytest.mark.database

JOB = "daily_earnings_scan"
DUE = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # 07:00 in New York, and now
SLOT = "2026-11-22T07:00"
DAY = date(2026, 11, 22)


class Counter:
    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.clock = clock
        self.ledger = Ledger(database, clock)
        self.dead: set[str] = set()
        self.daemons = 1
        self.plan = Plan(JOB, parse("07:00", "America/New_York"), CatchUp.LATEST, timedelta(days=1))
        self.runs = RunCounter(
            RunHouse(
                RunLives(database),
                ZoneInfo("America/New_York"),
                is_dead=self.dead.__contains__,
                daemons=lambda: self.daemons,
            )
        )

    def decide(self, decision: str = "run", reason: str = "", slot: str = SLOT) -> None:
        days = (date.fromisoformat(slot[:10]) - DAY).days
        due_at = DUE + timedelta(days=days)
        assert self.ledger.decide(JOB, slot, due_at, decision, reason, "process-1")

    def begin(self, by: str = "process-1") -> int:
        run_id = self.ledger.claim(JOB, SLOT, by)
        assert run_id is not None
        return run_id

    def why(self, day: date | None = DAY) -> tuple[SlotView, ...]:
        house = SlotHouse(
            {JOB: self.plan},
            self.ledger,
            lambda number: self.runs.life(number, None),
            lambda: self.daemons,
            self.clock.now,
        )
        return SlotCounter(house).why(JOB, day).slots

    def one(self, day: date | None = DAY) -> SlotView:
        (found,) = self.why(day)
        return found


@pytest.fixture
def asked(database: Database, clock: FakeClock) -> Counter:
    return Counter(database, clock)


def test_a_slot_that_ran(asked: Counter) -> None:
    """With every move it made: decided by whom, begun by whom, and how it ended."""
    asked.decide()
    asked.ledger.finish(asked.begin(), "succeeded", {"said": "3 new"}, executor="process-1")
    found = asked.one()
    assert (found.verdict, found.is_bad, found.due_at) == ("ran", False, DUE)
    told = [move.told for move in found.moves]
    assert told[0] == "decided to run, by process-1"
    assert told[1] == "begun by process-1"
    assert "3 new" in told[2]


def test_a_slot_that_ran_late_says_how_late(asked: Counter) -> None:
    asked.clock.advance(3 * 3600)
    asked.decide(reason="late by 3 h")
    asked.ledger.finish(asked.begin(), "succeeded", executor="process-1")
    found = asked.one()
    assert (found.verdict, found.why, found.is_bad) == ("ran late", "late by 3 h", False)


def test_a_run_that_was_left_and_taken_up_names_both(asked: Counter) -> None:
    asked.decide()
    asked.begin("the-dead")
    asked.ledger.abandon_of(["the-dead"])
    assert (asked.one().verdict, asked.one().is_bad) == ("abandoned", True)
    asked.begin("the-next")
    found = asked.one()
    assert (found.verdict, found.is_bad) == ("running", False)
    told = " / ".join(move.told for move in found.moves)
    assert "abandoned: its process died (the-dead)" in told
    assert "taken up again by the-next" in told


@pytest.mark.parametrize(
    ("reason", "verdict", "is_bad"),
    [
        ("missed by 8 h; this job is not caught up", "skipped", True),
        (NEW_HERE, "before the beginning", False),
        (SWITCHED_OFF, "switched off", False),
    ],
)
def test_a_skip_and_its_reason(asked: Counter, reason: str, verdict: str, is_bad: bool) -> None:
    asked.decide("skipped", reason)
    found = asked.one()
    assert (found.verdict, found.why, found.is_bad) == (verdict, reason, is_bad)


def test_a_failure_is_bad_and_says_why(asked: Counter) -> None:
    asked.decide()
    asked.ledger.finish(asked.begin(), "failed", {}, "no disk", executor="process-1")
    found = asked.one()
    assert (found.verdict, found.why, found.is_bad) == ("failed", "no disk", True)


def test_a_run_that_waits_says_until_when(asked: Counter) -> None:
    asked.decide()
    asked.begin()
    asked.ledger.defer(JOB, SLOT, DUE + timedelta(hours=2), "edgar: circuit open")
    found = asked.one()
    assert (found.verdict, found.why, found.is_bad) == ("put off", "edgar: circuit open", False)
    assert "2026-11-22 14:00" in found.moves[-1].told


def test_without_a_day_the_newest_what_is_owed_and_the_next(asked: Counter) -> None:
    """Three days without a daemon: the answer must not stop at the last thing that went well."""
    asked.decide(slot="2026-11-19T07:00")
    asked.ledger.skip(JOB, "2026-11-19T07:00", "by hand")
    asked.daemons = 0
    found = asked.why(None)
    assert [(one.slot[5:10], one.verdict) for one in found] == [
        ("11-19", "skipped"),
        ("11-20", "undecided"),
        ("11-21", "undecided"),
        ("11-22", "undecided"),
        ("11-23", "to come"),
    ]
    assert "would skip it: missed; a later slot is due" in found[1].why
    assert found[3].why.endswith("One that started now would run it")


def test_a_day_of_before_the_installation_is_not_expected(asked: Counter) -> None:
    asked.decide("skipped", NEW_HERE)
    found = asked.one(DAY - timedelta(days=3))
    assert (found.verdict, found.is_bad) == ("not expected", False)


def test_what_a_clock_that_was_ahead_decided(asked: Counter) -> None:
    """Skipped, it is still to come; what ran has run."""
    day = date(2027, 11, 22)
    asked.decide("skipped", "missed by 2 h; this job is not caught up", f"{day}T07:00")
    found = asked.one(day)
    assert (found.verdict, found.is_bad, found.next) == ("to come", False, "")
    assert "decided anew" in found.why
    asked.decide(slot="2026-11-23T07:00")
    run_id = asked.ledger.claim(JOB, "2026-11-23T07:00", "process-1")
    assert run_id is not None
    asked.ledger.finish(run_id, "succeeded", executor="process-1")
    assert asked.one(date(2026, 11, 23)).verdict == "ran early"


def test_a_slot_of_a_former_schedule_is_told_beside_todays(asked: Counter) -> None:
    asked.decide()
    asked.plan = replace(asked.plan, schedule=parse("09:00", "America/New_York"))
    former, present = asked.why()
    assert "another schedule than today's (09:00 America/New_York)" in former.why
    assert (present.slot, present.verdict) == ("2026-11-22T09:00", "to come")


def test_a_slot_of_the_hour_that_is_skipped_says_so(asked: Counter) -> None:
    asked.plan = replace(asked.plan, schedule=parse("02:30", "America/New_York"))
    asked.decide("skipped", NEW_HERE, "2026-01-01T02:30")
    found = asked.one(date(2026, 3, 8))
    assert "clocks skip 02:30" in found.clock_change


def test_a_weekday_that_has_no_slot(asked: Counter) -> None:
    asked.plan = replace(asked.plan, schedule=parse("Mon 08:00", "America/New_York"))
    with pytest.raises(Failure, match="has no slot on 2026-11-24, a Tue") as failure:
        asked.why(date(2026, 11, 24))
    assert failure.value.exit_code == 4
    assert failure.value.hint == "nearest: 2026-11-23T08:00 and 2026-11-30T08:00"


def test_a_day_beyond_all_knowing(asked: Counter) -> None:
    with pytest.raises(Failure, match="more than 400 days ahead"):
        asked.why(date(2029, 1, 1))
    asked.decide("skipped", NEW_HERE, "2020-01-01T07:00")
    assert "further than 400 days" in asked.one(date(2025, 1, 1)).why
