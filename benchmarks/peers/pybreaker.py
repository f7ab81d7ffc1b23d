"""pybreaker, and its composition with tenacity and pyrate-limiter."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from pybreaker import CircuitBreaker, CircuitBreakerError
from pyrate_limiter import Limiter, Rate, StateBucket, TokenBucket
from tenacity import Retrying, stop_after_attempt, wait_exponential

from benchmarks.peers.base import Breaker, Call, Wanted

PLENTY = 10**9


class _Listener:
    """pybreaker asks for these four."""

    def __init__(self, told: Callable[[], None]) -> None:
        self._told = told

    def state_change(self, cb: Any, old_state: Any, new_state: Any) -> None:
        self._told()

    def before_call(self, *_: Any) -> None:
        pass

    def success(self, *_: Any) -> None:
        pass

    def failure(self, *_: Any) -> None:
        pass


def closed(fn: Call) -> Call:
    retrying = Retrying(stop=stop_after_attempt(3), wait=wait_exponential(2), reraise=True)
    one = CircuitBreaker(fail_max=5, reset_timeout=60)
    limiter = Limiter(StateBucket([Rate(PLENTY, 1000)], algorithm=TokenBucket()))

    def attempt() -> object:
        limiter.try_acquire("bench")
        return one.call(fn)

    return partial(retrying, attempt)


def breaker(wanted: Wanted) -> Breaker:
    exclude: list[Any] = []
    counts = wanted.counts
    if counts is not None:
        exclude.append(lambda error: not counts(error))
    if wanted.ignored is not None:
        exclude.append(wanted.ignored)
    one = CircuitBreaker(
        fail_max=wanted.threshold,
        reset_timeout=wanted.open_s,
        exclude=exclude,
        listeners=[_Listener(wanted.on_change)] if wanted.on_change else None,
        throw_new_error_on_trip=False,
    )
    return Breaker(one.call, CircuitBreakerError)
