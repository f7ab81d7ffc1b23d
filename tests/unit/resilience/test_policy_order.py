"""In which order the gates are asked, and that whoever is turned away has taken nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience.breaker import BreakerState
from resilience.outcomes import CallError, CallFailed, Outcome, Rejected
from resilience.permits import Permit
from resilience.pressure import Pressure
from resilience.quota import QuotaRule
from resilience.spec import PolicySpec, RateRule
from resilience.state import Lease, QuotaKey
from tests.unit.resilience.shops import SPEC, Shop, ill

GATES = ("deadline", "breaker", "memory", "quota", "rate", "bulkhead")


class Lender:
    """A store of quotas: of one window that lasts another `left_s`, of so much, or away."""

    def __init__(self, limit: float = 1e9, left_s: float = 1e6) -> None:
        self.left = limit
        self.left_s = left_s
        self.is_away = False

    def __call__(self, quota: QuotaKey, amount: float) -> Lease:
        if self.is_away:
            raise CallFailed("database", "the connection is gone", retryable=True)
        granted = max(0.0, min(amount, self.left))
        self.left -= granted
        return Lease(granted, "the only one", self.left_s, 0.0)


class Guarded:
    """A shop with every gate there is, each of which can be shut."""

    spec = replace(
        SPEC,
        attempts=1,
        at_once=1,
        queue=0,
        max_queue_s=5,
        rates=(RateRule(1, per_s=1, burst=100),),
        quotas=(QuotaRule("requests", 1000, per="month", block=1),),
    )

    def __init__(self) -> None:
        self.pressure = Pressure()
        self.lender = Lender(left_s=60)
        self.shop = Shop(self.spec, pressure=self.pressure, lease=self.lender)
        self.hurry: float | None = None

    def shut(self, gate: str) -> None:
        policy = self.shop.policy
        if gate == "deadline":
            self.hurry = self.shop.clock.monotonic()
        elif gate == "breaker":
            policy.force_open()
        elif gate == "memory":
            self.pressure.tell(99)
        elif gate == "quota":
            self.lender.left = 0
        elif gate == "rate":
            policy.pause(30)
        else:
            policy.admit()

    def open(self, held: Permit | None) -> None:
        self.hurry = None
        self.pressure.tell(10)
        self.lender.left = 1e9
        self.shop.clock.advance(100)  # an opening, a pause and a dry quota are over
        if held is not None:
            held.settle(Outcome.SUCCESS)

    def spent(self) -> float:
        return sum(quota.spent for quota in self.shop.policy.quotas)

    def call(self) -> object:
        return self.shop.call(deadline_at=self.hurry)

    def admit(self) -> object:
        return self.shop.policy.admit(deadline_at=self.hurry)


@pytest.mark.parametrize("enter", [Guarded.call, Guarded.admit], ids=["call", "admit"])
@pytest.mark.parametrize("first", range(len(GATES)), ids=GATES)
def test_the_gates_are_asked_in_one_order(first: int, enter: Callable[[Guarded], object]) -> None:
    """With a gate and all after it shut, it is this gate that says no, says when to come back,
    and is counted. No quota and no slot is gone, and all goes on once they are open."""
    guarded = Guarded()
    held = guarded.shop.policy.admit() if first <= GATES.index("bulkhead") else None
    for gate in GATES[first:-1]:
        guarded.shut(gate)
    before = (guarded.spent(), guarded.shop.under_way)

    with pytest.raises(Rejected) as caught:
        enter(guarded)

    assert caught.value.gate == GATES[first]
    assert caught.value.retry_at is not None
    assert guarded.shop.asked == 0
    assert guarded.shop.policy.status().rejected_by == {GATES[first]: 1}
    assert (guarded.spent(), guarded.shop.under_way) == before
    assert guarded.shop.policy.status().waiting == 0
    guarded.open(held)
    assert guarded.call() == "fine"


def test_a_place_for_a_probe_is_the_last_thing_taken() -> None:
    """Whoever is turned away by any later gate leaves the probe to somebody else."""
    for gate in ("memory", "quota", "rate", "bulkhead"):
        guarded = Guarded()
        held = guarded.shop.policy.admit() if gate == "bulkhead" else None
        guarded.shop.half_opened()
        if held is None:
            guarded.shut(gate)
        for _ in range(3):
            with pytest.raises(Rejected) as caught:
                guarded.call()
            assert caught.value.gate == gate
        assert guarded.shop.policy.status().state is BreakerState.OPEN, "nobody tried yet"
        guarded.open(held)
        assert guarded.call() == "fine"
        assert guarded.shop.policy.status().state is BreakerState.CLOSED


def test_an_open_circuit_takes_no_turn_and_no_quota() -> None:
    """A thousand callers at a dead service leave the pace to the first who is let through."""
    guarded = Guarded()
    guarded.shop.opened()
    for _ in range(1000):
        with pytest.raises(Rejected):
            guarded.call()
    guarded.shop.policy.close()
    began = guarded.shop.clock.monotonic()
    for _ in range(100):
        guarded.call()
    assert guarded.shop.clock.monotonic() == began
    assert guarded.spent() == 100


def test_a_store_that_is_away_lets_what_is_in_hand_be_spent() -> None:
    """And then says so, with when to ask again; nothing else is taken meanwhile."""
    guarded = Guarded()
    guarded.shop.policy.refill(guarded.shop.policy.quotas[0], 3)
    guarded.lender.is_away = True
    for _ in range(3):
        guarded.call()
    with pytest.raises(Rejected, match="cannot be asked") as caught:
        guarded.call()
    assert caught.value.gate == "quota"
    assert caught.value.retry_at == guarded.shop.clock.now() + timedelta(seconds=5)
    assert (guarded.spent(), guarded.shop.under_way) == (3, 0)


# ---- any sequence of anything ----------------------------------------------------------

ENDS: tuple[Callable[[], BaseException | None], ...] = (
    lambda: None,
    lambda: None,
    ill,
    ill,
    lambda: ill("429", 3),
    lambda: ill("429", 40),
    lambda: CallFailed("shop", "400"),
    lambda: CallFailed("shop", "404", outcome=Outcome.NEUTRAL),
    lambda: KeyError("ours"),
    lambda: KeyboardInterrupt(),
    lambda: OSError("unreachable"),
)

ends = st.sampled_from(ENDS)
specs = st.builds(
    PolicySpec,
    attempts=st.integers(1, 3),
    jitter=st.sampled_from(["spread", "full", "decorrelated", "none"]),
    retry_burst=st.sampled_from([0.0, 2.0, 20.0]),
    deadline_s=st.sampled_from([5.0, 40.0, 100.0]),
    timeout_s=st.just(5.0),
    max_queue_s=st.sampled_from([0.0, 1.0, 4.0]),
    failure_threshold=st.integers(0, 3),
    failure_rate_pct=st.sampled_from([0.0, 50.0]),
    minimum_calls=st.just(4),
    window_calls=st.just(6),
    slow_rate_pct=st.sampled_from([0.0, 60.0]),
    slow_s=st.just(2.0),
    success_threshold=st.integers(1, 2),
    probes_at_once=st.integers(1, 2),
    at_once=st.integers(0, 2),
    queue=st.integers(0, 1),
    rates=st.sampled_from(
        [
            (),
            (RateRule(1, per_s=2),),
            (RateRule(5, burst=3, algorithm="token_bucket"),),
            (RateRule(3, per_s=10, algorithm="sliding_window"), RateRule(9, 60, 4, "tokens")),
            (RateRule(1, per_s=1, burst=2, algorithm="leaky_bucket"),),
        ]
    ),
    quotas=st.sampled_from(
        [
            (),
            (QuotaRule("requests", 12, "month", block=3),),
            (QuotaRule("requests", 40, "month"), QuotaRule("tokens", 30, "month", block=7)),
        ]
    ),
    estimates=st.sampled_from([{}, {"tokens": 2.0}]),
)


@dataclass(frozen=True)
class Step:
    kind: str
    ends: tuple[Callable[[], BaseException | None], ...] = (lambda: None,)
    cost: float | None = None
    seconds: float = 0.0
    switch: bool = False


steps = st.lists(
    st.one_of(
        st.builds(
            Step,
            kind=st.sampled_from(["call", "call", "call", "attempt"]),
            ends=st.tuples(ends, ends, ends),
            cost=st.sampled_from([None, None, 1.0, 2.0, 50.0]),
            seconds=st.sampled_from([0.0, 0.0, 0.5, 3.0]),
            switch=st.booleans(),
        ),
        st.builds(Step, kind=st.sampled_from(["take", "settle", "probe", "close", "open"])),
        st.builds(Step, kind=st.just("wait"), seconds=st.sampled_from([0.1, 2.0, 61.0, 400.0])),
        st.builds(Step, kind=st.sampled_from(["memory", "store"]), switch=st.booleans()),
        st.builds(Step, kind=st.sampled_from(["hold", "pause"]), seconds=st.just(30.0)),
    ),
    max_size=40,
)


class Run:
    """Does the steps, and keeps its own count of what a policy should have taken."""

    def __init__(self, spec: PolicySpec) -> None:
        self.pressure, self.lender = Pressure(), Lender(60)
        self.shop = Shop(spec, pressure=self.pressure, lease=self.lender)
        self.out: list[Permit] = []
        self.made = self.turned_away = 0
        self.requests = self.tokens = 0.0

    def do(self, step: Step) -> None:
        policy, clock = self.shop.policy, self.shop.clock
        if step.kind in ("call", "attempt"):
            self._ask(step)
        elif step.kind == "take":
            self._take()
        elif step.kind == "settle" and self.out:
            self.out.pop(0).settle(Outcome.FAILURE if len(self.out) % 2 else Outcome.SUCCESS)
            self.made += 1
        elif step.kind == "wait":
            clock.advance(step.seconds)
        elif step.kind == "memory":
            self.pressure.tell(99 if step.switch else 10)
        elif step.kind == "store":
            self.lender.is_away = step.switch
        elif step.kind == "hold":
            policy.hold(step.seconds)
        elif step.kind == "pause":
            policy.pause(step.seconds)
        elif step.kind == "probe":
            policy.probe()
        elif step.kind == "close":
            policy.close()
        elif step.kind == "open":
            policy.force_open()

    def _ask(self, step: Step) -> None:
        found = [end() for end in step.ends]
        asked = self.shop.asked
        self.shop.errors = [one if one is not None else _FINE for one in found]
        self.shop.takes_s = step.seconds
        soon = self.shop.clock.monotonic() + 3 if step.switch else None
        try:
            if step.kind == "call":
                self.shop.policy.call(self._answer, cost=step.cost, deadline_at=soon)
            else:
                with self.shop.policy.admit(step.cost, soon):
                    self._answer()
            self.made += 1
        except Rejected as no:
            self._turned_away(no, step.cost, self.shop.asked - asked)
        except (CallError, KeyError, OSError, KeyboardInterrupt):
            self.made += 1
        self._count(self.shop.asked - asked, step.cost)

    def _answer(self) -> str:
        try:
            return self.shop.answer()
        except _Fine:
            return "fine"

    def _take(self) -> None:
        try:
            self.out.append(self.shop.policy.admit())
        except Rejected as no:
            self._turned_away(no, None, 0)
        else:
            self._count(1, None)

    def _count(self, attempts: int, cost: float | None) -> None:
        self.requests += attempts * (1.0 if cost is None else cost)
        self.tokens += attempts * self.shop.policy.spec.takes("tokens")

    def _turned_away(self, no: Rejected, cost: float | None, asked: int) -> None:
        assert asked == 0
        self.turned_away += 1
        is_for_ever = cost is not None and self._never_passes(cost)
        assert is_for_ever or no.retry_at is not None, f"it does not say when: {no}"
        assert no.retry_at is None or no.retry_at >= self.shop.clock.now()

    def _never_passes(self, requests: float) -> bool:
        spec = self.shop.policy.spec
        rates = [rate for rate in spec.rates if rate.resource == "requests"]
        limits = [quota.limit for quota in spec.quotas if quota.resource == "requests"]
        too_heavy = any(rate.never_passes(requests) for rate in rates)
        return too_heavy or any(requests > limit for limit in limits)

    def check(self) -> None:
        status = self.shop.policy.status()
        assert (status.under_way, status.waiting) == (len(self.out), 0)
        assert (status.calls, status.rejected) == (self.made, self.turned_away)
        for quota in self.shop.policy.quotas:
            of_it = self.tokens if quota.key.resource == "tokens" else self.requests
            assert quota.spent == of_it
            assert quota.left >= 0


class _Fine(Exception):
    """No error at all, in a list of errors."""


_FINE = _Fine()


@settings(max_examples=100)
@given(spec=specs, steps=steps)
def test_whatever_happens_nothing_is_taken_but_by_attempts(
    spec: PolicySpec, steps: list[Step]
) -> None:
    """After any sequence of calls, of any outcome, under any specification: the slots in use
    are those of the permits that are out, nobody waits, the quotas spent are the attempts
    made, each call is counted once, and each rejection says when to come back."""
    run = Run(spec)
    for step in steps:
        run.do(step)
        run.check()
    while run.out:
        run.do(Step("settle"))
    assert run.shop.under_way == 0


@settings(max_examples=50)
@given(spec=specs, outcomes=st.lists(ends, max_size=20))
def test_who_comes_back_when_told_is_let_through(
    spec: PolicySpec, outcomes: list[Callable[[], BaseException | None]]
) -> None:
    """A caller alone, after a rejection by breaker or rate, meets that gate open at the moment
    he was told: no rejection sends him there in vain."""
    shop = Shop(spec, lease=Lender())
    for end in outcomes:
        shop.error = end()
        no = turned_away_by(shop)
        if no is None or no.retry_at is None or no.gate not in ("breaker", "rate"):
            continue
        shop.clock.advance((no.retry_at - shop.clock.now()).total_seconds() + 1e-5)
        again = turned_away_by(shop)
        assert again is None or again.gate not in ("breaker", "rate"), f"in vain: {no}; {again}"


def turned_away_by(shop: Shop) -> Rejected | None:
    try:
        shop.call()
    except Rejected as no:
        return no
    except (CallError, KeyError, OSError, KeyboardInterrupt):
        return None
    return None
