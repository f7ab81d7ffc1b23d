"""What each gate would say to a call: it costs nothing, and is what the call hears then."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience.breaker import BreakerState
from resilience.events import Hooks, PolicyEvent
from resilience.explaining import Explanation, GateVerdict
from resilience.outcomes import CallFailed, RateLimited, Rejected
from resilience.policy import Policy
from resilience.pressure import Pressure
from resilience.quota import QuotaRule
from resilience.spec import PolicySpec, RateRule
from resilience.testing import FakeClock

PLAIN = PolicySpec(
    attempts=1, failure_threshold=3, failure_rate_pct=0, open_s=60, at_once=0, max_queue_s=10
)
ALGORITHMS = ("gcra", "token_bucket", "leaky_bucket", "sliding_window")


class Shop:
    """A policy that is looked at, and its clock."""

    def __init__(self, spec: PolicySpec = PLAIN) -> None:
        self.clock = FakeClock()
        self.pressure = Pressure(again_s=30)
        self.told: list[PolicyEvent] = []
        hooks = Hooks(self.told.append)
        self.policy = Policy("shop", spec, self.clock, hooks, pressure=self.pressure)

    def fail(self, times: int = 1) -> None:
        def fail() -> None:
            raise CallFailed("shop", "503")

        for _ in range(times):
            with pytest.raises(CallFailed):
                self.policy.call(fail)

    def call(self, amount: float = 1.0) -> Rejected | None:
        """Why a call is not made."""
        try:
            self.policy.call(lambda: None, cost=amount)
        except Rejected as no:
            return no
        return None

    def explain(self, amount: float = 1.0) -> Explanation:
        return self.policy.explain(amount)

    def in_s(self, found: Explanation) -> float | None:
        """When all gates will be open, in seconds."""
        if found.retry_at is None:
            return None
        return (found.retry_at - self.clock.now()).total_seconds()


def verdict(found: Explanation, gate: str) -> GateVerdict:
    (one,) = [each for each in found.verdicts if each.gate.split()[0] == gate]
    return one


# ---- what is said ------------------------------------------------------------------------


def test_every_gate_has_its_word_and_open_ones_say_how_much_is_left() -> None:
    spec = replace(
        PLAIN, at_once=2, rates=(RateRule(1, burst=5),), quotas=(QuotaRule("requests", 40),)
    )
    shop = Shop(spec)
    shop.call()
    found = shop.explain()
    assert [(each.gate, each.is_open, each.why) for each in found.verdicts] == [
        ("breaker", True, "closed"),
        ("memory", True, "enough"),
        ("quota of requests per day", True, "1 in hand, 2 of 40 leased"),
        ("pause", True, "none asked for"),
        ("rate", True, "4 may start at once"),
        ("bulkhead", True, "0 of 2 under way, 0 wait"),
    ]
    assert found == Explanation("shop", True, 0.0, "", None, found.verdicts)
    assert all(each.opens_at is None and each.wait_s == 0 for each in found.verdicts)


def test_failures_that_have_not_opened_it_yet_are_mentioned() -> None:
    shop = Shop()
    shop.fail(2)
    assert verdict(shop.explain(), "breaker").why == "closed, 2 failures in a row"


def _opened(shop: Shop) -> None:
    shop.fail(3)


def _held(shop: Shop) -> None:
    shop.policy.hold(100, "repairs")


def _short_of_memory(shop: Shop) -> None:
    shop.pressure.tell(99)


def _paused(shop: Shop) -> None:
    shop.policy.pause(40, "429")


def _in_a_hurry(shop: Shop) -> None:
    assert shop.call(20) is None


def _all_spent(shop: Shop) -> None:
    assert [shop.call(40), shop.call(30)] == [None, None]
    assert shop.call(40) is not None


def _full(shop: Shop) -> None:
    shop.policy.admit()


RATED = replace(PLAIN, rates=(RateRule(1, burst=20),))
COUNTED = replace(PLAIN, quotas=(QuotaRule("requests", 100, block=100),))
NARROW = replace(PLAIN, at_once=1, queue=0)


@pytest.mark.parametrize(
    ("spec", "happened", "gate", "why", "wait_s"),
    [
        (PLAIN, _opened, "breaker", "circuit open after 3 failures in a row (last: 503)", 60.0),
        (PLAIN, _held, "breaker", "held by hand (repairs)", 100.0),
        (PLAIN, _short_of_memory, "memory", "99 % of the memory is in use", 30.0),
        (PLAIN, _paused, "pause", "429", 40.0),
        (RATED, _in_a_hurry, "rate", "its turn comes in 20.0 s", 20.0),
        (
            *(COUNTED, _all_spent, "quota of requests per day"),
            *("the 100 requests of this day are used up", 43_200.0),
        ),
        (NARROW, _full, "bulkhead", "1 of 1 under way, 0 wait", None),
    ],
)
def test_the_gate_that_is_in_the_way_is_named_as_a_call_names_it(
    spec: PolicySpec, happened: Callable[[Shop], None], gate: str, why: str, wait_s: float | None
) -> None:
    shop = Shop(spec)
    happened(shop)
    found = shop.explain(40 if happened is _all_spent else 20 if happened is _in_a_hurry else 1)
    assert (found.passes, found.binding, shop.in_s(found)) == (False, gate, wait_s)
    assert found.wait_s == (wait_s or 0.0)
    assert [each.why for each in found.verdicts if not each.is_open] == [why]
    no = shop.call(40 if happened is _all_spent else 20 if happened is _in_a_hurry else 1)
    assert no is not None
    assert no.gate == {"pause": "rate"}.get(gate.split()[0], gate.split()[0])
    if wait_s is not None:
        assert no.retry_at == found.retry_at


def test_of_several_gates_the_one_that_is_longest_in_the_way_binds() -> None:
    shop = Shop()
    shop.policy.pause(40)
    shop.policy.force_open()
    assert shop.explain().binding == "breaker"
    shop.policy.pause(400, "429")
    found = shop.explain()
    assert (found.binding, shop.in_s(found)) == ("pause", 400)
    assert not verdict(found, "breaker").is_open


def test_a_hold_without_an_end_says_who_ends_it() -> None:
    shop = Shop()
    shop.policy.hold(why="repairs")
    found = shop.explain()
    assert (found.passes, found.retry_at, found.wait_s) == (False, None, 0.0)
    assert verdict(found, "breaker").why == "held by hand (repairs), until a person closes it"
    assert verdict(found, "breaker").wait_s == inf


def test_a_service_that_is_let_through_by_hand_says_so() -> None:
    shop = Shop()
    shop.policy.disable()
    assert verdict(shop.explain(), "breaker") == GateVerdict("breaker", True, "disabled")


def test_a_trial_is_announced_and_not_taken() -> None:
    shop = Shop()
    shop.fail(3)
    shop.clock.advance(60)
    for _ in range(3):
        found = shop.explain()
        assert found.passes
        assert verdict(found, "breaker").why == "open; the next call is a trial"
    assert shop.policy.status().state is BreakerState.OPEN
    permit = shop.policy.admit()
    assert permit.is_probe
    found = shop.explain()
    assert (found.passes, found.binding) == (False, "breaker")
    assert "a trial call is out" in verdict(found, "breaker").why


@pytest.mark.parametrize("algorithm", ["gcra", "sliding_window"])
def test_what_never_passes_has_no_time(algorithm: str) -> None:
    shop = Shop(replace(PLAIN, rates=(RateRule(5, 1, 5, algorithm=algorithm),)))
    found = shop.explain(6)
    assert (found.passes, found.binding, found.retry_at) == (False, "rate", None)
    assert verdict(found, "rate").why == "6 are more than it ever lets through at once"
    no = shop.call(6)
    assert no is not None
    assert no.retry_at is None


def test_more_than_a_quota_holds_never_passes() -> None:
    shop = Shop(COUNTED)
    found = shop.explain(101)
    assert (found.passes, found.binding, found.retry_at) == (
        *(False, "quota of requests per day", None),
    )
    assert verdict(found, "quota").why == "101 are more than the 100 there are"
    no = shop.call(101)
    assert no is not None
    assert no.retry_at is None


@pytest.mark.parametrize(("queue_s", "deadline_s"), [(5.0, 100.0), (100.0, 5.0)])
@pytest.mark.parametrize(("wait_s", "passes"), [(4, True), (6, False)])
def test_a_turn_counts_if_the_call_may_wait_for_it(
    queue_s: float, deadline_s: float, wait_s: int, passes: bool
) -> None:
    """No longer than calls queue, and within the time a whole call has."""
    rates = (RateRule(1, burst=10),)
    shop = Shop(
        replace(PLAIN, max_queue_s=queue_s, timeout_s=1, deadline_s=deadline_s, rates=rates)
    )
    shop.call(10)
    found = shop.explain(wait_s)
    assert (found.wait_s, found.passes, found.binding) == (wait_s, passes, "rate")
    assert (shop.call(wait_s) is None) is passes


def test_a_leaky_bucket_that_is_full_lets_nobody_wait() -> None:
    """Not even for the moment until there is room; that moment is told."""
    rates = (RateRule(1, burst=2, algorithm="leaky_bucket"),)
    shop = Shop(replace(PLAIN, rates=rates))
    ((_, bucket, _),) = shop.policy._gates.rates
    now = shop.clock.monotonic()
    for turn in range(3):
        bucket.book(now + turn, 1)
    found = shop.explain(1)
    assert (found.passes, found.wait_s, found.binding) == (False, 1, "rate")
    no = shop.call(1)
    assert isinstance(no, RateLimited)
    assert no.retry_at == found.retry_at == shop.clock.now() + timedelta(seconds=1)


# ---- what it costs, and whether it is true -----------------------------------------------

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("call"), st.sampled_from([1.0, 2.0, 3.0])),
        st.tuples(st.just("open"), st.just(0.0)),
        st.tuples(st.just("wait"), st.sampled_from([0.1, 1.0, 7.0, 61.0, 4000.0])),
        st.tuples(st.just("pause"), st.sampled_from([3.0, 30.0])),
        st.tuples(st.just("hold"), st.sampled_from([5.0, 50.0])),
        st.tuples(st.just("memory"), st.sampled_from([50.0, 99.0])),
        st.tuples(st.sampled_from(["close", "admit"]), st.just(0.0)),
        st.tuples(st.just("observe"), st.sampled_from([0.0, 2.0])),
    ),
    max_size=25,
)


def prepared(algorithm: str, steps: list[tuple[str, float]]) -> Shop:
    """A shop to which all of that happened."""
    quotas = (QuotaRule("requests", 20, "hour", block=20),)
    rates = (RateRule(2, 1, 3, algorithm=algorithm),)
    shop = Shop(replace(PLAIN, at_once=2, queue=0, rates=rates, quotas=quotas))
    for step, much in steps:
        if step == "call":
            shop.call(much)
        elif step == "open":
            shop.policy.force_open()
        elif step == "admit":
            with suppress(Rejected):
                shop.policy.admit()  # and it stays out
        elif step == "wait":
            shop.clock.advance(much)
        elif step == "pause":
            shop.policy.pause(much)
        elif step == "hold":
            shop.policy.hold(much)
        elif step == "memory":
            shop.pressure.tell(much)
        elif step == "observe":
            shop.policy.observe("requests", much, 20.0)
        else:
            shop.policy.close()
    return shop


@given(algorithm=st.sampled_from(ALGORITHMS), steps=STEPS, amount=st.sampled_from([1.0, 2.0, 9.0]))
def test_to_explain_spends_nothing(
    algorithm: str, steps: list[tuple[str, float]], amount: float
) -> None:
    shop = prepared(algorithm, steps)
    before, told = shop.policy.status(), len(shop.told)
    (quota,) = shop.policy.quotas
    counted = (quota.left, quota.spent, quota.taken)
    first = shop.explain(amount)
    for _ in range(5):
        assert shop.explain(amount) == first
        shop.explain(1.0)
    assert shop.policy.status() == before
    assert (quota.left, quota.spent, quota.taken) == counted
    assert len(shop.told) == told


@given(algorithm=st.sampled_from(ALGORITHMS), steps=STEPS, amount=st.sampled_from([1.0, 2.0, 9.0]))
def test_a_call_then_does_what_was_explained(
    algorithm: str, steps: list[tuple[str, float]], amount: float
) -> None:
    """Goes, after that wait; or is rejected, by a gate that was named as closed."""
    shop = prepared(algorithm, steps)
    shop.call()  # so that it is known what there is of the quota
    (quota,) = shop.policy.quotas
    found = shop.explain(amount)
    if quota.in_hand(shop.clock.monotonic()) < amount <= quota.key.limit:
        return  # a call would ask for more, which explaining does not
    began = shop.clock.monotonic()
    no = shop.call(amount)
    assert (no is None) is found.passes
    if no is None:
        assert shop.clock.monotonic() - began == pytest.approx(found.wait_s)
    else:
        shut = {each.gate.split()[0] for each in found.verdicts if not each.is_open}
        assert no.gate in {"rate" if gate == "pause" else gate for gate in shut}
