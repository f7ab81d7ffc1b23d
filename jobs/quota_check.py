"""What each provider has taken today and this month, against its caps, what was asked of the
services that cost nothing, and how much of each quota's window is taken.

Days and months of money are UTC, as the caps count them (storage/spending.py); a quota's window
is its provider's.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from jobs.context import JobContext
from jobs.job import SAID, Run, Summary
from resilience.status import PolicyStatus
from storage.policy_desk import QuotaView
from storage.spending import CapUse, cap_uses, used_of

NEARLY = Decimal("0.8")  # of a window: a person may want to know


def quota_check(context: JobContext, run: Run) -> Summary:
    uses = cap_uses(context.paid_calls.spend, context.budgets, context.clock.now())
    states = {status.service: status for status in context.policies.statuses()}
    quotas = {
        one.provider: _quota(uses, one.provider) | _breaker(states.get(one.provider))
        for one in uses
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


def _quota(uses: Sequence[CapUse], provider: str) -> dict[str, Any]:
    day, month = used_of(uses, provider, "day"), used_of(uses, provider, "month")
    assert day is not None and month is not None  # noqa: PT018 (no test)
    return {
        "today": _used(day),
        "month": _used(month),
        "day_resets_at": day.window.ends.isoformat(),
        "month_resets_at": month.window.ends.isoformat(),
    }


def _used(one: CapUse) -> dict[str, Any]:
    """Money as text: JSON's numbers are no decimals."""
    spend, cap = one.spend, one.cap_usd
    return {
        "calls": spend.calls if spend else 0,
        "in_doubt": spend.in_doubt if spend else 0,
        "input_tokens": (
            spend.input_tokens + spend.cache_read_tokens + spend.cache_write_tokens if spend else 0
        ),
        "output_tokens": spend.output_tokens if spend else 0,
        "usd": f"{one.taken_usd:.4f}",
        "cap_usd": None if cap is None else f"{cap:.2f}",
        "left_usd": None if one.left_usd is None else f"{one.left_usd:.4f}",
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
