"""What may be set for one service, and the numbers that are a good start.

A preset is a whole specification; configuration names one and changes what it must. The
numbers of the presets are starting points with a reason each (docs/resilience.md says how to
choose better ones for a service one has watched for a while).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from zoneinfo import available_timezones

from resilience.limiters import ALGORITHMS
from resilience.quota import PERIODS, QuotaRule
from resilience.retry import JITTERS

REQUESTS = "requests"


@dataclass(frozen=True)
class RateRule:
    """`rate` of `resource` per `per_s` seconds. `shared`: it belongs to all processes that
    use the database together, each of which takes its part."""

    rate: float
    per_s: float = 1.0
    burst: float = 1.0
    resource: str = REQUESTS
    algorithm: str = "gcra"
    shared: bool = False


@dataclass(frozen=True)
class ChaosRule:
    """Faults on purpose, for development and tests: shares of all attempts in per cent."""

    fault_pct: float = 0.0  # fail as if the connection broke
    refuse_pct: float = 0.0  # fail as if nobody listened
    latency_pct: float = 0.0  # take `latency_s` longer
    latency_s: float = 1.0


@dataclass(frozen=True)
class PolicySpec:
    """Times are seconds, a limit of 0 is switched off. `timeout_s` is for whoever makes the
    call (a socket's time-out): a thread cannot be cut off, so the policy never tries."""

    # the whole call
    deadline_s: float = 120.0  # longest it takes, queueing and waits included
    max_queue_s: float = 60.0  # longest it waits for a turn before an attempt
    timeout_s: float = 30.0  # longest one attempt waits for an answer
    # how one call is tried again
    attempts: int = 3
    wait_s: float = 2.0
    max_wait_s: float = 8.0
    jitter: str = "spread"
    retry_ratio: float = 0.2  # retries earned by a call that succeeds
    retry_burst: float = 20.0  # most retries saved up
    # when the breaker opens, and closes again
    failure_threshold: int = 5  # calls in a row
    failure_rate_pct: float = 50.0
    slow_rate_pct: float = 0.0
    slow_s: float = 0.0
    minimum_calls: int = 10
    window_calls: int = 20
    window_s: float = 0.0
    open_s: float = 60.0
    open_growth: float = 2.0
    max_open_s: float = 900.0
    success_threshold: int = 1
    probes_at_once: int = 1
    # gates of each attempt
    at_once: int = 8
    queue: int = 64
    rates: tuple[RateRule, ...] = ()
    quotas: tuple[QuotaRule, ...] = ()
    # what a call takes of each resource if it does not say so itself
    estimates: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    persists: bool = True  # False: its state is not kept (the database's own policy)
    chaos: ChaosRule | None = None

    def __post_init__(self) -> None:
        problems = problems_of(self)
        if problems:
            name, rule = problems[0]
            raise ValueError(f"{name} {rule}, got {getattr(self, name)!r}")


_ABOVE_0 = ("deadline_s", "timeout_s", "open_s", "open_growth", "max_open_s")
_NOT_NEGATIVE = (
    *("max_queue_s", "wait_s", "max_wait_s", "retry_ratio", "retry_burst", "slow_s", "window_s"),
    *("failure_threshold", "at_once", "queue"),
)
_AT_LEAST_1 = (
    *("attempts", "minimum_calls", "window_calls", "success_threshold", "probes_at_once"),
)


def problems_of(spec: PolicySpec) -> list[tuple[str, str]]:
    """Every number that makes no sense: (field, rule)."""
    found = [(name, "must be above 0") for name in _ABOVE_0 if not getattr(spec, name) > 0]
    found += [(n, "must not be negative") for n in _NOT_NEGATIVE if not getattr(spec, n) >= 0]
    found += [(name, "must be at least 1") for name in _AT_LEAST_1 if not getattr(spec, name) >= 1]
    for name in ("failure_rate_pct", "slow_rate_pct"):
        if not 0 <= getattr(spec, name) <= 100:
            found.append((name, "must be a percentage, 0 to 100"))
    if spec.slow_rate_pct and not spec.slow_s:
        found.append(("slow_s", "must say from when on a call is slow (slow_rate_pct is set)"))
    if spec.wait_s > spec.max_wait_s:
        found.append(("wait_s", f"must not be above max_wait_s ({spec.max_wait_s:g})"))
    if spec.jitter not in JITTERS:
        found.append(("jitter", f"must be one of {', '.join(JITTERS)}"))
    if spec.minimum_calls > spec.window_calls and not spec.window_s:
        found.append(("minimum_calls", f"must fit into window_calls ({spec.window_calls})"))
    if not 0 < spec.timeout_s <= spec.deadline_s:
        found.append(("timeout_s", f"must not be above deadline_s ({spec.deadline_s:g})"))
    if not all(_rate_is_sound(rate) for rate in spec.rates):
        found.append(("rates", "must have rate, per_s and burst above 0 and a known algorithm"))
    if not all(_quota_is_sound(quota) for quota in spec.quotas):
        found.append(("quotas", f"must have a limit, a period ({', '.join(PERIODS)}) and a zone"))
    if spec.chaos is not None and not _chaos_is_sound(spec.chaos):
        found.append(("chaos", "must have percentages and a latency_s that is not negative"))
    return found


def _rate_is_sound(rate: RateRule) -> bool:
    positive = all(0 < number < float("inf") for number in (rate.rate, rate.per_s, rate.burst))
    return positive and rate.algorithm in ALGORITHMS and bool(rate.resource)


def _quota_is_sound(quota: QuotaRule) -> bool:
    numbers = 0 < quota.limit < float("inf") and 0 <= quota.block < float("inf")
    known = quota.per in PERIODS and quota.zone in available_timezones()
    return numbers and known and bool(quota.resource)


def _chaos_is_sound(chaos: ChaosRule) -> bool:
    shares = (chaos.fault_pct, chaos.refuse_pct, chaos.latency_pct)
    return all(0 <= share <= 100 for share in shares) and chaos.latency_s >= 0


def _per_second(rate: float, burst: float) -> tuple[RateRule, ...]:
    return (RateRule(rate, burst=burst),)


_HTTP = PolicySpec()
_LLM = PolicySpec(
    failure_threshold=3,
    open_s=300.0,
    max_open_s=3600.0,
    timeout_s=180.0,
    deadline_s=420.0,
    at_once=4,
)

PRESETS: Mapping[str, PolicySpec] = MappingProxyType(
    {
        "http": _HTTP,
        "llm": _LLM,
        # It is asked for everything, so it must be found again soon; the pool does the queueing.
        "database": PolicySpec(
            success_threshold=2, deadline_s=60.0, max_open_s=60.0, at_once=0, persists=False
        ),
        "webhook": PolicySpec(timeout_s=10.0, deadline_s=60.0, rates=_per_second(0.5, 5)),
        "mail": PolicySpec(
            failure_threshold=3,
            success_threshold=2,
            open_s=300.0,
            max_open_s=3600.0,
            rates=_per_second(1, 5),
        ),
        "feed": PolicySpec(failure_threshold=10, success_threshold=3, open_s=60.0),
        "social": PolicySpec(
            failure_threshold=5, success_threshold=2, open_s=120.0, max_open_s=1800.0
        ),
        "scraping": replace(_HTTP, rates=_per_second(10, 20)),
        "api": replace(_HTTP, rates=_per_second(100, 200)),
        "groq": replace(_LLM, rates=(RateRule(30, per_s=60, burst=5),)),
        "tavily": replace(_HTTP, rates=(RateRule(20, per_s=60, burst=5),)),
    }
)
