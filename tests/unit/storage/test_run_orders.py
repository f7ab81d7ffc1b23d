"""storage.run_orders: a person's word counts once, and only where the run still stands so."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from resilience.testing import FakeClock
from storage.database import Database
from storage.ledger import JobRun, Ledger
from storage.run_lives import RunLives
from storage.run_orders import RunOrders
from storage.states import RunState

pytestmark = pytest.mark.database

DUE = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SLOT = "2026-11-22T07:00"
R = RunState


class House:
    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.ledger = Ledger(database, clock)
        self.lives = RunLives(database)
        self.orders = RunOrders(database, clock)

    def run(self, slot: str = SLOT) -> JobRun:
        found = self.lives.find("scan", slot)
        assert found is not None
        return found

    def comes_to(self, state: RunState, slot: str = SLOT) -> JobRun:
        """A run that stands in `state` by the usual way."""
        ledger = self.ledger
        decision = "skipped" if state is R.SKIPPED else "run"
        ledger.decide("scan", slot, DUE, decision, "why", "d")
        if state not in (R.DUE, R.SKIPPED):
            run_id = ledger.claim("scan", slot, "ex")
            assert run_id is not None
            if state is R.DEFERRED:
                ledger.defer("scan", slot, DUE + timedelta(hours=1), "circuit open")
            elif state is not R.RUNNING:
                ledger.finish(run_id, state, {"said": "half"}, "broke", executor="ex")
        assert self.run(slot).state is state
        return self.run(slot)


@pytest.fixture
def house(database: Database, clock: FakeClock) -> House:
    return House(database, clock)


@pytest.mark.parametrize("state", list(R))
def test_only_what_waits_is_skipped(house: House, state: RunState) -> None:
    run = house.comes_to(state)
    waits = state in (R.DUE, R.DEFERRED, R.ABANDONED)
    assert house.orders.skip(run.id, "cancelled by ann") is waits
    after = house.run()
    assert after.state is (R.SKIPPED if waits else state)
    if waits:
        assert (after.reason, after.finished_at) == ("cancelled by ann", DUE)
        assert house.ledger.ready() == []


@pytest.mark.parametrize("state", list(R))
def test_only_what_runs_is_asked_to_stop(house: House, state: RunState) -> None:
    run = house.comes_to(state)
    runs = state is R.RUNNING
    assert house.orders.ask(run.id, "ex", 1, "cancelled by ann") is runs
    assert not house.orders.ask(run.id, "another", 1, "cancelled by bob")
    assert not house.orders.ask(run.id, "ex", 2, "cancelled by bob")
    assert house.run().cancel_asked == ("cancelled by ann" if runs else "")


def test_the_first_who_asks_is_kept(house: House) -> None:
    run = house.comes_to(R.RUNNING)
    assert house.orders.ask(run.id, "ex", 1, "cancelled by ann")
    assert house.orders.ask(run.id, "ex", 1, "cancelled by bob")
    assert house.run().cancel_asked == "cancelled by ann"


def test_only_what_was_asked_to_stop_is_ended_for_the_dead(house: House) -> None:
    run = house.comes_to(R.RUNNING)
    assert not house.orders.end(run.id, "ex")
    house.orders.ask(run.id, "ex", 1, "cancelled by ann")
    assert not house.orders.end(run.id, "another")
    assert house.orders.end(run.id, "ex")
    assert not house.ledger.finish(run.id, "succeeded", executor="ex"), "a late end of the dead"
    assert (house.run().state, house.run().error) == (R.CANCELLED, "cancelled by ann")


@pytest.mark.parametrize("state", list(R))
def test_only_what_ended_otherwise_than_well_is_due_again(house: House, state: RunState) -> None:
    """With all of the former attempt put away: its moves remember it."""
    run = house.comes_to(state)
    again = state in (R.FAILED, R.SKIPPED, R.CANCELLED)
    assert house.orders.again(run.id, 0, "retried by ann") is again
    after = house.run()
    assert after.state is (R.DUE if again else state)
    if again:
        assert (after.reason, after.retries, after.error) == ("retried by ann", 1, "")
        assert (after.executor, after.started_at, after.finished_at) == (None, None, None)
        assert (after.summary, after.attempts) == ({}, run.attempts)
        assert [one.slot for one in house.ledger.ready()] == [SLOT]
        assert house.ledger.ready()[0].retries == 1
        assert house.lives.moves(run.id)[-1].reason == "retried by ann"


def test_of_many_who_ask_at_once_one_does(house: House) -> None:
    """Twenty people, one more run."""
    run = house.comes_to(R.FAILED)
    won: list[bool] = []
    threads = [
        threading.Thread(target=lambda: won.append(house.orders.again(run.id, 0, "retried")))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won.count(True) == 1
    assert house.run().retries == 1


def test_a_slot_may_be_retried_more_than_once(house: House) -> None:
    run = house.comes_to(R.FAILED)
    for retries in (0, 1):
        assert house.orders.again(run.id, retries, "retried by ann")
        run_id = house.ledger.claim("scan", SLOT, "ex")
        assert run_id is not None
        house.ledger.finish(run_id, "failed", error="again", executor="ex")
    assert (house.run().retries, house.run().attempts) == (2, 3)


def test_what_was_asked_for_by_hand_is_not_a_slot_to_be_due(house: House) -> None:
    """No daemon takes it up: it is run anew by who wants it."""
    run = house.comes_to(R.FAILED, "manual:1")
    assert not house.orders.again(run.id, 0, "retried by ann")


def test_a_retried_run_forgets_that_it_was_told_to_stop(house: House) -> None:
    run = house.comes_to(R.RUNNING)
    house.orders.ask(run.id, "ex", 1, "cancelled by ann")
    house.ledger.abandon_of(["ex"])
    house.orders.again(run.id, 0, "retried by ann")
    assert house.run().cancel_asked == ""
    house.ledger.claim("scan", SLOT, "ex-2")
    house.ledger.abandon_of(["ex-2"])
    assert house.run().state is R.ABANDONED
