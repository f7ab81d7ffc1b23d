"""What other libraries were caught at: each test is a trap that somebody fell into.

The threads and the memory are tried at length with RETAILXAI_TEST_LONG=1.
"""

from __future__ import annotations

import threading
import tracemalloc
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from resilience.breaker import BreakerState
from resilience.events import EventKind, PolicyEvent
from resilience.outcomes import (
    CallError,
    CallFailed,
    CircuitOpen,
    Outcome,
    RateLimited,
    Rejected,
)
from resilience.pressure import Pressure
from resilience.quota import QuotaRule
from resilience.retry import Verdict
from resilience.spec import RateRule
from resilience.testing import FakeClock
from tests.unit.resilience.shops import PATIENCE_S, SPEC, Crowd, Shop, ill

ONCE = replace(SPEC, attempts=1)
MONTHLY = QuotaRule("requests", 100, per="month")
NEVER_OPENS = replace(ONCE, failure_threshold=0)
HUNG_S = ONCE.deadline_s + ONCE.timeout_s  # a probe that is out so long is given up
O, H, C = BreakerState.OPEN, BreakerState.HALF_OPEN, BreakerState.CLOSED  # noqa: E741


# ---- a half-open breaker ---------------------------------------------------------------


class Rush:
    """Everybody comes at once; whoever is let in stays until all the others were refused."""

    def __init__(self, comers: int, error: BaseException | None) -> None:
        self._comers = comers
        self._error = error
        self._all_known = threading.Condition()
        self.let_in = self.refused = 0

    def come(self, shop: Shop) -> None:
        try:
            shop.policy.call(self._inside)
        except CircuitOpen:
            with self._all_known:
                self.refused += 1
                self._all_known.notify_all()
        except CallFailed:
            return

    def _inside(self) -> None:
        with self._all_known:
            self.let_in += 1
            self._all_known.notify_all()
            self._all_known.wait_for(lambda: self.let_in + self.refused == self._comers, PATIENCE_S)
        if self._error is not None:
            raise self._error


def test_a_rush_at_a_half_open_circuit_is_let_in_by_the_permitted_number(is_long: bool) -> None:
    """32 threads at the same moment: never one more, never one less than may be out at once,
    nor than the round needs, whether the probes succeed or fail afterwards."""
    with Crowd(32) as crowd:
        for trial in range(10_000 if is_long else 300):
            places, needed, fails = 1 + trial % 3, 1 + trial // 3 % 3, trial % 2
            spec = replace(ONCE, probes_at_once=places, success_threshold=needed)
            shop = Shop(spec).half_opened()
            rush = Rush(crowd.size, ill() if fails else None)

            crowd.do(lambda _, rush=rush, shop=shop: rush.come(shop))  # type: ignore[misc]

            permitted = min(places, needed)
            assert (rush.let_in, rush.refused) == (permitted, crowd.size - permitted)
            enough = C if permitted == needed else H
            status = shop.policy.status()
            assert (status.state, status.under_way) == (O if fails else enough, 0)


def test_no_more_than_the_permitted_number_are_probed_in_a_round() -> None:
    """One at a time is no leave for one after the other without end."""
    shop = Shop(replace(ONCE, success_threshold=2)).half_opened()
    first, second = [], []
    first.append(shop.policy.admit())
    with pytest.raises(CircuitOpen, match="a trial call is out"):
        shop.call()
    first[0].settle(Outcome.SUCCESS)
    second.append(shop.policy.admit())
    assert second[0].is_probe
    assert shop.policy.status().state is H
    second[0].settle(Outcome.SUCCESS)
    assert shop.policy.status().state is C


