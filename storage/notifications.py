"""Being told of new commands and new work without asking: a LISTEN on a connection of its own.

A notification is only a hint to look. Those sent while no connection stood are lost, so
`wait` says True after each connect as well, and `news` names all there could be. A server
that vanished without a word is noticed by the connection's keepalives (storage/dsn.py) in
about six seconds.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading

import psycopg2
from psycopg2 import extensions

from resilience.clock import Clock, SystemClock
from resilience.outcomes import Rejected
from resilience.policy import Policy
from storage import commands, statements, work_news
from storage.dsn import parse

# two seconds is the least libpq takes; close() waits for a connect that is under way
CHANNELS = (commands.CHANNEL, work_news.CHANNEL)
_CLIENT = {"connect_timeout": "2", "tcp_user_timeout": "4000"}


class Notifications:
    """One thread waits, any other may close."""

    def __init__(
        self,
        dsn: str,
        *,
        application: str = "retailxai-listen",
        clock: Clock | None = None,
        pause_s: float = 2.0,
        policy: Policy | None = None,
    ) -> None:
        """Connects to nothing yet. `pause_s` lies between two tries to connect. Raises
        BadAddress."""
        self._address = parse(dsn)
        self._application = application
        self._clock = clock or SystemClock()
        self._pause_s = pause_s
        self._policy = policy
        self._try_at = self._clock.monotonic()
        self._connection: extensions.connection | None = None
        self._news: dict[str, set[str]] = {}
        self._waiting = threading.Lock()
        self._closed = False
        self._bell, self._hand = socket.socketpair()  # close() rings it

    @property
    def listening(self) -> bool:
        """Whether a connection stands, as far as is known."""
        return self._connection is not None

    def wait(self, timeout_s: float) -> bool:
        """True as soon as something came, or may have come while nobody listened. False after
        `timeout_s` (two more while connecting), also without a server, and once closed."""
        with self._waiting:
            give_up_at = self._clock.monotonic() + timeout_s
            left_s = timeout_s
            while not self._closed:
                came = self._connect(left_s) if self._connection is None else self._listen(left_s)
                if came:
                    return True
                left_s = give_up_at - self._clock.monotonic()
                if left_s <= 0:
                    return False
            return False

    def news(self) -> dict[str, set[str]]:
        """What came, by channel, since it was last asked for. An empty set of payloads is
        everything: nobody listened for a while."""
        news, self._news = self._news, {}
        return news

    def close(self) -> None:
        """End the wait of another thread, and listen no more. Safe to call twice."""
        self._closed = True
        with contextlib.suppress(OSError):  # closed before: nobody waits
            self._hand.send(b"!")
        with self._waiting:
            self._drop()
            self._bell.close()
            self._hand.close()

    # ---- within -------------------------------------------------------------------------

    def _connect(self, left_s: float) -> bool:
        """Whether a connection stands, tried when the pause after the last try is over."""
        pause_s = max(0.0, self._try_at - self._clock.monotonic())
        self._sleep(min(pause_s, left_s))
        if self._closed or pause_s > left_s:
            return False
        try:
            self._connection = self._address.connect(
                application=self._application,
                statement_timeout_s=5,
                client=_CLIENT,
                policy=self._policy,
            )
            self._connection.autocommit = True
            with self._connection.cursor() as cursor:
                cursor.execute(statements.get("commands.listen").sql)
                cursor.execute(statements.get("work.listen").sql)
        except (psycopg2.Error, Rejected):
            self._drop()
            return False
        self._news = {channel: set() for channel in CHANNELS}
        return True

    def _listen(self, left_s: float) -> bool:
        """Whether something came within that time; a lost connection is dropped."""
        assert self._connection is not None
        try:
            if self._heard(self._connection):
                return True
            self._sleep(left_s, self._connection)
            return self._heard(self._connection)
        except psycopg2.Error:
            self._drop()
            return False

    def _heard(self, connection: extensions.connection) -> bool:
        connection.poll()
        came = list(connection.notifies)
        connection.notifies.clear()
        for told in came:
            known = self._news.get(told.channel)
            if known is None:
                self._news[told.channel] = {told.payload}
            elif known:  # an empty set says "everything" already
                known.add(told.payload)
        return bool(came)

    def _sleep(self, seconds: float, *sources: extensions.connection) -> None:
        """Until something is to be read from a source, the bell rings, or the time is over."""
        with selectors.DefaultSelector() as ready:
            ready.register(self._bell, selectors.EVENT_READ)
            for each in sources:
                ready.register(each, selectors.EVENT_READ)
            ready.select(max(0.0, seconds))

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        self._try_at = self._clock.monotonic() + self._pause_s
        if connection is not None:
            connection.close()
