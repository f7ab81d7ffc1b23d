"""What would run: the forecast is what the ticker does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings

from jobs.catch_up import CatchUp, Decision, Overlap
from jobs.foresight import Down, Foreseen, every_day, foresee
from jobs.planning import OVERTAKEN, Plan
from jobs.slots import parse, slots_between
from tests.unit.jobs.fakes import FakeLedger
from tests.unit.jobs.reality import DAY, Reality, Story, stories, told

NEW_YORK = ZoneInfo("America/New_York")
BEGIN = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)  # midnight


def a_plan(catch_up: CatchUp = CatchUp.LATEST, at: str = "07:00", **more: object) -> Plan:
    overlap = more.get("overlap", Overlap.AUTO)
    assert isinstance(overlap, Overlap)
    return Plan("scan", parse(at, "America/New_York"), catch_up, 9 * DAY, overlap)


def shown(found: list[Foreseen]) -> list[tuple[str, str | None, str]]:
    return [(one.slot.name[5:], one.decision, one.reason) for one in found]


def test_a_quiet_week_runs_every_day_on_time() -> None:
    found = foresee([a_plan()], BEGIN, BEGIN + 7 * DAY)
    assert shown(found) == [(f"11-{day}T07:00", "run", "") for day in range(22, 29)]
    assert all(one.decided_at == one.slot.due_at for one in found)


def test_a_window_over_midnight_is_down_until_the_morning_after() -> None:
    day = date(2026, 11, 22)
    downs = list(every_day(time(22), time(7, 30), day, day, NEW_YORK))
    found = foresee([a_plan()], BEGIN, BEGIN + DAY, downs=downs)
    assert shown(found) == [("11-22T07:00", "run", "late by 30 min")]
    assert found[0].begun_at == BEGIN + timedelta(hours=7, minutes=30)


def test_who_is_down_beyond_the_end_decides_when_they_are_back() -> None:
    down = Down(BEGIN + timedelta(hours=6), BEGIN + timedelta(hours=30))
    found = foresee([a_plan()], BEGIN, BEGIN + DAY, downs=[down])
    assert shown(found) == [("11-22T07:00", "run", "late by 23 h")]


def test_who_never_comes_back_decides_nothing() -> None:
    found = foresee([a_plan()], BEGIN, BEGIN + DAY, downs=[Down(BEGIN, BEGIN + 40 * DAY)])
    assert [one.decision for one in found] == [None]
    assert "down" in found[0].reason


def test_a_run_that_takes_longer_than_a_day_is_overtaken() -> None:
    """Two wait for it one after the other: the newer takes the place of the older."""
    plan = a_plan(overlap=Overlap.QUEUE)
    found = foresee([plan], BEGIN, BEGIN + 3 * DAY, takes=timedelta(hours=60))
    assert [one.decision for one in found] == [Decision.RUN, Decision.SKIPPED, Decision.RUN]
    assert found[1].reason == OVERTAKEN
    assert found[2].begun_at is None or found[2].begun_at > found[2].slot.due_at


def test_a_run_that_is_cut_off_is_taken_up_again_and_holds_up_no_later_one() -> None:
    down = Down(BEGIN + timedelta(hours=7, minutes=10), BEGIN + timedelta(hours=32))
    found = foresee([a_plan()], BEGIN, BEGIN + 2 * DAY, downs=[down], takes=timedelta(hours=1))
    assert shown(found)[1] == ("11-23T07:00", "run", "late by 60 min")
    assert found[1].begun_at == BEGIN + timedelta(hours=33)


def test_what_was_cut_off_goes_on_before_what_waits_for_it() -> None:
    downs = [Down(BEGIN + timedelta(hours=h), BEGIN + timedelta(hours=h + 1)) for h in (1, 35)]
    found = foresee(
        [a_plan(CatchUp.ALL)], BEGIN, BEGIN + 3 * DAY, downs=downs, takes=timedelta(hours=30)
    )
    hours = [(one.begun_at - BEGIN) / timedelta(hours=1) for one in found if one.begun_at]
    assert hours == [7, 66]


@given(story=stories())
def test_the_forecast_is_what_the_ticker_writes(story: Story) -> None:
    """Any zone, schedules, rules and outages: the same slots, decisions and reasons, and runs that
    begin at the same times, however often it ticks besides."""
    found = foresee(story.plans, story.begin, story.end, downs=story.downs, takes=story.takes)
    reality = Reality(story, FakeLedger)
    reality.play()
    ledger = reality.ledger
    assert isinstance(ledger, FakeLedger)
    written = told(list(ledger.rows.values()))
    expected = {
        (one.job, one.slot.name): (str(one.decision), one.reason)
        for one in found
        if one.decision is not None
    }
    assert {key: written.get(key) for key in expected} == expected
    for one in found:
        if one.begun_at is not None:
            assert reality.begun[one.job, one.slot.name][0] == one.begun_at


@given(story=stories())
@settings(max_examples=60)
def test_every_expected_slot_ends_with_one_decision(story: Story) -> None:
    """None is lost, none is decided or run twice, with two more processes ticking as well."""
    reality = Reality(story, FakeLedger, beside=2)
    reality.play()
    ledger = reality.ledger
    assert isinstance(ledger, FakeLedger)
    now = reality.clock.now()
    for plan in story.plans:
        rows = sorted(row.slot for row in ledger.rows.values() if row.job == plan.job)
        expected = slots_between(plan.schedule, story.begin, now, after_slot=rows[0])
        assert rows[1:] == [slot.name for slot in expected]
    assert len(reality.finished) == len(set(reality.finished))
    assert all(row.reason for row in ledger.rows.values() if row.state == "skipped")
