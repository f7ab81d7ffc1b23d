"""What may be spent on a provider, and on all together, per day and month (UTC), estimates of open
calls included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from resilience.outcomes import Rejected
from storage.database import Tx

Per = Literal["day", "month"]
ALL = "all"  # the name under which the caps over all providers stand beside each one's own
_CALLED: dict[Per, str] = {"day": "daily", "month": "monthly"}


@dataclass(frozen=True)
class Caps:
    """USD; None is no limit."""

    daily_usd: Decimal | None = None
    monthly_usd: Decimal | None = None

    def of(self, per: Per) -> Decimal | None:
        return self.daily_usd if per == "day" else self.monthly_usd


@dataclass(frozen=True)
class Window:
    """A day or a month of money. It ends when the next begins."""

    per: Per
    begins: datetime
    ends: datetime


class BudgetExhausted(Rejected):
    """The call would go over a cap; `retry_at` is when the cap's day or month ends."""


def windows(now: datetime) -> tuple[Window, Window]:
    """The day and the month (UTC) that hold `now`: everybody who counts money counts by these."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    day = Window("day", today, today + timedelta(days=1))
    return day, month_of(today.year, today.month, today)


def month_of(year: int, month: int, like: datetime) -> Window:
    """`like` is any midnight UTC: the clock's own zone object is kept."""
    begins = like.replace(year=year, month=month, day=1)
    return Window("month", begins, (begins + timedelta(days=32)).replace(day=1))


def lock(tx: Tx, provider: str, caps: Mapping[str, Caps]) -> None:
    """Nobody else's spending changes the sums that `check` reads until the transaction ends. The
    provider's lock always comes before that of all, so nobody waits in a ring."""
    tx.one("paid_calls.lock_provider", provider=provider)
    if ALL in caps:
        tx.one("paid_calls.lock_provider", provider=ALL)


def check(
    tx: Tx, provider: str, caps: Mapping[str, Caps], estimate_usd: Decimal, now: datetime
) -> None:
    """Raise BudgetExhausted if `estimate_usd` more does not fit.

    In the transaction that writes the intent down, under `lock`: two processes cannot both spend
    the last dollar. What costs nothing is stopped by no cap over all.
    """
    for whose in (provider, ALL) if estimate_usd else (provider,):
        for window in windows(now):
            cap = caps[whose].of(window.per) if whose in caps else None
            if cap is not None:
                _check(tx, provider, whose, window, cap, estimate_usd)


def _check(
    tx: Tx, provider: str, whose: str, window: Window, cap: Decimal, estimate_usd: Decimal
) -> None:
    if whose == ALL:
        row = tx.one("paid_calls.spent_on_all", since=window.begins)
    else:
        row = tx.one("paid_calls.spent", provider=provider, since=window.begins)
    spent = Decimal(row["usd"]) if row else Decimal(0)
    if spent + estimate_usd > cap:
        of = " over all providers" if whose == ALL else ""
        raise BudgetExhausted(
            provider,
            f"{_CALLED[window.per]} cap of {cap} USD{of}: {spent:.4f} spent or open, "
            f"this call about {estimate_usd:.4f}",
            retry_at=window.ends,
            fix="Raise the cap in the configuration to go on before.",
        )
