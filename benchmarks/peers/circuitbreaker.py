"""circuitbreaker, and its composition with tenacity and limits."""

from __future__ import annotations

from functools import partial

from circuitbreaker import CircuitBreaker, CircuitBreakerError
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from tenacity import Retrying, stop_after_attempt, wait_exponential

from benchmarks.peers.base import Breaker, Call, NotOffered, Wanted

PLENTY = 10**9


def closed(fn: Call) -> Call:
    """One kept `Retrying`, which is tenacity at its cheapest."""
    retrying = Retrying(stop=stop_after_attempt(3), wait=wait_exponential(2), reraise=True)
    guarded = CircuitBreaker(failure_threshold=5, recovery_timeout=60).decorate(fn)
    limiter = FixedWindowRateLimiter(MemoryStorage())
    item = RateLimitItemPerSecond(PLENTY)

    def attempt() -> object:
        if not limiter.hit(item, "bench"):
            raise RuntimeError("rate limited")
        return guarded()

    return partial(retrying, attempt)


def breaker(wanted: Wanted) -> Breaker:
    if wanted.on_change is not None:
        raise NotOffered("it has no listeners")
    counts, ignored = wanted.counts, wanted.ignored

    def is_failure(kind: type[BaseException], error: BaseException) -> bool:
        if counts is not None:
            return counts(error)
        return issubclass(kind, Exception) and kind is not ignored

    one = CircuitBreaker(
        failure_threshold=wanted.threshold,
        recovery_timeout=wanted.open_s,
        expected_exception=is_failure if counts or ignored else Exception,
        name=f"bench{id(wanted)}",
    )
    return Breaker(one.decorate(_run), CircuitBreakerError)


def _run(call: Call) -> object:
    return call()
