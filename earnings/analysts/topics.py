"""Do two claims speak of the same thing, and do they say the same of it?"""

from __future__ import annotations

from earnings.analysts.crosscheck import Verdict, agree
from earnings.fiscal import PLAY_DAYS, parse_name
from earnings.vocabulary import Basis, Claim, Figure, Guidance, Period, PeriodKind, Quote, Span


def verdict_between(one: Claim, other: Claim, *, one_text: bool = True) -> Verdict | None:
    """Whether `other` says the same as `one`, or something else of the same; None where it
    speaks of something else. Quotes of one text agree where they overlap. Pure."""
    if isinstance(one, Quote) or isinstance(other, Quote):
        same = isinstance(one, Quote) and isinstance(other, Quote) and one.theme is other.theme
        return Verdict.AGREES if same and one_text and touch(one.span, other.span) else None
    if not same_kind(one.period, other.period) or not same_topic(one, other):
        return None
    return Verdict.AGREES if agree(one, other) else Verdict.DIFFERS


def same_topic(one: Figure | Guidance, other: Figure | Guidance) -> bool:
    """One measure and basis, and periods that may be one."""
    bases = {one.basis, other.basis}
    return (
        type(one) is type(other)
        and one.metric is other.metric
        and (len(bases) == 1 or Basis.UNSTATED in bases)
        and may_be_same(one.period, other.period)
    )


def same_kind(one: Period, other: Period) -> bool:
    return one.kind is other.kind or PeriodKind.UNKNOWN in (one.kind, other.kind)


def may_be_same(one: Period, other: Period) -> bool:
    """Whether nothing says that two periods of one kind are different ones."""
    if one.end is not None and other.end is not None:
        return abs((one.end - other.end).days) <= PLAY_DAYS
    names = parse_name(one.label), parse_name(other.label)
    years = {name.year for name in names if name is not None and name.year is not None}
    quarters = {name.quarter for name in names if name is not None and name.quarter is not None}
    return len(years) < 2 and len(quarters) < 2


def touch(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
