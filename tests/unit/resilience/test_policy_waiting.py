"""Waiting by the machine's own clock: who is woken, in which order, and how fair it is."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from statistics import median

import pytest

from resilience.clock import SystemClock
from resilience.outcomes import BulkheadFull, CallFailed, Outcome, Rejected, ShuttingDown
from resilience.policy import Policy
from resilience.spec import PolicySpec, RateRule
from tests.unit.resilience.shops import PATIENCE_S, SPEC, Crowd, ill

LONG_S = 30.0  # what is waited for, unless somebody wakes the waiter


class Watched(SystemClock):
    """Says when somebody began to wait."""

    def __init__(self) -> None:
        self.waiting = threading.Semaphore(0)

    def wait(self, seconds: float, wake: threading.Event | None = None) -> bool:
        self.waiting.release()
        return super().wait(seconds, wake)


class Caller:
    """A thread that makes one call, and what became of it."""

    def __init__(self, task: Callable[[], object]) -> None:
        self._task = task
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._task()
        except (Rejected, CallFailed) as error:
            self.error = error

    def ended(self) -> BaseException | None:
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), "it still waits"
        return self.error


class Desk:
    """A policy on the machine's clock, which can be told to stop."""

    def __init__(self, spec: PolicySpec) -> None:
        self.clock = Watched()
        self.shutdown = threading.Event()
        self.policy = Policy("shop", spec, self.clock, shutdown=self.shutdown)

    def waiter(self, task: Callable[[], object]) -> Caller:
        """A caller who waits by now."""
        caller = Caller(task)
        assert self.clock.waiting.acquire(timeout=PATIENCE_S)
        return caller

    def queues(self, length: int) -> None:
        """So many wait for a slot by now."""
        while self.policy.status().waiting < length:
            assert self.clock.waiting.acquire(timeout=PATIENCE_S)


def _fail() -> None:
    raise ill()


def _nothing() -> None:
    """A call that takes no time."""


# ---- being stopped ---------------------------------------------------------------------


def test_a_shutdown_ends_the_wait_for_a_turn() -> None:
    desk = Desk(replace(SPEC, rates=(RateRule(1, per_s=LONG_S),)))
    desk.policy.call(_nothing)
    began = desk.clock.monotonic()
    caller = desk.waiter(lambda: desk.policy.call(_nothing))
    desk.shutdown.set()
    assert isinstance(caller.ended(), ShuttingDown)
    assert desk.clock.monotonic() - began < LONG_S / 2
    status = desk.policy.status()
    assert (status.calls, status.under_way, status.rejected_by) == (1, 0, {"shutdown": 1})


def test_a_shutdown_ends_a_backoff() -> None:
    """What failed is counted; what it failed of is said."""
    desk = Desk(replace(SPEC, wait_s=LONG_S, max_wait_s=LONG_S))
    began = desk.clock.monotonic()
    caller = desk.waiter(lambda: desk.policy.call(_fail))
    desk.shutdown.set()
    error = caller.ended()
    assert isinstance(error, ShuttingDown)
    assert "503" in error.what
    assert desk.clock.monotonic() - began < LONG_S / 2
    status = desk.policy.status()
    assert (status.calls, status.failures, status.under_way) == (1, 1, 0)


def test_a_shutdown_ends_the_wait_for_a_slot() -> None:
    """And leaves the queue: the slot that comes free goes to nobody who is gone."""
    desk = Desk(replace(SPEC, at_once=1))
    held = desk.policy.admit()
    began = desk.clock.monotonic()
    caller = desk.waiter(lambda: desk.policy.call(_nothing))
    desk.queues(1)
    desk.shutdown.set()
    assert isinstance(caller.ended(), ShuttingDown)
    assert desk.clock.monotonic() - began < LONG_S / 2
    assert desk.policy.status().waiting == 0
    held.settle(Outcome.SUCCESS)
    assert desk.policy.status().under_way == 0


def test_a_shutdown_stops_no_call_that_need_not_wait() -> None:
    """Whoever writes the last state down still can."""
    desk = Desk(SPEC)
    desk.shutdown.set()
    assert desk.policy.call(lambda: "fine") == "fine"


