"""Which services are being left alone, and who decided it: a breaker, the service, a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from operations.checks.base import CheckResult, Status, duration
from resilience.breaker import BreakerState
from resilience.status import PolicyStatus

BY_HAND = (BreakerState.HELD, BreakerState.DISABLED)
LONG_PAUSE_S = 60.0  # a service that asks for less is only setting its pace


@dataclass(frozen=True)
class BreakersCheck:
    """An open breaker is a warning: it is the program coping with somebody else's failure. So
    is what a person decided and may have forgotten."""

    name: ClassVar[str] = "breakers"
    deadline_s: ClassVar[float] = 1.0

    statuses: Callable[[], Sequence[PolicyStatus]]

    def __call__(self) -> CheckResult:
        statuses = self.statuses()
        troubled = [status for status in statuses if _is_troubled(status)]
        details = {status.service: _detail(status) for status in statuses}
        if not troubled:
            message = f"all {len(statuses)} closed" if statuses else "no service called yet"
            return CheckResult(
                self.name, Status.PASS, message, observed=0, unit="open", details=details
            )
        return CheckResult(
            self.name,
            Status.WARN,
            "; ".join(_said(status) for status in troubled),
            observed=len(troubled),
            unit="open",
            fix=_fix(troubled),
            details=details,
        )


def _is_troubled(status: PolicyStatus) -> bool:
    return status.state is not BreakerState.CLOSED or status.paused_s >= LONG_PAUSE_S


def _fix(troubled: Sequence[PolicyStatus]) -> str:
    by_hand = [status.service for status in troubled if status.state in BY_HAND]
    if by_hand:
        return f"when it is over: `python main.py breakers close {by_hand[0]}`"
    return (
        "nothing while the service recovers: it is tried again by itself; "
        f"`python main.py breakers probe {troubled[0].service}` lets the next call try now"
    )


def _said(status: PolicyStatus) -> str:
    service, when = status.service, ""
    if status.retry_at is not None:
        when = f", next trial {status.retry_at:%H:%M:%S} UTC"
    if status.state is BreakerState.HELD:
        words = f"{service} is held by a person"
        when = f" until {status.retry_at:%H:%M:%S} UTC" if status.retry_at is not None else ""
    elif status.state is BreakerState.DISABLED:
        words = f"the breaker of {service} is switched off by a person"
    elif status.state is BreakerState.CLOSED:
        return f"{service} asked to be left alone for another {duration(status.paused_s)}"
    else:
        words = f"{service} is {str(status.state).replace('_', ' ')}"
        words += f" after {status.failures} failures" if status.failures else ""
    why = status.why if status.state in BY_HAND else ""
    if why:
        words += f" ({why})"
    elif status.last_error and status.state not in BY_HAND:
        words += f" (last: {status.last_error})"
    return words + when


def _detail(status: PolicyStatus) -> str:
    parts = [str(status.state).replace("_", " ")]
    if status.rejected:
        gates = ", ".join(f"{n} {gate}" for gate, n in status.rejected_by.items() if n)
        parts.append(f"{status.rejected} rejected" + (f" ({gates})" if gates else ""))
    if status.paused_s > 0:
        parts.append(f"paused for {duration(status.paused_s)}")
    return "; ".join(parts)
