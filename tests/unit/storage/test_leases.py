"""storage.leases: one daemon per name, and the dead are known from the living."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience.testing import FakeClock
from storage.database import Database
from storage.errors import DatabaseUnavailable
from storage.leases import InstanceLock, Instances, InstanceTaken, Kind
from storage.lock_keys import lock_key

pytestmark = pytest.mark.database


class Locks:
    """Makes locks, and releases all of them in the end."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.made: list[InstanceLock] = []

    def __call__(self, name: str, executor: str, kind: Kind = "daemon") -> InstanceLock:
        lock = InstanceLock(self.dsn, name, executor, kind=kind, clock=FakeClock())
        self.made.append(lock)
        return lock

    def cut(self, lock: InstanceLock) -> None:
        """The server ends the lock's session, as a failover or a long cut would."""
        assert lock._connection is not None
        pid = lock._connection.backend_pid
        with psycopg2.connect(self.dsn) as connection, connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(%s, 5000)", (pid,))
        connection.close()


@pytest.fixture
def locks(dsn: str) -> Iterator[Locks]:
    made = Locks(dsn)
    yield made
    for lock in made.made:
        lock.release()


@pytest.fixture
def instances(database: Database) -> Instances:
    return Instances(database)


def test_a_second_daemon_of_a_name_is_refused_with_the_firsts_pid(locks: Locks) -> None:
    """Who to stop is in the message."""
    locks("main", "ex-1").acquire(4711, "box.example")
    with pytest.raises(InstanceTaken, match=r"pid 4711 on box\.example since") as caught:
        locks("main", "ex-2").acquire(4712, "box.example")
    assert (caught.value.pid, caught.value.host, caught.value.name) == (4711, "box.example", "main")
    assert "RETAILXAI_INSTANCE" in str(caught.value)


def test_other_names_and_commands_may_run_beside(locks: Locks, instances: Instances) -> None:
    """Daemons under other names, and any number of commands under the same."""
    locks("main", "ex-1").acquire(1, "h")
    locks("second", "ex-2").acquire(2, "h")
    locks("main", "ex-3", "command").acquire(3, "h", {"version": "0.1.0"})
    locks("main", "ex-4", "command").acquire(4, "h")
    running = {each.executor: each for each in instances.running()}
    assert set(running) == {"ex-1", "ex-2", "ex-3", "ex-4"}
    assert (running["ex-3"].kind, running["ex-3"].details) == ("command", {"version": "0.1.0"})


def test_the_living_and_the_dead(locks: Locks, instances: Instances) -> None:
    """An executor lives exactly as long as it holds its lock; looking disturbs nothing."""
    lock = locks("main", "ex-1")
    assert instances.is_dead("ex-1")
    lock.acquire(1, "h")
    assert not instances.is_dead("ex-1")
    assert [each.name for each in instances.running()] == ["main"]
    assert instances.is_dead("ex-0")
    lock.release()
    assert instances.is_dead("ex-1")
    assert instances.running() == []
    assert not lock.held()


def test_a_name_is_free_again_after_its_holder(locks: Locks) -> None:
    first = locks("main", "ex-1")
    first.acquire(1, "h")
    first.release()
    first.release()
    second = locks("main", "ex-2")
    second.acquire(2, "h")
    assert second.held()
    assert second.beat()


def test_beats_are_seen_by_others(locks: Locks, instances: Instances) -> None:
    """By the server's clock, over the connection that holds the lock."""
    lock = locks("main", "ex-1")
    lock.acquire(1, "h")
    (before,) = instances.recent()
    assert lock.beat()
    (after,) = instances.recent()
    assert after.seen_at > before.seen_at
    assert after.started_at == before.started_at
    lock.release()
    (gone,) = instances.recent()
    assert gone.left_at is not None
    assert instances.running() == []


def test_a_cut_off_holder_notices_and_gets_its_hold_back(
    locks: Locks, instances: Instances
) -> None:
    """False once: take no work. Then True again, with nobody in between."""
    lock = locks("main", "ex-1")
    lock.acquire(1, "h")
    locks.cut(lock)
    assert instances.is_dead("ex-1")
    assert not lock.beat()
    assert not lock.held()
    assert lock.beat()
    assert lock.held()
    assert not instances.is_dead("ex-1")


def test_a_holder_that_was_replaced_is_told_to_end(locks: Locks) -> None:
    """It must not go on beside its successor."""
    old, new = locks("main", "ex-1"), locks("main", "ex-2")
    old.acquire(1, "h")
    locks.cut(old)
    new.acquire(2, "h")
    assert not old.beat()
    with pytest.raises(InstanceTaken, match="pid 2"):
        old.beat()
    assert new.beat()


def test_our_own_lost_session_is_no_successor(locks: Locks) -> None:
    """The server may hold a cut-off session for some seconds: that is us, not another."""
    lost = locks("main", "ex-1")
    lost.acquire(1, "h")
    again = locks("main", "ex-1")
    again._entry = lost._entry
    assert not again.beat()
    lost._drop()
    assert again.beat()


def test_a_late_beat_does_not_take_the_locks_again(locks: Locks, instances: Instances) -> None:
    """A tick that was under way while the process left must not make it look alive."""
    lock = locks("main", "ex-1")
    lock.acquire(1, "h")
    lock.release()
    assert not lock.beat()
    assert not lock.held()
    assert instances.is_dead("ex-1")
    (row,) = instances.recent()
    assert row.left_at is not None
    lock.acquire(1, "h")
    assert lock.beat()


def test_without_a_database_there_is_no_hold(locks: Locks, dsn: str) -> None:
    """acquire says why; beat says False and tries again the next time."""
    nowhere = InstanceLock("postgresql://ann:s3cret@127.0.0.1:1/x", "main", "ex", clock=FakeClock())
    with pytest.raises(DatabaseUnavailable) as caught:
        nowhere.acquire(1, "h")
    assert "s3cret" not in str(caught.value)
    assert not nowhere.beat()
    nowhere.release()


def test_old_rows_are_forgotten(locks: Locks, instances: Instances) -> None:
    lock = locks("main", "ex-1")
    lock.acquire(1, "h")
    (row,) = instances.recent()
    assert instances.forget(row.started_at) == 0
    assert instances.forget(row.seen_at + timedelta(days=1)) == 1


@given(st.text(max_size=60), st.text(max_size=60))
def test_names_have_keys_of_their_own(one: str, other: str) -> None:
    """64 bits, signed, as the server wants them; different names differ."""
    assert -(2**63) <= lock_key(one) < 2**63
    assert (lock_key(one) == lock_key(other)) == (one == other)


@pytest.mark.parametrize("executor", ["ex", "ü-1", "x" * 500, "a'b", "neg-3", "0"])
def test_any_name_is_found_again_among_the_servers_locks(
    locks: Locks, instances: Instances, executor: str
) -> None:
    """Keys may be negative: both halves are compared as the server stores them."""
    locks("main", executor, "command").acquire(1, "h")
    assert not instances.is_dead(executor)
