"""storage.poolers before a real PgBouncer: one that lends sessions is known, also when nobody else
uses it; one that keeps them serves."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from resilience.clock import SystemClock
from storage.database import Database
from storage.errors import Fenced
from storage.fence import Fence
from storage.leases import InstanceLock, Instances, InstanceTaken
from storage.notifications import Notifications
from storage.pool import PoolSettings
from storage.poolers import NoSecondConnection, SessionsLent, is_pooled
from storage.schema import migrate
from tests.leftovers import fresh_folder
from tests.servers.pgbouncer import Bouncer, needs_pgbouncer, tell
from tests.servers.tcp_postgres import tcp_postgres

pytestmark = pytest.mark.database

ADVISORY = "select count(*) from pg_locks where locktype = 'advisory'"
ROUNDS = 10


@pytest.fixture(scope="module")
def direct(postgres_binaries: None) -> Iterator[str]:
    """The server's own address."""
    needs_pgbouncer()
    folder = fresh_folder()
    with tcp_postgres(folder) as dsn:
        migrate(dsn)
        yield dsn
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def session(direct: str, tmp_path: Path) -> Iterator[str]:
    with Bouncer(tmp_path, direct, "session") as bouncer:
        yield bouncer.dsn


class Busy:
    """Others who use the pooler meanwhile."""

    def __init__(self, dsn: str, count: int) -> None:
        self._dsn = dsn
        self._ending = threading.Event()
        self._begun = threading.Barrier(count + 1)
        self._threads = [threading.Thread(target=self._use) for _ in range(count)]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()
        self._begun.wait(20)

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join(20)

    def _use(self) -> None:
        connection = psycopg2.connect(self._dsn)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("select 1")
            self._begun.wait(20)
            while not self._ending.is_set():
                cursor.execute("select pg_sleep(0.002)")
        connection.close()


def test_without_a_pooler_there_is_none(direct: str) -> None:
    assert not is_pooled(direct)


@pytest.mark.parametrize("mode", ["transaction", "statement"])
@pytest.mark.parametrize("in_turn", [0, 1])
@pytest.mark.parametrize(("servers", "others"), [(1, 0), (20, 0), (20, 3), (3, 6)])
def test_one_that_lends_sessions_is_refused(
    direct: str, tmp_path: Path, mode: str, in_turn: int, servers: int, others: int
) -> None:
    """Each time: quiet or busy, whichever of its idle servers it hands out."""
    settings = {"default_pool_size": servers, "server_round_robin": in_turn}
    with Bouncer(tmp_path, direct, mode, **settings) as bouncer, Busy(bouncer.dsn, others):
        for _ in range(ROUNDS):
            with pytest.raises(SessionsLent, match=f":{bouncer.port}/retailxai"):
                is_pooled(bouncer.dsn)


def test_a_process_is_refused_before_it_leaves_a_lock_behind(direct: str, tmp_path: Path) -> None:
    """A lock on a lent session would stay there, and keep the name from everybody."""
    with Bouncer(tmp_path, direct, "transaction") as bouncer:
        lock = InstanceLock(bouncer.dsn, "main", "ex-1")
        with pytest.raises(SessionsLent) as caught:
            lock.acquire(1, "h")
        assert not lock.held()
        tell(direct, "create database fresh")
        with pytest.raises(SessionsLent):
            migrate(bouncer.dsn.replace("/retailxai", "/fresh"))
        assert tell(direct, ADVISORY) == [(0,)]
    said = str(caught.value)
    for words in (
        "pooler in transaction mode",
        "LISTEN",
        "prepared",
        "pool_mode = session",
        "5432",
    ):
        assert words in said


def test_what_is_refused_does_go_wrong(direct: str, tmp_path: Path) -> None:
    """The reason for all this, with the real one: a lock on a lent session is everybody's, a
    statement prepared by one is met by another."""
    with Bouncer(tmp_path, direct, "transaction") as bouncer:
        take = "select pg_try_advisory_lock(77)"
        assert [tell(bouncer.dsn, take), tell(bouncer.dsn, take)] == [[(True,)], [(True,)]]
        tell(bouncer.dsn, "prepare twice as select 1")
        with pytest.raises(psycopg2.errors.DuplicatePreparedStatement):
            tell(bouncer.dsn, "prepare twice as select 1")


@pytest.mark.parametrize("in_turn", [0, 1])
def test_one_that_keeps_sessions_is_let_in(direct: str, tmp_path: Path, in_turn: int) -> None:
    settings = {"server_round_robin": in_turn}
    with Bouncer(tmp_path, direct, "session", **settings) as bouncer, Busy(bouncer.dsn, 3):
        for _ in range(ROUNDS):
            assert is_pooled(bouncer.dsn)


def test_one_that_is_too_small_is_named(direct: str, tmp_path: Path) -> None:
    with (
        Bouncer(tmp_path, direct, "session", default_pool_size=1) as bouncer,
        pytest.raises(NoSecondConnection, match="pool_size"),
    ):
        is_pooled(bouncer.dsn)


def test_locks_and_fence_hold_through_one_that_keeps_sessions(session: str) -> None:
    """One daemon of a name; who is gone is dead; who was fenced writes nothing."""
    clock = SystemClock()
    first = InstanceLock(session, "main", "ex-1")
    second = InstanceLock(session, "main", "ex-2", patience_s=0)
    first.acquire(1, "h")
    with pytest.raises(InstanceTaken):
        second.acquire(2, "h")
    looks = Database(session, PoolSettings(size=2, overflow=0), clock=clock)
    instances = Instances(looks)
    working = Database(session, PoolSettings(size=1, overflow=0), clock=clock)
    working.fence(Fence("ex-1", clock))
    working.ping()
    assert not instances.is_dead("ex-1")
    assert not instances.fence("ex-1")
    first.release()
    assert not instances.fence("ex-1"), "one connection of it is left"
    working._ready().close()
    give_up_at = clock.monotonic() + 10
    while not instances.fence("ex-1") and clock.monotonic() < give_up_at:
        clock.wait(0.05)
    with pytest.raises(Fenced):
        working.ping()
    second.acquire(2, "h")
    assert second.beat()
    second.release()
    working.close()
    looks.close()


def test_word_is_heard_and_statements_are_prepared_through_it(session: str, direct: str) -> None:
    told = Notifications(session)
    try:
        assert told.wait(10)  # it has just connected
        tell(direct, f"notify {next(iter(told.news()))}")
        assert told.wait(10)
    finally:
        told.close()
    for _ in range(2):  # the second gets server connections that the first has used
        database = Database(session, PoolSettings(size=2, overflow=0))
        for _ in range(8):
            with database.transaction() as one, database.transaction() as other:
                assert one.all("companies.all") == other.all("companies.all")
        with database.transaction() as tx:
            assert tx._prepared is not None
            assert tx._prepared._known(tx._connection).prepared == {"companies.all"}
        database.close()
