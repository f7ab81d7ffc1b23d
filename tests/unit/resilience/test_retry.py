"""When a call is tried again, how long it waits first, and how much of it a service gets."""

from __future__ import annotations

import socket
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tenacity import stop_after_delay, wait_fixed

from resilience.outcomes import CallFailed, CircuitOpen, Outcome, QuotaExhausted, Rejected
from resilience.retry import (
    JITTERS,
    SPREAD_S,
    RetryBudget,
    RetryRule,
    Verdict,
    classify,
    exponential,
    next_wait_s,
    only_call_failures,
)

AGAIN = Verdict(Outcome.FAILURE, retryable=True)
NEVER = Verdict(Outcome.FAILURE, retryable=False)
PLAIN = exponential(attempts=4, jitter="none")

seconds = st.floats(0, 1000)


def wait_after(
    attempt: int,
    rule: RetryRule = PLAIN,
    verdict: Verdict = AGAIN,
    *,
    now: float = 0.0,
    ends: float = inf,
    last_wait_s: float = 0.0,
) -> float | None:
    return next_wait_s(
        rule, verdict, attempt=attempt, begun=0.0, now=now, ends=ends, last_wait_s=last_wait_s
    )


def asks(retry_after_s: float) -> Verdict:
    return Verdict(Outcome.FAILURE, retryable=True, retry_after_s=retry_after_s)


# ---- how long --------------------------------------------------------------------------


def test_the_defaults_are_three_attempts_two_four_and_eight_seconds_apart() -> None:
    assert [wait_after(n, exponential(jitter="none")) for n in (1, 2, 3)] == [2, 4, None]
    assert [wait_after(n) for n in (1, 2, 3, 4)] == [2, 4, 8, None]


@pytest.mark.parametrize("jitter", JITTERS)
@given(
    first_s=st.floats(0, 60),
    factor=st.floats(1, 1000),
    attempt=st.integers(1, 2000),
    last_s=st.floats(0, 5000),
)
def test_every_wait_stays_in_its_bounds(
    jitter: str, first_s: float, factor: float, attempt: int, last_s: float
) -> None:
    """However often it was tried: not even a number beyond all floats breaks the arithmetic."""
    longest_s = first_s * factor
    whole_s = min(longest_s, first_s * 2.0 ** min(attempt - 1, 1000))
    low, high = {
        "none": (whole_s, whole_s),
        "spread": (whole_s, whole_s + SPREAD_S),
        "full": (0.0, whole_s),
        "equal": (whole_s / 2, whole_s),
        "decorrelated": (first_s, min(longest_s, 3 * max(first_s, last_s))),
    }[jitter]
    rule = exponential(10_000, first_s, longest_s, jitter)

    waited_s = wait_after(attempt, rule, last_wait_s=last_s)

    assert waited_s is not None
    assert low - 1e-9 <= waited_s <= high + 1e-9


@pytest.mark.parametrize("jitter", sorted(set(JITTERS) - {"none"}))
def test_two_that_failed_together_do_not_come_back_together(jitter: str) -> None:
    rule = exponential(jitter=jitter)
    assert len({wait_after(1, rule) for _ in range(20)}) > 10


@pytest.mark.parametrize("jitter", sorted(set(JITTERS) - {"none"}))
def test_the_whole_range_is_used(jitter: str) -> None:
    """Waits that huddle at one end would be a herd as well."""
    rule = exponential(wait_s=4, max_wait_s=64, jitter=jitter)
    low, high = {
        "spread": (4.0, 4.5),
        "full": (0.0, 4.0),
        "equal": (2.0, 4.0),
        "decorrelated": (4.0, 30.0),
    }[jitter]
    found = [wait_after(1, rule, last_wait_s=10) or 0.0 for _ in range(400)]
    assert min(found) < low + 0.1 * (high - low)
    assert max(found) > high - 0.1 * (high - low)


def test_any_wait_and_stop_of_tenacity_can_be_used() -> None:
    """They see our clock, not the machine's."""
    rule = RetryRule(stop_after_delay(7), wait_fixed(3))
    assert wait_after(50, rule, now=6.9) == 3
    assert wait_after(1, rule, now=7) is None


# ---- whether ---------------------------------------------------------------------------


@given(attempts=st.integers(1, 50), attempt=st.integers(1, 60))
def test_it_is_tried_so_often_and_no_more(attempts: int, attempt: int) -> None:
    """`attempts` counts the first one."""
    has_next = wait_after(attempt, exponential(attempts, jitter="none")) is not None
    assert has_next == (attempt < attempts)


def test_what_does_not_help_is_not_tried_again() -> None:
    assert wait_after(1, verdict=NEVER) is None


