"""The fence: a process that others gave up can write nothing any more.

Every connection over which a working process writes goes through `admit` when it is made. It
takes a share in the executor's advisory lock, for as long as it lives, and then looks whether
the executor was fenced; if so it is refused (Fenced) and closed.

So the lock is free only when not one connection of the process is left. Whoever finds it free
takes it whole for a moment and marks the executor (`leases.fence`), and every connection that
comes later sees the mark: no transaction of a fenced process can be under way or begin, and no
transaction pays for that with a statement of its own.

What only the server knows to be alive can still be of no use to us: a proxy that hangs
acknowledges everything and passes nothing on. `cut` ends such connections from our side.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from resilience.clock import Clock
from storage import statements
from storage.errors import Fenced
from storage.lock_keys import executor_key


@dataclass(frozen=True)
class _Wire:
    opened_at: float  # monotonic
    here: object  # our end's address


class Fence:
    """Of one executor. `admit` is for connections of any driver (psycopg2, psycopg)."""

    def __init__(self, executor: str, clock: Clock) -> None:
        self.executor = executor
        self._clock = clock
        self._lock = threading.Lock()
        self._wires: WeakKeyDictionary[Any, _Wire] = WeakKeyDictionary()

    def admit(self, connection: Any) -> None:
        """Raises Fenced, and what the driver raises; the connection is closed then."""
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    statements.get("leases.join").sql, {"key": executor_key(self.executor)}
                )
                cursor.execute(statements.get("leases.is_member").sql, {"executor": self.executor})
                (is_member,) = cursor.fetchone()
            connection.commit()
            if not is_member:
                raise Fenced(self.executor)
        except BaseException:
            connection.close()
            raise
        here = _our_end(connection)
        if here is not None:
            with self._lock:
                self._wires[connection] = _Wire(self._clock.monotonic(), here)

    def cut(self, opened_before: float) -> int:
        """End the TCP connections made before then; whoever waits on one is told that it is
        lost. Returns how many. A Unix socket has no way that could be lost."""
        with self._lock:
            old = [(c, w) for c, w in self._wires.items() if w.opened_at < opened_before]
            for connection, _ in old:
                del self._wires[connection]
        return sum(_shut(connection, wire.here) for connection, wire in old)


def _our_end(connection: Any) -> object:
    """The address of our end of a TCP connection, None for any other."""
    with socket.socket(fileno=os.dup(connection.fileno())) as line:
        return line.getsockname() if line.family in (socket.AF_INET, socket.AF_INET6) else None


def _shut(connection: Any, here: object) -> bool:
    """Close the line under a connection that another thread may wait on. That thread may also
    close it at this very moment, so the line is compared before it is shut."""
    with (
        suppress(Exception),  # closed by now, as each driver says it
        socket.socket(fileno=os.dup(connection.fileno())) as line,
    ):
        if line.getsockname() == here:
            line.shutdown(socket.SHUT_RDWR)
            return True
    return False
