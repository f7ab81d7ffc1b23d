"""A cell's text as a number: signs, brackets, currency, percent, dashes.

Brackets mean a loss and a lone dash means nothing, as everywhere in accounting. A cell
that holds words beside its number ("$5.70 to $6.50", "No change") is not an amount.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from earnings.regexes import lazy_regex

_FOOTNOTES = lazy_regex(r"(?:\s*(?:\((?:\d{1,2}|[a-z])\)|\[(?:\d{1,2}|[a-z])\]|\*+|†+|‡+))+$", re.I)
_SHAPE = lazy_regex(
    r"""^(?P<open>\(?)\s*(?P<minus>[-–—+]?)\s*(?P<money>(?:US|C|A)?[$€£])?\s*(?P<open2>\(?)\s*
        (?P<minus2>[-–—]?)\s*(?P<money2>[$€£])?\s*
        (?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)\s*
        (?P<unit>%|pp|ppts?\.?|pts?\.?|bps?\.?|basis\ points?|x|¢)?\s*
        (?P<close>\)*)\s*(?P<unit2>%)?$""",
    re.VERBOSE | re.I,
)
_NIL = lazy_regex(r"^(?:US)?[$€£]?\s*(?:[-–—]{1,3}|_{2,})\s*%?$")
_FILLER = lazy_regex(r"^(?:n\.?/?[am]\.?(?:\s*%)?|nmf?|\*+|n/c|not meaningful|flat|\(\*\))$", re.I)
_YEAR = lazy_regex(r"^(?:19[89]\d|20[0-4]\d)$")


@dataclass(frozen=True)
class Amount:
    """`value` carries its sign and no scale. `percent` covers "%", `other_unit` names points,
    basis points, multiples and cents. `nil` is a lone dash, standing for zero or nothing."""

    value: Decimal
    percent: bool = False
    money: bool = False
    nil: bool = False
    other_unit: str = ""
    bracketed: bool = False


@lru_cache(maxsize=8192)
def amount(text: str) -> Amount | None:
    """The number a cell holds, None if it holds anything else."""
    text = text.strip()
    if not text or len(text) > 40:
        return None
    if _NIL.match(text):
        return Amount(Decimal(0), nil=True, percent="%" in text, money="$" in text)
    match = _SHAPE.match(text) or _SHAPE.match(_FOOTNOTES.sub("", text))
    if match is None:
        return None
    opened = bool(match["open"]) or bool(match["open2"])
    if opened != bool(match["close"]) and not opened:
        return None
    value = Decimal(match["digits"].replace(",", "").rstrip("."))
    minus = (match["minus"] or match["minus2"]) in ("-", "–", "—") and bool(
        match["minus"] or match["minus2"]
    )
    unit = (match["unit"] or "").lower()
    return Amount(
        value=-value if opened or minus else value,
        percent="%" in (unit, match["unit2"]),
        money=bool(match["money"] or match["money2"]),
        other_unit="" if unit in ("", "%") else unit,
        bracketed=opened,
    )


@lru_cache(1024)  # every cell is asked about in several passes
def is_year(text: str) -> bool:
    """ "2023" heading a column, footnote marks allowed."""
    return bool(_YEAR.match(_FOOTNOTES.sub("", text.strip())))


def is_value(text: str) -> bool:
    """Whether a cell holds a value rather than words: a number, a dash, "N/A"."""
    return amount(text) is not None or bool(_FILLER.match(text.strip()))
