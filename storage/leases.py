"""Who runs: one daemon per instance name, and proof of who is dead.

A process holds two session locks on a connection of its own: its instance name (daemons
only), which refuses a second one, and its executor id, which is new for every start. The
server frees both when the connection ends, however it ends; so an executor whose lock is
free is dead, and its work may be taken over.

The connection's time limits are chosen (and measured) so that a process cut off from the
server notices after about 5 s, before the server gives its locks away after about 11 s.
A frozen process keeps its locks: safe, but its work waits for it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import psycopg2
from psycopg2 import extensions
from psycopg2.extras import Json

from resilience.clock import Clock, SystemClock
from resilience.outcomes import Rejected
from resilience.policy import Policy
from storage import statements
from storage.clean import clean
from storage.database import Database, Row
from storage.dsn import parse
from storage.errors import DatabaseError, translate, unreachable

_CLIENT = {"tcp_user_timeout": "4000"}
_SERVER = {"tcp_user_timeout": "10000"}
_POLL_S = 0.05

Kind = Literal["daemon", "command"]


@dataclass(frozen=True)
class Instance:
    """A process that works (or worked) on this database."""

    executor: str
    name: str
    kind: str
    pid: int
    host: str
    started_at: datetime
    seen_at: datetime
    left_at: datetime | None
    details: dict[str, Any]


class InstanceTaken(Exception):
    """A daemon of this instance name runs already."""

    def __init__(
        self,
        name: str,
        pid: int | None,
        host: str,
        since: datetime | None,
        executor: str | None = None,
    ) -> None:
        self.name = name
        self.executor = executor
        self.pid = pid
        self.host = host
        self.since = since
        who = f"pid {pid} on {host}" if pid is not None else "another process"
        when = f" since {since:%Y-%m-%d %H:%M:%S} UTC" if since else ""
        super().__init__(
            f"instance {name!r} runs already: {who}{when}. Stop it, or give this one another "
            "name (RETAILXAI_INSTANCE)."
        )


class InstanceLock:
    """The hold of this process. Not thread-bound, but one owner calls `beat()`."""

    def __init__(
        self,
        dsn: str,
        name: str,
        executor: str,
        *,
        kind: Kind = "daemon",
        clock: Clock | None = None,
        patience_s: float = 1.0,
        policy: Policy | None = None,
    ) -> None:
        """`executor` is new for every start. `patience_s`: how long `acquire` waits for a
        predecessor that was killed a moment ago to be noticed by the server."""
        self._clock = clock or SystemClock()
        self._patience_s = patience_s
        self._policy = policy
        self.name = name
        self.executor = executor
        self.kind = kind
        self._address = parse(dsn)
        self._lock = threading.Lock()
        self._connection: extensions.connection | None = None
        self._left = False  # for good: a beat that comes late must not take the locks again
        self._entry: Row = {}

    def acquire(self, pid: int, host: str, details: Mapping[str, object] | None = None) -> None:
        """Take both locks. Raises InstanceTaken, DatabaseError."""
        with self._lock:
            self._left = False
            self._entry = {
                "executor": self.executor,
                "name": self.name,
                "kind": self.kind,
                "pid": pid,
                "host": host,
                "details": Json(clean(dict(details or {})), dumps=lambda each: json.dumps(each)),
            }
            give_up_at = self._clock.monotonic() + self._patience_s
            while True:
                try:
                    return self._take()
                except InstanceTaken:
                    if self._clock.monotonic() >= give_up_at:
                        raise
                self._clock.wait(_POLL_S)

    def note(self, details: Mapping[str, object]) -> None:
        """Say more about this process than was known when it started (its HTTP port)."""
        with self._lock:
            self._entry["details"] = Json(clean(dict(details)), dumps=lambda each: json.dumps(each))
            if self._connection is not None:
                self._ask("leases.enter", self._entry)

    def beat(self) -> bool:
        """Say that we live, over the connection that holds the locks; to be called every
        second or two. False: the hold is lost for now (take no work until it is True
        again; each call tries to get it back).

        Raises InstanceTaken if another process took the name meanwhile: end.
        """
        with self._lock:
            if self._left:
                return False
            if self._connection is None:
                try:
                    self._take()
                except DatabaseError:
                    return False
                except InstanceTaken as taken:
                    if taken.executor == self.executor:
                        return False  # our lost session, which the server still holds for alive
                    raise
                return True
            try:
                self._ask("leases.beat", {"executor": self.executor})
            except DatabaseError:
                self._drop()
                return False
            return True

    def held(self) -> bool:
        """Whether the locks were ours at the last beat."""
        connection = self._connection
        return connection is not None and not connection.closed

    def release(self) -> None:
        """Leave in good order. Safe to call twice, and without a database."""
        with self._lock:
            self._left = True
            if self._connection is not None:
                # Without a server there is nothing to tell, and it freed the locks already.
                with contextlib.suppress(DatabaseError):
                    self._ask("leases.leave", {"executor": self.executor})
                    self._ask("leases.free", {})
                self._drop()

    # ---- within -------------------------------------------------------------------------

    def _take(self) -> None:
        try:
            self._connection = self._address.connect(
                application=f"retailxai-{self.kind}",
                statement_timeout_s=5,
                client=_CLIENT,
                server=_SERVER,
                policy=self._policy,
            )
        except (psycopg2.Error, Rejected) as error:
            raise unreachable(self._address.place, error) from error
        try:
            self._connection.autocommit = True
            self._refuse_pooler()
            if self.kind == "daemon" and not self._try(f"instance:{self.name}"):
                raise self._taken()
            if not self._try(_executor_name(self.executor)):
                raise self._taken()
            self._ask("leases.enter", self._entry)
        except BaseException:
            self._drop()
            raise

    def _try(self, name: str) -> bool:
        row = self._ask("leases.take", {"key": lock_key(name)})
        return bool(row and row["taken"])

    def _taken(self) -> InstanceTaken:
        row = self._ask("leases.holder", {"name": self.name})
        if row is None:
            return InstanceTaken(self.name, None, "", None)
        return InstanceTaken(self.name, row["pid"], row["host"], row["started_at"], row["executor"])

    def _refuse_pooler(self) -> None:
        """A pooler in transaction mode would leave our locks on somebody else's session."""
        backends = {(self._ask("leases.backend", {}) or {})["pid"] for _ in range(3)}
        if len(backends) > 1:
            error = psycopg2.OperationalError(
                "a connection pooler in transaction mode stands between: session locks do not "
                "hold through it, give DATABASE_URL the server's own port"
            )
            raise unreachable(self._address.place, error)

    def _ask(self, name: str, parameters: Row) -> Row | None:
        assert self._connection is not None
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(statements.get(name).sql, parameters)
                if cursor.description is None:
                    return None
                row = cursor.fetchone()
                columns = [column.name for column in cursor.description]
                return dict(zip(columns, row, strict=True)) if row else None
        except psycopg2.Error as error:
            raise translate(error, self._address.place, name) from error

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class Instances:
    """What any process can see of the others."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_dead(self, executor: str) -> bool:
        """Whether nobody holds the executor's lock: its process is gone, or cut off for so
        long that it has stopped by itself."""
        return not self._is_held(_executor_name(executor))

    def is_running(self, name: str) -> bool:
        """Whether a daemon of this instance name runs."""
        return self._is_held(f"instance:{name}")

    def running(self) -> list[Instance]:
        """The processes that live now, newest first."""
        return [each for each in self.recent() if not self.is_dead(each.executor)]

    def recent(self, limit: int = 50) -> list[Instance]:
        """The latest processes, gone ones too, newest first."""
        with self._database.transaction() as tx:
            return [Instance(**row) for row in tx.all("leases.recent", limit=limit)]

    def forget(self, before: datetime) -> int:
        """Drop the rows of processes that were last seen before then; how many."""
        with self._database.transaction() as tx:
            return tx.run("leases.forget", before=before)

    def _is_held(self, name: str) -> bool:
        with self._database.transaction() as tx:
            row = tx.one("leases.is_held", key=lock_key(name))
        return bool(row and row["held"])


def lock_key(name: str) -> int:
    """64 bits of a name's hash, as the signed number advisory locks take."""
    digest = hashlib.blake2b(f"retailxai:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _executor_name(executor: str) -> str:
    return f"executor:{executor}"
