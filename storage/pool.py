"""The connections of one process: SQLAlchemy's queue of them over psycopg2.

A connection is lent to one thread at a time and looked at before it is lent: a server that
ended it has said so, and the word lies at our end of the line, so a look costs a system call.
Only one that has something to say, or has lain idle for a while, is asked (a ping: a round
trip, which would be every fourth of a document's). If the server has no slot left, the
borrower waits for its turn like for the pool's own.
"""

from __future__ import annotations

import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import psycopg2
from psycopg2 import extensions
from sqlalchemy import event, exc
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, QueuePool

from resilience.clock import Clock
from resilience.outcomes import Outcome
from storage import statements
from storage.dsn import Address
from storage.errors import SERVICE, DatabaseUnavailable, has_no_slot_left, is_lost, unreachable
from storage.fence import Fence

_SLOT_POLL_S = 0.1
_TRUSTED_S = 5.0  # an idle connection of which nothing was heard is asked after so long
_GIVEN_BACK = "given_back"


@dataclass(frozen=True)
class PoolSettings:
    size: int = 20
    overflow: int = 10
    timeout_s: float = 30.0  # how long a borrower waits
    recycle_s: int = 3600  # no connection gets older
    statement_timeout_s: float = 30.0


@dataclass(frozen=True)
class PoolStatus:
    """`size` and `overflow` are the limits, the rest is how it stands now."""

    size: int
    overflow: int
    checked_out: int
    idle: int
    waiting: int  # threads in the act of borrowing

    @property
    def limit(self) -> int:
        return self.size + self.overflow


class Pool:
    """Lends connections. `lent()` is the only way to one."""

    def __init__(
        self,
        address: Address,
        settings: PoolSettings,
        clock: Clock,
        application: str,
        fence: Fence | None = None,
    ) -> None:
        self._address = address
        self.settings = settings
        self._clock = clock
        self._application = application
        self._fence = fence
        self._counting = threading.Lock()
        self._waiting = 0
        self._queue = QueuePool(
            cast("Any", self._connect),
            pool_size=settings.size,
            max_overflow=settings.overflow,
            timeout=settings.timeout_s,
            recycle=settings.recycle_s,
            reset_on_return=None,  # lent() ends every transaction itself
            use_lifo=True,  # few connections know their statements by heart, not all a little
        )
        event.listen(self._queue, "checkin", self._came_back)
        event.listen(self._queue, "checkout", self._goes_out)

    @contextmanager
    def lent(self) -> Iterator[extensions.connection]:
        """A connection for the time of the block, then back in the pool whatever happened:
        committed by the block, rolled back if not, thrown away if it is lost.

        Raises DatabaseUnavailable, Fenced.
        """
        loan = self._borrow()
        connection = cast("extensions.connection", loan.dbapi_connection)
        try:
            yield connection
        except BaseException as error:
            if connection.closed or is_lost(error.__cause__ or error):
                loan.invalidate()
            raise
        finally:
            if loan.is_valid:
                _give_back(loan, connection)

    def status(self) -> PoolStatus:
        return PoolStatus(
            size=self.settings.size,
            overflow=self.settings.overflow,
            checked_out=self._queue.checkedout(),
            idle=self._queue.checkedin(),
            waiting=self._waiting,
        )

    def close(self) -> None:
        """Close the idle connections; lent ones are closed as they come back."""
        self._queue.dispose()

    def _came_back(self, connection: object, entry: ConnectionPoolEntry) -> None:
        entry.info[_GIVEN_BACK] = self._clock.monotonic()

    def _goes_out(self, connection: Any, entry: ConnectionPoolEntry, loan: object) -> None:
        """Raises what makes the pool take a new one instead, and forget all that are older."""
        given_back = entry.info.get(_GIVEN_BACK)
        if given_back is None:
            return  # just made
        idle_s = self._clock.monotonic() - given_back
        if not _has_word(connection) and idle_s < _TRUSTED_S:
            return
        try:
            with connection.cursor() as cursor:
                cursor.execute(statements.get("server.ping").sql)
            connection.rollback()
        except psycopg2.Error as lost:
            raise exc.InvalidatePoolError from lost

    def _borrow(self) -> PoolProxiedConnection:
        with self._counting:
            self._waiting += 1
        try:
            return self._queue.connect()
        except exc.TimeoutError as error:
            raise DatabaseUnavailable(
                SERVICE,
                f"all {self.status().limit} connections to {self._address.place} were in use for "
                f"{self.settings.timeout_s:.0f} s",
                retryable=True,
                accepted=False,
                outcome=Outcome.NEUTRAL,  # we have none to spare; it may be in best health
                fix="Find what holds them (`status` shows the pool), or raise the pool size.",
            ) from error
        except psycopg2.Error as error:
            raise unreachable(self._address.place, error) from error
        finally:
            with self._counting:
                self._waiting -= 1

    def _connect(self) -> extensions.connection:
        """A new connection; while the server has no slot for it, wait for one. Raises Fenced."""
        give_up_at = self._clock.monotonic() + self.settings.timeout_s
        while True:
            try:
                connection = self._address.connect(
                    application=self._application,
                    statement_timeout_s=self.settings.statement_timeout_s,
                )
            except psycopg2.OperationalError as error:
                if not has_no_slot_left(error) or self._clock.monotonic() >= give_up_at:
                    raise
            else:
                if self._fence is not None:
                    self._fence.admit(connection)
                return connection
            self._clock.wait(_SLOT_POLL_S)


def _has_word(connection: extensions.connection) -> bool:
    """Whether the server said something unasked: that it ends the connection, most likely."""
    if connection.closed:
        return True
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN)
    return bool(line.poll(0))


def _give_back(loan: PoolProxiedConnection, connection: extensions.connection) -> None:
    """Return it idle. One that cannot even roll back is thrown away instead."""
    try:
        if connection.info.transaction_status != extensions.TRANSACTION_STATUS_IDLE:
            connection.rollback()
    except psycopg2.Error:
        loan.invalidate()
    else:
        loan.close()
