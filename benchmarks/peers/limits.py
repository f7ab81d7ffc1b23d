"""limits: its limiters do not wait."""

from __future__ import annotations

from functools import partial

from limits import RateLimitItemPerDay, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter

from benchmarks.peers.base import Take


def exact(per_s: int) -> dict[str, Take]:
    item = RateLimitItemPerSecond(per_s)
    return {
        "fixed": partial(FixedWindowRateLimiter(MemoryStorage()).hit, item, "bench"),
        "moving": partial(MovingWindowRateLimiter(MemoryStorage()).hit, item, "bench"),
    }


def quota(limit: int, place: str) -> dict[str, Take]:
    limiter = FixedWindowRateLimiter(MemoryStorage())
    return {"memory": partial(limiter.hit, RateLimitItemPerDay(limit), "bench")}
