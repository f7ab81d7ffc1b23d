"""The database of an installation while it runs."""

from __future__ import annotations

import threading
from typing import cast

import pytest

from bootstrap.database import OpenDatabase
from storage.database import Database
from storage.embedded import EmbeddedServer
from storage.errors import DatabaseUnavailable


class FakeDatabase:
    def __init__(self) -> None:
        self.is_away = False
        self.tried = 0

    def try_now(self) -> None:
        self.tried += 1

    def ping(self) -> float:
        if self.is_away:
            raise DatabaseUnavailable("database", "connection refused")
        return 0.001


class FakeServer:
    def __init__(self) -> None:
        self.starts = 0

    def start(self) -> str:
        self.starts += 1
        return "postgresql://here"


def opened(database: FakeDatabase, server: FakeServer | None) -> OpenDatabase:
    return OpenDatabase(cast(Database, database), cast("EmbeddedServer | None", server))


@pytest.mark.parametrize(
    ("is_away", "is_stopping", "starts"), [(False, False, 0), (True, False, 1), (True, True, 0)]
)
def test_an_embedded_server_that_ended_is_started_again(
    is_away: bool, is_stopping: bool, starts: int
) -> None:
    """Nobody else would; but a process that stops starts nothing any more."""
    database, server, stopping = FakeDatabase(), FakeServer(), threading.Event()
    database.is_away = is_away
    if is_stopping:
        stopping.set()
    opened(database, server).revive(stopping)
    assert server.starts == starts
    assert database.tried == starts  # the breaker's wait is not waited out for it


def test_a_server_of_somebody_else_is_left_alone() -> None:
    """With DATABASE_URL there is nothing of ours to start."""
    database = FakeDatabase()
    database.is_away = True
    opened(database, None).revive(threading.Event())
