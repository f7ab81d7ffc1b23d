"""What may be set for one service, and the numbers that are a good start.

A preset is a whole specification; configuration names one and changes what it must. The
numbers of the presets are starting points with a reason each (docs/resilience.md says how to
choose better ones for a service one has watched for a while).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf
from types import MappingProxyType

from resilience.limiters import ALGORITHMS
from resilience.quota import QuotaRule
from resilience.soundness import UnsoundSpec, problems_of

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

    def never_passes(self, weight: float) -> bool:
        """Whether a call of `weight` could wait for ever."""
        limiter = ALGORITHMS[self.algorithm](self.rate, self.per_s, self.burst)
        return limiter.earliest(0.0, weight) == inf

    def most_at_once(self) -> float:
        """The heaviest call that makes sense: what a rest saves up, or a whole span's worth."""
        return self.burst if self.algorithm in ("gcra", "leaky_bucket") else self.rate

    def most_in(self, span_s: float, processes: int = 1) -> float:
        """How much it lets begin within any `span_s`, by all processes together."""
        paced = self.rate / self.per_s * span_s
        if self.algorithm == "sliding_window":
            paced = max(paced, self.rate)
        has_burst = self.algorithm in ("gcra", "token_bucket")
        burst = max(0.0, self.burst - 1) * processes if has_burst else 0.0  # never shared
        return (paced if self.shared else paced * processes) + burst


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
        """Raises UnsoundSpec."""
        flaws = problems_of(self)
        if flaws:
            raise UnsoundSpec(flaws)

    def takes(self, resource: str) -> float:
        """What a call that says nothing itself takes of a resource."""
        return {REQUESTS: 1.0, **self.estimates}.get(resource, 0.0)


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