@pytest.mark.parametrize("error", [None, ill(), KeyError("ours")], ids=repr)
def test_what_comes_back_late_changes_nothing_and_is_counted(error: BaseException | None) -> None:
    """A call that hung through an opening neither closes the circuit nor keeps it open."""
    shop = Shop(ONCE)

    def hang() -> None:
        shop.opened()
        if error is not None:
            raise error

    with suppress(CallFailed, KeyError):
        shop.policy.call(hang)
    status = shop.policy.status()
    assert (status.state, status.failures, status.late_results) == (O, 0, 1)
    assert (status.calls, status.under_way) == (1, 0)
    with pytest.raises(CircuitOpen) as caught:
        shop.call()
    assert caught.value.retry_at is not None
    assert (caught.value.retry_at - shop.clock.now()).total_seconds() == 60


def test_what_comes_back_late_does_not_decide_a_trial() -> None:
    """Nor take its place, nor give it back a second time."""
    shop = Shop(replace(ONCE, success_threshold=2))
    late = [shop.policy.admit() for _ in range(3)]
    shop.half_opened()
    probe = shop.policy.admit()
    for permit, outcome in zip(
        late, (Outcome.SUCCESS, Outcome.FAILURE, Outcome.NEUTRAL), strict=True
    ):
        permit.settle(outcome)
    assert shop.policy.status().late_results == 3
    assert shop.policy.status().state is H
    with pytest.raises(CircuitOpen):
        shop.call()
    probe.settle(Outcome.SUCCESS)
    shop.call()
    assert shop.policy.status().state is C


def test_a_probe_that_hangs_does_not_keep_everybody_out_for_ever() -> None:
    """After its age it counts as failed: the wait grows, others are let in, and what it says
    in the end is late."""
    shop = Shop(ONCE).half_opened()
    hung = shop.policy.admit()
    shop.clock.advance(HUNG_S - 0.001)
    with pytest.raises(CircuitOpen, match="a trial call is out"):
        shop.call()
    shop.clock.advance(0.001)
    with pytest.raises(CircuitOpen, match="has been out for 130 s") as caught:
        shop.call()
    assert caught.value.retry_at is not None
    assert (caught.value.retry_at - shop.clock.now()).total_seconds() == 120
    shop.clock.advance(120)
    hung.settle(Outcome.FAILURE)
    assert shop.call() == "fine"
    status = shop.policy.status()
    assert (status.state, status.late_results, status.under_way) == (C, 1, 0)


@pytest.mark.parametrize(
    "error",
    [
        KeyError("ours"),
        KeyboardInterrupt(),
        SystemExit(),
        RateLimited("another", "later"),
        CallFailed("shop", "404", outcome=Outcome.NEUTRAL),
    ],
    ids=repr,
)
def test_a_probe_that_says_nothing_gives_its_place_back(error: BaseException) -> None:
    """It neither closes the circuit, nor opens it, nor eats the only place, however often."""
    shop = Shop(ONCE).half_opened()
    for _ in range(5):
        shop.error = error
        with pytest.raises(type(error)):
            shop.call()
        assert shop.policy.status().state is H
    shop.error = None
    assert shop.call() == "fine"
    assert shop.policy.status().state is C


def test_an_error_of_our_own_does_not_interrupt_a_row_of_failures() -> None:
    """It is no success either."""
    shop = Shop(ONCE)
    shop.errors = [ill(), KeyError("ours"), ill()]
    for _ in range(3):
        with pytest.raises((CallFailed, KeyError)):
            shop.call()
    assert shop.policy.status().state is O


# ---- who is asked, and who is told -----------------------------------------------------


def test_a_judge_that_breaks_keeps_neither_the_slot_nor_the_probe() -> None:
    """What cannot be judged counts against the service, once, and the caller gets the real
    error."""

    def broken(error: BaseException) -> Verdict:
        raise LookupError("no such error")

    shop = Shop(replace(SPEC, at_once=1), classify=broken).half_opened()
    shop.error = OSError("unreachable")
    with pytest.raises(OSError, match="unreachable"):
        shop.call()
    assert (shop.asked, shop.under_way, shop.policy.status().state) == (1, 0, O)
    assert shop.hooks.failures == 1
    shop.clock.advance(120)
    with pytest.raises(OSError, match="unreachable"), shop.policy.admit():
        shop.answer()
    assert (shop.under_way, shop.policy.status().state) == (0, O)


