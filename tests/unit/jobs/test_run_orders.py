"""A person's word on a run: what is stored, who is told, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from jobs.asking import Asking
from jobs.commands import CommandDesk, Refused
from jobs.here import RunsHere
from jobs.run_orders import (
    ANSWER_S,
    CANCEL,
    END_S,
    Cancelled,
    RunOrders,
    RunVerbs,
    why_no_retry,
)
from resilience.testing import START, FakeClock
from storage.leases import Instance
from storage.ledger import JobRun
from storage.states import RunState
from tests.unit.jobs.command_doubles import MemoryBoard, Town, instance

R = RunState
RUN = JobRun(
    *(7, "scan", "2026-11-22T07:00", START, True, R.DUE, "", "ex-0", START, None, None, 0),
    *(None, None, {}, ""),
)


class Book:
    """One run, as the ledger has it: storage.run_orders and storage.run_lives in memory."""

    def __init__(self, run: JobRun) -> None:
        self.run = run
        self.before_each: Callable[[], None] = lambda: None  # somebody is faster

    def get(self, run_id: int) -> JobRun | None:
        return self.run if run_id == self.run.id else None

    def _set(self, allowed: bool, **changes: Any) -> bool:
        if allowed:
            self.run = replace(self.run, **changes)
        return allowed

    def skip(self, run_id: int, words: str) -> bool:
        self.before_each()
        waits = self.run.state in (R.DUE, R.DEFERRED, R.ABANDONED)
        return self._set(waits, state=R.SKIPPED, reason=words)

    def ask(self, run_id: int, executor: str, attempts: int, words: str) -> bool:
        self.before_each()
        runs = (self.run.state, self.run.executor, self.run.attempts) == (
            R.RUNNING,
            executor,
            attempts,
        )
        return self._set(runs, cancel_asked=self.run.cancel_asked or words)

    def end(self, run_id: int, executor: str) -> bool:
        runs = self.run.state is R.RUNNING and self.run.executor == executor
        return self._set(runs, state=R.CANCELLED, error=self.run.cancel_asked)

    def again(self, run_id: int, retries: int, words: str) -> bool:
        self.before_each()
        ended = self.run.state in (R.FAILED, R.SKIPPED, R.CANCELLED)
        allowed = ended and self.run.retries == retries
        return self._set(allowed, state=R.DUE, reason=words, retries=retries + 1)


class Street:
    """A terminal, one process "ex-1" that may run the run, and a clock during which it answers."""

    def __init__(self, clock: FakeClock, run: JobRun) -> None:
        self.book = Book(run)
        self.board = MemoryBoard()
        self.here = RunsHere()
        self.desk = CommandDesk(self.board, "ex-1", RunVerbs(self.here).table())
        self.clock = clock
        self.dead: set[str] = set()
        self.is_frozen = False
        self.meanwhile: list[Callable[[], None]] = []  # one for each pause
        self.now, self.monotonic = clock.now, clock.monotonic
        asking = Asking(self.board, Town(instance("ex-1")), self)
        self.orders = RunOrders(self.book, self.book, self, asking, self, "ann")

    def wait(self, seconds: float, wake: object = None) -> bool:
        if not self.is_frozen:
            self.desk.run_pending()
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return self.clock.wait(seconds)

    def of(self, executor: str) -> Instance | None:
        return instance(executor)

    def is_dead(self, executor: str) -> bool:
        return executor in self.dead

    def fence(self, executor: str) -> bool:
        return executor in self.dead

    def becomes(self, **changes: Any) -> Callable[[], None]:
        def change() -> None:
            self.book._set(True, **changes)

        return change


def running(**changes: Any) -> JobRun:
    return replace(RUN, state=R.RUNNING, executor="ex-1", attempts=1, **changes)


# ---- cancel ------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [R.DUE, R.DEFERRED, R.ABANDONED])
def test_what_waits_is_not_run(clock: FakeClock, state: RunState) -> None:
    """Nobody has to be told: the ledger is what everybody asks."""
    street = Street(clock, replace(RUN, state=state))
    found = street.orders.cancel(7, "too late now")
    assert (found.outcome, found.run.state) == (Cancelled.SKIPPED, R.SKIPPED)
    assert found.run.reason == "cancelled by ann: too late now"
    assert street.board.commands == []


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (R.SUCCEEDED, "it succeeded"),
        (R.FAILED, "it failed"),
        (R.SKIPPED, "it was skipped"),
        (R.CANCELLED, "it was cancelled"),
    ],
)
def test_what_has_ended_is_not_cancelled(clock: FakeClock, state: RunState, words: str) -> None:
    street = Street(clock, replace(RUN, state=state))
    with pytest.raises(Refused, match=words):
        street.orders.cancel(7)
    assert street.book.run.state is state


def test_what_runs_is_told_and_ends(clock: FakeClock) -> None:
    """The process hears it within the first look, and what is said is what the ledger says."""
    street = Street(clock, running())
    with street.here.under_way(7, Event()) as told:
        street.meanwhile = [
            lambda: None,
            street.becomes(state=R.CANCELLED, error="cancelled by ann"),
        ]
        found = street.orders.cancel(7)
    assert (found.outcome, found.run.error) == (Cancelled.CANCELLED, "cancelled by ann")
    assert told.words == "cancelled by ann"
    (command,) = street.board.commands
    assert (command.verb, command.target) == (CANCEL, "7")


def test_a_step_that_lasts_is_not_called_an_end(clock: FakeClock) -> None:
    street = Street(clock, running())
    began = clock.monotonic()
    with street.here.under_way(7, Event()):
        found = street.orders.cancel(7, "why not")
    assert (found.outcome, found.run.state) == (Cancelled.TOLD, R.RUNNING)
    assert found.run.cancel_asked == "cancelled by ann: why not"
    assert found.process == instance("ex-1")
    assert clock.monotonic() - began == pytest.approx(END_S, abs=0.5)


def test_a_frozen_process_keeps_nobody_waiting(clock: FakeClock) -> None:
    """The wish stands in the ledger, for when it wakes or dies."""
    street = Street(clock, running())
    street.is_frozen = True
    began = clock.monotonic()
    found = street.orders.cancel(7)
    assert (found.outcome, found.run.state) == (Cancelled.SILENT, R.RUNNING)
    assert found.run.cancel_asked == "cancelled by ann"
    assert clock.monotonic() - began == pytest.approx(ANSWER_S, abs=0.2)


def test_what_a_dead_process_ran_is_cancelled_at_once(clock: FakeClock) -> None:
    street = Street(clock, running())
    street.dead = {"ex-1"}
    found = street.orders.cancel(7)
    assert (found.outcome, found.run.error) == (Cancelled.CANCELLED, "cancelled by ann")
    assert (street.board.commands, clock.waits) == ([], [])


def test_a_process_that_dies_while_it_is_told(clock: FakeClock) -> None:
    street = Street(clock, running())
    with street.here.under_way(7, Event()):
        street.meanwhile = [lambda: None, lambda: street.dead.add("ex-1")]
        found = street.orders.cancel(7)
    assert (found.outcome, found.run.state) == (Cancelled.CANCELLED, R.CANCELLED)


def test_what_ends_by_itself_first_is_not_called_cancelled(clock: FakeClock) -> None:
    street = Street(clock, running())
    with street.here.under_way(7, Event()):
        street.meanwhile = [lambda: None, street.becomes(state=R.SUCCEEDED)]
        with pytest.raises(Refused, match="it succeeded"):
            street.orders.cancel(7)


def test_what_is_put_off_meanwhile_is_not_run_later(clock: FakeClock) -> None:
    street = Street(clock, running())
    with street.here.under_way(7, Event()):
        street.meanwhile = [street.becomes(state=R.DEFERRED, executor=None)]
        found = street.orders.cancel(7)
    assert (found.outcome, found.run.state) == (Cancelled.SKIPPED, R.SKIPPED)


def test_a_run_that_is_only_just_begun_is_asked_again(clock: FakeClock) -> None:
    """Its process had claimed it and not yet begun when it heard the order the first time."""
    street = Street(clock, running())
    with street.here.under_way(8, Event()):
        pass
    late = street.here.under_way(7, Event())
    told: list[Any] = []
    street.meanwhile = [lambda: None, lambda: told.append(late.__enter__())]
    found = street.orders.cancel(7)
    assert (found.outcome, told[0].words) == (Cancelled.TOLD, "cancelled by ann")
    assert len(street.board.commands) == 2
    late.__exit__(None, None, None)


def test_a_run_that_moves_on_meanwhile_is_looked_at_anew(clock: FakeClock) -> None:
    """Claimed between the look and the word: then it is the process's to end."""
    street = Street(clock, RUN)
    street.dead = {"ex-1"}
    changes = iter([street.becomes(state=R.RUNNING, executor="ex-1", attempts=1)])
    street.book.before_each = lambda: next(changes, lambda: None)()
    assert street.orders.cancel(7).outcome is Cancelled.CANCELLED


