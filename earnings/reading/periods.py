"""Dates and stretches of time as releases write them: "13 Weeks Ended", "Q4 FY23", "March 31,"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from earnings.keyed import Keyed
from earnings.regexes import lazy_regex
from earnings.vocabulary import PeriodKind

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_LONG = lazy_regex(
    _MONTH + r"\s*(?P<day>\d{1,2})(?:st|nd|rd|th)?\s*,?\s*(?P<year>(?:19|20)\d\d)\b", re.I
)
_DAY_FIRST = lazy_regex(
    r"\b(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+" + _MONTH + r",?\s+(?P<year>(?:19|20)\d\d)\b", re.I
)
_SLASHED = lazy_regex(r"\b(?P<month>\d{1,2})[/.](?P<day>\d{1,2})[/.](?P<year>(?:19|20)?\d\d)\b")
_ISO = lazy_regex(r"\b(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)\b")
_CENTURY = lazy_regex(r"(?:19|20)\d\d")  # stands in every date but the slashed ones
_LONGEST_DATE = 40  # characters on either side of its year; white space is squeezed
_MONTH_DAY = lazy_regex(r"\b" + _MONTH + r"\s*(?P<day>\d{1,2})\b", re.I)
_YEAR = lazy_regex(r"(?<![\d.,$])(?:19[89]\d|20[0-4]\d)(?![\d%]|[,.]\d)")
_SHORT_YEAR = lazy_regex(r"\b(?:fy|fiscal(?:\s+year)?|q[1-4]|[1-4]q)\s*['’]?(\d\d)\b", re.I)

_WORDS = """
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen
"""
_NUMBERS = {word: number for number, word in enumerate(_WORDS.split(), start=1)} | {
    "twenty-four": 24, "twenty-five": 25, "twenty-six": 26, "twenty-seven": 27,
    "twenty-eight": 28, "thirty-six": 36, "thirty-seven": 37, "thirty-nine": 39, "forty": 40,
    "forty-one": 41, "fifty-two": 52, "fifty-three": 53,
}  # fmt: skip
_COUNT = r"(?P<count>\d{1,2}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")"
_STRETCH = Keyed(
    "week month",
    r"\b" + _COUNT.replace("-", r"[-\s]") + r"[-\s]*(?:\(\d+\)\s*)?(?P<unit>weeks?|months?)\b",
)
_QUARTER = Keyed(
    "q",
    r"\b(?:q[1-4]|[1-4]q|(?:first|second|third|fourth|1st|2nd|3rd|4th|current|prior[- ]year|fiscal)"
    r"[-\s]+(?:fiscal\s+)?quarters?|quarters?(?:ly)?(?:[-\s]+(?:end|period)(?:ed|ing)?)?)\b",
)
_ORDINALS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "4th": 4,
}
_ORDINAL = Keyed(
    "q",
    r"\b(?:q(?P<q>[1-4])|(?P<q2>[1-4])q|(?P<word>first|second|third|fourth|1st|2nd|3rd|4th)"
    r"[-\s]+(?:fiscal\s+)?quarter)\b",
)
_TO_DATE = Keyed(
    "date ytd half months quarters",
    r"year[-\s]+to[-\s]+date|\bytd\b|first\s+(?:half|six\s+months|nine\s+months)|"
    r"(?:three|two)\s+quarters",
)
_FULL_YEAR = Keyed(
    "year annual fy",
    r"\b(?:full[-\s]*(?:fiscal[-\s]*)?years?|(?:fiscal\s+)?years?\s+end(?:ed|ing)|annual|"
    r"fiscal\s+years?|fy\s*['’]?\d\d(?:\d\d)?)\b",
)
_FISCAL_ONLY = lazy_regex(r"^\s*fiscal\s+(?:year\s+)?(?:19|20)\d\d\s*(?:\(.*\))?\s*$", re.I)


@dataclass(frozen=True)
class Dated:
    day: date
    start: int
    end: int


@lru_cache(64)  # several rules look at the same opening
def dates(text: str) -> tuple[Dated, ...]:
    """Every full date in `text`, left to right."""
    found: dict[int, Dated] = {}
    near, everywhere = _near_years(text), [(0, len(text))]
    for pattern, parts in ((_LONG, near), (_DAY_FIRST, near), (_ISO, near), (_SLASHED, everywhere)):
        for start, end in parts:
            for match in pattern.finditer(text, start, end):
                day = _day(match["year"], match["month"], match["day"])
                if day is not None:
                    found.setdefault(match.start(), Dated(day, match.start(), match.end()))
    return tuple(found[start] for start in sorted(found))


def _near_years(text: str) -> list[tuple[int, int]]:
    """Where dates with a year of four digits can stand: the rest, which is most of a text, need
    not be searched for names of months."""
    parts: list[tuple[int, int]] = []
    for match in _CENTURY.finditer(text):
        start, end = max(0, match.start() - _LONGEST_DATE), match.end() + _LONGEST_DATE
        if parts and start <= parts[-1][1]:
            start = parts.pop()[0]
        parts.append((start, min(end, len(text))))
    return parts


def _day(year: str, month: str, day: str) -> date | None:
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    full = int(year) + (2000 if len(year) == 2 else 0)
    try:
        return date(full, number, int(day))
    except ValueError:
        return None


def month_day(text: str) -> tuple[int, int] | None:
    """The (month, day) of "March 31,", None if there is none or several."""
    found = {
        (_MONTHS.index(m["month"][:3].lower()) + 1, int(m["day"]))
        for m in _MONTH_DAY.finditer(text)
    }
    return found.pop() if len(found) == 1 else None


def years(text: str) -> list[int]:
    """The years named in `text`: "2023", "FY23", "Q4 '23"; dates count too."""
    out = [int(match[0]) for match in _YEAR.finditer(text)]
    return out or [2000 + int(match[1]) for match in _SHORT_YEAR.finditer(text)]


def weeks(text: str) -> int | None:
    """How many weeks the first "13-week" of `text` names."""
    for match in _STRETCH.finditer(text):
        if match["unit"].lower().startswith("week"):
            return _count(match["count"])
    return None


def quarter_weeks(text: str) -> int | None:
    """How many weeks the first stretch of a quarter's length in `text` has."""
    for match in _STRETCH.finditer(text):
        count = _count(match["count"])
        if match["unit"].lower().startswith("week") and 11 <= count <= 17:
            return count
    return None


