"""Ranges as issuers write them: "between $5.70 and $6.50", "at least 25", "down 2% to flat".

A range keeps the numbers as printed with their scale words; what a table's heading adds and
which way a percentage goes is the reader's business, who knows the metric.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from earnings.numbers import NumberToken, find_numbers
from earnings.regexes import lazy_regex
from earnings.vocabulary import Span, Unit

_CONNECTION = lazy_regex(
    r"[\s,|]*(?P<word>to|through|and|[-–—])[\s|]*"
    r"(?:(?:approximately|about|around|roughly|a|an|the|range|slightly|up|down|plus|minus|positive|"
    r"negative|flat|growth|increase|decline|decrease|gain|loss|of|high\s+end|low\s+end)\s+){0,4}\+?",
    re.IGNORECASE,
)
_BETWEEN = lazy_regex(r"\b(?:between|from|range)\b[^.;]{0,60}$", re.IGNORECASE)
_AT_LEAST = lazy_regex(
    r"\b(?:at\s+least|no\s+less\s+than|not\s+less\s+than|(?<!no\s)(?<!not\s)more\s+than|greater\s+than|above|"
    r"in\s+excess\s+of|exceed(?:ing|s)?|over)\s+(?:approximately\s+)?$",
    re.IGNORECASE,
)
_AT_MOST = lazy_regex(
    r"\b(?:up\s+to|at\s+most|no\s+more\s+than|not\s+more\s+than|(?<!no\s)(?<!not\s)less\s+than|below|under|"
    r"not\s+to\s+exceed)\s+(?:approximately\s+)?$",
    re.IGNORECASE,
)
_OR_MORE = lazy_regex(r"\s*(?:or\s+(?:more|higher|better|greater|above)|\+|plus\b)", re.IGNORECASE)
_ABOUT = lazy_regex(
    r"\s*,?\s*(?:plus\s+or\s+minus|plus/minus|\+/-|±|\bgive\s+or\s+take)", re.IGNORECASE
)
_NEAR = Decimal("0.5")  # dollars per share: near zero the ends may be many times apart
_TO = lazy_regex(r"\s+to\s+(?:approximately\s+)?", re.IGNORECASE)
_WIDEST_SAID = 12  # times, where "to" joins two scaled amounts: "$3 million to $17 million"
_WIDEST = 3  # times its low end: "$1.74 - $7.93" joins two ranges


@dataclass(frozen=True)
class Range:
    """`first` and `last` are the same token for a single number; `low` and `high` say which
    of its ends is stated."""

    first: NumberToken
    last: NumberToken
    low: bool = True
    high: bool = True

    @property
    def span(self) -> Span:
        return Span(self.first.span.start, self.last.span.end)

    @property
    def unit(self) -> Unit | None:
        return self.last.unit if self.last.unit is not None else self.first.unit


def find_ranges(text: str, start: int, end: int) -> tuple[Range, ...]:
    """The ranges and single figures of text[start:end], left to right."""
    tokens = [t for t in find_numbers(text, start, end) if t.is_figure]
    found: list[Range] = []
    at = 0
    while at < len(tokens):
        joined = at + 1 < len(tokens) and _joined(text, tokens[at], tokens[at + 1], start)
        if joined:
            if _fits(text, tokens[at], tokens[at + 1]):
                found.append(Range(tokens[at], tokens[at + 1]))
        elif not _ABOUT.match(text, tokens[at].span.end):
            found.append(_single(text, tokens[at], start))
        else:
            joined = True  # "$5.00, plus or minus $0.10" states neither end
        at += 2 if joined else 1
    return tuple(found)


def _joined(text: str, first: NumberToken, last: NumberToken, start: int) -> bool:
    match = _CONNECTION.fullmatch(text, first.span.end, last.span.start)
    if match is None or not _one_kind(first, last):
        return False
    before = text[start : first.span.start]
    return match["word"].lower() != "and" or _BETWEEN.search(before) is not None


def _fits(text: str, first: NumberToken, last: NumberToken) -> bool:
    """Not so far apart that the ends must belong to two ranges."""
    if first.kind is not last.kind or first.unit is Unit.PERCENT:
        return True
    sizes = sorted((abs(first.value), abs(last.value)))
    scaled = first.scale_word is not None and first.scale_word > 1
    if (
        scaled
        and last.scale_word is not None
        and _TO.fullmatch(text, first.span.end, last.span.start)
    ):
        return sizes[0] * _WIDEST_SAID >= sizes[1]
    return sizes[0] * _WIDEST >= sizes[1] or (not scaled and sizes[1] - sizes[0] <= _NEAR)


def _one_kind(first: NumberToken, last: NumberToken) -> bool:
    units = {first.unit, last.unit}
    per_share = {Unit.USD, Unit.USD_PER_SHARE}
    return len(units) == 1 or units == per_share


def _single(text: str, token: NumberToken, start: int) -> Range:
    before = text[max(start, token.span.start - 40) : token.span.start]
    if _AT_LEAST.search(before) or _OR_MORE.match(text, token.span.end):
        return Range(token, token, high=False)
    if _AT_MOST.search(before):
        return Range(token, token, low=False)
    return Range(token, token)
