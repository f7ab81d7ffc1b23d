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
from earnings.analysts.topics import may_be_same, same_kind, same_topic, touch
from earnings.evidence import Verified
from earnings.moves import earlier_range, moved
from earnings.reading.base import Reading, Table
from earnings.vocabulary import (
    Claim,
    Figure,
    Guidance,
    GuidanceAction,
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
        if not isinstance(other, Quote) and agree(claim, other) and touch(claim.span, other.span)
    ]
    known = any(
        same_kind(claim.period, other.period) and may_be_same(claim.period, other.period)
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
        if isinstance(other, Quote) or not same_kind(claim.period, other.period):
            continue
        if agree(claim, other):
            return None
        table = _table_of(other.span, tables)
        elsewhere = table is not None and not touch(table.span, claim.span)
        if elsewhere and same_topic(claim, other):
            against = against or other
    return against


def _is_covered(claim: Claim, shown: Iterable[Claim]) -> bool:
    if isinstance(claim, Quote):
        return any(isinstance(each, Quote) and each.theme is claim.theme for each in shown)
    return any(
        not isinstance(each, Quote) and agree(claim, each) and same_kind(claim.period, each.period)
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
            and same_kind(claim.period, other.period)
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
    return next((table for table in tables if touch(table.span, span)), None)
