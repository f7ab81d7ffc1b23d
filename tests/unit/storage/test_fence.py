"""storage.fence: who was given up writes nothing any more, and nobody who lives is given up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from decimal import Decimal

import psycopg
import psycopg2
import pytest

from earnings.analysts.base import CallKey, PaidAnswer, Usage
from resilience.clock import SystemClock
from storage.database import Database
from storage.errors import Conflict, Fenced
from storage.fence import Fence
from storage.leases import InstanceLock, Instances
from storage.paid_calls import PaidCallLedger
from storage.pool import PoolSettings
from tests.acceptance.processes import eventually
from tests.unit.storage.paying import paying, unasked

pytestmark = pytest.mark.database

KEY = CallKey("claude", "model-x", "7", "a" * 64)
ANSWER = PaidAnswer({"says": "so"}, Usage(1, 0, 0, 1, Decimal("0.01")))


class Working:
    """A process that works: its lock, its fence, its pool."""

    def __init__(self, dsn: str, executor: str) -> None:
        self.clock = SystemClock()
        self.executor = executor
        self.lock = InstanceLock(dsn, "main", executor, kind="worker")
        self.lock.acquire(1, "h")
        self.fence = Fence(executor, self.clock)
        self.database = Database(dsn, PoolSettings(size=2, overflow=0, timeout_s=5))
        self.database.fence(self.fence)

    def cut(self, other: Database) -> None:
        """All its connections end, as after a cut that was too long."""
        self._end(other)
        self.lock._drop()

    def _end(self, other: Database) -> None:
        self.database._ready().close()
        with other.transaction() as tx:
            tx._connection.cursor().execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
                " and application_name in ('retailxai-worker', 'retailxai')"
            )

    def write(self, ticker: str) -> None:
        with self.database.transaction() as tx:
            tx.run("companies.add_unknown", ticker=ticker, name=ticker, is_sample=False)

    def close(self) -> None:
        self.lock.release()
        self.database.close()


@pytest.fixture
def other(dsn: str) -> Iterator[Database]:
    """Another process, that judges."""
    database = Database(dsn, PoolSettings(size=2, overflow=0), application="other")
    yield database
    database.close()


@pytest.fixture
def one(dsn: str) -> Iterator[Working]:
    working = Working(dsn, "ex-1")
    yield working
    working.close()


def tickers(database: Database) -> set[str]:
    with database.transaction() as tx:
        cursor = tx._connection.cursor()
        cursor.execute("select ticker from company")
        return {ticker for (ticker,) in cursor.fetchall()}


def test_a_process_lives_as_long_as_any_of_its_connections(one: Working, other: Database) -> None:
    """The lock's own connection is lost; a transaction is under way, so nobody may take over."""
    instances = Instances(other)
    with one.database.transaction() as tx:
        one.lock._drop()
        assert not instances.is_dead("ex-1")
        assert instances.gone() == []
        assert not instances.fence("ex-1")
        tx.run("companies.add_unknown", ticker="A", name="A", is_sample=False)
    assert one.lock.beat()
    one.write("B")
    assert tickers(other) == {"A", "B"}


def test_what_a_fenced_process_sends_is_refused(one: Working, other: Database) -> None:
    """Also long after; and it learns of it at its next beat."""
    instances = Instances(other)
    one.write("A")
    one.cut(other)
    assert instances.gone() == ["ex-1"]
    assert instances.fence("ex-1")
    assert instances.is_dead("ex-1")
    for _ in range(2):
        with pytest.raises(Fenced, match="ex-1 was out of reach"):
            one.write("B")
    with pytest.raises(Fenced):
        one.lock.beat()
    assert not one.lock.held()
    with pytest.raises(Fenced):
        one.lock.acquire(1, "h")
    assert tickers(other) == {"A"}
    eventually(lambda: instances.running() == [], "the server noticed that the refused hung up", 5)


def test_the_engines_connections_are_refused_too(one: Working, other: Database, dsn: str) -> None:
    """They are of another driver."""
    held = psycopg.connect(dsn)
    one.fence.admit(held)
    one.cut(other)
    assert not Instances(other).fence("ex-1"), "a connection of it is left"
    held.close()
    eventually(lambda: Instances(other).fence("ex-1"), "the server noticed that it hung up", 5)
    late = psycopg.connect(dsn)
    with pytest.raises(Fenced):
        one.fence.admit(late)
    assert late.closed


def test_a_process_that_is_forgotten_is_refused(one: Working, other: Database) -> None:
    """Its row was tidied away: it has been silent for days."""
    one.cut(other)
    with other.transaction() as tx:
        tx._connection.cursor().execute("delete from instance")
    with pytest.raises(Fenced):
        one.write("B")
    with pytest.raises(Fenced):
        one.lock.beat()


