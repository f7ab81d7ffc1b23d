"""What this process holds of each quota: for whoever asks, and for metrics."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from resilience.policy import Policy


@dataclass(frozen=True)
class QuotaInHand:
    """`leased` is what all processes have taken of the window, as far as this one heard;
    `spent` what this one spent of it."""

    service: str
    resource: str
    per: str
    zone: str
    limit: float
    in_hand: float
    spent: float
    leased: float


def quotas_in_hand(policies: Iterable[Policy], now: float) -> tuple[QuotaInHand, ...]:
    """`now` is monotonic. Read without the policies' locks: a figure may be a call old."""
    return tuple(
        QuotaInHand(
            service=quota.key.service,
            resource=quota.key.resource,
            per=quota.key.per,
            zone=quota.key.zone,
            limit=quota.key.limit,
            in_hand=quota.in_hand(now),
            spent=quota.spent,
            leased=quota.taken,
        )
        for policy in policies
        for quota in policy.quotas
    )
