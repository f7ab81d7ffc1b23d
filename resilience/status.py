"""One policy, as it stands now: for people, health checks and metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from resilience.breaker import BreakerState
from resilience.tally import Durations


@dataclass(frozen=True)
class PolicyStatus:
    service: str
    state: BreakerState
    failures: int  # in a row
    retry_at: datetime | None  # when the next call may go through, if it may not now
    calls: int  # that were made
    failed: int
    rejected: int  # that were not
    retries: int
    last_error: str
    paused_s: float  # left of a pause the service asked for
    why: str = ""  # it is not closed
    era: int = 0
    late_results: int = 0  # reports from an older era, which changed nothing
    rejected_by: Mapping[str, int] = field(default_factory=dict)  # gate -> calls
    durations: Durations = field(default_factory=lambda: Durations((), 0.0))
    under_way: int = 0
    waiting: int = 0
    retries_left: float = 0.0
    ours: int = 0  # calls that ended by an error of our own
