"""Being told to stop: the process, or one piece of its work."""

from __future__ import annotations

import contextvars
import threading
from dataclasses import replace

import pytest

from resilience.clock import SystemClock
from resilience.outcomes import CallFailed, ShuttingDown
from resilience.policy import Policy
from resilience.spec import PolicySpec, RateRule
from resilience.stopping import Stop, stop_of, stopped_by
from resilience.testing import FakeClock

PATIENCE_S = 20.0
SPEC = PolicySpec(at_once=0, attempts=3, wait_s=5, max_wait_s=5)


@pytest.mark.parametrize("which", ["own", "whole"])
def test_it_is_set_by_itself_or_by_what_it_belongs_to(which: str) -> None:
    whole = threading.Event()
    stop = Stop(whole)
    assert not stop.is_set()
    (stop if which == "own" else whole).set()
    assert stop.is_set()
    assert stop.wait(0)
    assert stop.wait()


def test_stopping_one_piece_stops_no_other() -> None:
    whole = threading.Event()
    one, other = Stop(whole), Stop(whole)
    one.set()
    assert (whole.is_set(), other.is_set()) == (False, False)


def test_a_wait_without_a_word_ends_with_its_time() -> None:
    began = SystemClock().monotonic()
    assert not Stop(threading.Event()).wait(0.25)
    assert SystemClock().monotonic() - began >= 0.2


@pytest.mark.parametrize("which", ["own", "whole"])
def test_a_wait_ends_by_either(which: str) -> None:
    """Whoever waits for an hour is woken by the person as by the process."""
    whole = threading.Event()
    stop = Stop(whole)
    answers: list[bool] = []
    waiter = threading.Thread(target=lambda: answers.append(stop.wait(3600)))
    waiter.start()
    (stop if which == "own" else whole).set()
    waiter.join(PATIENCE_S)
    assert answers == [True]


def test_outside_of_such_work_the_process_counts() -> None:
    process = threading.Event()
    stop = Stop(process)
    with stopped_by(stop):
        assert stop_of(process) is stop
        copied = contextvars.copy_context()
    assert stop_of(process) is process
    assert copied.run(stop_of, process) is stop


def ill() -> None:
    raise CallFailed("shop", "503", retryable=True)


def test_work_that_is_stopped_does_not_wait_to_try_again(clock: FakeClock) -> None:
    process = threading.Event()
    policy = Policy("shop", SPEC, clock, shutdown=process)
    stop = Stop(process)
    stop.set()
    with stopped_by(stop), pytest.raises(ShuttingDown, match="503"):
        policy.call(ill)
    assert clock.waits == []


def test_work_that_is_stopped_does_not_wait_for_its_turn(clock: FakeClock) -> None:
    """Other work of the same process goes on waiting."""
    process = threading.Event()
    spec = replace(SPEC, rates=(RateRule(1, per_s=10),))
    policy = Policy("shop", spec, clock, shutdown=process)
    policy.call(lambda: None)
    stop = Stop(process)
    stop.set()
    with stopped_by(stop), pytest.raises(ShuttingDown):
        policy.call(lambda: None)
    assert policy.call(lambda: "its turn came") == "its turn came"
