"""The figures of a release, chosen among all the places that seem to state them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from earnings.analysts import local_prose, local_tables
from earnings.analysts.base import FigureDraft
from earnings.analysts.local_candidates import Candidate, Tier, unit_of
from earnings.analysts.local_labels import spelled
from earnings.reading.base import Reading
from earnings.reading.release import ReleaseFacts
from earnings.regexes import lazy_regex
from earnings.vocabulary import Metric, Period, PeriodKind, Unit

_LEAD = 3000  # characters: where sentences disagree, the lead speaks of the whole company
_COARSEST = Decimal("0.05")  # of an amount: what its last printed digit may count
_ROUNDED = Decimal("0.02")
_LOST_SCALES = tuple(Decimal(10) ** power for power in (-9, -6, -3, 3, 6, 9))
_TOP_LINES = (Metric.NET_SALES, Metric.TOTAL_REVENUE)


def figure_drafts(reading: Reading, facts: ReleaseFacts) -> tuple[FigureDraft, ...]:
    """One draft per metric and period that can be decided; what disagrees is left out."""
    if not facts.is_results:
        return ()
    found = [
        *local_tables.candidates(reading, facts.period, _called(facts)),
        *local_prose.candidates(reading, facts),
    ]
    chosen = choose(found)
    return tuple(_draft(reading, facts, candidate) for candidate in _with_top_line(chosen))


_LEGAL = lazy_regex(
    r"(?:,?\s+(?:inc|incorporated|corp|corporation|co|company|companies|plc|ltd|limited|llc|group|"
    r"holdings?|stores)\.?)+$",
    re.I,
)


def _called(facts: ReleaseFacts) -> frozenset[str]:
    """The issuer's ticker, its name, its name without "The" and "Inc."."""
    name = facts.issuer_name.lower().removeprefix("the ")
    names = {facts.ticker or "", name, _LEGAL.sub("", name)}
    return frozenset(spelled(name) for name in names if name)


def choose(found: Iterable[Candidate]) -> list[Candidate]:
    """The best candidate of each metric and kind of period, where the best ones agree."""
    groups: dict[tuple[Metric, PeriodKind], list[Candidate]] = defaultdict(list)
    for candidate in found:
        groups[candidate.metric, candidate.kind].append(candidate)
    chosen = [_with_prior(_decide(group), group) for group in groups.values()]
    kept = [candidate for candidate in chosen if candidate is not None]
    if any(candidate.tier is Tier.STATEMENT for candidate in kept):
        kept = [candidate for candidate in kept if not _is_coarse(candidate)]
    return kept


def _with_prior(chosen: Candidate | None, group: list[Candidate]) -> Candidate | None:
    """The place that also states the year-ago number, of those that state the same number."""
    if chosen is None or chosen.prior is not None:
        return chosen
    same = (
        other
        for other in group
        if other.prior is not None and (other.value, other.step) == (chosen.value, chosen.step)
    )
    return max(same, key=lambda other: other.tier, default=chosen)


def _is_coarse(candidate: Candidate) -> bool:
    """ "$0.2 million" beside statements that count thousands: they know it better, and if
    their row was not understood, saying nothing is nearer to the truth."""
    amount = unit_of(candidate.metric) is Unit.USD and candidate.tier is Tier.PROSE
    return amount and candidate.step > abs(candidate.value) * _COARSEST


def _decide(group: list[Candidate]) -> Candidate | None:
    """The most trusted places first; among equals the others are asked which is right."""
    told = [one for one in group if one.tier is Tier.PROSE]
    group = [one for one in group if not any(_off_by_scale(one, other) for other in told)]
    tier = max(candidate.tier for candidate in group)
    top = [candidate for candidate in group if candidate.tier == tier]
    rank = min(candidate.rank for candidate in top)
    best = [candidate for candidate in top if candidate.rank == rank]
    kept = _agreeing(best)
    if kept is not None:
        return kept
    if tier is Tier.PROSE:
        return _agreeing([one for one in best if one.span.start < _LEAD])
    others = [candidate for candidate in group if candidate not in best]
    backed = [one for one in best if any(one.agrees(other) for other in others)]
    return _agreeing(backed) if backed else None


def _off_by_scale(one: Candidate, told: Candidate) -> bool:
    """Whether a table's amount is a sentence's a thousand times too small or too large: then
    the table's scale was lost."""
    if unit_of(one.metric) is not Unit.USD or not told.value or not one.value:
        return False
    ratio = abs(one.value / told.value)
    return any(abs(ratio / lost - 1) < _ROUNDED for lost in _LOST_SCALES)


def _agreeing(candidates: list[Candidate]) -> Candidate | None:
    """The most exact of them if they all agree; a prior is taken from whoever states one."""
    if not candidates:
        return None
    exact = min(candidates, key=lambda c: (c.step, c.prior is None))
    if not all(exact.agrees(other) for other in candidates):
        return None
    return exact


def _with_top_line(chosen: list[Candidate]) -> list[Candidate]:
    """An issuer with one top line that calls it revenue has its net sales there."""
    tabled = {c.kind for c in chosen if c.metric in _TOP_LINES and c.tier is not Tier.PROSE}
    chosen = [
        c
        for c in chosen
        if c.metric not in _TOP_LINES or c.tier is not Tier.PROSE or c.kind not in tabled
    ]
    kinds = {c.kind for c in chosen if c.metric is Metric.NET_SALES}
    extra = [
        replace(c, metric=Metric.NET_SALES)
        for c in chosen
        if c.metric is Metric.TOTAL_REVENUE and c.kind not in kinds
    ]
    return chosen + extra


def _draft(reading: Reading, facts: ReleaseFacts, candidate: Candidate) -> FigureDraft:
    own = facts.period or Period(PeriodKind.UNKNOWN)
    period = own
    if candidate.kind is PeriodKind.YEAR:
        period = Period(PeriodKind.YEAR, candidate.end or own.end)
    return FigureDraft(
        metric=candidate.metric,
        value=candidate.value,
        unit=unit_of(candidate.metric),
        period=period,
        quote=reading.quote(candidate.span),
        basis=candidate.basis,
        prior=candidate.prior,
        span=candidate.span,
        context=candidate.context,
    )
