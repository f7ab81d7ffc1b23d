"""Fiscal periods: which quarter a date ends, what an issuer's words for a period mean.

A period is known by its end, never by its name: for the same dates one retailer says
"fiscal 2023" and another "FY24". Years of 52 or 53 weeks end on a weekday near the nominal
date, so dates are compared with some days of play. Quarters are told by the weeks since the
last year end: 13/26/39 in a 4-5-4 calendar, 12/24/36 (12/12/12/16), 16/28/40 (16/12/12/12);
no count belongs to two quarters.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from earnings.keyed import Keyed
from earnings.regexes import lazy_regex
from earnings.vocabulary import Period, PeriodKind

_OFF_MONTH_END = 4  # days: years end on the weekday nearest to, or the last of, a month
_FURTHEST = 7  # quarters ahead: from the first quarter, to the end of the next year
PLAY_DAYS = 10  # a 53rd week and a moved weekday; far less than the shortest quarter
_EVEN, _LONG_FIRST, _LONG_LAST = (13, 13, 13, 13), (16, 12, 12, 12), (12, 12, 12, 16)
_QUARTER_WEEKS = {12: 1, 13: 1, 16: 1, 24: 2, 26: 2, 28: 2, 36: 3, 39: 3, 40: 3, 52: 4, 53: 4}
_WORDS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_COUNTED = (
    "three:3 six:6 nine:9 twelve:12 thirteen:13 fourteen:14 sixteen:16 twenty-four:24 "
    "twenty-six:26 twenty-eight:28 thirty-six:36 thirty-nine:39 forty:40 fifty-two:52 "
    "fifty-three:53"
)
_COUNTS = {word: int(number) for word, _, number in (p.partition(":") for p in _COUNTED.split())}
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTH = "|".join([*_MONTHS, *(f"{name[:3]}\\b" for name in _MONTHS), "sept"])
_QUARTER = lazy_regex(
    r"\b(?:(?P<word>first|second|third|fourth|[1-4](?:st|nd|rd|th))[\s-]+(?:fiscal[\s-]+)?quarter"
    r"|q\s?(?P<q>[1-4])(?![0-9])|(?P<q2>[1-4])q(?=\s|'|’|[0-9]{2}\b))",
    re.IGNORECASE,
)
_HALF = lazy_regex(
    r"\b(?:(?P<word>first|second)[\s-]+half|(?P<h>[12])h(?=\s|[0-9]))", re.IGNORECASE
)
_YEAR = lazy_regex(
    r"\b(?:fiscal(?:[\s-]+year)?|full[\s-]+(?:fiscal[\s-]+)?year|f\.?y\.?|calendar|year)\s*['’]?"
    r"(?P<year>(?:20)?[0-9]{2})\b"
    r"|(?:[1-4]q|q[1-4])\s?(?:fy)?\s?['’]?(?P<year3>(?:20)?[0-9]{2})\b"
    r"|\b(?P<year2>20[0-9]{2})\b",
    re.IGNORECASE,
)
_WHOLE_YEAR = lazy_regex(
    r"\b(?:full|fiscal|entire)[\s-]+(?:fiscal[\s-]+)?year|\bfiscal\s+20[0-9]{2}"
    r"|\bf\.?y\.?\s?['’]?(?:20)?[0-9]{2}\b|\bannual|\b(?:for|in|during)\s+the\s+year\b"
    r"|^\W*20[0-9]{2}\W*$|\b20[0-9]{2}\s+full"
    r"|\b20[0-9]{2}\s+(?:full[\s-]+year|outlook|guidance|financial\s+(?:outlook|guidance))",
    re.IGNORECASE,
)
_OF_YEAR = (
    r"(?:,?\s+(?:of\s+)?(?:the\s+)?(?:its\s+)?(?:(?:fiscal|full|calendar)\s+)?(?:year\s+)?"
    r"(?:20[0-9]{2}|f\.?y\.?\s?['’]?[0-9]{2,4}|['’][0-9]{2}\b))?"
)
_NAMED = Keyed(
    "q half 1h 2h year fiscal fy f.y 20",
    r"\b(?:"
    r"(?:fiscal\s+)?(?:20[0-9]{2}\s+)?(?:fiscal\s+)?"
    r"(?:first|second|third|fourth|[1-4](?:st|nd|rd|th))[\s-]+(?:fiscal[\s-]+)?(?:quarter|half)"
    + _OF_YEAR
    + r"|q\s?[1-4](?![0-9])(?:\s?(?:fy|of|fiscal)?\s?['’]?(?:20)?[0-9]{2}\b)?"
    r"|[1-4]q['’]?(?:20)?[0-9]{2}\b"
    r"|[12]h\s?['’]?(?:20)?[0-9]{2}\b"
    r"|(?:full|fiscal|entire)[\s-]+(?:fiscal[\s-]+)?year" + _OF_YEAR + r"(?:\s+20[0-9]{2})?"
    r"|fiscal\s+20[0-9]{2}|f\.?y\.?\s?['’]?(?:20)?[0-9]{2}\b"
    r"|(?:for|in|during)\s+the\s+year\b"
    r"|(?<![0-9],\s)(?<![a-z]\s[0-9]\s)20[0-9]{2}\b(?:\s+full[\s-]+year)?"
    r")",
)
_SPAN = lazy_regex(
    r"\b(?P<count>[0-9]{1,2}|" + "|".join(_COUNTS) + r")[\s-]+(?P<unit>weeks?|months?)\b",
    re.IGNORECASE,
)
_WEEKS_ENDING = Keyed(
    "week month", rf"{_SPAN.pattern}(?:\s+period)?(?=,?\s+ending\s+(?:{_MONTH})\b)"
)
_END = lazy_regex(
    rf"\b(?P<month>{_MONTH})\.?\s+(?P<day>[0-9]{{1,2}}),?\s+(?P<year>20[0-9]{{2}})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class FiscalName:
    """What an issuer's words say. `year` is the issuer's own number for its year."""

    kind: PeriodKind
    year: int | None = None
    quarter: int | None = None
    half: int | None = None


@dataclass(frozen=True)
class FiscalQuarter:
    quarter: int
    year_end: date  # nominal end of the fiscal year that holds it


def parse_name(text: str) -> FiscalName | None:
    """The period that `text` names ("Q4 FY23", "second half", "full year 2025"), None if none."""
    quarter, half = _QUARTER.search(text), _HALF.search(text)
    year = _year_number(text)
    if quarter is not None:
        digit = quarter["q"] or quarter["q2"]
        number = int(digit) if digit else _WORDS[quarter["word"].lower()]
        return FiscalName(PeriodKind.QUARTER, year, number)
    if half is not None:
        number = int(half["h"]) if half["h"] else _WORDS[half["word"].lower()]
        return FiscalName(PeriodKind.UNKNOWN, year, half=number)
    if _WHOLE_YEAR.search(text):
        return FiscalName(PeriodKind.YEAR, year)
    return None


@dataclass(frozen=True)
class Mention:
    """A period named in a text, and where."""

    name: FiscalName
    label: str
    start: int
    end: int


def find_names(text: str, start: int = 0, end: int | None = None) -> tuple[Mention, ...]:
    """Every period named in text[start:end]; a bare year counts, a year in a date does not.
    "The 13 weeks ending" names a period by the date behind it."""
    found = []
    for match in _WEEKS_ENDING.finditer(text, start, len(text) if end is None else end):
        length = _SPAN.search(match.group())
        kind = _kind_of_length(length) if length is not None else PeriodKind.UNKNOWN
        if kind in (PeriodKind.QUARTER, PeriodKind.YEAR):
            label = " ".join(match.group().split())
            found.append(Mention(FiscalName(kind), label, match.start(), match.end()))
    for match in _NAMED.finditer(text, start, len(text) if end is None else end):
        label = " ".join(match.group().split())
        name = parse_name(label)
        if name is not None:
            found.append(Mention(name, label, match.start(), match.end()))
    return tuple(sorted(found, key=lambda mention: mention.start))


def _year_number(text: str) -> int | None:
    match = _YEAR.search(text)
    if match is None:
        return None
    number = int(match["year"] or match["year3"] or match["year2"])
    return number if number >= 100 else 2000 + number


def parse_end(text: str) -> date | None:
    """The first full date in `text` ("January 28, 2023")."""
    for match in _END.finditer(text):
        month = next(n for name, n in _MONTHS.items() if name[:3] == match["month"][:3].lower())
        try:
            return date(int(match["year"]), month, int(match["day"]))
        except ValueError:  # February 30: not a date, look further
            continue
    return None


def parse_period(text: str) -> Period | None:
    """The period `text` speaks of, with its end where a date stands in it."""
    name, end, weeks = parse_name(text), parse_end(text), None
    kind = name.kind if name is not None else PeriodKind.UNKNOWN
    length = _SPAN.search(text)
    if length is not None:
        count, in_weeks = _length(length)
        weeks = count if in_weeks else None
        if kind is PeriodKind.UNKNOWN:
            kind = _kind_of_length(length)
    if kind is PeriodKind.UNKNOWN and end is None and name is None:
        return None
    return Period(kind, end, " ".join(text.split()), weeks)


def _length(match: re.Match[str]) -> tuple[int, bool]:
    """How many, and whether they are weeks."""
    word = match["count"].lower()
    count = int(word) if word.isdigit() else _COUNTS[word]
    return count, match["unit"].lower().startswith("week")


def _kind_of_length(match: re.Match[str]) -> PeriodKind:
    count, in_weeks = _length(match)
    return _kind_of_weeks(count if in_weeks else count * 13 // 3)


def _kind_of_weeks(weeks: int) -> PeriodKind:
    if 11 <= weeks <= 17:
        return PeriodKind.QUARTER
    if 51 <= weeks <= 53:
        return PeriodKind.YEAR
    return PeriodKind.YEAR_TO_DATE if 23 <= weeks <= 41 else PeriodKind.UNKNOWN


def nominal_year_end(fiscal_year_end: str, year: int) -> date:
    """ "0229" of a common year is its 28th."""
    month, day = int(fiscal_year_end[:2]), int(fiscal_year_end[2:])
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def quarter_of(end: date, fiscal_year_end: str) -> FiscalQuarter | None:
    """Which quarter ends on `end`; None when no quarter of any known calendar ends there."""
    ends = [nominal_year_end(fiscal_year_end, end.year + shift) for shift in (-1, 0, 1)]
    for before, after in pairwise(ends):
        if abs((end - after).days) <= PLAY_DAYS:
            return FiscalQuarter(4, after)
        if before + timedelta(days=PLAY_DAYS) < end < after:
            weeks = (end - before).days / 7
            nearest = min(_QUARTER_WEEKS, key=lambda count: abs(count - weeks))
            quarter = _QUARTER_WEEKS[nearest]
            close = abs(nearest - weeks) <= 1.6 and quarter < 4
            return FiscalQuarter(quarter, after) if close else None
    return None


def label_of(end: date, fiscal_year_end: str, kind: PeriodKind) -> str:
    """A name for a period whose issuer gives none: the year is the one most of it lies in."""
    found = quarter_of(end, fiscal_year_end)
    if found is None or kind not in (PeriodKind.QUARTER, PeriodKind.YEAR):
        return f"ended {end:%B} {end.day}, {end.year}"
    year = (found.year_end - timedelta(days=183)).year
    return f"fiscal {year}" if kind is PeriodKind.YEAR else f"Q{found.quarter} fiscal {year}"


def is_year_ago(now: date, then: date) -> bool:
    """Whether `then` ends the same period one year earlier, 52 or 53 weeks or a calendar year."""
    return 364 - 3 <= (now - then).days <= 371 + 3


def year_ago(end: date) -> date:
    """Where the same period of the year before most likely ended; check with `is_year_ago`."""
    if _ends_month(end):
        return date(end.year - 1, end.month, calendar.monthrange(end.year - 1, end.month)[1])
    return end - timedelta(weeks=52)


def next_year_end(year_end: date, weekly: bool = False) -> date:
    """The end of the year after the one that ends on `year_end`.

    Weeks are counted where the year is known to have weeks or ends on no month's last day;
    the 53rd is added when only then the end stays within three days of a month's end, which
    is how 4-5-4 calendars place it.
    """
    if _ends_month(year_end) and not weekly:
        return _month_end(year_end.year + 1, year_end.month)
    return _with_53rd_week(year_end + timedelta(weeks=52))


def _with_53rd_week(year_end: date) -> date:
    longer = year_end + timedelta(weeks=1)
    return longer if _off_month_end(year_end) > 3 >= _off_month_end(longer) else year_end


def resolve(name: FiscalName, reporting: Period) -> date | None:
    """When the period `name` ends, seen from a document that reports on `reporting`.

    Only counted from a reporting period whose end, quarter and year are all known; a name
    without a year is the issuer's current one.
    """
    own = parse_name(reporting.label)
    if reporting.end is None or own is None:
        return None
    quarter = own.quarter if own.kind is PeriodKind.QUARTER else 4
    if quarter is None or own.kind is PeriodKind.UNKNOWN:
        return None
    if name.year is not None and own.year is None:
        return None
    years = 0 if name.year is None or own.year is None else name.year - own.year
    wanted = {1: 2, 2: 4}[name.half] if name.half else (name.quarter or 4)
    if not 0 <= years * 4 + wanted - quarter <= _FURTHEST:
        return None
    weekend = reporting.weeks is not None and reporting.end.weekday() >= 5
    weekly = weekend or not _ends_month(reporting.end)
    plan = _plan(reporting.end, quarter, reporting.weeks) if weekly else None
    return _ahead(reporting.end, quarter, years * 4 + wanted - quarter, plan)


def is_over(name: FiscalName, reporting: Period) -> bool:
    """Whether the period `name` ended by the end of the one reported on, by their names alone."""
    own = parse_name(reporting.label)
    if own is None or own.year is None or name.year is None:
        return False
    last = own.quarter or 4
    wanted = {1: 2, 2: 4}[name.half] if name.half else (name.quarter or 4)
    return (name.year, wanted) <= (own.year, last)


def _plan(end: date, quarter: int, weeks: int | None) -> tuple[int, int, int, int]:
    """The weeks of each quarter of the calendar in which `quarter` has `weeks` and ends on
    `end`. A second or third quarter of 12 weeks fits two calendars: the one whose year ends
    in winter begins with its long quarter."""
    if weeks == 16 and quarter == 1:
        return _LONG_FIRST
    if weeks in (16, 17) and quarter == 4:
        return _LONG_LAST
    if weeks is None and quarter < 4:
        return _fitting_plan(end, quarter)
    if weeks != 12:
        return _EVEN
    if quarter == 1:
        return _LONG_LAST
    year_end = end + timedelta(weeks=12 * (4 - quarter))
    return _LONG_FIRST if _in_winter(year_end) or quarter == 4 else _LONG_LAST


def _fitting_plan(end: date, quarter: int) -> tuple[int, int, int, int]:
    """The calendar by which the year before ended nearest to a month's end, as weekly years
    do; even quarters where none would."""
    fits: list[tuple[int, tuple[int, int, int, int]]] = []
    for plan in (_EVEN, _LONG_FIRST, _LONG_LAST):
        year_end = end - timedelta(weeks=sum(plan[:quarter]))
        usual = plan is _EVEN or (plan is _LONG_FIRST) == _in_winter(year_end)
        if usual and _off_month_end(year_end) <= _OFF_MONTH_END:
            fits.append((_off_month_end(year_end), plan))
    return min(fits, key=lambda fit: fit[0])[1] if fits else _EVEN


def _in_winter(day: date) -> bool:
    return day.month in (1, 2) or (day.month == 3 and day.day <= 5)


def _ahead(end: date, quarter: int, quarters: int, plan: tuple[int, int, int, int] | None) -> date:
    """`end` ends a year's `quarter`; the end of the one `quarters` later. No plan: months."""
    while quarters > 0:
        if quarter == 4 and quarters >= 4:
            end, quarters = next_year_end(end, plan is not None), quarters - 4
            continue
        quarter = quarter % 4 + 1
        quarters -= 1
        end = _months_later(end, 3) if plan is None else end + timedelta(weeks=plan[quarter - 1])
        if quarter == 4 and plan is not None:
            end = _with_53rd_week(end)
    return end


def _months_later(end: date, months: int) -> date:
    month = end.month - 1 + months
    return _month_end(end.year + month // 12, month % 12 + 1)


def same_period(a: Period, b: Period, play_days: int = PLAY_DAYS) -> bool:
    """Whether two periods are the same: by their ends where both have one, else by name."""
    known = {a.kind, b.kind} - {PeriodKind.UNKNOWN}
    if len(known) > 1:
        return False
    if a.end is not None and b.end is not None:
        return abs((a.end - b.end).days) <= play_days
    mine, theirs = parse_name(a.label), parse_name(b.label)
    return mine is not None and mine == theirs and mine.year is not None


def _ends_month(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _off_month_end(day: date) -> int:
    last = date(day.year, day.month, 1) - timedelta(days=1)
    this = _month_end(day.year, day.month)
    return min(abs((day - last).days), abs((this - day).days))
