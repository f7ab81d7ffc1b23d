"""What is typed at one process reaches the others, over a real PostgreSQL and nothing else."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg2
import pytest

from bootstrap.hearing import Hearing
from jobs.asking import Asking
from jobs.orders import Given, Order, Orders
from resilience.breaker import BreakerState
from resilience.clock import SystemClock
from resilience.registry import Policies
from resilience.spec import PolicySpec
from scheduler import Scheduler, Tick
from storage.commands import Commands
from storage.database import Database
from storage.leases import InstanceLock, Instances
from storage.policy_desk import PolicyDesk
from storage.policy_state import PolicyStates
from storage.pool import PoolSettings
from tests.acceptance.processes import eventually

pytestmark = pytest.mark.database

CLOCK = SystemClock()
SPEC = PolicySpec(open_s=60)
TOLD_S, FOUND_S = 1.0, 3.0  # by notification; by the tick alone
HELD, CLOSED = BreakerState.HELD, BreakerState.CLOSED


class Process:
    """What a daemon has of commands: policies that remember, a tick, and maybe a listener."""

    def __init__(self, dsn: str, name: str, held: ExitStack, *, listens: bool = True) -> None:
        self.executor = f"{name}-1"
        database = Database(dsn, PoolSettings(size=3, overflow=2, timeout_s=10))
        held.callback(database.close)
        self.policies = Policies({"edgar": SPEC}, CLOCK)
        states = PolicyStates(database, name, self.executor)
        hearing = Hearing(database, self.policies, states, self.executor, CLOCK)
        lock = InstanceLock(dsn, name, self.executor)
        lock.acquire(os.getpid(), "retail-01")
        held.callback(lock.release)
        self.policies.remember(states)
        held.callback(self.policies.close)
        ticks = Scheduler({"commands": Tick(hearing.look, 2.0)}, CLOCK)
        ticks.start()
        held.callback(ticks.stop)
        if listens:
            listener = hearing.listener(lambda queues: None)
            listener.start()
            held.callback(listener.stop)

    def state(self) -> BreakerState:
        return self.policies.of("edgar").status().state

    def becomes(self, state: BreakerState, within_s: float) -> None:
        eventually(lambda: self.state() is state, f"{self.executor} is {state}", within_s)


class Terminal:
    """Somebody who types, and is no process that runs."""

    def __init__(self, database: Database) -> None:
        self.desk = PolicyDesk(database)
        self.asking = Asking(Commands(database), Instances(database), CLOCK)
        states_of: Callable[[str], PolicyStates] = lambda name: PolicyStates(  # noqa: E731
            database, name, "at-the-terminal"
        )
        self._orders = Orders(self.asking, self.desk, states_of, "retailxai")

    def give(self, order: Order, seconds: float | None = None) -> Given:
        return self._orders.give(order, "edgar", SPEC, by="ann", seconds=seconds, why="because")


@pytest.fixture
def terminal(database: Database) -> Terminal:
    return Terminal(database)


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_a_hold_reaches_everybody_at_once(dsn: str, terminal: Terminal, held: ExitStack) -> None:
    """Both follow and answer within a second, and so with the release."""
    first, second = Process(dsn, "one", held), Process(dsn, "two", held)
    began = CLOCK.monotonic()
    given = terminal.give(Order.HOLD)
    assert CLOCK.monotonic() - began < TOLD_S
    assert {one.executor for one in given.asked.done} == {"one-1", "two-1"}
    assert (first.state(), second.state()) == (HELD, HELD)
    terminal.give(Order.CLOSE)
    assert (first.state(), second.state()) == (CLOSED, CLOSED)


def test_who_is_not_told_finds_it(dsn: str, terminal: Terminal, held: ExitStack) -> None:
    """Without a listener the tick sees the order, within two or three seconds."""
    deaf = Process(dsn, "deaf", held, listens=False)
    given = terminal.give(Order.HOLD)
    deaf.becomes(HELD, FOUND_S)
    assert len(given.asked.answers) + len(given.asked.silent) == 1


def test_a_listener_that_was_cut_off_costs_nobody_an_order(
    dsn: str, terminal: Terminal, held: ExitStack
) -> None:
    """Its session is ended by the server; the order is found all the same, and later ones are
    told at once again."""
    process = Process(dsn, "one", held)
    terminal.asking.ask("policy.status", by="ann", within_s=5)  # it listens by now
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where application_name = 'retailxai-listen' and datname = current_database()"
        )
        assert cursor.rowcount == 1
    connection.close()
    terminal.give(Order.HOLD)
    process.becomes(HELD, FOUND_S)


def test_a_process_that_starts_later_obeys(dsn: str, terminal: Terminal, held: ExitStack) -> None:
    """Nobody ran when it was typed; its time runs all the same."""
    given = terminal.give(Order.HOLD, seconds=600)
    assert given.asked.nobody_runs
    late = Process(dsn, "late", held)
    assert late.state() is HELD
    status = late.policies.of("edgar").status()
    assert status.why == "because"
    assert status.retry_at is not None
    assert 500 < (status.retry_at - CLOCK.now()).total_seconds() <= 600


def test_orders_of_before_a_start_are_not_followed(
    dsn: str, terminal: Terminal, held: ExitStack
) -> None:
    """What somebody asked of others yesterday is not done by whoever starts today."""
    Process(dsn, "one", held)
    terminal.give(Order.OPEN)
    late = Process(dsn, "late", held)
    CLOCK.wait(0.5)
    assert late.state() is CLOSED


def test_a_trial_that_succeeds_ends_the_hold_for_good(
    dsn: str, terminal: Terminal, held: ExitStack
) -> None:
    """Nobody holds it again two seconds later: the stored hold is gone with the probe."""
    process = Process(dsn, "one", held)
    terminal.give(Order.HOLD)
    terminal.give(Order.PROBE)
    process.policies.of("edgar").call(lambda: None)
    process.policies.refresh()
    assert process.state() is CLOSED
    assert terminal.desk.holds() == []


def test_two_people_decide_at_once_and_everybody_agrees(
    dsn: str, terminal: Terminal, held: ExitStack
) -> None:
    """Whichever was stored last holds, in every process."""
    processes = [Process(dsn, "one", held), Process(dsn, "two", held)]
    orders = [Order.HOLD, Order.CLOSE, Order.DISABLE] * 2
    typing = [threading.Thread(target=terminal.give, args=(order,)) for order in orders]
    for each in typing:
        each.start()
    for each in typing:
        each.join()
    stored = {hold.kind for hold in terminal.desk.holds()}
    wanted = {"hold": HELD, "disable": BreakerState.DISABLED}.get(next(iter(stored), ""), CLOSED)
    for process in processes:
        process.becomes(wanted, FOUND_S + 2)
