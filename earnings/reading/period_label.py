"""What an issuer calls the quarter it reports: "Fourth Quarter Fiscal 2025".

A release names other quarters too: the year-ago one it compares with, the next one it guides
to. The own one is named first and is the latest of its kind; where only the headline names
it, without a year, the year may stand behind it ("Fourth Quarter and Full Year 2024").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from earnings.reading import periods
from earnings.regexes import lazy_regex

_REACH = 4500  # characters of the opening
_HEADLINE = 600
_LABEL = lazy_regex(
    r"\b(?:(?:first|second|third|fourth)[-\s]+(?:fiscal\s+)?quarter(?:\s+(?:of|"
    r"for)(?:\s+the)?)?(?:\s+(?:fiscal|fy))?"
    r"(?:\s+year)?(?:\s*,?\s*(?:20\d\d|['’]\d\d|fy\s?\d\d))?"
    r"|(?:fiscal\s+)?(?:20\d\d|fy\s?\d\d)\s+(?:first|second|third|fourth)[-\s]+quarter"
    r"|fiscal\s+20\d\d\s+q[1-4]|"
    r"(?:fiscal\s+)?q[1-4]\s*(?:of\s+)?(?:fiscal\s+)?(?:year\s+)?(?:20\d\d|"
    r"fy\s?\d\d(?:\d\d)?|['’]\d\d)?"
    r")",
    re.I,
)
_COMPARISON = lazy_regex(
    r"\b(?:compared|versus|vs|against|from|over|than(?!\s+(?:expected|anticipated))|prior)\b", re.I
)
_EXPECTS = lazy_regex(r"\b(?:expects?|outlook|guidance|anticipates?)\b", re.I)
_PUT_TOGETHER = lazy_regex(r", \d{4}$")  # a headline's quarter and the year behind it
_WITH_YEAR = lazy_regex(
    r"[^.\n]{0,12}?\b(?:and|&)\s+(?P<year>(?:full[-\s]+)?(?:fiscal[-\s]+)?(?:year\s+)?"
    r"(?:ended\s+)?(?:20\d\d|fy\s?\d\d))\b",
    re.I,
)


def label(opening: str, end: date | None) -> str:
    """The issuer's own name for the quarter; "" when the opening has none."""
    named = _labels(opening[:_REACH])
    if not named:
        return ""
    ordinal = periods.quarter_number(named[0][0])
    own = [item for item in named if periods.quarter_number(item[0]) == ordinal]
    dated = [(years[-1], text) for text, years in own if years]
    fitting = [(y, text) for y, text in dated if end is None or abs(y - end.year) <= 1]
    if not fitting:
        return own[0][0]
    latest = max(y for y, _ in fitting)
    told = [text for y, text in fitting if y == latest]
    return next((text for text in told if not _PUT_TOGETHER.search(text)), told[0])


@lru_cache(16)  # a release is described once before its company is known, once after
def _labels(opening: str) -> tuple[tuple[str, list[int]], ...]:
    return tuple(_named(opening))


def _named(opening: str) -> Iterator[tuple[str, list[int]]]:
    """Labels in order, with the years they name; those of comparisons are left out."""
    for match in _LABEL.finditer(opening):
        before = opening[max(0, match.start() - 120) : match.start()]
        sentence = re.split(r"[\n;]|\.\s", before)[-1]
        if _COMPARISON.search(sentence) or _EXPECTS.search(sentence):
            continue
        text = re.sub(r"\s+", " ", match[0]).strip(" ,")
        text = re.sub(r"\s+(?:of|for|of the|for the|fiscal|fy)$", "", text, flags=re.I)
        found = periods.years(text)
        if not found and match.start() < _HEADLINE:
            behind = _WITH_YEAR.match(opening, match.end())
            if behind is not None:
                year = periods.years(behind["year"])
                yield f"{text}, {year[-1]}" if year else text, year
                continue
        yield text, found
