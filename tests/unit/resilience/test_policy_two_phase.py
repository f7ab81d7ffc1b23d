"""Leave now, the outcome later: `admit` and `settle`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from resilience.breaker import BreakerState
from resilience.events import EventKind, PolicyEvent
from resilience.outcomes import (
    BulkheadFull,
    CallFailed,
    CircuitOpen,
    DeadlineExceeded,
    Outcome,
    QuotaExhausted,
    RateLimited,
)
from resilience.quota import QuotaRule
from resilience.spec import RateRule
from tests.unit.resilience.shops import SPEC, Shop, ill

TOKENS = replace(
    SPEC,
    at_once=2,
    rates=(RateRule(600, per_s=60, burst=100, resource="tokens"),),
    quotas=(QuotaRule("tokens", 1000, per="month", block=1000),),
    estimates={"tokens": 50.0},
    max_queue_s=0,
)


def tokens_spent(shop: Shop) -> float:
    return shop.policy.quotas[0].spent


# ---- settling --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "failures", "failed", "ours"),
    [
        (Outcome.SUCCESS, 0, 0, 0),
        (Outcome.SLOW, 0, 0, 0),
        (Outcome.FAILURE, 2, 1, 0),
        (Outcome.NEUTRAL, 1, 0, 1),
    ],
)
def test_an_outcome_counts_as_that_of_a_call(
    outcome: Outcome, failures: int, failed: int, ours: int
) -> None:
    shop = Shop(replace(SPEC, failure_threshold=3))
    shop.policy.admit().settle(Outcome.FAILURE, error="503")
    shop.policy.admit().settle(outcome, error="ReadTimeout")
    status = shop.policy.status()
    assert (status.failures, status.calls) == (failures, 2)
    assert (status.failed, status.ours) == (1 + failed, ours)
    assert status.under_way == 0


def test_what_it_is_told_of_a_failure_is_what_people_read() -> None:
    shop = Shop()
    for _ in range(2):
        shop.policy.admit().settle(Outcome.FAILURE, error="ReadTimeout")
    status = shop.policy.status()
    assert status.last_error == "ReadTimeout"
    assert status.why == "2 failures in a row (last: ReadTimeout)"
    assert shop.told == [EventKind.CALL_FAILED, EventKind.CIRCUIT_OPENED, EventKind.CALL_FAILED]


def test_successes_are_told_to_who_asks_for_them() -> None:
    heard: list[PolicyEvent] = []
    shop = Shop()
    shop.hooks.subscribe(heard.append, successes=True)
    permit = shop.policy.admit()
    shop.clock.advance(7)
    permit.settle(Outcome.SUCCESS)
    assert [(event.kind, event.duration_s) for event in heard] == [(EventKind.CALL_SUCCEEDED, 7)]


@pytest.mark.parametrize("second", Outcome)
def test_a_second_word_changes_nothing(second: Outcome) -> None:
    """Neither counts, nor slots, nor quotas, nor pauses."""
    shop = Shop(TOKENS)
    others = shop.policy.admit()
    permit = shop.policy.admit()
    permit.settle(Outcome.SUCCESS, cost={"tokens": 10})
    assert permit.is_settled
    before = (shop.policy.status(), tokens_spent(shop))
    permit.settle(second, cost={"tokens": 500}, retry_after_s=20)
    assert (shop.policy.status(), tokens_spent(shop)) == before
    assert shop.under_way == 1
    others.settle(Outcome.SUCCESS)


def test_a_permit_that_is_never_settled_keeps_its_slot() -> None:
    """Nobody can know that it was forgotten; the status shows it."""
    shop = Shop(replace(SPEC, at_once=1, queue=0))
    shop.policy.admit()
    shop.clock.advance(1e6)
    with pytest.raises(BulkheadFull, match="1 calls are under way and 0 wait"):
        shop.call()
    assert shop.under_way == 1


def test_a_probe_that_is_never_settled_does_not_keep_the_circuit_half_open() -> None:
    shop = Shop().half_opened()
    assert shop.policy.admit().is_probe
    shop.clock.advance(SPEC.deadline_s + SPEC.timeout_s)
    with pytest.raises(CircuitOpen, match="has been out"):
        shop.policy.admit()
    shop.clock.advance(120)
    assert shop.call() == "fine"


def test_a_permit_says_when_its_time_is_up() -> None:
    """The caller hands it on as the time limit of what he does."""
    shop = Shop()
    now = shop.clock.monotonic()
    assert shop.policy.admit().ends_at == now + SPEC.deadline_s
    assert shop.policy.admit(deadline_at=now + 3).ends_at == now + 3
    assert shop.policy.admit(deadline_at=now + 1e6).ends_at == now + SPEC.deadline_s


@pytest.mark.parametrize(("took_s", "is_slow"), [(4.999, False), (5.0, True), (60.0, True)])
def test_a_success_that_took_too_long_is_slow(took_s: float, is_slow: bool) -> None:
    spec = replace(SPEC, slow_rate_pct=100, slow_s=5, minimum_calls=1)
    shop = Shop(spec)
    permit = shop.policy.admit()
    shop.clock.advance(took_s)
    permit.settle(Outcome.SUCCESS)
    assert (shop.policy.status().state is BreakerState.OPEN) == is_slow


def test_waiting_for_leave_does_not_make_a_call_slow() -> None:
    """It is measured from its leave on, not from when it was asked for."""
    spec = replace(SPEC, slow_rate_pct=100, slow_s=5, minimum_calls=1)
    shop = Shop(replace(spec, rates=(RateRule(1, per_s=20),)))
    for _ in range(3):
        permit = shop.policy.admit()
        shop.clock.advance(4)
        permit.settle(Outcome.SUCCESS)
    assert shop.policy.status().state is BreakerState.CLOSED


# ---- as a block ------------------------------------------------------------------------


def test_a_block_that_ends_well_is_a_success() -> None:
    shop = Shop().half_opened()
    with shop.policy.admit() as permit:
        assert permit.is_probe
        assert shop.under_way == 1
    assert permit.is_settled
    assert (shop.policy.status().state, shop.under_way) == (BreakerState.CLOSED, 0)


@pytest.mark.parametrize(
    ("error", "failures", "failed"),
    [
        (ill(), 1, 1),
        (OSError("unreachable"), 1, 1),
        (CallFailed("shop", "404", outcome=Outcome.NEUTRAL), 0, 0),
        (KeyError("ours"), 0, 0),
        (KeyboardInterrupt(), 0, 0),
        (GeneratorExit(), 0, 0),
    ],
    ids=repr,
)
def test_a_block_that_raises_settles_by_what_it_raised(
    error: BaseException, failures: int, failed: int
) -> None:
    """And the error goes on to whoever waits for it."""
    shop = Shop()
    with pytest.raises(type(error)) as caught, shop.policy.admit():
        raise error
    assert caught.value is error
    status = shop.policy.status()
    assert (status.failures, status.failed, status.under_way) == (failures, failed, 0)


def test_a_block_whose_service_asks_for_a_pause_pauses_everybody() -> None:
    shop = Shop(replace(SPEC, max_queue_s=0))
    with pytest.raises(CallFailed), shop.policy.admit():
        raise ill("429", 20)
    with pytest.raises(RateLimited, match=r"paused for another 20 s \(429\)"):
        shop.policy.admit()


def test_a_block_may_settle_for_itself() -> None:
    """With what it knows better; its end changes nothing then."""
    shop = Shop()
    with shop.policy.admit() as permit:
        permit.settle(Outcome.FAILURE, error="half an answer")
    status = shop.policy.status()
    assert (status.failures, status.failed, status.last_error) == (1, 1, "half an answer")


# ---- what it took in truth -------------------------------------------------------------


@pytest.mark.parametrize("true", [10.0, 50.0, 80.0])
def test_the_true_cost_settles_what_was_reserved(true: float) -> None:
    """In the quota and in the rate, less or more."""
    shop = Shop(TOKENS)
    permit = shop.policy.admit()
    assert tokens_spent(shop) == 50
    permit.settle(Outcome.SUCCESS, cost={"tokens": true})
    assert tokens_spent(shop) == true
    assert _free_now(shop) == pytest.approx(100 - true)


def test_without_a_true_cost_the_estimate_stands() -> None:
    """A failure may have been billed: nothing is given back unless somebody says so."""
    shop = Shop(TOKENS)
    shop.policy.admit().settle(Outcome.FAILURE)
    assert tokens_spent(shop) == 50
    assert _free_now(shop) == pytest.approx(50)


def test_a_call_says_of_its_result_what_it_took() -> None:
    shop = Shop(TOKENS)
    answer = shop.call(true_cost=lambda text: {"tokens": float(len(text))})
    assert (answer, tokens_spent(shop)) == ("fine", 4)
    shop.errors = [ill()]
    shop.clock.advance(60)
    shop.call(true_cost=lambda text: {"tokens": 7.0})
    assert tokens_spent(shop) == 4 + 50 + 7, "the failed attempt's reservation stands"


def test_a_true_cost_that_cannot_be_told_loses_no_result() -> None:
    def broken(text: str) -> dict[str, float]:
        raise KeyError("usage")

    shop = Shop(TOKENS)
    assert shop.call(true_cost=broken) == "fine"
    assert (tokens_spent(shop), shop.hooks.failures, shop.under_way) == (50, 1, 0)


def _free_now(shop: Shop) -> float:
    """How many tokens the rate lets begin at once."""
    told = {one.gate: one.why for one in shop.policy.explain(cost={"tokens": 1}).verdicts}
    return float(told["rate"].split()[0])


# ---- entering --------------------------------------------------------------------------


def test_it_waits_for_its_turn_like_a_call() -> None:
    shop = Shop(replace(SPEC, rates=(RateRule(1, per_s=10),)))
    began = shop.clock.monotonic()
    for _ in range(3):
        shop.policy.admit().settle(Outcome.SUCCESS)
    assert shop.clock.monotonic() - began == pytest.approx(20)
    assert shop.clock.waits == pytest.approx([10, 10])


def test_it_is_rejected_like_a_call() -> None:
    """By the same gates, with the same words."""
    shop = Shop(replace(SPEC, rates=(RateRule(1, per_s=10),), max_queue_s=5))
    shop.policy.admit().settle(Outcome.SUCCESS)
    for kind, prepare in (
        (RateLimited, lambda: None),
        (CircuitOpen, shop.opened),
    ):
        prepare()
        found = []
        for enter in (shop.policy.admit, shop.call):
            with pytest.raises(kind) as caught:
                enter()
            found.append(str(caught.value))
        assert found[0] == found[1]
    with pytest.raises(DeadlineExceeded):
        shop.policy.admit(deadline_at=shop.clock.monotonic())


def test_its_cost_is_a_number_of_requests_or_says_each_resource() -> None:
    spec = replace(SPEC, quotas=(QuotaRule("requests", 10, per="month", block=10),))
    shop = Shop(spec)
    shop.policy.admit(3).settle(Outcome.SUCCESS)
    shop.policy.admit({"requests": 4, "tokens": 900}).settle(Outcome.SUCCESS)
    shop.policy.admit({"tokens": 900}).settle(Outcome.SUCCESS)
    shop.policy.admit(0).settle(Outcome.SUCCESS)
    assert shop.policy.quotas[0].spent == 3 + 4 + 1 + 0
    with pytest.raises(QuotaExhausted, match="the 10 requests of this month are used up"):
        shop.policy.admit(3)
    with pytest.raises(QuotaExhausted, match="asks for 11 requests; a month allows 10") as never:
        shop.policy.admit(11)
    assert never.value.retry_at is None
    shop.policy.admit(2).settle(Outcome.SUCCESS)


def test_a_permit_knows_the_era_it_was_given_in() -> None:
    """So that what it says later counts only there."""
    shop = Shop()
    old = shop.policy.admit()
    shop.policy.close()
    new = shop.policy.admit()
    assert (old.is_probe, new.is_probe) == (False, False)
    assert new.era > old.era
    old.settle(Outcome.FAILURE)
    new.settle(Outcome.SUCCESS)
    assert (shop.policy.status().failures, shop.policy.status().late_results) == (0, 1)
