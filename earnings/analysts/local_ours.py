"""Which of the periods that a sentence names is the release's own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from earnings.fiscal import parse_name
from earnings.reading import periods
from earnings.reading.release import ReleaseFacts
from earnings.regexes import lazy_regex
from earnings.vocabulary import PeriodKind


def _years(facts: ReleaseFacts) -> frozenset[int]:
    """The years by which a sentence may call the period: its end's, and its label's."""
    if facts.period is None or facts.period.end is None:
        return frozenset()
    end = facts.period.end.year
    named = [year for year in periods.years(facts.period.label) if abs(year - end) <= 1]
    return frozenset({end, *(named or [end + 1, end - (facts.period.end.month < _SPRING)])})


def _fiscal_year(facts: ReleaseFacts) -> int | None:
    name = parse_name(facts.period.label) if facts.period is not None else None
    return name.year if name is not None else None


def _quarter(facts: ReleaseFacts) -> int | None:
    return periods.quarter_number(facts.period.label) if facts.period is not None else None


@dataclass(frozen=True)
class Ours:
    """What the release's own period may be called."""

    years: frozenset[int]
    fiscal_year: int | None
    quarter: int | None

    def reports(self, kind: PeriodKind) -> bool:
        """A year is reported with its last quarter; earlier in the year it is the last one's."""
        return kind is not PeriodKind.YEAR or self.quarter in (None, 4)

    def excludes(self, before: str) -> bool:
        """Whether the period named last before a number is another one."""
        before = _COMPARISON.sub(" ", before)
        quarters = periods.quarter_numbers(before)
        if quarters and self.quarter is not None and quarters[-1] != self.quarter:
            return True
        fiscal = [int(f"20{y[-2:]}") for y in _FISCAL.findall(before)]
        named = periods.years(before)
        if fiscal and self.fiscal_year is not None and named[-1:] == fiscal[-1:]:
            return fiscal[-1] != self.fiscal_year
        return bool(named) and bool(self.years) and named[-1] not in self.years


_COMPARISON = lazy_regex(
    r"\b(?:compared\s+(?:to|with)|versus|vs\.?|from|to|against|over|than)\s+"
    r"(?:(?!quarter\s+ended)[\w-]+\s+){0,5}?(?:of\s+)?(?:fiscal\s+)?(?:20\d\d|fy\s?\d\d)\b(?=[,;)]|\s+and\b)",
    re.I,
)  # an aside: the number behind it is ours again
_FISCAL = lazy_regex(r"\b(?:fiscal(?:\s+year)?|fy)\s?['’]?((?:20)?[0-9]{2})\b", re.I)
_SPRING = 4  # a fiscal year that ends by March is often called by the year it began in


def ours(facts: ReleaseFacts) -> Ours:
    return Ours(_years(facts), _fiscal_year(facts), _quarter(facts))
