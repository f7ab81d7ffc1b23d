"""A connection of which every answer is awaited for a limited time.

The kernel's limits see data that nobody acknowledges. They do not see a proxy that takes
everything and passes nothing on, or a server that is frozen: for those the one who asks must
look at the clock. psycopg2 blocks in C without a limit, so this one asks without blocking.
"""

from __future__ import annotations

import select
from typing import Any

import psycopg2
from psycopg2 import extensions

from resilience.clock import Clock
from resilience.policy import Policy
from storage.dsn import Address

_WANTS = {extensions.POLL_READ: select.POLLIN, extensions.POLL_WRITE: select.POLLOUT}


class NoAnswer(psycopg2.OperationalError):
    """It did not answer in time; the connection is of no further use."""


class TimedConnection:
    """Each statement is a transaction of its own. One caller at a time."""

    def __init__(
        self,
        address: Address,
        clock: Clock,
        within_s: float,
        *,
        application: str,
        client: dict[str, str] | None = None,
        server: dict[str, str] | None = None,
        policy: Policy | None = None,
    ) -> None:
        """Connects. Raises psycopg2.Error, Rejected."""
        self._clock = clock
        self._within_s = within_s
        self._connection = address.connect(
            application=application,
            statement_timeout_s=within_s,
            client=client,
            server=server,
            policy=policy,
            finish=self._await,
        )

    @property
    def backend_pid(self) -> int:
        return int(self._connection.info.backend_pid)

    @property
    def closed(self) -> bool:
        return bool(self._connection.closed)

    def ask(self, sql: str, parameters: dict[str, Any]) -> dict[str, Any] | None:
        """The first row. Raises psycopg2.Error."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            self._await(self._connection)
            if cursor.description is None:
                return None
            row = cursor.fetchone()
            columns = [column.name for column in cursor.description]
            return dict(zip(columns, row, strict=True)) if row else None

    def close(self) -> None:
        self._connection.close()

    def _await(self, connection: extensions.connection) -> None:
        """Until it is done with what was asked, or the time is over."""
        give_up_at = self._clock.monotonic() + self._within_s
        while (state := connection.poll()) != extensions.POLL_OK:
            left_s = give_up_at - self._clock.monotonic()
            poller = select.poll()
            poller.register(connection.fileno(), _WANTS[state])
            if left_s <= 0 or not poller.poll(left_s * 1000):
                connection.close()
                raise NoAnswer(f"no answer within {self._within_s:g} s")