def quarter_number(text: str) -> int | None:
    """1 to 4 from "Q4" or "fourth quarter", the first one named."""
    match = _ORDINAL.search(text)
    return None if match is None else _ordinal(match)


def quarter_numbers(text: str) -> list[int]:
    """Every quarter named, in order."""
    return [_ordinal(match) for match in _ORDINAL.finditer(text)]


def _ordinal(match: re.Match[str]) -> int:
    return int(match["q"] or match["q2"] or _ORDINALS[match["word"].lower()])


def kind(text: str) -> PeriodKind:
    """What stretch of time the words name; UNKNOWN when they name none."""
    if _TO_DATE.search(text):
        return PeriodKind.YEAR_TO_DATE
    lengths = {_length(match) for match in _STRETCH.finditer(text)}
    lengths.discard(PeriodKind.UNKNOWN)
    if len(lengths) == 1:
        return lengths.pop()
    if _QUARTER.search(text):
        return PeriodKind.QUARTER
    if lengths:
        return PeriodKind.UNKNOWN
    if _FULL_YEAR.search(text) or _FISCAL_ONLY.match(text):
        return PeriodKind.YEAR
    return PeriodKind.UNKNOWN


def _length(match: re.Match[str]) -> PeriodKind:
    count = _count(match["count"])
    months = match["unit"].lower().startswith("month")
    if months:
        lengths = {3: PeriodKind.QUARTER, 6: PeriodKind.YEAR_TO_DATE, 9: PeriodKind.YEAR_TO_DATE}
        return lengths.get(count, PeriodKind.YEAR if count == 12 else PeriodKind.UNKNOWN)
    # quarters have 12 to 17 weeks (four unequal ones at some grocers and clubs)
    if 11 <= count <= 17:
        return PeriodKind.QUARTER
    if 22 <= count <= 44:
        return PeriodKind.YEAR_TO_DATE
    return PeriodKind.YEAR if count in (52, 53) else PeriodKind.UNKNOWN


def _count(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS[re.sub(r"\s+", "-", word.lower())]
