"""resilient-circuit, in memory or with its state in PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import psycopg
from resilient_circuit import CircuitProtectorPolicy
from resilient_circuit.exceptions import ProtectedCallError
from resilient_circuit.storage import schema
from resilient_circuit.storage.memory import InMemoryStorage
from resilient_circuit.storage.postgres import PostgresStorage

from benchmarks.peers.base import Breaker, Call, Wanted


def breaker(wanted: Wanted) -> Breaker:
    counts, ignored, told = wanted.counts, wanted.ignored, wanted.on_change

    def is_failure(error: Exception) -> bool:
        if counts is not None:
            return counts(error)
        return ignored is None or not isinstance(error, ignored)

    # Fraction(5, 5) is 1: its denominator, the window, would be 1 call. Nothing written as a
    # fraction of whole numbers gives "5 of 5", so it is 5 of 6 there, and 1 of 1 for one.
    whole = Fraction(1, 1) if wanted.threshold == 1 else _of(wanted.threshold)
    one = CircuitProtectorPolicy(
        resource_key="bench" if wanted.dsn else f"bench{id(wanted)}",
        storage=PostgresStorage(wanted.dsn) if wanted.dsn else InMemoryStorage(),
        cooldown=timedelta(seconds=wanted.open_s),
        failure_limit=whole,
        success_limit=Fraction(1, 1),
        should_handle=is_failure,
        on_status_change=(lambda *_: told()) if told else None,
    )
    return Breaker(one(_run), ProtectedCallError)


def prepare(dsn: str) -> None:
    """Its table."""
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        schema.apply_schema(cursor)


def _of(threshold: int) -> Fraction:
    return Fraction(threshold, threshold + 1)


def _run(call: Call) -> object:
    return call()