def test_processes_that_do_not_run_it_leave_it_alone() -> None:
    """Everybody hears the order; for those without the run it is no error."""
    board = MemoryBoard()
    desk = CommandDesk(board, "us", RunVerbs(RunsHere()).table())
    number = board.ask(CANCEL, "7", {"words": "cancelled by ann"}, by="ann")
    desk.run_pending()
    assert board.said(number) == ("done", {"here": False})


# ---- retry -------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [R.FAILED, R.SKIPPED, R.CANCELLED])
def test_a_slot_that_ended_otherwise_than_well_is_due_again(
    clock: FakeClock, state: RunState
) -> None:
    street = Street(clock, replace(RUN, state=state, attempts=2))
    run = street.orders.retry(street.book.run)
    assert (run.state, run.reason, run.retries) == (R.DUE, "retried by ann", 1)


def test_of_two_who_ask_one_does(clock: FakeClock) -> None:
    """The other is told what the first one made of it."""
    failed = replace(RUN, state=R.FAILED)
    street = Street(clock, failed)
    street.orders.retry(failed)
    with pytest.raises(Refused, match="due already"):
        street.orders.retry(failed)
    assert street.book.run.retries == 1


@pytest.mark.parametrize(
    ("changes", "is_dead", "words"),
    [
        ({"state": R.SUCCEEDED}, False, "run 7 has succeeded: `python main.py run scan`"),
        ({"state": R.RUNNING, "executor": "ex-1"}, False, "runs cancel 7"),
        ({"state": R.DUE}, False, "it will be run without being asked for again"),
        ({"state": R.ABANDONED}, True, "it will be run without being asked for again"),
        ({"state": R.RUNNING, "executor": "ex-1", "scheduled": False}, False, "whoever asked"),
        ({"state": R.SUCCEEDED, "scheduled": False}, True, "has succeeded"),
        ({"state": R.RUNNING, "executor": "ex-1", "scheduled": False}, True, ""),
        ({"state": R.ABANDONED, "scheduled": False}, False, ""),
        ({"state": R.DUE, "scheduled": False}, True, ""),
        ({"state": R.FAILED, "scheduled": False}, False, ""),
        ({"state": R.FAILED}, False, ""),
    ],
)
def test_why_a_run_is_not_run_again(changes: dict[str, Any], is_dead: bool, words: str) -> None:
    """What succeeded, what will run anyway, what runs; by name, and with what to type."""
    refusal = why_no_retry(replace(RUN, **changes), lambda _: is_dead)
    assert words in refusal
    assert bool(refusal) is bool(words)
