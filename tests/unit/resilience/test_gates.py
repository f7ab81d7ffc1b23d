"""The gates of an attempt: all or none of them, and each as it should be."""

from __future__ import annotations

import itertools
from copy import deepcopy
from dataclasses import dataclass, replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience.gates import Answer, Gates, NeedsLease, Plan, Shut, Ticket, Wait
from resilience.limiters import ALGORITHMS
from resilience.quota import Quota, QuotaRule
from resilience.spec import PolicySpec, RateRule
from resilience.state import Lease

NOW, DAY_S = 1000.0, 5000.0
LATE = NOW + 60.0
PLAIN = PolicySpec(at_once=2, queue=2)
PACED = replace(PLAIN, rates=(RateRule(1.0, burst=1.0),))
COUNTED = replace(PACED, quotas=(QuotaRule("requests", 100.0, block=10.0),))


def gates_of(spec: PolicySpec, *in_hand: float) -> Gates:
    """`in_hand`: of each quota; 10 of those that are left out."""
    quotas = tuple(Quota(rule.key("shop"), rule.block_size()) for rule in spec.quotas)
    for quota, amount in zip(quotas, (*in_hand, 10.0, 10.0, 10.0), strict=False):
        quota.leased(NOW, Lease(amount, "today", DAY_S, amount), amount)
    return Gates("shop", spec, quotas)


def fill(gates: Gates) -> None:
    """All slots are taken, nobody waits."""
    while gates.bulkhead.enter():
        pass


@dataclass(frozen=True)
class Look:
    """What everybody else sees of the gates."""

    in_use: int
    waiting: int
    quotas: tuple[tuple[float, float], ...]
    rates: tuple[tuple[float, ...], ...]


def look(gates: Gates, now: float) -> Look:
    limiters = deepcopy([limiter for _, limiter, _ in gates.rates])  # which tidy up when asked
    return Look(
        gates.bulkhead.in_use,
        gates.bulkhead.waiting,
        tuple((quota.left, quota.spent) for quota in gates.quotas),
        tuple(
            (limiter.available(now), limiter.earliest(now, 1.0), limiter.earliest(now, 3.0))
            for limiter in limiters
        ),
    )


# ---- whatever state they are in ----------------------------------------------------------


@dataclass(frozen=True)
class World:
    spec: PolicySpec
    in_hand: tuple[float, ...]  # of each quota
    booked: tuple[float, ...]  # ahead, at each rate
    inside: int
    waiting: int
    paused_s: float
    cost: dict[str, float]


rate_rules = st.builds(
    RateRule,
    rate=st.sampled_from([1.0, 2.0, 10.0]),
    burst=st.sampled_from([1.0, 4.0]),
    resource=st.sampled_from(["requests", "tokens"]),
    algorithm=st.sampled_from(sorted(ALGORITHMS)),
)
quota_rules = st.builds(
    QuotaRule,
    resource=st.sampled_from(["requests", "tokens"]),
    limit=st.just(50.0),
    block=st.just(10.0),
)
specs = st.builds(
    PolicySpec,
    at_once=st.integers(0, 3),
    queue=st.integers(0, 2),
    rates=st.lists(rate_rules, max_size=3).map(tuple),
    quotas=st.lists(quota_rules, max_size=3).map(tuple),
)
worlds = st.builds(
    World,
    spec=specs,
    in_hand=st.tuples(*[st.sampled_from([0.0, 2.0, 10.0])] * 3),
    booked=st.tuples(*[st.sampled_from([0.0, 0.0, 1.0, 3.0])] * 3),
    inside=st.integers(0, 4),
    waiting=st.integers(0, 3),
    paused_s=st.sampled_from([0.0, 0.0, 0.0, 5.0, 500.0]),
    cost=st.dictionaries(
        st.sampled_from(["requests", "tokens"]), st.sampled_from([0.0, 1.0, 3.0, 60.0])
    ),
)


def built(world: World) -> tuple[Gates, Plan]:
    gates = gates_of(world.spec, *world.in_hand)
    for (_, limiter, _), weight in zip(gates.rates, world.booked, strict=False):
        if weight and (at := limiter.earliest(NOW, weight)) < inf:
            limiter.book(at, weight)
    for _ in range(world.inside):
        gates.bulkhead.enter()
    if not gates.bulkhead.enter():
        for _ in range(world.waiting):
            gates.bulkhead.line_up()
    else:
        gates.bulkhead.leave()
    if world.paused_s:
        gates.pause(NOW + world.paused_s, "429")
    return gates, gates.plan(world.cost)


