"""Samples and real companies never mix.

In a week with a real report the samples are left out of everything; in a week with nothing
else they are shown, and every company carries the mark in its name, so no place can forget it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from earnings.reports import words
from earnings.reports.facts import (
    FigureFact,
    GuidanceFact,
    QuoteFact,
    ReplacedFiling,
    Reporter,
    UnreadDocument,
    WeekFacts,
    WithheldFact,
)

MARK = " (sample)"

_Row = TypeVar(
    "_Row",
    Reporter,
    FigureFact,
    GuidanceFact,
    QuoteFact,
    WithheldFact,
    UnreadDocument,
    ReplacedFiling,
)


def only_samples(facts: WeekFacts) -> bool:
    """Whether nobody but samples reported."""
    return bool(facts.reporters) and all(one.is_sample for one in facts.reporters)


def without_samples(facts: WeekFacts) -> WeekFacts:
    """What is left when they are taken out."""
    return replace(
        facts,
        reporters=_real(facts.reporters),
        figures=_real(facts.figures),
        guidance=_real(facts.guidance),
        quotes=_real(facts.quotes),
        withheld=_real(facts.withheld),
        unread=_real(facts.unread),
        replaced=_real(facts.replaced),
        differing=_real(facts.differing),
        earlier=_real(facts.earlier),
    )


def marked(facts: WeekFacts) -> WeekFacts:
    """With every company named a sample."""
    return replace(
        facts,
        reporters=_named(facts.reporters),
        figures=_named(facts.figures),
        guidance=_named(facts.guidance),
        quotes=_named(facts.quotes),
        withheld=_named(facts.withheld),
        unread=_named(facts.unread),
        replaced=_named(facts.replaced),
        differing=_named(facts.differing),
        earlier=_named(facts.earlier),
    )


def _real(rows: Iterable[_Row]) -> tuple[_Row, ...]:
    return tuple(_clean(row) for row in rows if not row.is_sample)


def _named(rows: Iterable[_Row]) -> tuple[_Row, ...]:
    cleaned = (_clean(row) for row in rows)
    return tuple(
        replace(row, company=row.company + MARK) if row.is_sample else row for row in cleaned
    )


def _clean(row: _Row) -> _Row:
    """Names come from documents and lists: one line, nothing invisible."""
    return replace(row, company=words.clean(row.company, 60))


def count(facts: WeekFacts) -> int:
    """How many samples reported."""
    return sum(reporter.is_sample for reporter in facts.reporters)
