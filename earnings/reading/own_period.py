"""Which period a release reports: its end, the issuer's own name for it, its weeks."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta

from earnings.fiscal import quarter_of
from earnings.reading import periods
from earnings.reading.base import Reading, Table
from earnings.reading.columns import lines
from earnings.reading.known import known
from earnings.reading.period_label import label
from earnings.regexes import lazy_regex
from earnings.vocabulary import Period, PeriodKind

_HEADLINE = 1500
ENDED = lazy_regex(r"\b(?:ended|ending|end|concluded)\s*(?:on\s+)?(?:\w+day,\s*)?$", re.I)
_STRETCH = lazy_regex(r"quarter|weeks?|months|period|year|fiscal|q[1-4]", re.I)
_OF_QUARTER = lazy_regex(r"\bquarter|\bended\b", re.I)
_LONGEST_WAIT = timedelta(days=135)  # between a period's end and its release


@known
def _statement_ends(reading: Reading) -> Counter[date]:
    """The latest quarter-end of each table that shows quarters."""
    ends: Counter[date] = Counter()
    for table in reading.tables[:60]:
        days = _quarter_ends(table)
        if days:
            ends[max(days)] += 1
    return ends


@known
def _balance_ends(reading: Reading) -> Counter[date]:
    """The latest date of each balance sheet: statements may head their columns by year alone."""
    ends: Counter[date] = Counter()
    for table in reading.tables[:60]:
        if any(re.match(r"total\s+(?:current\s+)?assets\b", row.label, re.I) for row in table.rows):
            days = [v.column.end for line in lines(table) for v in line.values if v.column.end]
            ends.update([max(days)] if days else [])
    return ends


def _quarter_ends(table: Table) -> set[date]:
    return {
        value.column.end
        for line in lines(table)
        for value in line.values
        if value.column.end is not None and value.column.kind is PeriodKind.QUARTER
    }


def own_period(
    reading: Reading, opening: str, published: date | None, year_end: str = ""
) -> Period | None:
    """None when neither words nor statements tell a quarter. `year_end`: the month and day on
    which the issuer's years nominally end, where that is known."""
    columns = _statement_ends(reading) or _balance_ends(reading)
    known = {day: n for day, n in columns.items() if published is None or day <= published}
    known = {day: n for day, n in known.items() if _is_quarter_end(day, year_end)} or known
    told = _told_end(opening, published, year_end)
    end = told[0] if told else None
    if known:
        common = max(known, key=lambda day: (known[day], day))
        if end is None or (end not in known and not any(abs((end - d).days) <= 10 for d in known)):
            end = common
    name = label(opening, end)
    if end is None and not name:
        return None
    near = told[1] if told else opening[:_HEADLINE]
    return Period(PeriodKind.QUARTER, end, name, _weeks(reading, near, opening, end))


def _is_quarter_end(day: date, year_end: str) -> bool:
    return not year_end or quarter_of(day, year_end) is not None


def _weeks(reading: Reading, near: str, opening: str, end: date | None) -> int | None:
    """How many weeks the quarter has: by the words at its end, by the heading of its column,
    else by the opening. A year's 53 are no quarter's."""
    said = periods.quarter_weeks(near)
    if said is None and end is not None:
        said = _column_weeks(reading, end)
    told = (
        periods.quarter_weeks(line)
        for line in re.split(r"\n|\.\s", opening)
        if _OF_QUARTER.search(line)
    )
    return said or next((weeks for weeks in told if weeks is not None), None)


def _column_weeks(reading: Reading, end: date) -> int | None:
    for table in reading.tables[:60]:
        for line in lines(table):
            for value in line.values:
                column = value.column
                if column.end == end and column.kind is PeriodKind.QUARTER:
                    found = periods.quarter_weeks(column.text)
                    if found is not None:
                        return found
    return None


def _told_end(opening: str, published: date | None, year_end: str) -> tuple[date, str] | None:
    """The first "... quarter ended DATE" that lies before the release, and the words near it."""
    for found in periods.dates(opening):
        before = opening[max(0, found.start - 160) : found.start]
        if not ENDED.search(before) or not _STRETCH.search(before[-110:]):
            continue
        if published is not None and not timedelta(0) <= published - found.day <= _LONGEST_WAIT:
            continue
        if _is_quarter_end(found.day, year_end):
            return found.day, before
    return None