@given(worlds)
def test_passing_at_once_is_all_or_nothing(world: World) -> None:
    """Where any gate says no, every other one is as it was; where all say yes, each has given
    exactly its part."""
    gates, plan = built(world)
    before = look(gates, NOW)
    passed = gates.pass_at_once(plan, NOW)
    after = look(gates, NOW)
    if not passed:
        assert after == before
        return
    assert not world.paused_s
    assert after.in_use == before.in_use + 1
    taken = dict.fromkeys(gates.quotas, 0.0) | dict(plan.quotas)
    for quota, (left, spent) in zip(gates.quotas, before.quotas, strict=True):
        assert (quota.left, quota.spent) == (left - taken[quota], spent + taken[quota])
        assert quota.left >= 0
    assert all(limiter.earliest(NOW, 1.0) >= NOW for limiter, _ in plan.rates)


@given(
    world=worlds,
    granted=st.sampled_from([0.0, 5.0, 100.0]),
    slot_comes=st.booleans(),
    breaker_says_no=st.booleans(),
)
def test_an_attempt_that_is_not_made_takes_nothing(
    world: World, granted: float, slot_comes: bool, breaker_says_no: bool
) -> None:
    """However far it came, and if all of them let it through but the last place of a probe
    is gone. One that is made has everything: its amount of each quota, a slot,
    a turn that has come, after any pause. Only a turn that was waited for is lost."""
    gates, plan = built(world)
    ticket, now, waited = Ticket(), NOW, False
    before = look(gates, now)
    leased = dict.fromkeys(gates.quotas, 0.0)
    others = gates.bulkhead.in_use + gates.bulkhead.waiting
    answer: Answer = None
    for _ in range(30):
        answer = gates.step(ticket, plan, now, LATE)
        if isinstance(answer, NeedsLease):
            asked = answer.quota.missing(now, answer.amount)
            lease = Lease(min(granted, asked), "today", DAY_S, 50.0)
            answer.quota.leased(now, lease, asked)
            leased[answer.quota] += lease.granted
        elif isinstance(answer, Wait) and answer.waiter is not None:
            waited = True
            while slot_comes and not answer.waiter.has_slot:
                gates.bulkhead.leave()
                others -= 1
            now += 1.0 if slot_comes else 60.0
            gates.slot_came(ticket, now)
            if not ticket.has_slot:
                break
        elif isinstance(answer, Wait):
            waited = True
            assert now < answer.until <= LATE
            now = answer.until
        else:
            break
    is_made = answer is None and not breaker_says_no
    if not is_made:
        gates.give_back(ticket, plan)
    taken = dict.fromkeys(gates.quotas, 0.0) | (dict(plan.quotas) if is_made else {})
    after = look(gates, NOW)
    assert after.in_use + after.waiting == others + is_made
    for quota, (left, spent) in zip(gates.quotas, before.quotas, strict=True):
        assert quota.left == left + leased[quota] - taken[quota]
        assert quota.spent == spent + taken[quota]
    if is_made:
        assert now >= NOW + world.paused_s
        assert NOW <= now <= LATE
    elif not waited and answer is not None:
        assert after.rates == before.rates
        assert isinstance(answer, Shut)
        assert answer.until >= NOW


# ---- quota -------------------------------------------------------------------------------


def test_more_than_a_window_ever_has_is_refused_for_good() -> None:
    gates = gates_of(COUNTED)
    answer = gates.step(Ticket(), gates.plan({"requests": 101}), NOW, LATE)
    assert answer == Shut("quota", "asks for 101 requests; a day allows 100", inf)


def test_what_is_not_in_hand_is_leased() -> None:
    gates = gates_of(COUNTED, 0.0)
    gates.quotas[0].leased(NOW, Lease(10.0, "today", DAY_S, 10.0), 10.0)
    plan = gates.plan({"requests": 11})
    assert gates.step(Ticket(), plan, NOW, LATE) == NeedsLease(gates.quotas[0], 11)


def test_a_used_up_quota_says_until_when() -> None:
    gates = gates_of(COUNTED)
    gates.quotas[0].leased(NOW, Lease(0.0, "today", DAY_S, 100.0), 10.0)
    assert gates.quotas[0].take(NOW, 10.0)
    answer = gates.step(Ticket(), gates.usual, NOW, LATE)
    assert answer == Shut("quota", "the 100 requests of this day are used up", NOW + DAY_S)


