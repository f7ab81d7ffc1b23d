"""What a number in a text can be evidence for.

Years, days, counts of weeks, notes, telephone numbers and points of change look like figures
and are none; the characters round them say so.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum

from earnings.keyed import Keyed
from earnings.regexes import lazy_regex

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"


class NumberKind(StrEnum):
    """What a number can be evidence for."""

    FIGURE = "figure"  # a figure, as far as its neighbourhood says
    FLAT = "flat"  # the word "flat": no change
    YEAR = "year"  # "fiscal 2023", or any bare 1900-2099
    DATE = "date"  # "January 28", "3/2/2023"
    PERIOD_COUNT = "period_count"  # "13 weeks", "52-week"
    REFERENCE = "reference"  # "Note 5", "Form 10-K", "EPS (1)", telephone numbers, times
    POINTS = "points"  # basis points or percentage points: a change of a rate, not a rate
    OTHER_CURRENCY = "other_currency"  # EUR, C$, ...


_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    "sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_FOREIGN_ENDS = tuple("€£¥₹$DRPN")  # the last letters of what _FOREIGN looks for
_FOREIGN = lazy_regex(r"(?:[€£¥₹]|(?<!\bU)(?<!U\.)[A-RT-Z.]\$|\b(?:CAD|EUR|GBP|MXN|AUD))[^\S\n]?$")
_POINTS = lazy_regex(
    r"[^\S\n]{0,2}-?(?:basis|percentage|bps?\b|bp\b|pts?\b|points?\b)", re.IGNORECASE
)
_PERIOD = lazy_regex(
    r"[\s\u2010\u2011-]{1,2}(?:fiscal\s+|consecutive\s+|full\s+)?"
    r"(?:week|month|day|year|quarter|hour|minute)s?\b",
    re.IGNORECASE,
)
_REFERENCE_BEFORE = Keyed(
    "note item exhibit rule section form topic page asc asu no. table appendix chapter code id "
    "suite room",
    r"\b(?:notes?|items?|exhibits?|rules?|sections?|forms?|topics?|page|pages|asc|asu|no\.|table|"
    r"appendix|chapter|passcode|code|id|suite|room)\s?[#(]?\s?$",
)
_MONTH_BEFORE = Keyed(
    "jan feb mar apr may jun jul aug sep oct nov dec", rf"\b(?:{_MONTHS})\.?\s{{1,2}}$"
)
_MONTH_AFTER = lazy_regex(
    rf"\s{{1,2}}(?:{_MONTHS})\b\.?(?:,?\s+[12][09][0-9]{{2}})?", re.IGNORECASE
)
_TELEPHONE = lazy_regex(rf"\(?[0-9]{{3}}\)?[{DASHES}\s.]{{1,2}}[0-9]{{3}}[{DASHES}.][0-9]{{4}}\b")
_FOUR_DIGITS = lazy_regex(r"[0-9]{4}")
_SUFFIX = lazy_regex(rf"[{DASHES}][A-Z]\b")  # "10-K"
_LINKED = lazy_regex(rf"[{DASHES}/:][0-9]")
_LOOK = 24  # characters before a number that may say what it is


def kind_of(
    text: str,
    match: re.Match[str],
    bracketed: bool,
    percent: bool,
    scale: Decimal | None,
    lead: re.Match[str],
    finish: int,
) -> NumberKind:
    """`lead`: what stands before the digits; `finish`: where the number with its words ends."""
    first, last = match.span()
    printed = match.group()
    before = text[max(0, first - _LOOK) : first]
    if before.rstrip().endswith(_FOREIGN_ENDS) and _FOREIGN.search(before):
        return NumberKind.OTHER_CURRENCY
    if not percent and _POINTS.match(text, finish):
        return NumberKind.POINTS
    if lead["cur"] or percent or scale is not None:
        return NumberKind.FIGURE
    plain = printed.isdigit()
    if plain and _MONTH_BEFORE.search(before) and int(printed) <= 31:
        return NumberKind.DATE
    if plain and len(printed) <= 2 and _MONTH_AFTER.match(text, last):
        return NumberKind.DATE
    if _is_linked(text, first, last):
        return NumberKind.REFERENCE
    if plain and _PERIOD.match(text, last):
        return NumberKind.PERIOD_COUNT
    if _REFERENCE_BEFORE.search(before):
        return NumberKind.REFERENCE
    if plain and len(printed) == 4 and printed[:2] in ("19", "20"):
        return NumberKind.YEAR
    if plain and bracketed and len(printed) <= 2 and _is_note(text, first - len(lead.group())):
        return NumberKind.REFERENCE
    return NumberKind.FIGURE


def _is_note(text: str, bracket: int) -> bool:
    """A bracketed small integer behind a word of the same cell ("Adjusted EPS (1)"), behind
    another note, or in front of a footnote's text."""
    at = bracket - 1 if bracket > 0 and text[bracket - 1] == " " else bracket
    if at > 0 and (text[at - 1].isalpha() or text[at - 1] in ",:"):
        return True
    starts_line = at == 0 or text[at - 1] == "\n"
    return (
        starts_line
        and re.match(r"\([0-9]+\)(?:\([0-9]+\))? ?[A-Za-z]", text[bracket : bracket + 12])
        is not None
    )


def _is_linked(text: str, first: int, last: int) -> bool:
    """Part of a date, a telephone number, a time, a fraction, a name ("10-K")."""
    if _SUFFIX.match(text[last : last + 3]):
        return True
    around = max(0, first - 16)
    near = text[around : last + 16]
    if _FOUR_DIGITS.search(near) and any(
        around + m.start() <= first < around + m.end() for m in _TELEPHONE.finditer(near)
    ):
        return True
    if first >= 2 and text[first - 1] in DASHES[:3] and text[first - 2].isalpha():
        return True  # COVID-19
    right = _LINKED.match(text, last)
    left = first >= 2 and text[first - 1] in DASHES + "/:" and text[first - 2].isdigit()
    if right is not None and text[last] in "/:":
        return True
    if left and text[first - 1] in "/:":
        return True
    if right is not None and (
        left or re.match(rf"[0-9]+[{DASHES}/][0-9]", text[last + 1 : last + 15])
    ):
        return True
    return (
        left
        and re.search(rf"[0-9][{DASHES}/][0-9]+[{DASHES}]$", text[max(0, first - 14) : first])
        is not None
    )
