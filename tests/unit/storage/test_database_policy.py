"""The policy round transactions: a server that is away costs microseconds, not time-outs."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from resilience.breaker import BreakerState
from resilience.outcomes import CircuitOpen
from resilience.policy import Policy
from resilience.spec import PRESETS
from resilience.testing import FakeClock
from storage.database import Database
from storage.errors import Conflict, DatabaseUnavailable
from storage.leases import InstanceLock
from storage.pool import PoolSettings

pytestmark = pytest.mark.database


@pytest.fixture
def policy(clock: FakeClock) -> Policy:
    return Policy("database", PRESETS["database"], clock)


@pytest.fixture
def guarded(dsn: str, policy: Policy) -> Iterator[Database]:
    opened = Database(dsn, PoolSettings(size=1, overflow=1, timeout_s=0.2), policy=policy)
    yield opened
    opened.close()


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.fixture
def away(policy: Policy) -> Database:
    dsn = f"postgresql://nobody@127.0.0.1:{closed_port()}/nowhere"
    return Database(dsn, PoolSettings(size=1, overflow=0, timeout_s=0.2), policy=policy)


def ask(database: Database) -> None:
    with database.transaction() as tx:
        tx.one("server.ping")


def test_a_server_that_is_away_is_soon_not_asked_any_more(
    away: Database, policy: Policy, clock: FakeClock
) -> None:
    """Five connections are refused; the sixth caller is told so, and when it is tried again,
    as the error he knows."""
    for _ in range(5):
        with pytest.raises(DatabaseUnavailable, match="cannot connect"):
            ask(away)
    with pytest.raises(DatabaseUnavailable, match="circuit open") as refused:
        ask(away)
    assert isinstance(refused.value.__cause__, CircuitOpen)
    assert refused.value.retry_at is not None
    assert refused.value.retryable
    assert not refused.value.accepted
    assert policy.status().calls == 5


def test_it_is_found_again_by_a_transaction(
    guarded: Database, policy: Policy, clock: FakeClock
) -> None:
    """Two that go well close the circuit."""
    policy.force_open()
    clock.advance(PRESETS["database"].open_s)
    ask(guarded)
    assert policy.status().state is BreakerState.HALF_OPEN
    ask(guarded)
    assert policy.status().state is BreakerState.CLOSED


def test_a_server_that_was_just_started_is_tried_at_once(guarded: Database, policy: Policy) -> None:
    """The wait was for a server that nobody had started yet."""
    policy.force_open()
    guarded.try_now()
    ask(guarded)


def test_what_a_block_does_wrong_says_nothing_about_the_server(
    guarded: Database, policy: Policy
) -> None:
    """A bug, a conflict and a full pool of ours do not shut the database out for everybody."""
    for _ in range(6):
        with pytest.raises(ZeroDivisionError), guarded.transaction():
            raise ZeroDivisionError
        with pytest.raises(Conflict), guarded.transaction() as tx:
            tx.run("leases.enter", executor="x", name="y", kind="nonsense", pid=1, host="h",
                   details="{}")  # fmt: skip
    with guarded.transaction(), guarded.transaction():
        for _ in range(6):
            with pytest.raises(DatabaseUnavailable, match="in use"):
                ask(guarded)
    assert policy.status().state is BreakerState.CLOSED
    assert policy.status().failures == 0


def test_every_permit_comes_back(guarded: Database, policy: Policy) -> None:
    """Also of blocks that are left by an exception that is none."""
    ask(guarded)
    with pytest.raises(KeyboardInterrupt), guarded.transaction():
        raise KeyboardInterrupt
    assert policy.status().under_way == 0


def test_the_instance_lock_asks_too(dsn: str, policy: Policy) -> None:
    """Its connection stands outside the pool, not outside the policy."""
    policy.hold(why="maintenance")
    lock = InstanceLock(dsn, "here", "here-1", policy=policy)
    with pytest.raises(DatabaseUnavailable, match="maintenance"):
        lock.acquire(1, "host")