def test_a_hook_that_raises_is_counted_and_never_fatal() -> None:
    """At every event there is, and the other hooks hear of it all the same."""

    def broken(event: PolicyEvent) -> None:
        raise RuntimeError(f"no {event.kind} today")

    shop = Shop().subscribe(broken)
    heard: list[EventKind] = []
    shop.hooks.subscribe(lambda event: heard.append(event.kind))
    shop.fail(2)
    shop.clock.advance(60)
    shop.call()
    shop.error = ill("429", 40)
    with pytest.raises(CallFailed):
        shop.call()
    shop.policy.hold()
    shop.policy.disable()
    assert set(heard) == set(EventKind) - {EventKind.CALL_SUCCEEDED, EventKind.QUOTA_EXHAUSTED}
    assert shop.hooks.failures == len(heard) == len(shop.told)


Reentry = Callable[[Shop], object]


@pytest.mark.parametrize(
    "enter",
    [
        lambda shop: shop.policy.status(),
        lambda shop: shop.policy.explain(),
        lambda shop: shop.policy.is_healthy(),
        lambda shop: shop.policy.hold(30, "a hook says so"),
        lambda shop: shop.policy.close(),
        lambda shop: shop.policy.pause(5),
        lambda shop: shop.policy.call(lambda: "from within"),
        lambda shop: shop.policy.admit().settle(Outcome.FAILURE),
        lambda shop: shop.policy.stored(),
    ],
    ids=["status", "explain", "is_healthy", "hold", "close", "pause", "call", "admit", "stored"],
)
@pytest.mark.parametrize("at", [EventKind.RETRY, EventKind.CALL_FAILED, EventKind.CIRCUIT_OPENED])
def test_a_hook_may_use_the_policy_that_told_it(enter: Reentry, at: EventKind) -> None:
    """No lock is held while hooks are told: nothing hangs, nothing is left taken."""
    shop = Shop(replace(SPEC, failure_threshold=1))
    entered: list[object] = []

    def hook(event: PolicyEvent) -> None:
        if event.kind is at and not entered:
            entered.append(event)
            with suppress(Rejected):
                enter(shop)

    shop.subscribe(hook)
    shop.error = ill()
    if at is EventKind.RETRY:
        shop.policy.disable()  # so that the first failure does not open it
    with pytest.raises(CallFailed):
        shop.call()
    assert entered
    assert shop.hooks.failures == 0
    assert shop.under_way == 0


def test_a_person_at_the_keyboard_while_hooks_are_told_costs_no_probe() -> None:
    """Ctrl-C between the probe's leave and its call: its place is given back."""

    def interrupt(event: PolicyEvent) -> None:
        if event.kind is EventKind.CIRCUIT_HALF_OPENED:
            raise KeyboardInterrupt

    shop = Shop(replace(ONCE, at_once=1)).subscribe(interrupt).half_opened()
    with pytest.raises(KeyboardInterrupt):
        shop.call()
    assert (shop.asked, shop.under_way, shop.policy.status().state) == (0, 0, H)
    assert shop.call() == "fine"


def test_a_person_at_the_keyboard_while_a_retry_is_told_ends_the_call() -> None:
    """The attempt that failed is counted, once."""

    def interrupt(event: PolicyEvent) -> None:
        if event.kind is EventKind.RETRY:
            raise KeyboardInterrupt

    shop = Shop().subscribe(interrupt)
    shop.errors = [ill()]
    with pytest.raises(KeyboardInterrupt):
        shop.call()
    status = shop.policy.status()
    assert (status.calls, status.failed, status.failures, status.under_way) == (1, 1, 1, 0)


class InterruptedClock(FakeClock):
    """A person at the keyboard ends every wait."""

    def wait(self, seconds: float, wake: threading.Event | None = None) -> bool:
        raise KeyboardInterrupt


