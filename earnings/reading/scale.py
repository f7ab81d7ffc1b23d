""" "In thousands", "Dollars in millions, except per share": what a table's amounts count."""

from __future__ import annotations

import re
from decimal import Decimal

from earnings.regexes import lazy_regex

_UNIT = r"(?P<{name}>thousands?|millions?|billions?|000['’]?s|000s?)"
_CURRENCY = (
    r"(?:u\.?s\.?\s+|united\s+states\s+)?(?:dollars?|dollar\s+amounts?|\$|amounts?|figures|usd)"
)
_PATTERNS = tuple(
    lazy_regex(pattern, re.I)
    for pattern in (
        r"\bin\s+(?:u\.?s\.?\s+|usd\s*|us\s*\$?\s*)?(?:\$\s*)?" + _UNIT.format(name="a"),
        _UNIT.format(name="b") + r"\s+of\s+(?:u\.?s\.?\s+)?dollars?\b",
        r"\(\s*" + _CURRENCY + r"?\s*(?:in\s+)?\$?\s*" + _UNIT.format(name="c") + r"\b",
        r"\$\s*['’]?000['’]?s?\b",
        r"\b000['’]?s\s+omitted\b|\$?\(000['’]?s?\)|\b000\s+omitted\b",
        r"\(\s*(?P<d>millions|thousands|billions)\b",
        r"\b" + _CURRENCY + r",?\s+(?P<e>millions|thousands|billions)\b",
        r"\$\s?(?P<f>mm|millions?|thousands?|mil)\b(?=[^a-z]*$|\s*[,;)])",
    )
)
_BRACKET = lazy_regex(r"\([^()]{1,120}\)")
_FACTOR = {"t": Decimal(1000), "0": Decimal(1000), "m": Decimal(1000000), "b": Decimal(10**9)}
_SHARES_ONLY = lazy_regex(r"^\W*(?:shares?|share\s+amounts|weighted)[^,;$]*\bin\b", re.I)


def find(text: str) -> tuple[Decimal, int, int] | None:
    """Factor and [start, end) of the first words in `text` that scale amounts of money."""
    best: tuple[Decimal, int, int] | None = None
    if _SHARES_ONLY.match(text):
        return None
    for pattern in _PATTERNS:
        match = pattern.search(text)
        if match is None or (best is not None and match.start() >= best[1]):
            continue
        words = next((word for word in match.groupdict().values() if word), "000")
        best = (_FACTOR[words[0].lower()], match.start(), match.end())
    return None if best is None else (best[0], *_whole(text, best[1], best[2]))


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """The words with the bracket they stand in: "(In thousands, except per share data)"."""
    for bracket in _BRACKET.finditer(text):
        if bracket.start() <= start and end <= bracket.end():
            return bracket.start(), bracket.end()
    return start, end
