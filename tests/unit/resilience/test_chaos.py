"""Faults on purpose come as often as they were ordered."""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import replace

import pytest

from resilience.breaker import BreakerState
from resilience.chaos import Chaos
from resilience.events import EventKind, Hooks, PolicyEvent
from resilience.outcomes import CallFailed, CircuitOpen
from resilience.policy import Policy
from resilience.spec import ChaosRule, PolicySpec, RateRule
from resilience.testing import FakeClock

STRIKES = 10_000
SPEC = PolicySpec(attempts=1, failure_threshold=3, failure_rate_pct=0, open_s=60)


def struck(rule: ChaosRule, clock: FakeClock, strikes: int = STRIKES) -> Counter[str]:
    """What came of so many strikes."""
    chaos = Chaos("shop", rule, clock, source=random.Random(7))
    found: Counter[str] = Counter()
    for _ in range(strikes):
        try:
            chaos.strike()
        except CallFailed as fault:
            found["fault" if fault.accepted else "refused"] += 1
    return found


@pytest.mark.parametrize(
    ("fault_pct", "refuse_pct"), [(10.0, 0.0), (0.0, 25.0), (20.0, 30.0), (50.0, 50.0), (0.5, 0.1)]
)
def test_each_fault_comes_in_its_share_of_all_attempts(
    clock: FakeClock, fault_pct: float, refuse_pct: float
) -> None:
    """Five deviations of chance are allowed for."""
    found = struck(ChaosRule(fault_pct, refuse_pct), clock)
    for name, pct in (("fault", fault_pct), ("refused", refuse_pct)):
        deviation = (STRIKES * pct / 100 * (1 - pct / 100)) ** 0.5
        assert abs(found[name] - STRIKES * pct / 100) <= 5 * deviation, name
    assert clock.waits == []


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (ChaosRule(fault_pct=100), {"fault": 100}),
        (ChaosRule(refuse_pct=100), {"refused": 100}),
        (ChaosRule(fault_pct=100, refuse_pct=100), {"refused": 100}),
        (ChaosRule(), {}),
    ],
)
def test_all_and_none_are_exact(
    clock: FakeClock, rule: ChaosRule, expected: dict[str, int]
) -> None:
    assert struck(rule, clock, 100) == expected


def test_latency_takes_its_time_on_the_clock(clock: FakeClock) -> None:
    struck(ChaosRule(latency_pct=30, latency_s=2.5), clock)
    assert len(clock.waits) == pytest.approx(0.3 * STRIKES, abs=5 * (STRIKES * 0.21) ** 0.5)
    assert set(clock.waits) == {2.5}


def test_a_stop_does_not_wait_out_a_latency(clock: FakeClock) -> None:
    shutdown = threading.Event()
    shutdown.set()
    Chaos("shop", ChaosRule(latency_pct=100, latency_s=60), clock, shutdown).strike()
    assert clock.waits == []


@pytest.mark.parametrize(
    ("rule", "accepted"), [(ChaosRule(fault_pct=100), True), (ChaosRule(refuse_pct=100), False)]
)
def test_a_fault_looks_like_a_real_one(clock: FakeClock, rule: ChaosRule, accepted: bool) -> None:
    """A refusal proves that nothing was done (and billed); a broken connection does not."""
    with pytest.raises(CallFailed, match=r"shop: .*\(injected\)") as told:
        Chaos("shop", rule, clock).strike()
    assert told.value.retryable
    assert told.value.accepted is accepted


def test_injected_faults_open_the_circuit_and_nothing_is_asked(clock: FakeClock) -> None:
    asked: list[int] = []
    policy = Policy("shop", replace(SPEC, chaos=ChaosRule(fault_pct=100)), clock)
    for _ in range(3):
        with pytest.raises(CallFailed):
            policy.call(asked.append, 1)
    with pytest.raises(CircuitOpen):
        policy.call(asked.append, 1)
    status = policy.status()
    assert (status.state, status.failed, asked) == (BreakerState.OPEN, 3, [])


def test_an_injected_fault_is_an_attempt_that_may_be_tried_again(clock: FakeClock) -> None:
    """And costs what an attempt costs."""
    events: list[PolicyEvent] = []
    rates = (RateRule(1, burst=10),)
    spec = replace(SPEC, attempts=3, chaos=ChaosRule(refuse_pct=100), rates=rates)
    policy = Policy("shop", spec, clock, Hooks(events.append))
    with pytest.raises(CallFailed):
        policy.call(lambda: None)
    assert [event.kind for event in events] == [
        *(EventKind.RETRY, EventKind.RETRY, EventKind.CALL_FAILED)
    ]


def test_injected_latency_makes_a_call_slow(clock: FakeClock) -> None:
    chaos = ChaosRule(latency_pct=100, latency_s=5)
    spec = replace(SPEC, slow_rate_pct=100, slow_s=4, minimum_calls=2, chaos=chaos)
    policy = Policy("shop", spec, clock)
    for _ in range(2):
        assert policy.call(lambda: "fine") == "fine"
    status = policy.status()
    assert status.state is BreakerState.OPEN
    assert status.durations.total_s == pytest.approx(10)
