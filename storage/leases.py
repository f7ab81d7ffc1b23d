"""Who runs: one daemon per instance name, and proof of who is dead.

A process holds session locks on a connection of its own: its instance name (daemons only),
which refuses a second one, and a share of its executor id, which is new for every start. All
its other connections hold such a share too (storage/fence.py). The server takes them back when
a connection ends, however it ends; so an executor whose lock is free is dead, and its work may
be taken over once it is fenced.

The connection's time limits are chosen (and measured) so that a process cut off from the
server notices after about 5 s, before the server gives its locks away after about 11 s.
A frozen process keeps its locks: safe, but its work waits for it.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import psycopg2
from psycopg2.extras import Json

from resilience.clock import Clock, SystemClock
from resilience.outcomes import Rejected
from resilience.policy import Policy
from storage import statements
from storage.clean import clean
from storage.database import Database, Row
from storage.dsn import parse
from storage.errors import DatabaseError, Fenced, translate, unreachable
from storage.lock_keys import executor_key, instance_key
from storage.poolers import refuse_lent_sessions
from storage.timed_connection import NoAnswer, TimedConnection

_CLIENT = {"tcp_user_timeout": "4000"}
_SERVER = {"tcp_user_timeout": "10000"}
_ANSWER_S = 4.0  # longest the server may take to say that it heard us
_POLL_S = 0.05
SILENT_S = 15.0  # by then a process that is well has been heard of several times

Kind = Literal["daemon", "worker", "command"]


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
    fenced_at: datetime | None = None
    silent_s: float = 0.0  # since it was last heard of, for one that lives

    @property
    def told(self) -> str:
        """Which process it is, for people."""
        return f"{self.name} (pid {self.pid} on {self.host})"

    @property
    def is_silent(self) -> bool:
        """It holds its locks, so its work waits for it, and does not say that it lives: frozen,
        or out of reach and not yet given up."""
        return self.silent_s >= SILENT_S


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
        self._connection: TimedConnection | None = None
        self._unheard = False  # the last connection was lost for want of an answer
        self._lost_at: float | None = None
        self._regained_at: float | None = None
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
                    return self._take("leases.enter", self._entry)
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
        again; each call tries to get it back). Takes a few seconds at most.

        Raises InstanceTaken if another process took the name meanwhile, and Fenced if others
        took over the work: end.
        """
        with self._lock:
            if self._left:
                return False
            if self._connection is None:
                return self._come_back()
            try:
                if self._ask("leases.beat", {"executor": self.executor}) is None:
                    raise Fenced(self.executor)
            except Fenced:
                raise
            except DatabaseError as error:
                self._unheard = isinstance(error.__cause__, NoAnswer)
                self._lost_at = self._clock.monotonic()
                self._drop()
                return False
            return True

    def _come_back(self) -> bool:
        try:
            self._take("leases.come_back", {"executor": self.executor})
        except Fenced:
            raise
        except DatabaseError:
            return False
        except InstanceTaken as taken:
            if taken.executor == self.executor:
                return False  # our lost session, which the server still holds for alive
            raise
        self._regained_at = self._clock.monotonic()
        return True

    def held(self) -> bool:
        """Whether the locks were ours at the last beat."""
        connection = self._connection
        return connection is not None and not connection.closed

    def held_for_s(self) -> float | None:
        """Since they were regained after a loss, None if they never were lost."""
        regained_at = self._regained_at
        return None if regained_at is None else self._clock.monotonic() - regained_at

    def went_unheard_at(self) -> float | None:
        """When (monotonic) the last hold was given up because nobody answered; None if it was
        lost in another way: then every other connection knows by itself."""
        return self._lost_at if self._unheard else None

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

    def _take(self, enter: str, entry: Row) -> None:
        try:
            self._connection = self._connected(self._policy)
        except (psycopg2.Error, Rejected) as error:
            raise unreachable(self._address.place, error) from error
        try:
            refuse_lent_sessions(self._connection, self._connected, self._address.place)
            if self.kind == "daemon" and not self._try(instance_key(self.name)):
                raise self._taken()
            self._ask("leases.join", {"key": executor_key(self.executor)})
            if self._ask(enter, entry) is None:
                raise Fenced(self.executor)
        except BaseException:
            self._drop()
            raise

    def _connected(self, policy: Policy | None = None) -> TimedConnection:
        return TimedConnection(
            self._address,
            self._clock,
            _ANSWER_S,
            application=f"retailxai-{self.kind}",
            client=_CLIENT,
            server=_SERVER,
            policy=policy,
        )

    def _try(self, key: int) -> bool:
        row = self._ask("leases.take", {"key": key})
        return bool(row and row["taken"])

    def _taken(self) -> InstanceTaken:
        row = self._ask("leases.holder", {"name": self.name})
        if row is None:
            return InstanceTaken(self.name, None, "", None)
        return InstanceTaken(self.name, row["pid"], row["host"], row["started_at"], row["executor"])

    def _ask(self, name: str, parameters: Row) -> Row | None:
        assert self._connection is not None
        try:
            return self._connection.ask(statements.get(name).sql, parameters)
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

    # ---- looking ------------------------------------------------------------------------

    def is_dead(self, executor: str) -> bool:
        """Whether it was fenced, or nobody holds the executor's lock: its process is gone, or
        cut off for so long that it has stopped by itself."""
        with self._database.transaction() as tx:
            row = tx.one("leases.verdict", executor=executor, key=executor_key(executor)) or {}
        return bool(row["fenced"] or not (row["held"] or row["may_come_back"]))

    def silent_s(self, executor: str) -> float | None:
        """For how long one that lives has not been heard of; None if that is no finding."""
        with self._database.transaction() as tx:
            row = tx.one("leases.verdict", executor=executor, key=executor_key(executor)) or {}
        lives = row["held"] and not row["fenced"] and row["silent_s"] is not None
        return row["silent_s"] if lives and row["silent_s"] >= SILENT_S else None

    def running(self) -> list[Instance]:
        """The processes that live now, newest first."""
        with self._database.transaction() as tx:
            rows = tx.all("leases.here")
        return [_living(row) for row in rows if executor_key(row["executor"]) in row["held"]]

    def of(self, executor: str) -> Instance | None:
        """The process of an executor, gone or not; None if it is forgotten, or never worked."""
        with self._database.transaction() as tx:
            row = tx.one("leases.of", executor=executor)
        return Instance(**row) if row else None

    def recent(self, limit: int = 50) -> list[Instance]:
        """The latest processes, gone ones too, newest first."""
        with self._database.transaction() as tx:
            return [Instance(**row) for row in tx.all("leases.recent", limit=limit)]

    # ---- what becomes of the dead -------------------------------------------------------

    def gone(self) -> list[str]:
        """Executors nobody holds any more, of which something may be left. One statement,
        cheap enough for every other second; only `fence` is a verdict."""
        with self._database.transaction() as tx:
            rows = tx.all("leases.unsettled")
        return [r["executor"] for r in rows if executor_key(r["executor"]) not in r["held"]]

    def fence(self, executor: str) -> bool:
        """Whether it is dead; if so, nothing that it may still send is stored from now on, and
        its work may be given to others."""
        with self._database.transaction() as tx:
            row = tx.one("leases.take_over", key=executor_key(executor))
            if not (row and row["taken"]):
                return False
            known = tx.one("leases.verdict", executor=executor, key=executor_key(executor)) or {}
            if known["may_come_back"]:
                return False
            tx.run("leases.fence", executor=executor)
        return True

    def settle(self, executors: Collection[str]) -> int:
        """What these left behind is in the queues again: they are looked at no more. How many
        of them ended without a word."""
        with self._database.transaction() as tx:
            rows = tx.all("leases.settle", executors=list(executors))
        return sum(1 for row in rows if row["was_sudden"])

    def forget(self, before: datetime) -> int:
        """Drop the rows of processes that were last seen before then; how many."""
        with self._database.transaction() as tx:
            return tx.run("leases.forget", before=before)


def _living(row: Row) -> Instance:
    asked_at = row.pop("asked_at")
    del row["held"]
    return Instance(**row, silent_s=(asked_at - row["seen_at"]).total_seconds())
