"""When companies report, and when the feed is looked at."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnings.season import in_season, next_season, reports_about
from earnings.sources.edgar_filings import EASTERN
from earnings.sources.edgar_hours import is_open, opens_at
from earnings.vocabulary import Company
from earnings.watching import Watch, WatchRule, rest

# Days on which real retailers published, and the month and day their years end.
PUBLISHED = [
    ("0201", date(2025, 3, 4)),  # Target, a year
    ("0201", date(2025, 5, 21)),
    ("0131", date(2025, 5, 15)),  # Walmart
    ("0201", date(2024, 8, 28)),
    ("0131", date(2024, 11, 19)),
    ("0831", date(2024, 9, 26)),  # Costco, a year
    ("0831", date(2024, 12, 12)),
    ("0831", date(2025, 3, 6)),
    ("0831", date(2025, 5, 29)),  # two days before the quarter's nominal end
    ("0201", date(2025, 3, 20)),  # Academy, late
    ("1231", date(2025, 2, 6)),  # eBay-like, calendar years
    ("1231", date(2025, 4, 30)),
    ("1231", date(2025, 10, 29)),
]


@pytest.mark.parametrize(("year_end", "day"), PUBLISHED)
def test_days_on_which_companies_published_are_in_season(year_end: str, day: date) -> None:
    assert reports_about(year_end, day)


@pytest.mark.parametrize(
    ("year_end", "day"),
    [
        ("0131", date(2025, 2, 3)),  # days after the year's end
        ("0131", date(2025, 7, 15)),
        ("0131", date(2025, 10, 20)),
        ("1231", date(2025, 6, 20)),
    ],
)
def test_between_the_reports_is_no_season(year_end: str, day: date) -> None:
    assert not reports_about(year_end, day)
    quiet = [Company("A", "A", 1, year_end)]
    begins = next_season(quiet, day)
    assert begins is not None
    assert reports_about(year_end, begins)
    assert begins > day


@pytest.mark.parametrize("year_end", ["", "1399", "00", "soon", "0000"])
def test_whose_year_is_not_known_always_may_report(year_end: str) -> None:
    assert reports_about(year_end, date(2025, 7, 15))


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.dates(date(2001, 1, 1), date(2001, 12, 31)))
def test_every_company_has_its_season_within_a_quarter(day: date, year_end: date) -> None:
    """Whatever the year's end, leap days too."""
    begins = next_season([Company("A", "A", 1, f"{year_end:%m%d}")], day)
    assert begins is not None
    assert (begins - day).days <= 45
    assert in_season([Company("A", "A", 1, "0229")], day) in ([], [Company("A", "A", 1, "0229")])


@pytest.mark.parametrize(
    ("local", "is_so"),
    [
        ("2026-08-19T05:59", False),  # a Wednesday
        ("2026-08-19T06:00", True),
        ("2026-08-19T22:14", True),
        ("2026-08-19T22:15", False),
        ("2026-08-22T12:00", False),  # a Saturday
        ("2026-12-01T06:00", True),  # in winter
    ],
)
def test_edgar_takes_filings_on_working_days(local: str, is_so: bool) -> None:
    at = datetime.fromisoformat(local).replace(tzinfo=EASTERN).astimezone(UTC)
    assert is_open(at) is is_so
    opening = opens_at(at)
    assert opening > at
    assert is_open(opening)


NOON = datetime(2026, 8, 19, 16, 0, tzinfo=UTC)
SUNDAY = datetime(2026, 8, 23, 16, 0, tzinfo=UTC)
JULY = datetime(2026, 7, 15, 16, 0, tzinfo=UTC)
BRW = [Company("BRW", "Brightwater", 1990001, "0201")]

CASES = [
    (Watch.SEASON, BRW, NOON, None),
    (Watch.SEASON, BRW, SUNDAY, "takes no filings at this hour"),
    (Watch.SEASON, BRW, JULY, "nobody on the watch list reports before 2026-07-27"),
    (Watch.SEASON, [Company("ALDI", "Aldi")], NOON, "no company on the watch list has a CIK"),
    (Watch.SEASON, [], NOON, "no company"),
    (Watch.ALWAYS, BRW, SUNDAY, None),
    (Watch.ALWAYS, BRW, JULY, None),
    (Watch.ALWAYS, [], NOON, "no company"),
    (Watch.NEVER, BRW, NOON, 'watch = "never"'),
]


@pytest.mark.parametrize(("mode", "companies", "now", "why"), CASES)
def test_the_rule(mode: Watch, companies: list[Company], now: datetime, why: str | None) -> None:
    found = rest(WatchRule(mode), companies, now)
    if why is None:
        assert found is None
        return
    assert found is not None
    assert why in found.why
    if found.until is not None:
        assert found.until > now
        assert rest(WatchRule(mode), companies, found.until) is None
