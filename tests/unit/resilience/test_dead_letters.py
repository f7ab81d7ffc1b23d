"""Telling the item from its service."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience.dead_letters import (
    HEALTHY_FAILURES,
    MOST_AT_ONCE,
    Cause,
    cause_of,
    counts_against_item,
    pause_after,
    replays_now,
)
from resilience.outcomes import (
    BulkheadFull,
    CallFailed,
    CircuitOpen,
    DeadlineExceeded,
    Outcome,
    Overloaded,
    QuotaExhausted,
    RateLimited,
    Rejected,
    ShuttingDown,
)
from resilience.policy import Policy
from resilience.retry import classify
from resilience.spec import PolicySpec
from resilience.testing import START, FakeClock

SOON = START + timedelta(minutes=1)
OUTAGE, POISON, NEITHER = Cause.OUTAGE, Cause.POISON, Cause.NEITHER
REFUSED = CallFailed("edgar", "connection refused", retryable=True, accepted=False)
HTTP_500 = CallFailed("claude", "HTTP 500")
HTTP_404 = CallFailed("edgar", "404 (Not Found)", outcome=Outcome.NEUTRAL)
TABLE = [
    # error, healthy, earlier failures while healthy -> cause
    (REFUSED, False, 0, OUTAGE),
    (REFUSED, True, 0, OUTAGE),
    (REFUSED, True, 1, OUTAGE),
    (REFUSED, True, 4, OUTAGE),
    (REFUSED, True, 5, POISON),
    (REFUSED, True, 9, POISON),
    (REFUSED, False, 9, OUTAGE),
    (HTTP_500, False, 2, OUTAGE),
    (HTTP_500, True, 4, OUTAGE),
    (HTTP_500, True, 5, POISON),
    (CircuitOpen("edgar", "circuit open", SOON), False, 0, OUTAGE),
    (CircuitOpen("edgar", "circuit open", SOON), True, 9, OUTAGE),
    (CircuitOpen("edgar", "held by hand"), False, 0, OUTAGE),
    (RateLimited("edgar", "paused", SOON), True, 9, OUTAGE),
    (RateLimited("edgar", "more than its rate ever lets through"), True, 0, POISON),
    (QuotaExhausted("claude", "used up", SOON), True, 0, OUTAGE),
    (QuotaExhausted("claude", "more than there are"), True, 0, POISON),
    (BulkheadFull("edgar", "8 calls under way", SOON), True, 9, OUTAGE),
    (Overloaded("edgar", "95 % of memory", SOON), True, 9, OUTAGE),
    (DeadlineExceeded("edgar", "no time left", SOON), True, 9, OUTAGE),
    (Rejected("claude", "not asked again yet", SOON), True, 0, OUTAGE),
    (Rejected("edgar", "no contact: set SEC_CONTACT"), True, 0, NEITHER),
    (HTTP_404, True, 0, NEITHER),
    (HTTP_404, False, 9, NEITHER),
    (ShuttingDown("edgar", "stopping"), False, 0, NEITHER),
    (KeyboardInterrupt(), True, 0, NEITHER),
    (ZeroDivisionError("a bug"), True, 0, POISON),
    (ValueError("garbled"), False, 0, POISON),
]


@pytest.mark.parametrize(
    ("error", "healthy", "before", "cause"),
    TABLE,
    ids=[f"{one[0]!r:.60}-{one[1]}-{one[2]}" for one in TABLE],
)
def test_the_cause_of_a_failure(
    error: BaseException, healthy: bool, before: int, cause: Cause
) -> None:
    found = cause_of(error, service_is_healthy=healthy, failed_while_healthy=before)
    assert found is cause


def test_foreign_errors_may_be_said_to_blame_the_service() -> None:
    """For services whose errors nobody translates."""
    found = cause_of(ConnectionError("reset"), service_is_healthy=False, classify=classify)
    assert found is OUTAGE


ERRORS = st.sampled_from([one[0] for one in TABLE if isinstance(one[0], CallFailed | Rejected)])


@given(ERRORS, st.integers(0, 20))
def test_while_everything_fails_no_call_makes_an_item_poison(
    error: CallFailed | Rejected, before: int
) -> None:
    """But for one that asks for more than there ever is."""
    if isinstance(error, RateLimited | QuotaExhausted) and error.retry_at is None:
        return
    found = cause_of(error, service_is_healthy=False, failed_while_healthy=before)
    assert found is not POISON


@given(st.lists(st.tuples(ERRORS, st.booleans()), max_size=40))
def test_an_item_is_bounded_while_its_service_is_healthy(
    history: list[tuple[CallFailed | Rejected, bool]],
) -> None:
    """Whatever happens in between, so many calls at a healthy service and no more."""
    failed = 0
    for error, healthy in history:
        cause = cause_of(error, service_is_healthy=healthy, failed_while_healthy=failed)
        failed += counts_against_item(error, service_is_healthy=healthy)
        if cause is POISON:
            break
        if isinstance(error, CallFailed) and error.outcome is Outcome.FAILURE:
            assert not healthy or failed < HEALTHY_FAILURES


def test_an_item_is_given_more_time_after_each_failure() -> None:
    """At first none, because others may only not have failed yet; then twelve minutes in all."""
    pauses = [pause_after(failed) for failed in range(HEALTHY_FAILURES)]
    assert pauses == [0, 0, 5, 30, 120, 600]
    assert pause_after(99) == 600


# ---- how many may be tried --------------------------------------------------------------


def now(policy: Policy) -> int:
    return replays_now(policy.explain(), policy.status().state)


def fail(policy: Policy) -> None:
    def call() -> None:
        raise CallFailed(policy.service, "HTTP 503")

    with pytest.raises(CallFailed):
        policy.call(call)


def test_as_many_as_the_breaker_lets_through(clock: FakeClock) -> None:
    """None while it is open, one when its wait is over, several when it is closed again."""
    policy = Policy("edgar", PolicySpec(attempts=1, failure_threshold=2, open_s=60), clock)
    assert now(policy) == MOST_AT_ONCE
    fail(policy)
    fail(policy)
    assert now(policy) == 0
    clock.advance(59.9)
    assert now(policy) == 0
    clock.advance(0.2)
    assert now(policy) == 1
    permit = policy.admit()
    assert now(policy) == 0  # the trial call is out
    permit.settle(Outcome.SUCCESS)
    assert now(policy) == MOST_AT_ONCE


@pytest.mark.parametrize(
    ("by_hand", "expected"),
    [
        (lambda p: p.hold(), 0),
        (lambda p: p.hold(600), 0),
        (lambda p: p.disable(), MOST_AT_ONCE),
        (lambda p: p.pause(600), 0),
        (lambda p: (p.force_open(), p.probe()), 1),
    ],
)
def test_what_a_person_decided_holds_for_replays(
    clock: FakeClock, by_hand: object, expected: int
) -> None:
    policy = Policy("edgar", PolicySpec(), clock)
    by_hand(policy)  # type: ignore[operator]
    assert now(policy) == expected