def test_a_person_at_the_keyboard_leaves_the_queue_for_a_slot() -> None:
    """Otherwise the next slot would go to somebody who is not there any more."""
    shop = Shop(replace(ONCE, at_once=1, quotas=(MONTHLY,)), clock=InterruptedClock())
    held = shop.policy.admit()
    with pytest.raises(KeyboardInterrupt):
        shop.call()
    assert (shop.policy.status().waiting, shop.policy.quotas[0].spent) == (0, 1)
    held.settle(Outcome.SUCCESS)
    assert shop.under_way == 0
    assert shop.call() == "fine"


def test_a_person_at_the_keyboard_ends_a_wait_for_a_turn() -> None:
    shop = Shop(
        replace(ONCE, rates=(RateRule(1, per_s=10),), quotas=(MONTHLY,)), clock=InterruptedClock()
    )
    shop.call()
    with pytest.raises(KeyboardInterrupt):
        shop.call()
    assert (shop.asked, shop.under_way, shop.policy.quotas[0].spent) == (1, 0, 1)


def test_a_person_at_the_keyboard_ends_a_backoff() -> None:
    """The attempt that failed is counted, once."""
    shop = Shop(clock=InterruptedClock())
    shop.errors = [ill()]
    with pytest.raises(KeyboardInterrupt):
        shop.call()
    status = shop.policy.status()
    assert (status.calls, status.failed, status.failures, status.under_way) == (1, 1, 1, 0)


# ---- rejections ------------------------------------------------------------------------


def _shut_by_breaker() -> Shop:
    return Shop(ONCE).opened()


def _shut_by_probe() -> Shop:
    shop = Shop(ONCE).half_opened()
    shop.policy.admit()
    return shop


def _shut_by_memory() -> Shop:
    pressure = Pressure()
    pressure.tell(99)
    return Shop(ONCE, pressure=pressure)


def _shut_by_pause() -> Shop:
    shop = Shop(ONCE)
    shop.policy.pause(600)
    return shop


def _shut_by_rate() -> Shop:
    shop = Shop(replace(ONCE, rates=(RateRule(1, per_s=1000),)))
    shop.call()
    return shop


def _shut_by_bulkhead() -> Shop:
    shop = Shop(replace(ONCE, at_once=1, queue=0))
    shop.policy.admit()
    return shop


SHUT = [
    _shut_by_breaker,
    _shut_by_probe,
    _shut_by_memory,
    _shut_by_pause,
    _shut_by_rate,
    _shut_by_bulkhead,
]


def _reject(shop: Shop, times: int) -> None:
    call, answer = shop.policy.call, shop.answer
    for _ in range(times):
        try:
            call(answer)
        except Rejected:
            continue


@pytest.mark.parametrize("shut", SHUT)
def test_no_exception_object_is_raised_twice(shut: Callable[[], Shop]) -> None:
    """One that is raised again and again carries a traceback that grows for ever."""
    shop = shut()
    found: list[Rejected] = []
    for _ in range(50):
        with pytest.raises(Rejected) as caught:
            shop.call()
        found.append(caught.value)
    assert len({id(one) for one in found}) == 50
    assert len({_depth(one) for one in found}) == 1
    assert all(one.__cause__ is None and one.__context__ is None for one in found)
    assert shop.policy.status().rejected == 50


def _depth(error: BaseException) -> int:
    trace, depth = error.__traceback__, 0
    while trace is not None:
        trace, depth = trace.tb_next, depth + 1
    return depth


@pytest.mark.parametrize("shut", SHUT)
def test_rejections_leave_nothing_behind(shut: Callable[[], Shop], is_long: bool) -> None:
    """A dead service is rejected many times a second, for days: no memory is kept of one."""
    times = 2_000 if shut is not _shut_by_breaker else 100_000
    shop = shut()
    _reject(shop, 200)
    tracemalloc.start()
    try:
        _reject(shop, 200)
        before, _ = tracemalloc.get_traced_memory()
        _reject(shop, times * 10 if is_long else times)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 4096


# ---- counting --------------------------------------------------------------------------


