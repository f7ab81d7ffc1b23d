"""Changes of clocks: which slots they touch, and what a plain cron would make of them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.clock_changes import changes, touched, touched_in
from jobs.slots import Schedule, parse

NEW_YORK = ZoneInfo("America/New_York")
# a zone, a day of a change, and how far its clocks go
DAYS = [
    ("America/New_York", date(2026, 3, 8), 60),
    ("America/New_York", date(2026, 11, 1), -60),
    ("Europe/Berlin", date(2026, 3, 29), 60),
    ("America/Santiago", date(2026, 9, 6), 60),
    ("Asia/Beirut", date(2026, 3, 29), 60),
    ("Africa/Cairo", date(2026, 4, 24), 60),
    ("Australia/Lord_Howe", date(2026, 4, 5), -30),
    ("Antarctica/Troll", date(2026, 3, 29), 120),
    ("Pacific/Apia", date(2011, 12, 30), 1440),
]


@pytest.mark.parametrize(("zone", "day", "by"), DAYS)
def test_a_change_is_found_with_what_the_clocks_show(zone: str, day: date, by: int) -> None:
    found = [one for one in changes(ZoneInfo(zone), day.year) if one.before.date() == day]
    assert [one.by for one in found] == [timedelta(minutes=by)]
    assert found[0].at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == found[0].after


def test_a_zone_without_changes_has_none() -> None:
    assert list(changes(ZoneInfo("Asia/Tokyo"), 2026)) == []


def test_a_year_of_new_york() -> None:
    assert [one.slot.name for one in touched_in(parse("02:30", NEW_YORK.key), 2026)] == [
        "2026-03-08T02:30"
    ]
    (autumn,) = touched_in(parse("01:30", NEW_YORK.key), 2026)
    assert (autumn.slot.name, autumn.cron_runs) == ("2026-11-01T01:30", 2)
    assert autumn.slot.due_at == autumn.cron_at[0]
    assert touched_in(parse("07:00", NEW_YORK.key), 2026) == []


def test_a_weekly_job_is_touched_on_its_weekday_only() -> None:
    """Clocks are changed on Sundays."""
    assert touched_in(parse("Mon 02:30", NEW_YORK.key), 2026) == []
    assert len(touched_in(parse("Sun 02:30", NEW_YORK.key), 2026)) == 1


@pytest.mark.parametrize(("zone", "day", "by"), DAYS)
@given(minute=st.integers(0, 1439))
@settings(max_examples=20)
def test_the_count_is_what_a_clock_on_the_wall_shows(
    zone: str, day: date, by: int, minute: int
) -> None:
    """Against a cron that looks at the wall every minute of three days."""
    at = time(minute // 60, minute % 60)
    start = datetime.combine(day, time(), UTC) - timedelta(days=1)
    walls = Counter(
        (start + timedelta(minutes=n)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        for n in range(3 * 1440)
    )
    shown = walls[datetime.combine(day, at)]
    found = touched(Schedule(at, ZoneInfo(zone)), day)
    assert shown == (1 if found is None else found.cron_runs)
