"""The policy round a call: its plain promises. Its order, traps, waits, two phases and types
have files of their own."""

from __future__ import annotations

import gc
import threading
import weakref
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

import pytest

from resilience.breaker import BreakerState
from resilience.events import EventKind, PolicyEvent
from resilience.outcomes import (
    CallFailed,
    CircuitOpen,
    DeadlineExceeded,
    Outcome,
    RateLimited,
    ShuttingDown,
)
from resilience.spec import ChaosRule, PolicySpec, RateRule
from resilience.testing import FakeClock
from tests.unit.resilience.shops import SPEC, Shop, ill

ONCE = replace(SPEC, attempts=1)


class NightClock(FakeClock):
    """Somebody stops the process while it waits."""

    def __init__(self, shutdown: threading.Event) -> None:
        super().__init__()
        self._shutdown = shutdown

    def wait(self, seconds: float, wake: threading.Event | None = None) -> bool:
        self._shutdown.set()
        return super().wait(seconds, wake)


class Unspeakable(Exception):
    """An error that fails when it is to be said."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


# ---- success and failure ---------------------------------------------------------------


def test_a_good_call_costs_one_attempt_and_tells_nobody_who_did_not_ask() -> None:
    """A hook for every success would cost each call more than the policy does."""
    shop = Shop()
    assert shop.call() == "fine"
    assert (shop.asked, shop.told) == (1, [])
    status = shop.policy.status()
    assert (status.calls, status.failed, status.rejected, status.retries) == (1, 0, 0, 0)


def test_who_asks_for_successes_is_told_of_each() -> None:
    heard: list[PolicyEvent] = []
    shop = Shop()
    shop.hooks.subscribe(heard.append, successes=True)
    shop.takes_s = 3
    shop.errors = [ill()]
    shop.call()
    assert [event.kind for event in heard] == [EventKind.RETRY, EventKind.CALL_SUCCEEDED]
    assert (heard[-1].attempts, heard[-1].duration_s) == (2, 3 + 2 + 3)


def test_arguments_go_through_as_they_are() -> None:
    def say(*words: str, end: str) -> str:
        return " ".join(words) + end

    assert Shop().policy.call(say, "so", "it", "is", end=".") == "so it is."


def test_it_waits_two_four_eight_seconds() -> None:
    shop = Shop(replace(SPEC, attempts=4))
    shop.errors = [ill(), ill(), ill()]
    assert shop.call() == "fine"
    assert shop.clock.waits == [2, 4, 8]
    assert shop.told == [EventKind.RETRY] * 3


def test_a_decorrelated_wait_grows_from_the_last_one() -> None:
    shop = Shop(replace(SPEC, attempts=30, max_wait_s=1e6, deadline_s=1e9, jitter="decorrelated"))
    shop.errors = [ill() for _ in range(20)]
    shop.call()
    waits = shop.clock.waits
    assert all(2 <= after <= 3 * before for before, after in pairwise(waits))
    assert max(waits) > 6, "it never grew beyond the first one's reach"


def test_a_failing_call_is_retried_and_counts_once_in_the_breaker() -> None:
    """Three attempts are one failure, so attempts and threshold do not push each other."""
    shop = Shop()
    shop.fail()
    assert shop.asked == 3
    status = shop.policy.status()
    assert (status.failures, status.calls, status.failed, status.retries) == (1, 1, 1, 2)
    assert status.last_error == "503"
    assert shop.told == [EventKind.RETRY, EventKind.RETRY, EventKind.CALL_FAILED]


def test_the_last_failure_is_what_the_caller_gets() -> None:
    shop = Shop()
    shop.errors = [ill("first"), ill("second"), last := ill("third")]
    with pytest.raises(CallFailed) as caught:
        shop.call()
    assert caught.value is last


def test_a_retry_can_save_the_call() -> None:
    shop = Shop()
    shop.errors = [ill()]
    assert shop.call() == "fine"
    status = shop.policy.status()
    assert (status.failures, status.calls, status.failed, status.retries) == (0, 1, 0, 1)


def test_a_longer_wait_that_was_asked_for_is_kept() -> None:
    shop = Shop()
    shop.errors = [ill(retry_after_s=5), ill(retry_after_s=1)]
    shop.call()
    assert shop.clock.waits == [5, 4]


def test_a_failure_says_when_the_service_wants_to_be_asked_again() -> None:
    """Nobody sleeps for it: whoever asked can plan."""
    shop = Shop()
    shop.error = ill("429", retry_after_s=600)
    with pytest.raises(CallFailed) as caught:
        shop.call()
    assert (shop.asked, shop.clock.waits) == (1, [])
    assert caught.value.retry_at is not None
    assert (caught.value.retry_at - shop.clock.now()).total_seconds() == 600


def test_a_retry_without_a_turn_reports_the_real_failure() -> None:
    """ "503" says more than "no turn for the second attempt"; and the call was made, so it is
    not among those that were not."""
    shop = Shop(replace(SPEC, rates=(RateRule(1, per_s=60),), max_queue_s=5))
    shop.error = ill()
    with pytest.raises(CallFailed, match="503") as caught:
        shop.call()
    assert isinstance(caught.value.__cause__, RateLimited)
    status = shop.policy.status()
    assert (status.calls, status.failed, status.failures, status.rejected) == (1, 1, 1, 0)


def test_an_error_that_cannot_be_said_is_counted_all_the_same() -> None:
    shop = Shop(replace(ONCE, failure_threshold=1)).half_opened()
    shop.error = Unspeakable()
    with pytest.raises(Unspeakable):
        shop.call()
    assert shop.policy.status().state is BreakerState.OPEN
    assert "Unspeakable" in shop.policy.status().last_error
    assert shop.under_way == 0


def test_a_failure_that_was_handled_leaves_nothing_to_the_garbage_collector() -> None:
    """Its traceback holds the frames of the call, with all that was fetched."""
    shop = Shop()

    class Heavy(CallFailed):
        """Can be watched."""

    watched: list[weakref.ref[Heavy]] = []

    def fail() -> None:
        error = Heavy("shop", "503", retryable=True)
        watched.append(weakref.ref(error))
        try:
            raise error
        finally:
            del error

    gc.collect()
    gc.disable()
    try:
        with suppress(Heavy):
            shop.policy.call(fail)
        assert len(watched) == 3
        assert [one() for one in watched] == [None] * 3
    finally:
        gc.enable()


# ---- the circuit -----------------------------------------------------------------------


def test_an_open_circuit_makes_no_call() -> None:
    shop = Shop()
    shop.fail(2)
    asked = shop.asked
    with pytest.raises(CircuitOpen) as caught:
        shop.call()
    assert shop.asked == asked
    assert caught.value.what == "circuit open after 2 failures in a row (last: 503)"
    assert caught.value.retry_at is not None
    assert (caught.value.retry_at - shop.clock.now()).total_seconds() <= 60
    status = shop.policy.status()
    assert status.state is BreakerState.OPEN
    assert status.rejected_by == {"breaker": 1}
    assert EventKind.CIRCUIT_OPENED in shop.told


def test_a_trial_call_is_made_once() -> None:
    """Retrying would hammer a service that is just getting up."""
    shop = Shop()
    shop.fail(2)
    shop.clock.advance(60)
    asked = shop.asked
    shop.fail()
    assert shop.asked == asked + 1
    shop.clock.advance(120)
    assert shop.call() == "fine"
    assert shop.policy.status().state is BreakerState.CLOSED


@pytest.mark.parametrize("error", [KeyError("ours"), KeyboardInterrupt()])
def test_an_error_of_our_own_says_nothing_about_the_service(error: BaseException) -> None:
    """A bug in a parser must not open the circuit; it is counted apart and not told."""
    shop = Shop()
    shop.error = error
    for _ in range(3):
        with pytest.raises(type(error)):
            shop.call()
    status = shop.policy.status()
    assert (status.failures, status.calls, status.failed, status.ours) == (0, 3, 0, 3)
    assert (shop.asked, shop.told) == (3, [])


def test_a_neutral_failure_does_not_open_the_circuit() -> None:
    shop = Shop()
    shop.error = CallFailed("shop", "404", outcome=Outcome.NEUTRAL)
    for _ in range(5):
        with pytest.raises(CallFailed):
            shop.call()
    status = shop.policy.status()
    assert (status.state, status.failures, status.failed) == (BreakerState.CLOSED, 0, 5)


def test_an_answer_about_something_else_takes_the_first_trouble_back() -> None:
    """503, then 404: it did answer, about the item."""
    shop = Shop()
    shop.errors = [ill(), CallFailed("shop", "404", outcome=Outcome.NEUTRAL)]
    with pytest.raises(CallFailed, match="404"):
        shop.call()
    assert shop.policy.status().failures == 0


def test_calls_that_take_too_long_open_the_circuit() -> None:
    """Each attempt is measured by itself, without the waits before it."""
    spec = replace(SPEC, slow_rate_pct=100, slow_s=5, minimum_calls=3, failure_threshold=0)
    shop = Shop(spec)
    shop.takes_s = 4.9
    for _ in range(3):
        shop.errors = [ill()]
        shop.call()
    assert shop.policy.status().state is BreakerState.CLOSED
    shop.policy.close()
    shop.takes_s = 5
    for _ in range(3):
        shop.call()
    assert shop.policy.status().why == "3 of 3 calls took 5 s or longer"


# ---- deadlines, pauses and turns -------------------------------------------------------


def test_the_deadline_bounds_the_whole_call() -> None:
    shop = Shop()
    shop.error = ill()
    with pytest.raises(CallFailed):
        shop.call(deadline_at=shop.clock.monotonic() + 1)
    assert shop.asked == 1
    with pytest.raises(DeadlineExceeded):
        shop.call(deadline_at=shop.clock.monotonic())
    assert shop.asked == 1


def test_the_specs_own_deadline_holds_too() -> None:
    shop = Shop(replace(SPEC, attempts=9, deadline_s=20, timeout_s=20))
    shop.error = ill()
    shop.takes_s = 5
    began = shop.clock.monotonic()
    with pytest.raises(CallFailed):
        shop.call(deadline_at=began + 1000)
    assert shop.asked == 3, "5 + 2 + 5 + 4, and the last began at 16"


def test_a_pause_the_service_asks_for_holds_every_caller() -> None:
    """One 429 with Retry-After: 20 keeps everybody away for 20 seconds."""
    shop = Shop(ONCE)
    shop.errors = [ill("429", retry_after_s=20)]
    with pytest.raises(CallFailed):
        shop.call()
    before = shop.clock.monotonic()
    assert shop.policy.status().paused_s == 20
    assert shop.told == [EventKind.PAUSED, EventKind.CALL_FAILED]
    shop.call()
    assert shop.clock.monotonic() - before == 20


def test_every_attempt_takes_its_turn() -> None:
    """A retry is a request to the service like any other."""
    shop = Shop(replace(SPEC, rates=(RateRule(1, per_s=10),), wait_s=1, max_wait_s=8))
    shop.errors = [ill(), ill()]
    began = shop.clock.monotonic()
    shop.call()
    assert shop.clock.monotonic() - began == pytest.approx(20)


def test_it_waits_for_a_turn_no_longer_than_it_may_queue() -> None:
    shop = Shop(replace(ONCE, rates=(RateRule(1, per_s=10),), max_queue_s=15))
    began = shop.clock.monotonic()
    shop.call()
    shop.call()
    assert shop.clock.monotonic() - began == pytest.approx(10)
    shop.policy.pause(16)
    with pytest.raises(RateLimited, match="paused for another 16 s"):
        shop.call()
    assert shop.clock.monotonic() - began == pytest.approx(10)


def test_a_turn_after_the_deadline_is_the_hurrys_fault() -> None:
    """A later deadline would have had its turn: DeadlineExceeded, not RateLimited."""
    shop = Shop(replace(ONCE, rates=(RateRule(1, per_s=10),)))
    shop.call()
    with pytest.raises(DeadlineExceeded) as caught:
        shop.call(deadline_at=shop.clock.monotonic() + 5)
    assert caught.value.retry_at is not None
    assert shop.clock.waits == []


# ---- stopping, hooks, chaos ------------------------------------------------------------


def test_a_shutdown_is_said_as_such() -> None:
    """So that the work is left for later and not counted as failed; the attempt that did
    fail is counted."""
    shutdown = threading.Event()
    shop = Shop(clock=NightClock(shutdown), shutdown=shutdown)
    shop.error = ill()
    with pytest.raises(ShuttingDown, match="503"):
        shop.call()
    status = shop.policy.status()
    assert (shop.asked, status.calls, status.failures) == (1, 1, 1)


def test_a_failing_hook_does_not_break_the_call() -> None:
    def broken(event: PolicyEvent) -> None:
        raise RuntimeError("no metrics today")

    shop = Shop().subscribe(broken)
    shop.hooks.subscribe(broken, successes=True)
    shop.errors = [ill()]
    assert shop.call() == "fine"
    assert shop.hooks.failures == 3
    assert "no metrics today" in shop.hooks.last_failure


def test_faults_on_purpose_count_like_the_services_own() -> None:
    shop = Shop(replace(ONCE, chaos=ChaosRule(fault_pct=100)))
    for _ in range(2):
        with pytest.raises(CallFailed, match="injected"):
            shop.call()
    assert shop.asked == 0
    assert shop.policy.status().state is BreakerState.OPEN


def test_calls_are_kept_singly_for_whoever_fetches_them() -> None:
    """Nothing is kept before somebody wants it, nor twice."""
    shop = Shop(replace(SPEC, slow_rate_pct=100, slow_s=5, minimum_calls=20))
    shop.call()
    assert shop.policy.fetch_calls()[1] == []
    shop.policy.record_calls()
    shop.call(cost=3)
    shop.takes_s = 6
    shop.call()
    shop.takes_s = 0
    shop.error = ill("429", retry_after_s=30)
    with pytest.raises(CallFailed):
        shop.call()
    now, kept = shop.policy.fetch_calls()
    assert now == shop.clock.monotonic()
    assert [
        (how, took, tries, asked, cost["requests"]) for _, how, took, tries, asked, cost in kept
    ] == [
        ("success", 0, 1, None, 3),
        ("slow", 6, 1, None, 1),
        ("failure", 0, 1, 30, 1),
    ]
    assert shop.policy.fetch_calls()[1] == []


def test_durations_are_counted_in_buckets() -> None:
    shop = Shop(PolicySpec())
    shop.takes_s = 3
    shop.call()
    shop.error = KeyError()
    with pytest.raises(KeyError):
        shop.call()
    durations = shop.policy.status().durations
    assert sum(durations.counts) == 2
    assert durations.total_s == 6
