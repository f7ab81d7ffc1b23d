"""Guided ranges of a reading as drafts, each with its move against the previous one.

The previous range is the one stated beside the new one; else the issuer's own from earlier
documents, for the same metric, period and basis; else only the verb is left ("raises"), and
where nothing says anything the range counts as initiated. Numbers win over verbs: "updates
and raises" over an unchanged range is maintained.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from earnings.analysts.base import GuidanceDraft
from earnings.fiscal import FiscalName, find_names, is_over, parse_name, resolve, same_period
from earnings.keyed import Keyed, lowered
from earnings.moves import earlier_range, moved
from earnings.reading.base import Reading
from earnings.reading.guidance import guided
from earnings.reading.guidance_words import basis_in, names
from earnings.reading.guided import Guided
from earnings.regexes import lazy_regex
from earnings.sentences import sentences
from earnings.vocabulary import (
    Basis,
    Guidance,
    GuidanceAction,
    Metric,
    Period,
    PeriodKind,
    Span,
    Unit,
)

_WITHDRAWS = Keyed(
    "guidance outlook expectations",
    r"\b(?:is\s+withdrawing|withdraws|withdrawing|has\s+withdrawn|is\s+suspending|suspends|"
    r"has\s+suspended|will\s+not\s+(?:be\s+)?provid\w+|is\s+not\s+(?:providing|reaffirming))\b"
    r"[^.]{0,120}\b(?:guidance|outlook|expectations)\b",
)
_TAKES_BACK = lazy_regex(  # in small letters: what every match of _WITHDRAWS holds
    r"withdraw|suspend|not\s+(?:be\s+)?(?:provid|reaffirm)"
)
_EARLIER = lazy_regex(
    r"\b(?:as\s+previously|previously\s+withdr|long[- ]term|longer[- ]term|multi-?year)",
    re.IGNORECASE,
)
_LONGEST = 900  # characters of a sentence


class Facts(Protocol):
    """What the reading says about itself; `earnings.reading.release.ReleaseFacts` has it."""

    @property
    def period(self) -> Period | None: ...


def guidance_drafts(
    reading: Reading, facts: Facts, previous: Sequence[Guidance] = ()
) -> tuple[GuidanceDraft, ...]:
    """What the document guides to, in the order of its text. Cannot fail on any reading."""
    drafts = []
    for item in guided(reading):
        period = _period(item, facts.period)
        if not _is_past(item.period, period, facts.period):
            drafts.append(_draft(reading, item, period, previous))
    stated = {(draft.metric, draft.basis) for draft in drafts}
    withdrawn = _withdrawals(reading, facts.period, () if drafts else previous)
    if drafts:
        withdrawn = [
            draft
            for draft in withdrawn
            if _is_told_apart(draft) and (draft.metric, draft.basis) not in stated
        ]
    return (*drafts, *withdrawn)


def _is_told_apart(draft: GuidanceDraft) -> bool:
    """Whether a withdrawal beside other guidance names what is withdrawn: EPS by GAAP, while
    the adjusted one is kept."""
    return draft.basis is not Basis.UNSTATED


def _period(item: Guided, reporting: Period | None) -> Period:
    end = item.period_end
    if end is None and reporting is not None:
        end = resolve(item.period, reporting)
    return Period(item.period.kind, end, item.period_label)


def _is_past(name: FiscalName, period: Period, reporting: Period | None) -> bool:
    """Whether the period is over by the end of the one reported on: then it is no guidance."""
    if reporting is None:
        return False
    if reporting.end is not None and period.end is not None:
        return period.end <= reporting.end
    return is_over(name, reporting)


def _draft(
    reading: Reading, item: Guided, period: Period, previous: Sequence[Guidance]
) -> GuidanceDraft:
    return GuidanceDraft(
        metric=item.metric,
        low=item.low,
        high=item.high,
        unit=item.unit,
        period=period,
        action=_action(item, period, previous),
        quote=reading.quote(item.span),
        basis=item.basis,
        prior_low=item.prior_low,
        prior_high=item.prior_high,
        span=item.span,
        context=item.context,
    )


def _action(item: Guided, period: Period, previous: Sequence[Guidance]) -> GuidanceAction:
    stated = moved(item.low, item.high, item.prior_low, item.prior_high)
    if stated is not None:
        return stated
    if item.is_new:
        return GuidanceAction.INITIATED
    earlier = earlier_range(item.metric, item.basis, period, previous)
    if earlier is not None:
        by_numbers = moved(item.low, item.high, earlier.low, earlier.high)
        if by_numbers is not None:
            return by_numbers
    verb = item.verb
    return verb if verb not in (None, GuidanceAction.WITHDRAWN) else GuidanceAction.INITIATED


def _withdrawals(
    reading: Reading, reporting: Period | None, previous: Sequence[Guidance]
) -> list[GuidanceDraft]:
    """What a document without guidance takes back: the metrics its sentence names, or the
    issuer's own earlier ones. A withdrawal of nothing known is not told."""
    if not _TAKES_BACK.search(lowered(reading.text)):
        return []
    for span in sentences(reading.text):
        words = reading.quote(span)
        match = _WITHDRAWS.search(words) if len(words) <= _LONGEST else None
        if match is None or _EARLIER.search(words):
            continue
        rest = re.split(r"[.\n]", words[match.end() : match.end() + 80])[0]
        said = match.group() + rest
        mentioned = find_names(said)
        name = parse_name(match.group()) or parse_name(said) or FiscalName(PeriodKind.YEAR)
        label = mentioned[0].label if mentioned else ""
        end = resolve(name, reporting) if reporting is not None else None
        period = Period(name.kind, end, label)
        basis = basis_in(match.group())
        named = {n.metric for n in names(said, 0, len(said)) if n.metric is not None}
        if named:
            return [_withdrawal(words, span, m, period, basis) for m in sorted(named)]
        known = {
            old.metric: old.period
            for old in previous
            if not label or same_period(old.period, period)
        }
        return [_withdrawal(words, span, m, p, basis) for m, p in known.items()]
    return []


def _withdrawal(
    words: str, span: Span, metric: Metric, period: Period, basis: Basis
) -> GuidanceDraft:
    adjusted = metric is Metric.EPS_DILUTED and basis is Basis.ADJUSTED
    return GuidanceDraft(
        metric=Metric.EPS_ADJUSTED if adjusted else metric,
        low=None,
        high=None,
        unit=_UNITS.get(metric, Unit.USD),
        period=period,
        action=GuidanceAction.WITHDRAWN,
        quote=words,
        basis=basis,
        span=span,
    )


_UNITS = {
    **dict.fromkeys((Metric.EPS_DILUTED, Metric.EPS_ADJUSTED), Unit.USD_PER_SHARE),
    **dict.fromkeys(
        (
            Metric.COMPARABLE_SALES,
            Metric.SALES_GROWTH,
            Metric.OPERATING_MARGIN,
            Metric.GROSS_MARGIN,
            Metric.TAX_RATE,
        ),
        Unit.PERCENT,
    ),
    Metric.STORE_OPENINGS: Unit.COUNT,
}