@given(asked_s=st.floats(0, 20), attempt=st.integers(1, 3))
def test_a_wait_the_service_asks_for_is_kept_up_to_the_maximum(
    asked_s: float, attempt: int
) -> None:
    """Retry-After beats our own shorter wait, not our longer one; nobody sleeps an hour."""
    found = wait_after(attempt, verdict=asks(asked_s))
    assert found == (None if asked_s > 8 else max(2.0**attempt, asked_s))


def test_the_maximum_itself_is_still_waited_for() -> None:
    assert wait_after(1, verdict=asks(8)) == 8
    assert wait_after(1, verdict=asks(8.001)) is None


@given(
    now=seconds, ends=seconds, asked_s=st.none() | st.floats(0, 8), jitter=st.sampled_from(JITTERS)
)
def test_no_attempt_begins_at_or_after_the_deadline(
    now: float, ends: float, asked_s: float | None, jitter: str
) -> None:
    verdict = Verdict(Outcome.FAILURE, retryable=True, retry_after_s=asked_s)
    waited_s = wait_after(1, exponential(jitter=jitter), verdict, now=now, ends=ends)
    assert waited_s is None or now + waited_s < ends


def test_the_last_moment_before_the_deadline_is_used() -> None:
    assert wait_after(1, ends=2.001) == 2
    assert wait_after(1, ends=2) is None


# ---- what errors mean ------------------------------------------------------------------


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("retryable", [True, False])
@pytest.mark.parametrize("asked_s", [None, 0.0, 20.0])
def test_a_failed_call_says_itself_what_it_means(
    outcome: Outcome, retryable: bool, asked_s: float | None
) -> None:
    error = CallFailed("shop", "?", outcome=outcome, retryable=retryable, retry_after_s=asked_s)
    assert classify(error) == Verdict(outcome, retryable, asked_s)
    assert only_call_failures(error) == Verdict(outcome, retryable, asked_s)


@pytest.mark.parametrize(
    "error",
    [
        OSError("unreachable"),
        ConnectionResetError(),
        TimeoutError(),
        socket.gaierror(),
        EOFError(),
        RuntimeError("?"),
        ValueError("not JSON"),
        Exception("?"),
    ],
    ids=repr,
)
def test_what_a_service_may_have_caused_counts_against_it(error: Exception) -> None:
    """And is worth another try."""
    assert classify(error) == AGAIN


@pytest.mark.parametrize(
    "error",
    [
        TypeError(),
        NameError(),
        UnboundLocalError(),
        AttributeError(),
        ImportError(),
        ModuleNotFoundError(),
        SyntaxError(),
        AssertionError(),
        NotImplementedError(),
        RecursionError(),
        KeyError("ours"),
        IndexError(),
        ZeroDivisionError(),
        OverflowError(),
        MemoryError(),
        KeyboardInterrupt(),
        SystemExit(),
        GeneratorExit(),
        Rejected("other", "no"),
        CircuitOpen("other", "open"),
        QuotaExhausted("other", "used up"),
    ],
    ids=repr,
)
def test_our_own_errors_say_nothing_of_the_service(error: BaseException) -> None:
    """A bug, a machine without memory, a gate of another policy, a person at the keyboard:
    neither counted nor tried again."""
    assert classify(error) == Verdict(Outcome.NEUTRAL, retryable=False)


@pytest.mark.parametrize(
    "error", [OSError(), RuntimeError(), KeyError(), KeyboardInterrupt(), CircuitOpen("a", "b")]
)
def test_who_translates_all_errors_of_a_service_owns_the_others(error: BaseException) -> None:
    """With `only_call_failures` nothing but a CallFailed counts."""
    assert only_call_failures(error) == Verdict(Outcome.NEUTRAL, retryable=False)


# ---- the budget ------------------------------------------------------------------------


def test_a_budget_begins_full() -> None:
    """The first trouble after a start is retried like any other."""
    budget = RetryBudget(ratio=0.2, burst=3)
    assert [budget.spend() for _ in range(5)] == [True, True, True, False, False]


def test_successes_earn_retries_at_the_ratio() -> None:
    budget = RetryBudget(ratio=0.25, burst=1)
    assert budget.spend()
    earned = []
    for _ in range(8):
        budget.earn()
        earned.append(budget.spend())
    assert earned == [False, False, False, True] * 2


@given(
    ratio=st.floats(0, 2),
    burst=st.floats(0, 20),
    calls=st.lists(st.booleans(), max_size=200),
)
def test_retries_are_bounded_by_the_burst_and_a_share_of_the_calls(
    ratio: float, burst: float, calls: list[bool]
) -> None:
    budget = RetryBudget(ratio, burst)
    spent = 0
    for number, succeeds in enumerate(calls):
        if succeeds:
            budget.earn()
        else:
            spent += budget.spend()
        assert 0 <= budget.left <= burst
        assert spent <= burst + ratio * (number + 1) + 1e-9


def test_no_burst_means_no_retries() -> None:
    budget = RetryBudget(ratio=1.0, burst=0)
    budget.earn()
    assert not budget.spend()