def test_of_two_quotas_neither_is_spent_if_one_is_used_up() -> None:
    """In the day there is some left, in the minute there is not."""
    rules = (QuotaRule("requests", 100.0), QuotaRule("requests", 5.0, "minute"))
    gates = gates_of(replace(PLAIN, quotas=rules))
    day, minute = gates.quotas
    assert minute.take(NOW, 10.0)
    minute.leased(NOW, Lease(0.0, "today", 60.0, 5.0), 1.0)
    answer = gates.step(Ticket(), gates.usual, NOW, LATE)
    assert isinstance(answer, Shut)
    assert answer.until == NOW + 60
    assert (day.left, day.spent) == (10, 0)


def test_at_once_too_a_quota_is_spent_with_all_others_or_not_at_all() -> None:
    rules = (QuotaRule("requests", 100.0), QuotaRule("requests", 50.0, "minute"))
    gates = gates_of(replace(PLAIN, quotas=rules), 10.0, 0.0)
    assert not gates.pass_at_once(gates.usual, NOW)
    assert [quota.left for quota in gates.quotas] == [10, 0]


def test_who_waited_past_midnight_takes_of_the_new_day() -> None:
    """Who waits holds nothing: quota is spent when the turn has come."""
    gates = gates_of(COUNTED)
    (quota,) = gates.quotas
    quota.leased(NOW, Lease(0.0, "today", 30.0, 10.0), 0.0)
    gates.rates[0][1].book(NOW + 39.0, 1.0)
    ticket = Ticket()
    assert gates.step(ticket, gates.usual, NOW, LATE) == Wait(NOW + 40.0)
    assert quota.left == 10
    now = NOW + 40.0
    assert gates.step(ticket, gates.usual, now, LATE) == NeedsLease(quota, 1.0)
    quota.leased(now, Lease(10.0, "tomorrow", DAY_S, 10.0), 10.0)
    assert gates.step(ticket, gates.usual, now, LATE) is None
    assert (quota.left, quota.spent) == (9, 1)


# ---- rate and pause ----------------------------------------------------------------------


def test_a_turn_is_waited_for_once() -> None:
    gates = gates_of(PACED)
    assert gates.pass_at_once(gates.usual, NOW)
    ticket = Ticket()
    assert gates.step(ticket, gates.usual, NOW, LATE) == Wait(NOW + 1.0)
    assert gates.step(ticket, gates.usual, NOW + 0.5, LATE) == Wait(NOW + 1.0)
    assert gates.step(ticket, gates.usual, NOW + 1.0, LATE) is None


def test_a_turn_that_comes_too_late_is_not_taken() -> None:
    """The next one who may wait longer gets it."""
    gates = gates_of(PACED)
    gates.rates[0][1].book(NOW + 60.0, 1.0)
    answer = gates.step(Ticket(), gates.usual, NOW, LATE)
    assert answer == Shut("rate", "its turn comes in 61.0 s, which is too late", NOW + 61.0)
    assert gates.step(Ticket(), gates.usual, NOW, LATE + 1.0) == Wait(NOW + 61.0)


def test_what_weighs_more_than_the_burst_is_refused_for_good() -> None:
    gates = gates_of(PACED)
    answer = gates.step(Ticket(), gates.plan({"requests": 2}), NOW, LATE)
    assert answer == Shut("rate", "asks for more at once than its rate ever lets through", inf)


def test_a_full_leaky_bucket_says_when_it_has_room() -> None:
    """To wait does help: it is no refusal for good."""
    rule = RateRule(1.0, burst=1.0, algorithm="leaky_bucket")
    gates = gates_of(replace(PLAIN, rates=(rule,), at_once=9))
    for _ in range(2):
        gates.step(Ticket(), gates.usual, NOW, LATE)
    answer = gates.step(Ticket(), gates.usual, NOW, LATE)
    assert answer == Shut("rate", "as many as may wait for their turn do", NOW + 1.0)
    assert gates.step(Ticket(), gates.usual, NOW + 1.0, LATE) == Wait(NOW + 2.0)


