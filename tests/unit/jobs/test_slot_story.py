"""Why a slot has no row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from jobs.catch_up import CatchUp
from jobs.planning import Plan
from jobs.slot_story import Known, clock_note, no_slot, unwritten
from jobs.slots import Slot, parse, slot_of

PLAN = Plan("scan", parse("07:00", "America/New_York"), CatchUp.LATEST, timedelta(days=1))
NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)  # 10:00 in New York
KNOWN = Known(NOW, first="2026-11-01T07:00", last="2026-11-20T07:00", daemons=0)


def slot(day: date, plan: Plan = PLAN) -> Slot:
    found = slot_of(plan.schedule, day)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("day", "changes", "verdict", "why"),
    [
        (date(2026, 11, 23), {}, "to come", "has not come"),
        (date(2026, 11, 22), {"first": None, "last": None}, "not expected", "no daemon has run"),
        (date(2026, 10, 30), {}, "not expected", "began here with 2026-11-01T07:00"),
        (date(2026, 11, 10), {}, "not expected", "another schedule"),
        (date(2026, 11, 22), {}, "undecided", "started now would run it: late by 3 h"),
        (date(2026, 11, 21), {}, "undecided", "would skip it: missed; a later slot is due"),
        (date(2026, 11, 22), {"daemons": 1}, "undecided", "why its ticks fail"),
        (
            date(2026, 11, 22),
            {"daemons": 1, "now": NOW - timedelta(hours=3) + timedelta(seconds=2)},
            "undecided",
            "with the next tick",
        ),
        (
            date(2024, 11, 22),
            {"first": "2024-01-01T07:00"},
            "not expected",
            "further than 400 days",
        ),
    ],
)
def test_a_slot_without_a_row(
    day: date, changes: dict[str, object], verdict: str, why: str
) -> None:
    found = unwritten(PLAN, slot(day), replace(KNOWN, **changes))  # type: ignore[arg-type]
    assert found.verdict == verdict
    assert why in found.why


def test_a_job_that_is_switched_off_says_so() -> None:
    found = unwritten(replace(PLAN, enabled=False), slot(date(2026, 11, 23)), KNOWN)
    assert "switched off" in found.why


def test_what_the_clocks_do_to_a_slot() -> None:
    skipped = parse("02:30", "America/New_York")
    assert "clocks skip 02:30" in clock_note(skipped, date(2026, 3, 8))
    assert "03:00 EDT" in clock_note(skipped, date(2026, 3, 8))
    twice = parse("01:30", "America/New_York")
    assert "twice on that day: it is due once, the first time (01:30 EDT)" in clock_note(
        twice, date(2026, 11, 1)
    )
    assert clock_note(twice, date(2026, 11, 2)) == ""
    lost = clock_note(parse("07:00", "Pacific/Apia"), date(2011, 12, 30))
    assert "2011-12-31 00:00" in lost


def test_a_weekday_without_a_slot() -> None:
    plan = replace(PLAN, schedule=parse("Mon 08:00", "America/New_York"))
    assert no_slot(plan, date(2026, 11, 24)) == (
        "scan has no slot on 2026-11-24, a Tue: it is due Mon 08:00"
    )
