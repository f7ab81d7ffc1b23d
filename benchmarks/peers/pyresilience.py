"""pyresilience, which is a composition by itself."""

from __future__ import annotations

from pyresilience import (
    BulkheadConfig,
    CircuitBreakerConfig,
    CircuitOpenError,
    EventType,
    RateLimiterConfig,
    ResilienceEvent,
    RetryBudgetConfig,
    RetryConfig,
    resilient,
)

from benchmarks.peers.base import Breaker, Call, NotOffered, Waiting, Wanted

PLENTY = 10**9
_CHANGES = (EventType.CIRCUIT_OPEN, EventType.CIRCUIT_HALF_OPEN, EventType.CIRCUIT_CLOSED)


def closed(fn: Call) -> Call:
    """All its parts on, with a window of as many calls as ours."""
    guarded: Call = resilient(
        retry=RetryConfig(max_attempts=3, delay=2.0),
        circuit_breaker=CircuitBreakerConfig(
            failure_threshold=5, recovery_timeout=60, sliding_window_size=20, minimum_calls=10
        ),
        bulkhead=BulkheadConfig(max_concurrent=8, max_wait=60),
        rate_limiter=RateLimiterConfig(max_calls=PLENTY, period=1.0, max_wait=60),
        retry_budget=RetryBudgetConfig(),
    )(fn)
    return guarded


def breaker(wanted: Wanted) -> Breaker:
    if wanted.counts is not None:
        raise NotOffered("it takes types, no predicate")
    told = wanted.on_change

    def listen(event: ResilienceEvent) -> None:
        if told is not None and event.event_type in _CHANGES:
            told()

    guarded = resilient(
        circuit_breaker=CircuitBreakerConfig(
            failure_threshold=wanted.threshold,
            recovery_timeout=wanted.open_s,
            success_threshold=1,
            ignore_on=(wanted.ignored,) if wanted.ignored else (),
        ),
        listeners=[listen] if told else None,
    )(_run)
    return Breaker(guarded, CircuitOpenError)


def limiter(per_s: int) -> Waiting:
    guarded = resilient(rate_limiter=RateLimiterConfig(max_calls=per_s, period=1.0, max_wait=30))(
        lambda: None
    )
    return {"bucket": guarded}


def _run(call: Call) -> object:
    return call()