def test_no_call_is_lost_in_the_counts() -> None:
    """16 threads, each of which fails, is refused and succeeds in its own order."""
    pressure = Pressure()
    shop = Shop(NEVER_OPENS, pressure=pressure)
    error, ours = ill(), KeyError("ours")

    def task(number: int) -> Counter[str]:
        seen: Counter[str] = Counter()
        for index in range(2000):
            kind = (index + number) % 5
            if kind == 4 and number == 0:
                pressure.tell(99 if index % 2 else 10)
            try:
                shop.policy.call(_end, (None, error, None, ours, None)[kind])
                seen["fine"] += 1
            except CallFailed:
                seen["failed"] += 1
            except KeyError:
                seen["ours"] += 1
            except Rejected:
                seen["rejected"] += 1
        return seen

    with Crowd(16) as crowd:
        seen = sum(
            (Counter[str](one) for one in crowd.do(task) if isinstance(one, Counter)), Counter()
        )
    status = shop.policy.status()
    assert seen.total() == 32_000
    assert status.calls == seen["fine"] + seen["failed"] + seen["ours"]
    assert (status.failed, status.ours, status.rejected) == (
        seen["failed"],
        seen["ours"],
        seen["rejected"],
    )
    assert sum(status.durations.counts) == status.calls
    assert (status.under_way, status.waiting) == (0, 0)


def _end(error: BaseException | None) -> None:
    if error is not None:
        raise error


@pytest.mark.parametrize("attempts", [1, 2, 8])
def test_a_call_counts_once_however_often_it_is_tried(attempts: int) -> None:
    """Tolerating two failures with eight attempts does not open the circuit in the first
    call; the rate counts calls, too."""
    spec = replace(
        SPEC, attempts=attempts, failure_threshold=3, failure_rate_pct=50, minimum_calls=4
    )
    shop = Shop(replace(spec, deadline_s=1000))
    shop.fail(2)
    status = shop.policy.status()
    assert shop.asked == 2 * attempts
    assert (status.state, status.failures, status.calls) == (C, 2, 2)
    shop.call()
    shop.fail()
    assert shop.policy.status().why == "3 of 4 calls failed (last: 503)"


def test_a_failed_first_attempt_counts_at_once_and_a_later_success_takes_it_back() -> None:
    """In the row of failures and in the window, while the call still waits to be tried again."""
    seen: list[int] = []
    spec = replace(SPEC, failure_threshold=0, failure_rate_pct=50, minimum_calls=4, window_calls=8)
    shop = Shop(spec)
    shop.subscribe(lambda event: seen.append(shop.policy.status().failures))
    for _ in range(8):
        shop.errors = [ill()]
        shop.call()
    assert seen == [1] * 8
    status = shop.policy.status()
    assert (status.state, status.failures, status.failed) == (C, 0, 0)
    shop.fail(4)
    assert shop.policy.status().why == "4 of 8 calls failed (last: 503)"


def test_the_first_trouble_is_taken_back_although_another_call_succeeded_meanwhile() -> None:
    """The row is forgotten then; the window is not, and holds each call once."""
    spec = replace(SPEC, failure_threshold=0, failure_rate_pct=30, minimum_calls=8)
    shop = Shop(spec)

    def ask_meanwhile(event: PolicyEvent) -> None:
        if event.kind is EventKind.RETRY:
            shop.call()

    shop.subscribe(ask_meanwhile)
    for _ in range(10):
        shop.errors = [ill()]
        shop.call()
    status = shop.policy.status()
    assert (status.state, status.calls, status.failed) == (C, 20, 0)


# ---- a service that just died ----------------------------------------------------------


