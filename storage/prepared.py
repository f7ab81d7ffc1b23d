"""Statements that a connection runs often are prepared on it: the server plans them once.

Planning took the server as long as running them, and both together were a third of what a
document costs. The first few times a statement is sent as it is (a command that asks once
plans once either way); after that it is prepared under its name, on that connection, and
executed by its name. How many times the server plans it anew, until one plan is as good for
all values, is the server's own choice.

A prepared statement whose columns are changed (a newer version migrates while an older process
still runs) is refused once by the server; `renew` has all of them prepared anew.
"""

from __future__ import annotations

import functools
import re
import threading
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from psycopg2 import extensions

from storage import statements

AFTER = 3  # times on one connection
_PLANNED = re.compile(r"(select|insert|update|delete|with)\b")
_PLACE = re.compile(r"%\((\w+)\)s|%%")


@dataclass
class _OfConnection:
    generation: int
    times: dict[str, int] = field(default_factory=dict)
    prepared: set[str] = field(default_factory=set)


class Prepared:
    """Of all connections of one pool."""

    def __init__(self, after: int = AFTER) -> None:
        self._after = after
        self._generation = 0
        self._lock = threading.Lock()
        self._of: WeakKeyDictionary[extensions.connection, _OfConnection] = WeakKeyDictionary()

    def sql(self, connection: extensions.connection, name: str) -> str:
        """What to send for the statement `name`, prepared first if it is time."""
        known = self._known(connection)
        if name in known.prepared:
            return execute_of(name, known.generation)
        times = known.times[name] = known.times.get(name, 0) + 1
        if times <= self._after or not is_planned(name):
            return statements.get(name).sql
        with connection.cursor() as cursor:
            cursor.execute(prepare_of(name, known.generation))
        known.prepared.add(name)
        return execute_of(name, known.generation)

    def renew(self) -> None:
        """Have every connection prepare its statements anew."""
        with self._lock:
            self._generation += 1

    def _known(self, connection: extensions.connection) -> _OfConnection:
        with self._lock:
            known = self._of.get(connection)
            if known is None or known.generation != self._generation:
                known = self._of[connection] = _OfConnection(self._generation)
            return known


def is_planned(name: str) -> bool:
    """Others (listen, create) cannot be prepared."""
    return _PLANNED.match(statements.get(name).sql) is not None


@functools.cache
def prepare_of(name: str, generation: int = 0) -> str:
    """`prepare "file.word" as ...`, with $1 for each parameter in the order of their first use."""
    numbers: dict[str, int] = {}

    def number(place: re.Match[str]) -> str:
        if place[1] is None:
            return "%"
        return f"${numbers.setdefault(place[1], len(numbers) + 1)}"

    return f"prepare {_quoted(name, generation)} as {_PLACE.sub(number, statements.get(name).sql)}"


@functools.cache
def execute_of(name: str, generation: int = 0) -> str:
    """`execute "file.word"(...)`, its parameters as the driver fills them in."""
    found = _PLACE.finditer(statements.get(name).sql)
    names = dict.fromkeys(place[1] for place in found if place[1] is not None)
    given = ", ".join(f"%({each})s" for each in names)
    return f"execute {_quoted(name, generation)}" + (f"({given})" if given else "")


def _quoted(name: str, generation: int) -> str:
    return f'"{name}"' if generation == 0 else f'"{name}/{generation}"'
