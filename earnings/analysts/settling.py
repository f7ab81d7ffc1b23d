"""What is shown of a document when a model answered after the local rules.

A document may hold words that talk a model into saying something else, or nothing. So a
model's answer does not replace the local one: it is set beside it.

Periods   Where both read one number at one place, and not the same period, it is local's.
Figures   A model's figure or range that differs from one a table of the document states is
          withheld, unless its own evidence stands in that table: two readings of one table are
          a difference of opinion, a sentence against the statements is not.
Silence   What local found stays, unless the model's claims cover it: a figure or range by an
          agreeing value for the same measure and kind of period, a quote by one on its theme.
Moves     How a range stands to the previous one is said by the numbers beside it; else by
          local, where it read the same range; else by the issuer's own stored earlier range.
          Only where nobody knows of one is it the model's word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from earnings.analysts.crosscheck import agree
from earnings.evidence import Verified
from earnings.fiscal import PLAY_DAYS, parse_name
from earnings.moves import earlier_range, moved
from earnings.reading.base import Reading, Table
from earnings.vocabulary import (
    Basis,
    Claim,
    Figure,
    Guidance,
    GuidanceAction,
    Period,
    PeriodKind,
    Quote,
    Span,
    Withheld,
    WithheldReason,
)


@dataclass(frozen=True)
class Settled:
    """`claims` and `withheld` are the model's, `kept` are local's that stay beside them."""

    claims: tuple[Claim, ...]
    kept: tuple[Claim, ...]
    withheld: tuple[Withheld, ...]


def settle(
    model: Verified, local: Verified, reading: Reading, previous: Sequence[Guidance] = ()
) -> Settled:
    """Both are verified against `reading`. `previous`: the issuer's own earlier guidance, oldest
    first. Pure."""
    claims: list[Claim] = []
    withheld = list(model.withheld)
    for claim in (_with_period(each, local.claims) for each in model.claims):
        against = _contradiction(claim, local.claims, reading.tables)
        if against is not None:
            said = reading.quote(claim.span)
            reason = WithheldReason.CONTRADICTED
            withheld.append(Withheld(claim, reason, said, against.span))
        elif isinstance(claim, Guidance):
            claims.append(_with_move(claim, local.claims, previous))
        else:
            claims.append(claim)
    kept = tuple(claim for claim in local.claims if not _is_covered(claim, claims))
    return Settled(tuple(claims), kept, tuple(withheld))


def _with_period(claim: Claim, local: Iterable[Claim]) -> Claim:
    if isinstance(claim, Quote):
        return claim
    same = [
        other
        for other in local
        if not isinstance(other, Quote) and agree(claim, other) and _touch(claim.span, other.span)
    ]
    known = any(
        _same_kind(claim.period, other.period) and _may_be_same(claim.period, other.period)
        for other in same
    )
    return claim if known or not same else replace(claim, period=same[0].period)


def _contradiction(
    claim: Claim, local: Iterable[Claim], tables: Sequence[Table]
) -> Figure | Guidance | None:
    """The claim of a table that says otherwise, if one does and none agrees."""
    if isinstance(claim, Quote):
        return None
    against = None
    for other in local:
        if isinstance(other, Quote) or not _same_kind(claim.period, other.period):
            continue
        if agree(claim, other):
            return None
        table = _table_of(other.span, tables)
        elsewhere = table is not None and not _touch(table.span, claim.span)
        if elsewhere and _same_topic(claim, other):
            against = against or other
    return against


def _same_topic(one: Figure | Guidance, other: Figure | Guidance) -> bool:
    bases = {one.basis, other.basis}
    return (
        type(one) is type(other)
        and one.metric is other.metric
        and (len(bases) == 1 or Basis.UNSTATED in bases)
        and _may_be_same(one.period, other.period)
    )


def _same_kind(one: Period, other: Period) -> bool:
    return one.kind is other.kind or PeriodKind.UNKNOWN in (one.kind, other.kind)


def _may_be_same(one: Period, other: Period) -> bool:
    """Whether nothing says that two periods of one kind are different ones."""
    if one.end is not None and other.end is not None:
        return abs((one.end - other.end).days) <= PLAY_DAYS
    names = parse_name(one.label), parse_name(other.label)
    years = {name.year for name in names if name is not None and name.year is not None}
    quarters = {name.quarter for name in names if name is not None and name.quarter is not None}
    return len(years) < 2 and len(quarters) < 2


def _is_covered(claim: Claim, shown: Iterable[Claim]) -> bool:
    if isinstance(claim, Quote):
        return any(isinstance(each, Quote) and each.theme is claim.theme for each in shown)
    return any(
        not isinstance(each, Quote) and agree(claim, each) and _same_kind(claim.period, each.period)
        for each in shown
    )


def _with_move(claim: Guidance, local: Iterable[Claim], previous: Sequence[Guidance]) -> Guidance:
    if claim.action is GuidanceAction.WITHDRAWN:
        return claim
    if moved(claim.low, claim.high, claim.prior_low, claim.prior_high) is not None:
        return claim  # evidence took the action from the numbers beside it
    for other in local:
        if (
            isinstance(other, Guidance)
            and agree(claim, other)
            and _same_kind(claim.period, other.period)
        ):
            return _as_read_by(claim, other)
    old = earlier_range(claim.metric, claim.basis, claim.period, previous)
    action = moved(claim.low, claim.high, old.low, old.high) if old is not None else None
    return replace(claim, action=action or claim.action)


def _as_read_by(claim: Guidance, other: Guidance) -> Guidance:
    """The move that `other` read for the same range, with the previous one it was told by."""
    claim = replace(claim, action=other.action)
    if other.prior_low is None and other.prior_high is None:
        return claim
    context = claim.context if other.span == claim.span else (*claim.context, other.span)
    return replace(claim, prior_low=other.prior_low, prior_high=other.prior_high, context=context)


def _table_of(span: Span, tables: Sequence[Table]) -> Table | None:
    return next((table for table in tables if _touch(table.span, span)), None)


def _touch(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