class SlowClock(FakeClock):
    """Who waits, waits until the circuit opened, as if a backoff were long and a call short."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = threading.Event()

    def hear(self, event: PolicyEvent) -> None:
        if event.kind is EventKind.CIRCUIT_OPENED:
            self.opened.set()

    def wait(self, seconds: float, wake: threading.Event | None = None) -> bool:
        self.opened.wait(0.5)
        return super().wait(seconds, wake)


def test_threads_at_a_service_that_just_died_reach_it_no_more_often_than_they_must() -> None:
    """Eight threads, each of which would try three times: what opens the circuit is the
    threshold, and at most the seven others are under way then."""
    with Crowd(8) as crowd:
        for _ in range(20):
            clock = SlowClock()
            spec = replace(SPEC, failure_threshold=5, open_s=3600, max_open_s=3600)
            shop = Shop(spec, clock=clock).subscribe(clock.hear)
            reached: list[int] = []
            crowd.do(lambda _, shop=shop, reached=reached: _insist(shop, reached))  # type: ignore[misc]
            assert 5 <= len(reached) <= 5 + 7
            status = shop.policy.status()
            assert (status.state, status.under_way) == (O, 0)
            assert status.calls == status.failed


def _insist(shop: Shop, reached: list[int]) -> None:
    """Call it again and again, until the circuit is open."""

    def die() -> None:
        reached.append(1)
        raise ill()

    while True:
        try:
            shop.policy.call(die)
        except CircuitOpen:
            return
        except CallFailed:
            continue


class OpeningClock(FakeClock):
    """The circuit opens while somebody waits to try again."""

    shop: Shop | None = None

    def wait(self, seconds: float, wake: threading.Event | None = None) -> bool:
        if self.shop is not None:
            self.shop.opened()
        return super().wait(seconds, wake)


def test_retries_in_backoff_stop_when_the_circuit_opens() -> None:
    """They were promised a retry by a circuit that was closed; it is not any more. The caller
    gets the failure itself, which counted once, and is no late result."""
    clock = OpeningClock()
    shop = Shop(clock=clock)
    clock.shop = shop
    shop.error = ill()
    with pytest.raises(CallFailed, match="503") as caught:
        shop.call()
    assert isinstance(caught.value.__cause__, CircuitOpen)
    status = shop.policy.status()
    assert (shop.asked, status.calls, status.failures, status.late_results) == (1, 1, 1, 0)


def test_the_failure_that_opens_the_circuit_waits_for_no_retry() -> None:
    """There will be none: neither time nor the budget is spent on it."""
    shop = Shop(replace(SPEC, failure_threshold=1))
    shop.fail()
    status = shop.policy.status()
    assert (shop.asked, shop.clock.waits, status.retries) == (1, [], 0)
    assert status.retries_left == SPEC.retry_burst
    assert EventKind.RETRY not in shop.told


def test_a_probe_that_fails_late_is_not_tried_again() -> None:
    """Somebody closed the circuit meanwhile: a trial call is made once all the same."""
    shop = Shop(replace(SPEC, probes_at_once=2, success_threshold=2)).half_opened()

    def fail_late() -> None:
        shop.asked += 1
        shop.policy.close()
        raise ill()

    with pytest.raises(CallFailed):
        shop.policy.call(fail_late)
    status = shop.policy.status()
    assert (shop.asked, status.late_results, status.failures) == (1, 1, 0)


def test_a_retry_that_finds_the_circuit_half_open_is_the_probe() -> None:
    """And is tried no more, should it fail."""
    clock = OpeningClock()
    shop = Shop(replace(SPEC, attempts=5, open_s=1, wait_s=2), clock=clock)
    clock.shop = shop
    shop.error = ill()
    with pytest.raises(CallFailed):
        shop.call()
    assert shop.asked == 2
    assert shop.policy.status().why == "a trial call failed (503)"


def test_a_retry_in_a_later_era_is_counted_in_that_one() -> None:
    """Closed by hand while it waited: its trouble was forgotten with the old era."""
    shop = Shop(replace(SPEC, failure_threshold=3, attempts=2))
    shop.subscribe(lambda event: shop.policy.close() if event.kind is EventKind.RETRY else None)
    shop.fail()
    status = shop.policy.status()
    assert (status.failures, status.late_results) == (1, 0)


def test_the_budget_stops_a_storm_of_retries() -> None:
    """When everything fails, a service gets its calls and a few more, not three times as
    many; the ratio of what succeeds is earned back."""
    shop = Shop(replace(SPEC, failure_threshold=0, retry_burst=5, retry_ratio=0.25))
    shop.fail(500)
    assert shop.asked == 500 + 5
    assert shop.policy.status().retries == 5
    for _ in range(16):
        shop.call()
    assert shop.policy.status().retries_left == 4
    asked = shop.asked
    shop.fail(500)
    assert shop.asked == asked + 500 + 4


# ---- one 429 ---------------------------------------------------------------------------


def test_one_refusal_pauses_everybody() -> None:
    """Eight threads come while the service asked to be left alone: none reaches it earlier."""
    shop = Shop(replace(ONCE, max_queue_s=60))
    shop.errors = [ill("429", 20)]
    with pytest.raises(CallFailed):
        shop.call()
    until = shop.clock.monotonic() + 20
    with Crowd(8) as crowd:
        reached = crowd.do(lambda _: shop.policy.call(shop.clock.monotonic))
    assert all(isinstance(at, float) and at >= until for at in reached)


def test_a_pause_holds_whoever_had_a_turn_already() -> None:
    """He waits for a turn that was booked before the pause, and takes a later one."""

    class Refused(FakeClock):
        """The pause is asked for while somebody waits."""

        def wait(self, seconds: float, wake: threading.Event | None = None) -> bool:
            if not self.waits:
                refused.policy.pause(30)
            return super().wait(seconds, wake)

    refused = Shop(replace(ONCE, rates=(RateRule(1, per_s=10),)), clock=Refused())
    refused.call()
    began = refused.clock.monotonic()
    refused.call()
    assert refused.clock.monotonic() - began >= 30


def test_pauses_only_ever_extend() -> None:
    """Of calls that were under way together, the longest word holds."""
    shop = Shop(ONCE)
    asked = (20, 5, 30, 0, -5)
    permits = [shop.policy.admit() for _ in asked]
    left = []
    for permit, asked_s in zip(permits, asked, strict=True):
        permit.settle(Outcome.NEUTRAL, retry_after_s=asked_s)
        left.append(shop.policy.status().paused_s)
    assert left == [20, 20, 30, 30, 30]


@pytest.mark.parametrize("asked_s", [86_400.0, 1e9, 1e12, 1e300, float("inf")])
def test_a_wrong_header_pauses_for_an_hour_at_most(asked_s: float) -> None:
    """Retry-After: a day, or the year 9999. Nobody sleeps it out, nor breaks over the date;
    the failure and the rejections after it say the same moment."""
    shop = Shop()
    shop.error = ill("429", asked_s)
    with pytest.raises(CallFailed, match="429") as failed:
        shop.call()
    with pytest.raises(RateLimited) as caught:
        shop.call()
    assert (shop.asked, shop.clock.waits) == (1, [])
    assert failed.value.retry_at == caught.value.retry_at is not None
    assert (caught.value.retry_at - shop.clock.now()).total_seconds() == 3600
    told = [event for event in shop.events if event.kind is EventKind.PAUSED]
    assert [event.retry_at for event in told] == [caught.value.retry_at]


@pytest.mark.parametrize("asked_s", [86_400.0, 1e12, float("inf")])
def test_a_wrong_header_does_so_in_two_phases_too(asked_s: float) -> None:
    shop = Shop()
    with pytest.raises(CallFailed), shop.policy.admit():
        raise ill("429", asked_s)
    assert shop.policy.status().paused_s == 3600
    told = [event for event in shop.events if event.kind is EventKind.PAUSED]
    assert [(event.what, event.retry_at) for event in told] == [
        ("429", shop.clock.now().replace(hour=13))
    ]


@pytest.mark.parametrize("asked_s", [0.0, -5.0])
def test_no_wait_that_was_asked_for_is_no_pause(asked_s: float) -> None:
    shop = Shop(ONCE)
    shop.error = ill("429", asked_s)
    with pytest.raises(CallError):
        shop.call()
    shop.policy.admit().settle(Outcome.FAILURE, retry_after_s=asked_s)
    assert EventKind.PAUSED not in shop.told
    assert shop.policy.status().paused_s == 0