def test_one_who_comes_back_in_time_goes_on(one: Working, other: Database) -> None:
    """Cut off, and back before anybody judged: the same executor, nothing is refused."""
    one.cut(other)
    assert one.lock.beat()
    one.write("A")
    assert not Instances(other).fence("ex-1")
    assert tickers(other) == {"A"}


def test_judging_and_coming_back_at_once(one: Working, other: Database) -> None:
    """Whoever is first wins, and the other sees it: never both."""
    instances = Instances(other)
    for number in range(20):
        one.cut(other)
        outcome: list[object] = []

        def come_back(number: int = number, outcome: list[object] = outcome) -> None:
            try:
                one.write(f"T{number}")
            except Fenced as refused:
                outcome.append(refused)
            else:
                outcome.append("written")

        thread = threading.Thread(target=come_back)
        thread.start()
        fenced = instances.fence("ex-1")
        thread.join()
        (came,) = outcome
        # Written before it was fenced is possible: then its connection had ended in between,
        # which it has not, as the pool keeps it.
        assert isinstance(came, Fenced) == fenced
        assert (f"T{number}" in tickers(other)) != fenced
        if fenced:
            with other.transaction() as tx:
                tx._connection.cursor().execute("update instance set fenced_at = null")


def test_an_answer_that_was_paid_for_is_stored_all_the_same(one: Working, other: Database) -> None:
    """The process was given up while it waited for the answer. Others had put the question in
    doubt; the answer ends the doubt, and is not bought again."""
    ledger = PaidCallLedger(one.database, "ex-1", is_dead=lambda executor: False)

    def answer() -> PaidAnswer:
        one.cut(other)
        assert Instances(other).fence("ex-1")
        assert PaidCallLedger(other, "ex-2", is_dead=Instances(other).is_dead).recover() == 1
        return ANSWER

    assert ledger.once(KEY, Decimal(1), paying(answer)) == ANSWER
    with pytest.raises(Fenced):
        one.write("A")
    successor = PaidCallLedger(other, "ex-2", is_dead=Instances(other).is_dead)
    assert successor.in_doubt() == ()
    assert successor.once(KEY, Decimal(1), unasked) == ANSWER


def test_a_fenced_process_buys_nothing(one: Working, other: Database) -> None:
    """No intent can be written, so no call is made."""
    one.cut(other)
    Instances(other).fence("ex-1")
    ledger = PaidCallLedger(one.database, "ex-1", is_dead=lambda executor: False)
    with pytest.raises(Fenced):
        ledger.once(KEY, Decimal(1), unasked)


def test_what_was_settled_is_not_looked_at_again(one: Working, other: Database) -> None:
    instances = Instances(other)
    one.cut(other)
    assert instances.settle(["ex-1"]) == 0, "it was not fenced"
    assert instances.fence("ex-1")
    assert instances.gone() == ["ex-1"], "whoever fenced it may have died since"
    assert instances.settle(["ex-1"]) == 1
    assert instances.gone() == []
    assert instances.is_dead("ex-1")


def test_who_left_in_good_order_is_settled_too(one: Working, other: Database) -> None:
    """It may have left work behind that did not end in time."""
    instances = Instances(other)
    one.close()
    assert instances.gone() == ["ex-1"]
    assert instances.fence("ex-1")


def test_a_server_that_has_just_started_gives_its_users_time(one: Working, other: Database) -> None:
    """All locks are gone with it. Who was heard of until then is not judged for some seconds;
    who was silent before is."""
    one.cut(other)
    with other.transaction() as tx:
        cursor = tx._connection.cursor()
        cursor.execute("select pg_get_functiondef('may_come_back'::regproc)")
        (rule,) = cursor.fetchone() or ("",)
        started = "pg_postmaster_start_time()"
        assert started in rule
        cursor.execute(rule.replace(started, "(now() - interval '2 seconds')"))
    instances = Instances(other)

    def seen(ago_s: int) -> None:
        with other.transaction() as tx:
            cursor = tx._connection.cursor()
            cursor.execute("update instance set seen_at = now() - %s * interval '1 s'", (ago_s,))

    seen(3)
    assert instances.gone() == []
    assert not instances.is_dead("ex-1")
    assert not instances.fence("ex-1")
    for ago_s in (1, 90):
        seen(ago_s)
        assert instances.gone() == ["ex-1"]
        assert instances.is_dead("ex-1")
    assert instances.fence("ex-1")


def test_a_connection_that_breaks_while_it_is_let_in_is_an_outage(dsn: str, one: Working) -> None:
    connection = psycopg2.connect(dsn)
    connection.close()
    with pytest.raises(psycopg2.InterfaceError):
        one.fence.admit(connection)


def test_rules_of_the_tables_hold_behind_the_fence(one: Working) -> None:
    """Errors come through as they are."""
    with pytest.raises(Conflict), one.database.transaction() as tx:
        tx.run("leases.enter", executor="x", name="y", kind="nonsense", pid=1, host="h", details={})
