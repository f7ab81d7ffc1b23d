"""Which services are being left alone because they failed too often."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from operations.checks.base import CheckResult, Status
from resilience.breaker import BreakerState
from resilience.status import PolicyStatus


@dataclass(frozen=True)
class BreakersCheck:
    """An open breaker is a warning: it is the program coping with somebody else's failure."""

    name: ClassVar[str] = "breakers"
    deadline_s: ClassVar[float] = 1.0

    statuses: Callable[[], Sequence[PolicyStatus]]

    def __call__(self) -> CheckResult:
        statuses = self.statuses()
        troubled = [status for status in statuses if status.state is not BreakerState.CLOSED]
        details = {status.service: str(status.state) for status in statuses}
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
            fix="nothing while the service recovers: it is tried again by itself; "
            "`python main.py check --online` asks it now",
            details=details,
        )


def _said(status: PolicyStatus) -> str:
    words = f"{status.service} is {str(status.state).replace('_', ' ')}"
    if status.failures:
        words += f" after {status.failures} failures"
    if status.last_error:
        words += f" (last: {status.last_error})"
    if status.retry_at is not None:
        words += f", next trial {status.retry_at:%H:%M:%S} UTC"
    return words