def test_all_rates_a_call_weighs_on_must_have_a_turn_together() -> None:
    """It starts when the last of them lets it, and takes its turn of each then."""
    rates = (RateRule(1.0, burst=2.0), RateRule(10.0, burst=50.0, resource="tokens"))
    gates = gates_of(replace(PLAIN, rates=rates, at_once=9))
    heavy, light = gates.plan({"tokens": 50}), gates.plan({})
    assert gates.pass_at_once(heavy, NOW)
    ticket = Ticket()
    assert gates.step(ticket, gates.plan({"tokens": 30}), NOW, LATE) == Wait(NOW + 3.0)
    assert not gates.pass_at_once(light, NOW)  # nobody goes before one who came first
    assert gates.step(Ticket(), light, NOW, LATE) == Wait(NOW + 3.0)


def test_a_pause_holds_everybody_and_only_extends() -> None:
    gates = gates_of(replace(PLAIN, at_once=9))
    assert gates.pause(NOW + 20.0, "429")
    assert not gates.pause(NOW + 10.0, "429")
    assert not gates.pass_at_once(gates.usual, NOW + 19.9)
    waits = [gates.step(Ticket(), gates.usual, NOW, LATE) for _ in range(5)]
    assert waits == [Wait(NOW + 20.0)] * 5
    assert gates.pass_at_once(gates.usual, NOW + 20.0)


def test_a_pause_that_begins_while_somebody_waits_holds_him_too() -> None:
    """He takes a new turn after it: those who were paused do not start all at once."""
    gates = gates_of(replace(PACED, at_once=9))
    gates.rates[0][1].book(NOW, 1.0)
    tickets = [Ticket(), Ticket()]
    turns = [gates.step(ticket, gates.usual, NOW, LATE) for ticket in tickets]
    assert turns == [Wait(NOW + 1.0), Wait(NOW + 2.0)]
    gates.pause(NOW + 30.0, "429")
    turns = [gates.step(ticket, gates.usual, NOW + 2.0, LATE) for ticket in tickets]
    assert turns == [Wait(NOW + 30.0), Wait(NOW + 31.0)]


def test_a_pause_too_long_to_wait_for_says_why() -> None:
    gates = gates_of(PLAIN)
    gates.pause(NOW + 500.0, "429 Too Many Requests")
    answer = gates.step(Ticket(), gates.usual, NOW, LATE)
    what = "paused for another 500 s (429 Too Many Requests)"
    assert answer == Shut("rate", what, NOW + 500.0)
    gates.end_pause()
    assert gates.step(Ticket(), gates.usual, NOW, LATE) is None


# ---- bulkhead ----------------------------------------------------------------------------


def test_who_waited_for_a_slot_takes_a_new_turn() -> None:
    """Five queue behind one slot while their turns pass. However fast it is handed on, no two
    of them start within a second: the service allows no more."""
    gates = gates_of(replace(PACED, at_once=1, queue=9))
    assert gates.pass_at_once(gates.usual, NOW)
    tickets = [Ticket() for _ in range(5)]
    now = NOW
    for ticket in tickets:
        turn = gates.step(ticket, gates.usual, now, LATE)
        assert isinstance(turn, Wait)
        now = turn.until
        queued = gates.step(ticket, gates.usual, now, LATE)
        assert isinstance(queued, Wait)
        assert queued.waiter is not None
    starts = []
    for ticket in tickets:
        gates.bulkhead.leave()
        gates.slot_came(ticket, now)
        assert ticket.has_slot
        answer = gates.step(ticket, gates.usual, now, LATE)
        if isinstance(answer, Wait):
            now = answer.until
            answer = gates.step(ticket, gates.usual, now, LATE)
        assert answer is None
        starts.append(now)
    assert all(b - a >= 1.0 for a, b in itertools.pairwise(starts))
    assert starts[0] == NOW + 6.0
    assert gates.bulkhead.in_use == 1


def test_a_slot_that_comes_in_time_keeps_its_turn() -> None:
    gates = gates_of(replace(PACED, at_once=1))
    fill(gates)
    ticket = Ticket()
    assert isinstance(gates.step(ticket, gates.usual, NOW, LATE), Wait)
    gates.bulkhead.leave()
    gates.slot_came(ticket, NOW)
    assert gates.step(ticket, gates.usual, NOW, LATE) is None


