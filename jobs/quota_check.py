"""What each provider has taken today and this month, against its caps, what was asked of the
services that cost nothing, and how much of each quota's window is taken.

Days and months of money are UTC, as the caps count them (storage/call_budget.py); a quota's
window is its provider's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from jobs.context import JobContext
from jobs.job import SAID, Run, Summary
from resilience.status import PolicyStatus
from storage.call_budget import Caps
from storage.paid_calls import Spend
from storage.policy_desk import QuotaView

NEARLY = Decimal("0.8")  # of a window: a person may want to know


def quota_check(context: JobContext, run: Run) -> Summary:
    now = context.clock.now()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    month = today.replace(day=1)
    daily = {spend.provider: spend for spend in context.paid_calls.spend(today)}
    monthly = {spend.provider: spend for spend in context.paid_calls.spend(month)}
    states = {status.service: status for status in context.policies.statuses()}
    providers = sorted({*context.budgets, *monthly})
    quotas = {
        provider: {
            "today": _used(daily.get(provider), _cap(context, provider).daily_usd),
            "month": _used(monthly.get(provider), _cap(context, provider).monthly_usd),
            "day_resets_at": (today + timedelta(days=1)).isoformat(),
            "month_resets_at": _next_month(month).isoformat(),
            **_breaker(states.get(provider)),
        }
        for provider in providers
    }
    services = {
        one.service: {"calls": one.calls, "failures": one.failures, "received_bytes": one.bytes}
        | _breaker(states.get(one.service))
        for one in context.service_usage()
    }
    windows = context.policy_desk.quotas()
    return {
        SAID: "; ".join([_sentence(quotas), *_nearly_used(windows)]),
        "providers": quotas,
        "services_today": services,
        "quotas": [_window(one) for one in windows],
    }


def _cap(context: JobContext, provider: str) -> Caps:
    return context.budgets.get(provider, Caps())


def _used(spend: Spend | None, cap: Decimal | None) -> dict[str, Any]:
    """Money as text: JSON's numbers are no decimals."""
    usd = spend.usd + spend.open_usd if spend else Decimal(0)
    return {
        "calls": spend.calls if spend else 0,
        "in_doubt": spend.in_doubt if spend else 0,
        "input_tokens": (
            spend.input_tokens + spend.cache_read_tokens + spend.cache_write_tokens if spend else 0
        ),
        "output_tokens": spend.output_tokens if spend else 0,
        "usd": f"{usd:.4f}",
        "cap_usd": None if cap is None else f"{cap:.2f}",
        "left_usd": None if cap is None else f"{max(Decimal(0), cap - usd):.4f}",
    }


def _window(one: QuotaView) -> dict[str, Any]:
    return {
        "service": one.service,
        "resource": one.resource,
        "per": one.per,
        "limit": _digits(_most(one)),
        "taken": _digits(one.used),
        "resets_at": one.window_end.isoformat(),
    }


def _nearly_used(windows: Sequence[QuotaView]) -> list[str]:
    """Quotas of which little is left, said."""
    return [
        f"{one.service}: {_digits(one.used)} of {_digits(_most(one))} {one.resource} of this "
        f"{one.per} taken, anew {one.window_end:%Y-%m-%d %H:%M} UTC"
        for one in windows
        if one.used >= NEARLY * _most(one)
    ]


def _digits(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _most(one: QuotaView) -> Decimal:
    return one.allowed if one.ceiling is None else min(one.allowed, one.ceiling)


def _breaker(status: PolicyStatus | None) -> dict[str, Any]:
    if status is None:
        return {"breaker": "closed", "retry_at": None}
    retry_at = status.retry_at.isoformat() if status.retry_at else None
    return {"breaker": str(status.state), "retry_at": retry_at}


def _next_month(month: datetime) -> datetime:
    return (month + timedelta(days=32)).replace(day=1)


def _sentence(quotas: dict[str, dict[str, Any]]) -> str:
    if not quotas:
        return "no paid provider is configured or was used this month"
    return "; ".join(
        f"{provider}: {used['today']['calls']} calls today ({_of(used['today'])}), "
        f"{_of(used['month'])} this month"
        for provider, used in quotas.items()
    )


def _of(used: dict[str, Any]) -> str:
    cap = used["cap_usd"]
    return f"{used['usd']} USD" + (f" of {cap}" if cap is not None else "")
