"""pyrate-limiter: blocking, exact, and as a quota in memory, SQLite or PostgreSQL."""

from __future__ import annotations

from functools import partial

from psycopg_pool import ConnectionPool
from pyrate_limiter import (
    GCRA,
    InMemoryBucket,
    Limiter,
    PostgresBucket,
    Rate,
    SQLiteBucket,
    StateBucket,
    TokenBucket,
)

from benchmarks.peers.base import Take, Waiting

DAY_MS = 86_400_000


def limiter(per_s: int) -> Waiting:
    rates = [Rate(per_s, 1000)]
    kinds = {"token": TokenBucket(), "GCRA": GCRA()}
    return {
        name: partial(Limiter(StateBucket(rates, algorithm=kind)).try_acquire, "bench")
        for name, kind in kinds.items()
    }


def exact(per_s: int) -> dict[str, Take]:
    limiter = Limiter(InMemoryBucket([Rate(per_s, 1000)]))
    return {"log": partial(limiter.try_acquire, "bench", blocking=False)}


def quota(limit: int, place: str) -> dict[str, Take]:
    """`place`: "" (in memory), the path of a SQLite file, or the DSN of a PostgreSQL."""
    rates = [Rate(limit, DAY_MS)]
    if place.startswith("postgresql:"):
        pool = ConnectionPool(place, min_size=1, max_size=8)
        limiter = Limiter(PostgresBucket(pool, f"bench{limit}", rates))
        return {"Postgres": partial(limiter.try_acquire, "bench", blocking=False)}
    if place:
        bucket = SQLiteBucket.init_from_file(rates, db_path=place)
        return {"SQLite": partial(Limiter(bucket).try_acquire, "bench", blocking=False)}
    memory = Limiter(InMemoryBucket(rates))
    return {"memory": partial(memory.try_acquire, "bench", blocking=False)}
