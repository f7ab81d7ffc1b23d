"""The door to the database: transactions over the pool, and nothing outside of one.

    with database.transaction() as tx:
        row = tx.one("documents.get", id=7)

The block is one transaction: committed at its end, rolled back if it raises. Either way
the connection goes back to the pool. Statements are named (storage/queries/*.sql), values
only ever travel as parameters, and every error is one of `storage.errors`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg2
from psycopg2 import extensions, extras

from resilience.clock import Clock, SystemClock
from resilience.outcomes import Outcome, Rejected, ShuttingDown
from resilience.policy import Policy
from storage import statements
from storage.budget import Budget, fit
from storage.clean import as_text, clean_text
from storage.dsn import Address, parse
from storage.errors import (
    SERVICE,
    DatabaseError,
    DatabaseUnavailable,
    is_outdated,
    translate,
    unreachable,
)
from storage.fence import Fence
from storage.pool import Pool, PoolSettings, PoolStatus
from storage.prepared import Prepared

Row = dict[str, Any]
_BATCH = 200


@dataclass(frozen=True)
class Server:
    """What is on the other side."""

    version: str
    max_connections: int
    reserved_connections: int
    database: str
    read_only: bool


class Tx:
    """One open transaction."""

    def __init__(
        self, connection: extensions.connection, place: str, prepared: Prepared | None = None
    ) -> None:
        self._connection = connection
        self._place = place
        self._prepared = prepared

    def one(self, name: str, /, **parameters: Any) -> Row | None:
        """The first row, None if there is none."""
        rows = self.all(name, **parameters)
        return rows[0] if rows else None

    def all(self, name: str, /, **parameters: Any) -> list[Row]:
        """Every row, as a dictionary each."""
        try:
            cursor = self._executed(name, parameters)
            columns = [column.name for column in cursor.description or ()]
            return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        except psycopg2.Error as error:
            raise self._translated(error, name) from error

    def run(self, name: str, /, **parameters: Any) -> int:
        """How many rows it touched: 1 says a compare-and-set was won, 0 that it was lost."""
        try:
            return self._executed(name, parameters).rowcount
        except psycopg2.Error as error:
            raise self._translated(error, name) from error

    def many(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """The same statement for each of `rows`, in few round trips."""
        prepared = [_prepare(row) for row in rows]
        try:
            cursor = self._connection.cursor()
            extras.execute_batch(cursor, self._sql(name), prepared, page_size=_BATCH)
        except psycopg2.Error as error:
            raise self._translated(error, name) from error

    def _executed(self, name: str, parameters: dict[str, Any]) -> extensions.cursor:
        """The rows are here by then: such a cursor holds nothing on the server."""
        cursor = self._connection.cursor()
        cursor.execute(self._sql(name), _prepare(parameters))
        return cursor

    def _sql(self, name: str) -> str:
        if self._prepared is None:
            return statements.get(name).sql
        return self._prepared.sql(self._connection, name)

    def _translated(self, error: psycopg2.Error, name: str) -> DatabaseError:
        if self._prepared is not None and is_outdated(error):
            self._prepared.renew()
        return translate(error, self._place, name)


class Database:
    """The pool of one process, made to fit the server on first use.

    `processes` is how many processes like this one share the server, `beside_pool` how many
    connections each holds outside the pool.
    """

    def __init__(
        self,
        dsn: str,
        settings: PoolSettings | None = None,
        *,
        clock: Clock | None = None,
        application: str = "retailxai",
        processes: int = 1,
        beside_pool: int = 6,
        policy: Policy | None = None,
    ) -> None:
        """Connects to nothing yet. Raises BadAddress.

        `policy`: every transaction asks it first and tells it how it went, so that a server
        that is away costs its callers microseconds, not a time-out each.
        """
        self.dsn = dsn
        self._address: Address = parse(dsn)
        self._settings = settings or PoolSettings()
        self._clock = clock or SystemClock()
        self._application = application
        self._processes = processes
        self._beside_pool = beside_pool
        self._policy = policy
        self._fence: Fence | None = None
        self._opening = threading.Lock()
        self._pool: Pool | None = None
        self._prepared = Prepared()
        self._budget: Budget | None = None
        self._closed = False

    @property
    def place(self) -> str:
        """Host and database, for messages."""
        return self._address.place

    @property
    def budget(self) -> Budget | None:
        """What the pool was fitted to; None before the first connection."""
        return self._budget

    def open(self) -> Budget:
        """Ask the server for its limits and make the pool that fits. Done on first use if
        not before. Raises DatabaseUnavailable."""
        with self._opening:
            if self._closed:
                raise DatabaseUnavailable(SERVICE, "it was closed: the program is ending")
            if self._budget is None or self._pool is None:
                server = self._ask_server()
                self._budget = fit(
                    self._settings.size,
                    self._settings.overflow,
                    processes=self._processes,
                    beside_pool=self._beside_pool,
                    allowed=server.max_connections,
                    reserved=server.reserved_connections,
                )
                fitted = replace(
                    self._settings, size=self._budget.size, overflow=self._budget.overflow
                )
                self._pool = self._made(fitted)
            return self._budget

    def fence(self, fence: Fence) -> None:
        """From now on every connection goes through `fence`; those there are, are given up.
        To be called before anything is written as the executor whose fence it is."""
        self.open()
        with self._opening:
            self._fence = fence
            before, self._pool = self._pool, None
            if before is not None:
                before.close()
                self._pool = self._made(before.settings)

    @contextmanager
    def unfenced(self) -> Iterator[Tx]:
        """A transaction that a fenced process may make, on a connection of its own: for what is
        worth more than who writes it (an answer that was paid for). Raises as `transaction`."""
        single = replace(self._settings, size=1, overflow=0)
        pool = Pool(self._address, single, self._clock, self._application)
        try:
            with self._guarded(), pool.lent() as connection:
                yield Tx(connection, self.place)
                self._commit(connection)
        finally:
            pool.close()

    def one(self, name: str, /, **parameters: Any) -> Row | None:
        """As `Tx.one`, for a statement that is a transaction by itself."""
        with self._single() as tx:
            return tx.one(name, **parameters)

    def all(self, name: str, /, **parameters: Any) -> list[Row]:
        """As `Tx.all`, for a statement that is a transaction by itself."""
        with self._single() as tx:
            return tx.all(name, **parameters)

    def run(self, name: str, /, **parameters: Any) -> int:
        """As `Tx.run`, for a statement that is a transaction by itself."""
        with self._single() as tx:
            return tx.run(name, **parameters)

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """One transaction. Raises DatabaseUnavailable or Fenced before the block, DatabaseError
        in it and at its end; a connection lost while committing may have committed."""
        with self._guarded(), self._ready().lent() as connection:
            yield Tx(connection, self.place, self._prepared)
            self._commit(connection)

    @contextmanager
    def _single(self) -> Iterator[Tx]:
        """For one statement, which the server commits as it ends: one round trip, not three.
        Raises as `transaction`."""
        with self._guarded(), self._ready().lent() as connection:
            connection.autocommit = True
            try:
                yield Tx(connection, self.place, self._prepared)
            finally:
                if not connection.closed:
                    connection.autocommit = False

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """The policy round a transaction. What the block itself raises says nothing about the
        server, unless it is the server's own error."""
        if self._policy is None:
            yield
            return
        try:
            permit = self._policy.admit()
        except ShuttingDown:
            raise
        except Rejected as shut:
            raise DatabaseUnavailable(
                SERVICE,
                shut.what,
                retryable=True,
                accepted=False,
                outcome=Outcome.NEUTRAL,  # who asked for it counts a call that was made, or none
                retry_at=shut.retry_at,
            ) from shut
        try:
            yield
        except DatabaseError as error:
            permit.settle(error.outcome, error=error.what)
            raise
        except BaseException:
            permit.settle(Outcome.NEUTRAL)
            raise
        permit.settle(Outcome.SUCCESS)

    def try_now(self) -> None:
        """Forget that the server was away: it was just started."""
        if self._policy is not None:
            self._policy.probe()

    def ping(self) -> float:
        """Seconds one question takes there and back. Raises DatabaseUnavailable."""
        began = self._clock.monotonic()
        with self.transaction() as tx:
            tx.one("server.ping")
        return self._clock.monotonic() - began

    def server(self) -> Server:
        """Raises DatabaseUnavailable."""
        with self.transaction() as tx:
            return _server(tx)

    def now(self) -> datetime:
        """The server's clock, aware UTC."""
        with self.transaction() as tx:
            row = tx.one("server.now")
        if row is None:
            raise unreachable(self.place, RuntimeError("it does not say what time it is"))
        moment: datetime = row["now"]
        return moment

    def size_bytes(self) -> int:
        """What the database takes on its disk."""
        with self.transaction() as tx:
            row = tx.one("server.size")
            return int(row["bytes"]) if row else 0

    def pool_status(self) -> PoolStatus:
        if self._pool is None:
            return PoolStatus(self._settings.size, self._settings.overflow, 0, 0, 0)
        return self._pool.status()

    def close(self) -> None:
        """Close the idle connections and lend no more. Safe to call twice."""
        with self._opening:
            self._closed = True
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def _commit(self, connection: extensions.connection) -> None:
        if connection.info.transaction_status == extensions.TRANSACTION_STATUS_INERROR:
            # PostgreSQL would answer "commit" with a rollback and no word about it
            raise DatabaseError(
                SERVICE, "an error inside the transaction was swallowed: nothing was stored"
            )
        try:
            connection.commit()
        except psycopg2.Error as error:
            raise translate(error, self.place, "commit") from error

    def _made(self, settings: PoolSettings) -> Pool:
        return Pool(self._address, settings, self._clock, self._application, self._fence)

    def _ready(self) -> Pool:
        pool = self._pool
        if pool is None:
            self.open()
            pool = self._pool
        if pool is None:
            raise DatabaseUnavailable(SERVICE, "it was closed: the program is ending")
        return pool

    def _ask_server(self) -> Server:
        """On a pool of one, so that waiting for a free slot is the pool's own."""
        single = replace(self._settings, size=1, overflow=0)
        pool = Pool(self._address, single, self._clock, self._application)
        try:
            with pool.lent() as connection:
                return _server(Tx(connection, self.place))
        finally:
            pool.close()


def as_json(value: Any) -> extras.Json:
    """A list or mapping as one jsonb value."""
    return extras.Json(value, dumps=as_text)


def _server(tx: Tx) -> Server:
    row = tx.one("server.facts")
    if row is None:
        raise unreachable("the server", RuntimeError("it says nothing about itself"))
    return Server(**row)


def _prepare(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _prepare_value(value) for name, value in parameters.items()}


_PLAIN = frozenset({type(None), int, float, bool, Decimal})


def _prepare_value(value: Any) -> Any:
    if type(value) in _PLAIN:  # most are, and there are hundreds of each document
        return value
    if isinstance(value, str):  # also the members of a StrEnum
        return clean_text(str(value))
    if isinstance(value, dict):
        return as_json(value)
    if isinstance(value, list | tuple):
        return [_prepare_value(item) for item in value]
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(f"{value} has no time zone: times are aware UTC")
    return value
