"""Quotas that many processes share: who may spend how much of a window.

A lease is one statement on the window's row: whoever comes second counts on what the first
one left, so all leases together never exceed the limit. Windows are the database's own
(`policy_window`), by its `now()`; the clock of this machine has no say.

Amounts are kept as numeric with six digits after the point. What is taken is rounded up,
what is given back down: an account may lose a millionth, never gain one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_UP, Context, Decimal

from resilience.state import Lease, QuotaKey
from storage.database import Database, Row

_STEP = Decimal("0.000001")
_DIGITS = Context(prec=400)  # of any float


@dataclass(frozen=True)
class Window:
    begins: datetime
    ends: datetime


class QuotaBook:
    """The part of `PolicyStates` that counts.

    Limits may differ between processes while a new configuration spreads. The row keeps the
    limit of the process that came with its configuration last, and every process leases up
    to the smaller of that and its own: lowering takes effect at once and for all, raising
    for those who know of it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._limits: dict[tuple[str, str, str], float] = {}  # that we have come with

    def lease(self, quota: QuotaKey, amount: float) -> Lease:
        """Survives the server's sudden end, as does whatever is spent of it outside."""
        key = (quota.service, quota.resource, quota.per)
        wanted = _digits(amount, ROUND_UP)
        with self._database.transaction() as tx:
            tx.run("policy.must_be_kept")
            row = tx.one(
                "quotas.lease",
                **_account(quota),
                zone=quota.zone,
                limit=_digits(quota.limit),
                amount=wanted,
                is_new=self._limits.get(key) != quota.limit,
            )
        assert row is not None
        self._limits[key] = quota.limit
        granted: Decimal = row["granted"]
        return Lease(
            granted=amount if granted and granted == wanted else float(granted),
            window=row["window_start"].isoformat(),
            left_s=row["left_s"],
            taken=float(row["leased"]),
        )

    def give_back(self, quota: QuotaKey, window: str, amount: float) -> None:
        """Not to be repeated if the connection is lost over it: it may have been stored."""
        back = _digits(amount)
        if not back:
            return
        with self._database.transaction() as tx:
            tx.run("policy.may_be_lost")
            tx.run("quotas.give_back", **_account(quota), window=window, amount=back)

    def tighten(self, quota: QuotaKey, remaining: float) -> None:
        with self._database.transaction() as tx:
            tx.run(
                "quotas.tighten",
                **_account(quota),
                zone=quota.zone,
                limit=_digits(quota.limit),
                remaining=_digits(remaining),
            )

    def window(self, per: str, zone: str, at: datetime | None = None) -> Window:
        """The window that holds `at`, which is the database's now if not given."""
        with self._database.transaction() as tx:
            row = tx.one("quotas.window", per=per, zone=zone, at=at)
        assert row is not None
        return Window(**row)


def _account(quota: QuotaKey) -> Row:
    return {"service": quota.service, "resource": quota.resource, "per": quota.per}


def _digits(amount: float, rounding: str = ROUND_DOWN) -> Decimal:
    """Not below 0. Raises ValueError for what is no number of anything."""
    if not math.isfinite(amount):
        raise ValueError(f"{amount} is no amount: a quota counts in finite numbers")
    return max(Decimal(0), Decimal(repr(float(amount))).quantize(_STEP, rounding, _DIGITS))