def test_a_full_bulkhead_sends_away_and_eats_no_turns() -> None:
    """A thousand who are sent away leave the next one his turn."""
    gates = gates_of(replace(PACED, at_once=1, queue=0))
    fill(gates)
    for _ in range(1000):
        answer = gates.step(Ticket(), gates.usual, NOW, LATE)
        assert answer == Shut("bulkhead", "1 calls are under way and 0 wait", NOW)
    gates.bulkhead.leave()
    assert gates.pass_at_once(gates.usual, NOW)


def test_who_gives_up_waiting_leaves_the_queue() -> None:
    gates = gates_of(replace(PLAIN, at_once=1))
    fill(gates)
    ticket = Ticket()
    wait = gates.step(ticket, gates.usual, NOW, LATE)
    assert isinstance(wait, Wait)
    assert (wait.until, gates.bulkhead.waiting) == (LATE, 1)
    gates.slot_came(ticket, LATE)
    assert not ticket.has_slot
    gates.give_back(ticket, gates.usual)
    assert gates.bulkhead.waiting == 0


# ---- what the service says, what others do -----------------------------------------------


def test_the_true_cost_corrects_rate_and_quota() -> None:
    """Only for what is named, only where it differs."""
    rates = (RateRule(10.0, burst=100.0, resource="tokens"),)
    quotas = (QuotaRule("tokens", 1000.0, block=100.0), QuotaRule("requests", 100.0))
    gates = gates_of(replace(PLAIN, rates=rates, quotas=quotas), 100.0, 100.0)
    plan = gates.plan({"tokens": 60})
    assert gates.pass_at_once(plan, NOW)
    gates.correct(plan, NOW, {"tokens": 15}, NOW)
    assert gates.rates[0][1].available(NOW) == 85
    assert [quota.left for quota in gates.quotas] == [85, 99]
    gates.correct(plan, NOW, {"tokens": 100}, NOW)
    assert [quota.left for quota in gates.quotas] == [45, 99]


def test_a_cap_reaches_the_quota_of_its_period() -> None:
    """What is said of a minute is nothing about the day; a rate has seconds and minutes."""
    quotas = (QuotaRule("requests", 100.0), QuotaRule("requests", 50.0, "minute"))
    gates = gates_of(replace(PACED, rates=(RateRule(10.0, burst=10.0),), quotas=quotas))
    day, minute = gates.quotas
    assert gates.cap("requests", "minute", 3.0, 20.0, NOW) == ([minute], True)
    assert (day.left, minute.left) == (10, 3)
    assert gates.rates[0][1].available(NOW) == pytest.approx(3)
    assert gates.cap("requests", "day", 2.0, None, NOW) == ([day], True)
    assert gates.cap("tokens", "day", 0.0, 60.0, NOW) == ([], False)


def test_a_share_is_taken_of_what_is_shared_alone() -> None:
    rates = (RateRule(1.0, shared=True), RateRule(1.0, resource="tokens"))
    gates = gates_of(replace(PLAIN, rates=rates))
    gates.share(NOW, 4)
    waits = []
    for _, limiter, _ in gates.rates:
        limiter.book(NOW, 1.0)
        waits.append(limiter.earliest(NOW, 1.0) - NOW)
    assert waits == [4.0, 1.0]


def test_a_drained_gate_has_nothing_saved_up() -> None:
    """After too many starts: the rate goes on, the burst is gone."""
    gates = gates_of(replace(PLAIN, rates=(RateRule(1.0, burst=5.0),)))
    gates.drain(NOW)
    assert not gates.pass_at_once(gates.usual, NOW)
    assert gates.pass_at_once(gates.usual, NOW + 1.0)
    assert not gates.pass_at_once(gates.usual, NOW + 1.0)


def test_a_plan_names_only_what_a_call_weighs_on() -> None:
    """A call is one request unless it says otherwise; what it does not say is estimated."""
    spec = replace(
        COUNTED,
        rates=(RateRule(1.0), RateRule(1.0, resource="tokens")),
        quotas=(QuotaRule("requests", 5.0), QuotaRule("tokens", 5.0)),
        estimates={"tokens": 0.5},
    )
    gates = gates_of(spec)
    assert gates.usual.cost == {"requests": 1.0, "tokens": 0.5}
    assert [weight for _, weight in gates.usual.rates] == [1.0, 0.5]
    free = gates.plan({"requests": 0, "tokens": 0.25})
    assert [(quota.key.resource, amount) for quota, amount in free.quotas] == [("tokens", 0.25)]
    assert [weight for _, weight in free.rates] == [0.25]
