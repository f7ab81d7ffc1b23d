"""Releases of a month's sales: which month, and how long it is.

Some retailers tell their sales of each month, or of the four or five weeks their calendar gives
it. Such a release reports one period of its own kind, never a quarter.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from earnings.reading import periods
from earnings.regexes import lazy_regex
from earnings.vocabulary import Period, PeriodKind

MONTH_NAMES = "|".join(name.lower() for name in calendar.month_name if name)
_LEAD = 2500  # characters
_LONGEST_WAIT = timedelta(days=45)  # between a month's end and the release of its sales
_WEEKS = {"four": 4, "five": 5, "4": 4, "5": 5}
MONTH_STRETCH = lazy_regex(
    r"\b(?P<count>four|five|4|5)(?:\s*\(\d\))?[-\s]+weeks?\b"
    rf"|\bmonth\s+of\s+(?P<named>{MONTH_NAMES})\b"
    r"|\b(?:fiscal|retail|calendar)\s+month\b",
    re.IGNORECASE,
)
_ENDED = lazy_regex(r"\b(?:ended|ending)\s*(?:on\s+)?(?:\w+day,?\s*)?$", re.IGNORECASE)
_NAME = lazy_regex(
    rf"\b(?:(?:fiscal|retail|calendar)\s+)?month\s+of\s+(?:fiscal\s+)?(?:{MONTH_NAMES})\b"
    rf"|\b(?:{MONTH_NAMES})(?=\s+(?:net\s+|comparable\s+|same[-\s]store\s+)*sales\b)",
    re.IGNORECASE,
)
_SALES = lazy_regex(r"\b(?:net\s+|comparable\s+|same[-\s]store\s+)*sales\b", re.IGNORECASE)


def month(opening: str, published: date | None) -> Period | None:
    """The month whose sales the opening tells; None if it tells of none, or not when it ended."""
    lead = opening[:_LEAD]
    if not _SALES.search(lead):
        return None
    weeks, end = _weeks_and_end(lead, published)
    name = _NAME.search(lead)
    if end is None and name is not None:
        end = _calendar_end(name[0], published)
    if end is None:
        return None
    label = " ".join(name[0].split()) if name else f"{weeks or 4} weeks"
    return Period(PeriodKind.MONTH, end, label, weeks)


def _weeks_and_end(lead: str, published: date | None) -> tuple[int | None, date | None]:
    """Of the first "four weeks ended DATE" that lies shortly before the release."""
    for found in periods.dates(lead):
        before = lead[max(0, found.start - 120) : found.start]
        if not _ENDED.search(before):
            continue
        stretches = list(MONTH_STRETCH.finditer(before))
        if not stretches or periods.quarter_weeks(before[stretches[-1].start() :]):
            continue
        if published is not None and not timedelta(0) <= published - found.day <= _LONGEST_WAIT:
            continue
        count = stretches[-1]["count"]
        return (_WEEKS[count.lower()] if count else None), found.day
    return None, None


def _calendar_end(name: str, published: date | None) -> date | None:
    """The last day of the latest month of that name before the release."""
    if published is None:
        return None
    names = [each.lower() for each in calendar.month_name]
    number = next(n for n, each in enumerate(names) if each and each in name.lower())
    year = published.year if number < published.month else published.year - 1
    end = date(year, number, calendar.monthrange(year, number)[1])
    return end if published - end <= _LONGEST_WAIT else None
