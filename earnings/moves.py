"""How a guided range stands to the issuer's previous one, by the numbers alone."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from earnings.fiscal import same_period
from earnings.vocabulary import Basis, Guidance, GuidanceAction, Metric, Period


def moved(
    low: Decimal | None,
    high: Decimal | None,
    prior_low: Decimal | None,
    prior_high: Decimal | None,
) -> GuidanceAction | None:
    """The move from the prior range to this one; None when the two cannot be compared.

    A range inside the previous one is narrowed even if it keeps one end; around it, widened;
    anything else went where its middle went. One-sided guidance is compared on the side that
    both have.
    """
    if low is None or high is None or prior_low is None or prior_high is None:
        return _one_sided(low, high, prior_low, prior_high)
    if (low, high) == (prior_low, prior_high):
        return GuidanceAction.MAINTAINED
    if low >= prior_low and high <= prior_high:
        return GuidanceAction.NARROWED
    if low <= prior_low and high >= prior_high and prior_low != prior_high:
        return GuidanceAction.WIDENED
    return _by_sign((low + high) - (prior_low + prior_high)) or GuidanceAction.WIDENED


def earlier_range(
    metric: Metric, basis: Basis, period: Period, previous: Iterable[Guidance]
) -> Guidance | None:
    """The issuer's latest earlier range for the same thing; `previous` is oldest first."""
    fitting = [
        old
        for old in previous
        if old.metric is metric
        and same_period(old.period, period)
        and (old.basis is basis or Basis.UNSTATED in (old.basis, basis))
    ]
    return fitting[-1] if fitting else None


def _one_sided(
    low: Decimal | None,
    high: Decimal | None,
    prior_low: Decimal | None,
    prior_high: Decimal | None,
) -> GuidanceAction | None:
    if low is not None and prior_low is not None:
        return _by_sign(low - prior_low) or GuidanceAction.MAINTAINED
    if high is not None and prior_high is not None:
        return _by_sign(high - prior_high) or GuidanceAction.MAINTAINED
    return None


def _by_sign(difference: Decimal) -> GuidanceAction | None:
    if difference == 0:
        return None
    return GuidanceAction.RAISED if difference > 0 else GuidanceAction.LOWERED
