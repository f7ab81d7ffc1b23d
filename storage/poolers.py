"""Is a connection pooler between us and the server, and does it keep our sessions?

In transaction mode (PgBouncer, Odyssey, pgcat and others) a session is lent to whoever begins a
transaction next: session locks stay behind on it, LISTEN hears nothing, statements that were
prepared are met again by others. Asking one connection which server process answers shows
that only where others are busy: a quiet pooler gives the same one each time.

So two connections ask. In transaction mode what one has let go of is lent to the other, which
then speaks through the same server process: no two clients that keep their sessions ever do. A
pooler that takes its idle servers in turn instead gives the first another one while the second
holds a transaction open. Both are looked for several times, for others may come between.

That there is a pooler at all is seen from the number of the server process that was announced when
we connected: poolers make one up.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2

from resilience.clock import SystemClock
from resilience.outcomes import Outcome
from storage import statements
from storage.dsn import Address, parse
from storage.errors import SERVICE, DatabaseError, translate, unreachable
from storage.timed_connection import NoAnswer, TimedConnection

_ROUNDS = 6  # one is enough where nobody else uses the pooler
_ANSWER_S = 4.0
_BEGINS_NOTHING = "statement pooling mode"  # PgBouncer's words


class SessionsLent(DatabaseError):
    """A pooler in transaction mode stands between."""

    def __init__(self, place: str) -> None:
        super().__init__(
            SERVICE,
            "a connection pooler in transaction mode (PgBouncer, or one like it) answers at "
            f"{place}: it lends one session to many, so session locks prove nothing (two daemons "
            "of one name, the living taken for dead), LISTEN hears nothing, and prepared "
            "statements collide",
            accepted=False,
            outcome=Outcome.NEUTRAL,
            fix="Give DATABASE_URL the address of PostgreSQL itself (its own port, mostly 5432), "
            "or set pool_mode = session for this database in the pooler.",
        )


class NoSecondConnection(DatabaseError):
    """One connection stands, and a second gets no answer."""

    def __init__(self, place: str) -> None:
        super().__init__(
            SERVICE,
            f"{place} answers one connection and lets a second wait for more than {_ANSWER_S:g} s",
            retryable=True,
            accepted=False,
            fix="If a connection pooler stands between, raise its pool_size: each process needs "
            "some ten connections of its own (docs/scaling.md).",
        )


def is_pooled(dsn: str) -> bool:
    """Whether a pooler stands between that keeps sessions. Raises SessionsLent, DatabaseError."""
    return refuse_lent(parse(dsn))


def refuse_lent(address: Address) -> bool:
    """The same, for whoever is about to take a lock that lasts."""

    def connect() -> TimedConnection:
        return TimedConnection(address, SystemClock(), _ANSWER_S, application="retailxai-check")

    with _opened(connect, address.place) as first:
        refuse_lent_sessions(first, connect, address.place)
        return _backend(first, address.place) != first.backend_pid


def refuse_lent_sessions(
    first: TimedConnection, connect: Callable[[], TimedConnection], place: str
) -> None:
    """Raises SessionsLent, and DatabaseError if it cannot be told. `connect` makes another
    connection like the first."""
    home = _backend(first, place)
    try:
        with _opened(connect, place) as second:
            for _ in range(_ROUNDS):
                if _are_lent(first, second, home, place):
                    raise SessionsLent(place)
    except DatabaseError as error:
        if isinstance(error.__cause__, NoAnswer):
            raise NoSecondConnection(place) from error
        raise


def _are_lent(first: TimedConnection, second: TimedConnection, home: int, place: str) -> bool:
    """Whether one that was let go of went to another."""
    if _backend(first, place) != home or _backend(second, place) == home:
        return True
    try:
        _ask(second, "leases.begin", place)
    except DatabaseError as error:
        if _BEGINS_NOTHING in str(error):
            return True
        raise
    try:
        return _backend(second, place) == home or _backend(first, place) != home
    finally:
        _ask(second, "leases.end", place)


def _backend(connection: TimedConnection, place: str) -> int:
    row = _ask(connection, "leases.backend", place)
    assert row is not None
    return int(row["pid"])


def _ask(connection: TimedConnection, name: str, place: str) -> dict[str, Any] | None:
    try:
        return connection.ask(statements.get(name).sql, {})
    except psycopg2.Error as error:
        raise translate(error, place, name) from error


@contextlib.contextmanager
def _opened(connect: Callable[[], TimedConnection], place: str) -> Iterator[TimedConnection]:
    try:
        connection = connect()
    except psycopg2.Error as error:
        raise unreachable(place, error) from error
    try:
        yield connection
    finally:
        connection.close()
