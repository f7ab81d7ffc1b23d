"""interlock-cb: its breaker, and its pipeline with pyrate-limiter before it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from interlock import CircuitBreaker, CircuitOpenError, Config, Pipeline
from pyrate_limiter import Limiter, Rate, StateBucket, TokenBucket

from benchmarks.peers.base import Breaker, Call, Wanted

PLENTY = 10**9


class _Listener:
    def __init__(self, told: Callable[[], None]) -> None:
        self._told = told

    def on_state_change(self, *, name: str, old: object, new: object) -> None:
        self._told()


class _Classifier:
    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted

    def is_failure(self, *, result: object, exception: Exception | None) -> bool:
        if exception is None:
            return False
        if self._wanted.counts is not None:
            return self._wanted.counts(exception)
        return type(exception) is not self._wanted.ignored


def closed(fn: Call) -> Call:
    one = CircuitBreaker(name="bench", config=Config(window_size=20))
    pipeline = Pipeline.builder().retry(attempts=3).circuit_breaker(one).bulkhead(8).build()
    limiter = Limiter(StateBucket([Rate(PLENTY, 1000)], algorithm=TokenBucket()))

    def attempt() -> object:
        limiter.try_acquire("bench")
        return fn()

    return partial(pipeline.call, attempt)


def breaker(wanted: Wanted) -> Breaker:
    """It opens by a rate alone: a window of `threshold` calls, all of which failed."""
    one = CircuitBreaker(
        name="bench",
        config=Config(
            failure_rate_threshold=1.0,
            minimum_number_of_calls=wanted.threshold,
            window_size=wanted.threshold,
            wait_duration_in_open=wanted.open_s,
            permitted_calls_in_half_open=1,
            max_concurrent_probes=1,
        ),
        classifier=_Classifier(wanted) if wanted.ignored or wanted.counts else None,
        listener=cast(Any, _Listener(wanted.on_change) if wanted.on_change else None),
    )
    return Breaker(one.call_sync, CircuitOpenError)
