"""What may be done to a service without calling it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from resilience.breaker import BreakerState
from resilience.events import EventKind
from resilience.outcomes import CircuitOpen, RateLimited
from resilience.policy import Policy
from resilience.quota import QuotaRule
from resilience.spec import PolicySpec, RateRule
from resilience.state import StoredBreaker, StoredPause
from resilience.watched import LONGEST_PAUSE_S
from tests.unit.resilience.shops import SPEC, Shop

DAILY = replace(SPEC, quotas=(QuotaRule("requests", 100, block=10),))


class Desk(Shop):
    """A shop whose changes are to be written down."""

    def __init__(self, spec: PolicySpec = SPEC) -> None:
        super().__init__(spec)
        self.woken = 0
        self.policy.on_dirty = self._wake

    def _wake(self) -> None:
        self.woken += 1

    def retry_in_s(self) -> float | None:
        """What the last event says."""
        moment = self.events[-1].retry_at
        return None if moment is None else (moment - self.clock.now()).total_seconds()


# ---- what the service says ---------------------------------------------------------------


@pytest.mark.parametrize(("reset_s", "paused_s"), [(20.0, 20.0), (1.7e9, LONGEST_PAUSE_S)])
def test_a_service_that_grants_no_more_is_left_alone(reset_s: float, paused_s: float) -> None:
    """Until its reset, if that is no mistake. It is told and written down like a pause the
    service asked for."""
    desk = Desk()
    desk.policy.observe("requests", 0, reset_s)
    assert desk.policy.status().paused_s == paused_s
    assert desk.told == [EventKind.PAUSED]
    assert desk.retry_in_s() == paused_s
    assert (desk.policy.is_dirty, desk.woken) == (True, 1)
    desk.policy.observe("requests", 0, 5.0)
    assert desk.told == [EventKind.PAUSED]


@pytest.mark.parametrize(
    ("remaining", "reset_s"), [(1.0, 20.0), (0.0, None), (0.0, 0.0), (0.0, -5.0)]
)
def test_what_is_no_reason_for_a_pause(remaining: float, reset_s: float | None) -> None:
    """Something is left, or nobody knows until when, or it is over."""
    desk = Desk()
    desk.policy.observe("requests", remaining, reset_s)
    assert desk.told == []
    assert desk.call() == "fine"


def test_a_quota_of_that_period_is_used_up_instead() -> None:
    """The day is; the minute, of which there is no quota, is a pause."""
    desk = Desk(DAILY)
    desk.call()
    desk.policy.observe("requests", 0, 3600.0, "day")
    assert desk.policy.status().paused_s == 0
    assert desk.policy.explain().binding == "quota of requests per day"
    desk.policy.observe("requests", 0, 20.0, "minute")
    assert desk.policy.status().paused_s == 20


def test_a_rate_is_slowed_down_by_what_the_service_says() -> None:
    desk = Desk(replace(SPEC, rates=(RateRule(10, burst=10),), max_queue_s=0))
    desk.policy.observe("requests", 2, None)
    desk.call()
    desk.call()
    with pytest.raises(RateLimited):
        desk.call()


def test_the_least_that_was_said_is_what_the_store_is_told() -> None:
    """Until it knows; what the service says meanwhile is told next time."""
    policy = Desk(DAILY).policy
    (quota,) = policy.quotas
    policy.refill(quota)
    for remaining in (40, 30, 35):
        policy.observe("requests", remaining, None, "day")
    assert policy.caps() == [(quota, 30)]
    policy.observe("requests", 20, None, "day")
    policy.cap_told(quota, 30)
    assert policy.caps() == [(quota, 20)]
    policy.cap_told(quota, 20)
    assert policy.caps() == []


# ---- by hand -----------------------------------------------------------------------------

HANDS: list[tuple[Callable[[Policy], None], BreakerState, EventKind, float | None]] = [
    (lambda policy: policy.hold(30), BreakerState.HELD, EventKind.CIRCUIT_HELD, 30),
    (lambda policy: policy.hold(), BreakerState.HELD, EventKind.CIRCUIT_HELD, None),
    (lambda policy: policy.disable(), BreakerState.DISABLED, EventKind.CIRCUIT_DISABLED, None),
    (lambda policy: policy.force_open(), BreakerState.OPEN, EventKind.CIRCUIT_OPENED, 60),
]


@pytest.mark.parametrize(("act", "state", "kind", "until_s"), HANDS)
def test_what_a_person_does_is_done_told_and_written_down(
    act: Callable[[Policy], None], state: BreakerState, kind: EventKind, until_s: float | None
) -> None:
    desk = Desk()
    act(desk.policy)
    status = desk.policy.status()
    assert (status.state, desk.told) == (state, [kind])
    assert desk.retry_in_s() == until_s
    assert (desk.policy.is_dirty, desk.woken) == (True, 1)
    if state is BreakerState.DISABLED:
        assert desk.call() == "fine"
    else:
        with pytest.raises(CircuitOpen):
            desk.call()


@pytest.mark.parametrize("act", [act for act, *_ in HANDS])
def test_closing_undoes_it_and_ends_a_pause(act: Callable[[Policy], None]) -> None:
    desk = Desk()
    act(desk.policy)
    desk.policy.pause(500)
    desk.policy.close()
    assert desk.told[-1] is EventKind.CIRCUIT_CLOSED
    assert desk.call() == "fine"
    assert desk.clock.waits == []


@pytest.mark.parametrize(
    "act", [lambda policy: policy.hold(30), lambda policy: policy.force_open()]
)
def test_a_probe_by_hand_need_not_wait(act: Callable[[Policy], None]) -> None:
    """Not for the end of the wait, nor for that of a pause; it decides like any other."""
    desk = Desk()
    act(desk.policy)
    desk.policy.pause(500)
    desk.policy.probe()
    assert desk.call() == "fine"
    assert desk.told[-2:] == [EventKind.CIRCUIT_HALF_OPENED, EventKind.CIRCUIT_CLOSED]
    assert desk.clock.waits == []


def test_a_second_hold_replaces_the_first() -> None:
    """Callers are told the new end and the new reason."""
    desk = Desk()
    desk.policy.hold(30, "repairs")
    desk.policy.hold(90, "holidays")
    with pytest.raises(CircuitOpen, match="holidays") as caught:
        desk.call()
    assert caught.value.retry_at == desk.clock.now() + timedelta(seconds=90)


def test_a_service_is_healthy_while_calls_go_through_and_succeed() -> None:
    """One failure may be the item's own fault; a second in a row is the service's."""
    desk = Desk(replace(SPEC, attempts=1, failure_threshold=5))
    looks = [desk.policy.is_healthy()]
    for _ in range(2):
        desk.fail()
        looks.append(desk.policy.is_healthy())
    desk.call()
    looks.append(desk.policy.is_healthy())
    desk.policy.hold()
    assert [*looks, desk.policy.is_healthy()] == [True, True, False, True, False]


# ---- what outlives the process -----------------------------------------------------------


def test_what_is_stored_is_what_a_restart_needs() -> None:
    """Seconds that are left, not moments; and from then on it is clean."""
    desk = Desk(replace(SPEC, attempts=1))
    desk.fail(2)
    desk.policy.pause(90, "429")
    desk.clock.advance(10)
    with pytest.raises(CircuitOpen):
        desk.call()
    breaker, pause = desk.policy.stored()
    assert breaker == StoredBreaker("shop", "open", 2, 0, 50, "503", 2, 2, 1)
    assert pause == StoredPause("shop", 80, "429")
    assert not desk.policy.is_dirty


def test_nothing_is_stored_of_what_is_no_more() -> None:
    desk = Desk()
    desk.policy.pause(5)
    desk.clock.advance(5)
    assert desk.policy.stored() == (StoredBreaker("shop", "closed"), None)


def test_a_process_that_died_during_a_trial_is_followed_by_one() -> None:
    """The store keeps no wait of a half-open circuit; it begins open all the same, and the
    next call is a probe."""
    desk = Desk()
    desk.policy.restore(StoredBreaker("shop", "half_open", 3, 1, None, "503"))
    assert desk.policy.status().state is BreakerState.OPEN
    assert desk.policy.admit().is_probe


def test_a_pause_from_elsewhere_is_no_longer_than_ours_may_be() -> None:
    desk = Desk()
    desk.policy.take_over(StoredPause("shop", 1e9, "429"), None)
    assert desk.policy.status().paused_s == LONGEST_PAUSE_S
    desk.policy.take_over(StoredPause("shop", 5, "429"), None)
    assert desk.policy.status().paused_s == LONGEST_PAUSE_S
