"""throttled-py: waiting for a turn."""

from __future__ import annotations

from functools import partial

from throttled import Throttled, per_sec
from throttled.constants import RateLimiterType

from benchmarks.peers.base import Waiting


def limiter(per_s: int) -> Waiting:
    kinds = {"token": RateLimiterType.TOKEN_BUCKET, "GCRA": RateLimiterType.GCRA}
    return {
        name: partial(Throttled("bench", 30, kind.value, per_sec(per_s)).limit)
        for name, kind in kinds.items()
    }
