"""storage.database: one block is one transaction, and every connection comes back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal

import psycopg2
import pytest

from earnings.analysts.base import AskedWith
from resilience.testing import FakeClock
from storage.database import Database, Tx
from storage.errors import Conflict, DatabaseError, DatabaseUnavailable, QueryTimedOut
from storage.pool import PoolSettings

pytestmark = pytest.mark.database

ADD = {"fiscal_year_end": "", "sector": "", "is_sample": False, "is_watched": False, "cik": None}


def add(tx: Tx, ticker: str) -> None:
    tx.run("companies.upsert", ticker=ticker, name=ticker, **ADD)


def block(database: Database, *steps: Callable[[Tx], object]) -> None:
    """One transaction of `steps`."""
    with database.transaction() as tx:
        for step in steps:
            step(tx)


def tickers(database: Database) -> list[str]:
    with database.transaction() as tx:
        return [row["ticker"] for row in tx.all("companies.all")]


def raw(tx: Tx, sql: str) -> None:
    """Any SQL, as the statement "test.raw"."""
    try:
        tx._connection.cursor().execute(sql)
    except psycopg2.Error as error:
        raise tx._translated(error, "test.raw") from error


@pytest.fixture
def small(dsn: str) -> Iterator[Database]:
    """A pool of two, with short patience."""
    settings = PoolSettings(size=1, overflow=1, timeout_s=0.3, statement_timeout_s=0.3)
    opened = Database(dsn, settings)
    yield opened
    assert opened.pool_status().checked_out == 0
    opened.close()


def test_a_block_that_ends_is_committed(small: Database) -> None:
    with small.transaction() as tx:
        add(tx, "AAA")
        add(tx, "BBB")
    assert tickers(small) == ["AAA", "BBB"]


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), SystemExit(1)])
def test_a_block_that_raises_is_rolled_back(small: Database, error: BaseException) -> None:
    """Whatever it raises comes out unchanged."""

    def fail(_: Tx) -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        block(small, lambda tx: add(tx, "AAA"), fail)
    assert caught.value is error
    assert tickers(small) == []


def test_a_refused_statement_takes_its_block_back(small: Database) -> None:
    """A rule of the tables speaks as Conflict; the connection is as good as before."""
    again = "insert into company (ticker, name) values ('AAA', 'again')"
    with pytest.raises(Conflict):
        block(small, lambda tx: add(tx, "AAA"), lambda tx: raw(tx, again))
    assert tickers(small) == []
    assert small.pool_status().idle == 1


def test_a_runaway_statement_is_ended(small: Database) -> None:
    """And its connection serves the next one."""
    with pytest.raises(QueryTimedOut, match=r"test\.raw at"), small.transaction() as tx:
        raw(tx, "select pg_sleep(20)")
    assert tickers(small) == []


def test_a_constraint_checked_at_the_end_is_told(small: Database) -> None:
    """Deferred rules speak at the commit."""
    with pytest.raises(Conflict, match="commit at"), small.transaction() as tx:
        raw(tx, "insert into document (source, external_id, text_id) values ('s', 'e', 404)")
    assert small.pool_status().checked_out == 0


def test_a_connection_cut_in_a_block_is_replaced(small: Database) -> None:
    """The block fails, the pool does not."""
    with pytest.raises(DatabaseUnavailable), small.transaction() as tx:
        raw(tx, "select pg_terminate_backend(pg_backend_pid())")
    assert tickers(small) == []


def test_a_connection_cut_before_the_commit_is_told(small: Database, dsn: str) -> None:
    """Never silently: the caller must know that nothing, or not everything, was stored."""
    with pytest.raises(DatabaseUnavailable, match="commit at"):
        block(small, lambda tx: add(tx, "AAA"), lambda _: _cut_others(dsn))
    assert tickers(small) == []


def test_connections_that_died_idle_are_not_lent(small: Database, dsn: str) -> None:
    """A restarted server is not noticed by anybody: it has said so, and that is heard."""
    assert tickers(small) == []
    _cut_others(dsn)
    assert tickers(small) == []


@pytest.mark.parametrize(("idle_s", "asked"), [(0.1, False), (6.0, True)])
def test_a_connection_is_asked_only_when_it_lay_idle(dsn: str, idle_s: float, asked: bool) -> None:
    """A ping is a round trip, and says nothing that a line without a word does not say."""
    clock = FakeClock()
    database, judge = Database(dsn, PoolSettings(size=1, overflow=0), clock=clock), Database(dsn)
    with database.transaction() as tx:
        pid = tx._connection.info.backend_pid
    clock.advance(idle_s)
    with database.transaction(), judge.transaction() as other:
        cursor = other._connection.cursor()
        cursor.execute("select query from pg_stat_activity where pid = %s", (pid,))
        ((last,),) = cursor.fetchall()
    assert (last == "ROLLBACK") is asked  # the end of a ping; the block sent nothing yet
    database.close()
    judge.close()


def test_an_error_swallowed_in_the_block_is_told_at_its_end(small: Database) -> None:
    """PostgreSQL answers such a commit with a rollback and no word: nothing was stored, and
    the caller must know."""

    def swallow(tx: Tx) -> None:
        with pytest.raises(DatabaseError):
            raw(tx, "select 1/0")

    with pytest.raises(DatabaseError, match="swallowed"):
        block(small, lambda tx: add(tx, "AAA"), swallow)
    assert tickers(small) == []


def test_a_full_pool_says_so(small: Database) -> None:
    """After its patience, with what to do; the connections in use are not disturbed."""
    with small.transaction() as one, small.transaction() as two:
        with pytest.raises(DatabaseUnavailable, match="all 2 connections") as caught:
            block(small)
        assert caught.value.retryable
        assert not caught.value.accepted
        assert small.pool_status().checked_out == 2
        add(one, "AAA")
        add(two, "BBB")
    assert tickers(small) == ["AAA", "BBB"]


def test_borrowers_wait_for_their_turn(dsn: str) -> None:
    """And are counted while they do."""
    database = Database(dsn, PoolSettings(size=1, overflow=0, timeout_s=20))
    seen: list[list[str]] = []
    with database.transaction() as tx:
        waiter = threading.Thread(target=lambda: seen.append(tickers(database)))
        waiter.start()
        deadline = threading.Event()
        while database.pool_status().waiting == 0:
            assert not deadline.wait(0.01)
        add(tx, "AAA")
    waiter.join(20)
    assert seen == [["AAA"]]
    assert database.pool_status().waiting == 0
    database.close()


def test_values_keep_their_types(small: Database) -> None:
    """Decimal stays exact, times are aware UTC."""
    at = datetime(2026, 11, 22, 7, 30, 15, 123456, tzinfo=UTC)
    key = {"provider": "p", "model": "m", "prompt_version": "1", "sha256": "a" * 64}
    asked = dict.fromkeys(each.name for each in fields(AskedWith))
    with small.transaction() as tx:
        tx.one("paid_calls.intend", **key, **asked, owner="o", estimate_usd=Decimal("0.10"), at=at)
        row = tx.one("paid_calls.find", **key)
        spent = tx.one("paid_calls.spent", provider="p", since=at)
    assert row is not None
    assert spent is not None
    assert row["begun_at"] == at
    assert row["begun_at"].utcoffset().total_seconds() == 0
    assert str(spent["usd"]) == "0.10"


def test_a_time_without_a_zone_is_refused(small: Database) -> None:
    """It would silently be taken for UTC."""
    with pytest.raises(ValueError, match="no time zone"), small.transaction() as tx:
        tx.one("paid_calls.spent", provider="p", since=datetime(2026, 11, 22))


def test_a_value_that_has_no_column_type_is_our_slip(small: Database) -> None:
    """Not an outage: nothing is retried, and the connection stays."""
    with pytest.raises(DatabaseError, match="can't adapt") as caught, small.transaction() as tx:
        tx.one("companies.get", ticker=object())
    assert not caught.value.retryable
    assert small.pool_status().idle == 1


def test_the_server_is_known(small: Database) -> None:
    server = small.server()
    assert server.max_connections == 200
    assert server.reserved_connections == 3
    assert not server.read_only
    assert small.size_bytes() > 1_000_000
    assert small.ping() < 5


def test_a_closed_database_lends_nothing(dsn: str) -> None:
    """A thread that comes late gets an error, not a new pool."""
    database = Database(dsn, clock=FakeClock())
    database.ping()
    database.close()
    database.close()
    with pytest.raises(DatabaseUnavailable, match="closed"):
        database.ping()
    assert database.pool_status().checked_out == 0


def test_a_database_that_comes_later_is_used_then(dsn: str, empty_dsn: str) -> None:
    """Being away at first is not for ever: the pool is made when it answers."""
    name = empty_dsn.split("/")[3].split("?")[0]
    late = Database(empty_dsn.replace(name, f"{name}_late"))
    with pytest.raises(DatabaseUnavailable, match="does not exist"):
        late.ping()
    assert late.budget is None
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    connection.cursor().execute(f'create database "{name}_late"')
    late.ping()
    assert late.open().warning is None
    late.close()
    connection.cursor().execute(f'drop database "{name}_late" with (force)')
    connection.close()


def _cut_others(dsn: str) -> None:
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where pid <> pg_backend_pid() and datname = current_database()"
        )
    connection.close()