# ---- slots -----------------------------------------------------------------------------


def test_slots_are_given_in_the_order_of_the_queue() -> None:
    """First come, first served; nobody slips in between."""
    desk = Desk(replace(SPEC, at_once=1))
    held = desk.policy.admit()
    order: list[int] = []
    callers = []
    for number in range(8):
        callers.append(Caller(lambda number=number: desk.policy.call(order.append, number)))  # type: ignore[misc]
        desk.queues(number + 1)
    held.settle(Outcome.SUCCESS)
    assert [caller.ended() for caller in callers] == [None] * 8
    assert order == list(range(8))
    assert desk.policy.status().under_way == 0


def test_no_more_than_may_are_under_way_at_once() -> None:
    """32 threads, three slots, and every one of them is used."""
    desk = Desk(replace(SPEC, at_once=3, queue=64))
    inside, most = [0], [0]
    lock = threading.Lock()

    def task() -> None:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        desk.clock.wait(0.002)
        with lock:
            inside[0] -= 1

    with Crowd(32) as crowd:
        crowd.do(lambda _: [desk.policy.call(task) for _ in range(3)])
    status = desk.policy.status()
    assert most == [3]
    assert (status.calls, status.under_way, status.waiting) == (96, 0, 0)


def test_whoever_waits_too_long_for_a_slot_is_sent_away() -> None:
    """He leaves the queue to those behind him, and is told when one may come free."""
    desk = Desk(replace(SPEC, at_once=1, max_queue_s=0.05))
    held = desk.policy.admit()
    with pytest.raises(BulkheadFull, match="no slot came free in time") as caught:
        desk.policy.call(_nothing)
    assert caught.value.retry_at is not None
    status = desk.policy.status()
    assert (status.under_way, status.waiting, status.rejected_by) == (1, 0, {"bulkhead": 1})
    held.settle(Outcome.SUCCESS)
    assert desk.policy.status().under_way == 0


def test_slots_are_no_way_round_the_pace() -> None:
    """Those who queued for a slot do not all start when slots come free: each start keeps
    its distance to the one before."""
    desk = Desk(replace(SPEC, at_once=4, rates=(RateRule(50, burst=1),)))
    held = [desk.policy.admit() for _ in range(4)]
    starts: list[float] = []
    callers = [
        Caller(lambda: desk.policy.call(lambda: starts.append(desk.clock.monotonic())))
        for _ in range(6)
    ]
    desk.queues(6)
    for permit in held:
        permit.settle(Outcome.SUCCESS)
    assert [caller.ended() for caller in callers] == [None] * 6
    starts.sort()
    span_s = starts[-1] - starts[0]
    assert span_s > 4 / 50, f"six calls began within {span_s:.3f} s"


# ---- turns -----------------------------------------------------------------------------


def test_sixteen_threads_share_a_pace_fairly() -> None:
    """50 a second for two seconds: nobody gets more than one turn more than anybody else,
    and all of them together get 50 a second, to a hundredth."""
    desk = Desk(replace(SPEC, at_once=0, rates=(RateRule(50, burst=1),), failure_threshold=0))
    starts: list[tuple[float, int]] = []
    desk.policy.pause(0.2)  # so that all of them stand there when the first turn comes
    ends = desk.clock.monotonic() + 0.2 + 2.0

    def take_turns(number: int) -> None:
        while desk.clock.monotonic() < ends:
            desk.policy.call(lambda: starts.append((desk.clock.monotonic(), number)))

    with Crowd(16) as crowd:
        crowd.do(take_turns)
    starts.sort()
    times = [at for at, _ in starts]
    turns = Counter(number for at, number in starts)
    assert max(turns.values()) - min(turns.values()) <= 1, turns
    # Between the middles of the first and the last round: one late waking does not count.
    rate = (len(times) - 16) / (median(times[-16:]) - median(times[:16]))
    assert rate == pytest.approx(50, rel=0.01)
    assert len([at for at in times if at < ends]) <= 2.0 * 50 + 1
