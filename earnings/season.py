"""When companies report: the weeks after the ends of their quarters. Pure.

Retailers publish a quarter's results between two and nine weeks after its end, a year's up to
twelve. Known is only the nominal end of the year, which is off by up to ten days; and where
quarters have 12, 12, 12 and 16 weeks, they end up to three weeks before those of the calendar.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date, timedelta

from earnings.vocabulary import Company

YEAR_FROM = timedelta(days=8)  # after the nominal end
QUARTER_FROM = timedelta(days=-5)
QUARTER_TO = timedelta(days=65)
YEAR_TO = timedelta(days=90)


def in_season(companies: Iterable[Company], day: date) -> list[Company]:
    """Those that may report about that day; one whose year's end is not known always may."""
    return [company for company in companies if reports_about(company.fiscal_year_end, day)]


def reports_about(fiscal_year_end: str, day: date) -> bool:
    """Whether a company whose year ends then ("0131") may publish results on `day`."""
    ends = _year_ends(fiscal_year_end, day)
    if not ends:
        return True
    for year_end in ends:
        if YEAR_FROM <= day - year_end <= YEAR_TO:
            return True
        quarters = (_months_later(year_end, months) for months in (3, 6, 9))
        if any(QUARTER_FROM <= day - end <= QUARTER_TO for end in quarters):
            return True
    return False


def next_season(companies: Iterable[Company], day: date) -> date | None:
    """The first day from `day` on which one of them may report; None without companies."""
    known = list(companies)
    days = (day + timedelta(days=ahead) for ahead in range(366))
    return next((one for one in days if in_season(known, one)), None)


def _year_ends(fiscal_year_end: str, day: date) -> list[date]:
    """The two latest ends of a year; [] if the month and day say nothing."""
    try:
        month, last = int(fiscal_year_end[:2]), int(fiscal_year_end[2:])
        ends = [_clamped(year, month, last) for year in (day.year - 2, day.year - 1, day.year)]
    except ValueError:
        return []
    return [end for end in ends if end <= day][-2:]


def _clamped(year: int, month: int, day: int) -> date:
    """ "0229" in a year without it is the day before."""
    if not 1 <= month <= 12 or day < 1:
        raise ValueError(month)
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _months_later(end: date, months: int) -> date:
    """The same day so many months later; the month's last where the day is one, or near it."""
    number = end.month - 1 + months
    year, month = end.year + number // 12, number % 12 + 1
    days = calendar.monthrange(year, month)[1]
    is_last = end.day == calendar.monthrange(end.year, end.month)[1]
    return date(year, month, days if is_last else min(end.day, days))
