"""Whatever happens inside of transactions, no connection is lost to the pool."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

import psycopg2
import pytest

from storage.database import Database, Tx
from storage.errors import Conflict, DatabaseError
from storage.ledger import Ledger
from storage.pool import PoolSettings
from storage.usage import ServiceUsages

pytestmark = pytest.mark.database

THREADS = 50
ROUNDS = 12


class Boom(Exception):
    """What a body of a transaction may raise."""


def sql(tx: Tx, text: str) -> None:
    try:
        tx._connection.cursor().execute(text)
    except psycopg2.Error as error:
        raise tx._translated(error, "test") from error


def good(tx: Tx) -> None:
    tx.all("companies.all")


def raises(tx: Tx) -> None:
    good(tx)
    raise Boom


def interrupted(tx: Tx) -> None:
    good(tx)
    raise KeyboardInterrupt


def refused(tx: Tx) -> None:
    sql(tx, "insert into document (source, external_id, ticker) values ('s', 'x', 'NONE')")


def slow(tx: Tx) -> None:
    sql(tx, "set local statement_timeout = 20")
    sql(tx, "select pg_sleep(5)")


def kills_itself(tx: Tx) -> None:
    sql(tx, "select pg_terminate_backend(pg_backend_pid())")


def closed_under_it(tx: Tx) -> None:
    tx._connection.close()
    good(tx)


FAULTS: list[Callable[[Tx], None]] = [
    good,
    good,
    good,
    raises,
    interrupted,
    refused,
    slow,
    kills_itself,
    closed_under_it,
]


def test_fifty_threads_and_every_fault_leave_the_pool_whole(dsn: str) -> None:
    """Raising bodies, Ctrl-C, refused rows, time-outs, connections cut from inside and, all
    the while, from outside: afterwards nothing is checked out and the pool serves."""
    database = Database(dsn, PoolSettings(size=8, overflow=4, timeout_s=30))
    unexpected: list[BaseException] = []
    stop = threading.Event()

    def work(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(ROUNDS):
            fault = chance.choice(FAULTS)
            try:
                with database.transaction() as tx:
                    fault(tx)
            except (DatabaseError, Boom, KeyboardInterrupt):
                continue
            except BaseException as error:  # noqa: BLE001 (handed to the test)
                unexpected.append(error)

    def cut() -> None:
        connection = psycopg2.connect(dsn)
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not stop.wait(0.05):
                cursor.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and pid <> pg_backend_pid()"
                    " order by random() limit 2"
                )
        connection.close()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(THREADS)]
    cutter = threading.Thread(target=cut)
    cutter.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
    stop.set()
    cutter.join(20)
    assert unexpected == []
    status = database.pool_status()
    assert (status.checked_out, status.waiting) == (0, 0)
    assert status.idle <= 8
    for _ in range(status.limit + 1):
        database.ping()
    database.close()
    assert _connections(dsn) == 0


def test_what_was_told_to_be_stored_is_stored(dsn: str) -> None:
    """Under the same cuts: every transaction that ended without an error is there, and
    none that failed before its commit."""
    database = Database(dsn, PoolSettings(size=8, overflow=0))
    ledger = Ledger(database)
    usages = ServiceUsages(database)
    claimed: list[int] = []
    for number in range(40):
        ledger.decide("scan", f"manual:{number}", ledger._clock.now(), "run", "", "t")

    def work(seed: int) -> None:
        chance = random.Random(seed)
        for number in range(40):
            if chance.random() < 0.2:
                with pytest.raises(DatabaseError), database.transaction() as tx:
                    kills_itself(tx)
            if ledger.claim("scan", f"manual:{number}", f"ex-{seed}") is not None:
                claimed.append(number)
                usages.add("s", ledger._clock.now().date(), 1)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(claimed) == list(range(40))
    assert len(ledger.running()) == 40
    assert sum(each.calls for each in usages.of_day(ledger._clock.now().date())) == 40
    database.close()


def test_a_refusal_in_one_thread_does_not_reach_another(dsn: str) -> None:
    """A connection comes back clean, whatever its last user met."""
    database = Database(dsn, PoolSettings(size=1, overflow=0))
    for _ in range(5):
        with pytest.raises(Conflict), database.transaction() as tx:
            refused(tx)
        with database.transaction() as tx:
            good(tx)
    database.close()


def _connections(dsn: str) -> int:
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
            " and backend_type = 'client backend' and state is not null"
        )
        row = cursor.fetchone()
    connection.close()
    return int(row[0]) if row else -1
