"""Thirty threads in each of four processes never meet "too many clients"."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from storage.database import Database
from storage.embedded import EmbeddedServer
from storage.errors import DatabaseUnavailable
from storage.pool import PoolSettings
from tests.leftovers import fresh_folder
from tests.length import IS_LONG

pytestmark = pytest.mark.database
ROOT = Path(__file__).parents[3]

TRANSACTIONS = 40 if IS_LONG else 10
# thirty threads at once, so many transactions each; prints the pool's limit and the errors
_PROCESS = """
import sys, threading
from storage.database import Database
from storage.pool import PoolSettings
dsn, processes, transactions = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
database = Database(dsn, PoolSettings(20, 10, 60), processes=processes)
errors, together = [], threading.Barrier(30)
def work():
    together.wait()
    for _ in range(transactions):
        try:
            with database.transaction() as tx:
                tx.one("server.ping")
        except Exception as error:
            errors.append(str(error))
threads = [threading.Thread(target=work) for _ in range(30)]
[each.start() for each in threads]
[each.join() for each in threads]
print(database.open().limit, database.open().warning is not None)
print("\\n".join(errors), file=sys.stderr)
database.close()
"""


@pytest.fixture(scope="module")
def small_server() -> Iterator[str]:
    """A server with PostgreSQL's usual hundred connections."""
    folder = fresh_folder()
    server = EmbeddedServer(folder / "data", fsync=False, max_connections=100)
    yield server.start()
    server.leave()
    shutil.rmtree(folder)


def crowd(dsn: str, processes: int, told: int) -> list[str]:
    """What `processes` processes say that were told they are `told`."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _PROCESS, dsn, str(told), str(TRANSACTIONS)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(processes)
    ]
    said = [each.communicate(timeout=100) for each in started]
    assert [errors.strip() for _, errors in said] == [""] * processes
    return [out.strip() for out, _ in said]


def test_four_processes_fit_by_shrinking(small_server: str) -> None:
    """Each takes (100 - 3 - 2) // 4 - 6 = 17 and says so."""
    assert crowd(small_server, 4, told=4) == ["17 True"] * 4


def test_processes_nobody_counted_wait_for_a_slot(small_server: str) -> None:
    """Four that each believe to be alone want 120 connections of 97: they take turns."""
    assert crowd(small_server, 4, told=1) == ["30 False"] * 4


@pytest.fixture
def taken(small_server: str) -> Iterator[list[psycopg2.extensions.connection]]:
    """Every connection there is, held by others."""
    held: list[psycopg2.extensions.connection] = []
    full = False
    while not full:
        try:
            held.append(psycopg2.connect(small_server))
        except psycopg2.OperationalError as error:
            assert "too many clients" in str(error)  # noqa: PT017 (how it is filled)
            full = True
    yield held
    for each in held:
        each.close()


def test_a_full_server_is_waited_for(
    small_server: str, taken: list[psycopg2.extensions.connection]
) -> None:
    """The borrower gets the first slot that comes free."""
    database = Database(small_server, PoolSettings(timeout_s=30))
    took: list[float] = []
    borrower = threading.Thread(target=lambda: took.append(database.ping()))
    borrower.start()
    borrower.join(0.5)
    assert borrower.is_alive()
    taken.pop().close()
    borrower.join(30)
    assert len(took) == 1
    database.close()


def test_a_server_that_stays_full_is_told(
    small_server: str, taken: list[psycopg2.extensions.connection]
) -> None:
    database = Database(small_server, PoolSettings(timeout_s=0.3))
    with pytest.raises(DatabaseUnavailable, match="too many clients") as caught:
        database.ping()
    assert caught.value.retryable


def test_the_embedded_server_has_room_for_four(dsn: str) -> None:
    """Its 200 connections take four full pools without a warning."""
    database = Database(dsn, processes=4)
    budget = database.open()
    assert (budget.limit, budget.warning) == (30, None)
    assert database.budget == budget
    database.close()
