"""Recorded calls through other numbers."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience.backtest import CHANGEABLE, LIMITS, BadChange, back_test, change
from resilience.outcomes import CallError, CallFailed
from resilience.policy import Policy
from resilience.quota import QuotaRule
from resilience.replay import play
from resilience.spec import PolicySpec, RateRule
from resilience.state import RecordedCall
from resilience.testing import START, FakeClock

SPEC = PolicySpec(failure_threshold=3, failure_rate_pct=0, open_s=60, max_open_s=600, attempts=3)


def call(
    at_s: float, outcome: str = "success", took_s: float = 1.0, **more: object
) -> RecordedCall:
    """One that began at `at_s`."""
    ended = START + timedelta(seconds=at_s + took_s)
    values = {"attempts": 1, "retry_after_s": None, "cost": {"requests": 1.0}, **more}
    return RecordedCall("edgar", ended, outcome, took_s, **values)  # type: ignore[arg-type]


def outage(begins_s: int, ends_s: int, every_s: int = 10, until_s: int = 0) -> list[RecordedCall]:
    """A call each `every_s` from 0 on; those within fail."""
    moments = range(0, until_s or ends_s + 600, every_s)
    return [
        call(at, "failure" if begins_s <= at < ends_s else "success", took_s=0.5) for at in moments
    ]


def test_calls_that_all_went_well_all_go_through_and_nothing_opens() -> None:
    played = play("edgar", SPEC, [call(at) for at in range(100)])
    assert (played.let_through, played.rejected, played.opened) == (100, {}, 0)
    assert (played.failures_met, played.open_s, played.is_open) == (0, 0.0, False)


def test_an_outage_opens_it_and_a_probe_closes_it() -> None:
    """Failures at 100, 110, 120 open it; the call at 190 is the first trial (60 s are over),
    fails, and it waits twice as long; the one at 320 finds the service well."""
    played = play("edgar", SPEC, outage(100, 300))
    assert played.failures_met == 4
    assert played.failures_avoided == 16
    assert played.successes_lost == 2  # at 300 and 310
    assert played.rejected == {"breaker": 18}
    assert (played.opened, played.recoveries, played.is_open) == (1, 1, False)
    assert played.open_s == 320.5 - 120.5
    assert played.late_s == played.latest_s == 320.5 - 300.5


def test_other_numbers_over_the_same_calls() -> None:
    """A longer wait meets fewer failures, loses more, and notices later."""
    spec = change(SPEC, ["open_s=150", "failure_threshold=2"])
    tested = back_test("edgar", SPEC, spec, reversed(outage(100, 300)))
    assert [(c.name, c.before, c.after) for c in tested.changes] == [
        ("failure_threshold", 3, 2),
        ("open_s", 60, 150),
    ]
    assert tested.calls == 90
    assert tested.present == play("edgar", SPEC, outage(100, 300))
    assert tested.changed.failures_met < tested.present.failures_met
    assert tested.changed.late_s > tested.present.late_s
    assert tested.limits == LIMITS
    assert "unknown" in LIMITS


def test_calls_that_were_kept_back_then_are_counted_as_unknown() -> None:
    calls = [call(0), call(1, "rejected", 0.0), call(2, "rejected", 0.0)]
    tested = back_test("edgar", SPEC, SPEC, calls)
    assert (tested.calls, tested.unknown) == (1, 2)
    assert (tested.since, tested.until) == (calls[0].at, calls[0].at)


def test_no_calls_at_all() -> None:
    tested = back_test("edgar", SPEC, SPEC, [])
    assert (tested.calls, tested.since, tested.present.let_through) == (0, None, 0)


def test_a_circuit_that_is_open_at_the_end_counts_up_to_there() -> None:
    played = play("edgar", SPEC, outage(0, 50, until_s=50))
    assert played.is_open
    assert played.open_s == 40.5 - 20.5
    assert played.recoveries == 0


def test_a_success_that_took_more_tries_than_are_made_is_lost() -> None:
    calls = [call(at, attempts=3, took_s=5) for at in range(0, 100, 10)]
    assert play("edgar", SPEC, calls).successes_lost == 0
    fewer = play("edgar", change(SPEC, ["attempts=2", "failure_threshold=0"]), calls)
    assert (fewer.failures_met, fewer.successes_lost) == (10, 10)


def test_what_is_slow_is_judged_anew() -> None:
    calls = [call(at, took_s=8) for at in range(0, 300, 10)]
    slow = change(SPEC, ["slow_rate_pct=50", "slow_s=5", "minimum_calls=10"])
    assert play("edgar", slow, calls).opened == 1
    assert play("edgar", change(slow, ["slow_s=9"]), calls).opened == 0


def test_a_pause_that_was_asked_for_holds_everybody() -> None:
    calls = [call(0, "failure", retry_after_s=300.0), *(call(at) for at in range(10, 400, 10))]
    played = play("edgar", replace(SPEC, max_queue_s=0.0), calls)
    assert played.rejected == {"rate": 30}  # from 10 to 300


def test_a_pace_makes_calls_wait_and_too_late_ones_go() -> None:
    """100 at once at 1/s: those whose turn comes within the queue's time are made."""
    calls = [call(0, took_s=0.1) for _ in range(100)]
    spec = change(SPEC, ["rate=1", "burst=10", "max_queue_s=20", "at_once=0"])
    played = play("edgar", spec, calls)
    assert played.let_through == 30
    assert played.rejected == {"rate": 70}


def test_a_bulkhead_queues_in_order_and_turns_the_rest_away() -> None:
    calls = [call(at / 100, took_s=10) for at in range(10)]
    spec = change(SPEC, ["at_once=2", "queue=3", "max_queue_s=100"])
    assert play("edgar", spec, calls).let_through == 5
    assert play("edgar", spec, calls).rejected == {"bulkhead": 5}
    impatient = play("edgar", change(spec, ["max_queue_s=5"]), calls)
    assert (impatient.let_through, impatient.rejected) == (2, {"bulkhead": 8})


def test_a_quota_is_counted_by_the_calls_own_cost() -> None:
    spec = replace(SPEC, quotas=(QuotaRule("tokens", 1000, per="day"),))
    calls = [call(at, cost={"requests": 1.0, "tokens": 300.0}) for at in range(5)]
    played = play("edgar", spec, calls)
    assert (played.let_through, played.rejected) == (3, {"quota": 2})


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["open_s"], "'open_s': write it as name=number"),
        (["opens_s=3"], "there is no number 'opens_s'; there are "),
        (["timeout_s=3"], "timeout_s cannot be tried"),
        (["open_s=soon"], "open_s must be a number, got 'soon'"),
        (["failure_threshold=2.5"], "failure_threshold must be a whole number, got '2.5'"),
        (["open_s=nan"], "open_s must be a number of this world"),
        (["open_s=inf"], "open_s must be a number of this world"),
        (["open_s=0"], "open_s must be above 0, got 0"),
        (["open_s=9999"], "open_s must not be above max_open_s (600)"),
        (["open_s=1", "open_s=2"], "open_s is given twice"),
        (["burst=3"], "burst needs a rate"),
        (["rate=-1"], "rates[0].rate must be above 0"),
        (["failure_rate_pct=101"], "failure_rate_pct must be a percentage"),
    ],
)
def test_numbers_that_make_no_sense_are_refused_by_name(words: list[str], problem: str) -> None:
    with pytest.raises(BadChange) as raised:
        change(SPEC, words)
    assert problem in str(raised.value)


def test_all_that_is_wrong_comes_out_together() -> None:
    with pytest.raises(BadChange) as raised:
        change(SPEC, ["nothing=1", "open_s=x", "queue=1.5"])
    assert len(raised.value.problems) == 3


@pytest.mark.parametrize("name", CHANGEABLE)
def test_every_number_that_may_be_changed_changes_and_is_told(name: str) -> None:
    spec = replace(SPEC, rates=(RateRule(5.0, 2.0, 3.0),), slow_s=30.0, minimum_calls=5, open_s=5.0)
    changed = change(spec, [f"{name}=7"])
    tested = back_test("edgar", spec, changed, [])
    assert (name, 7) in [(one.name, one.after) for one in tested.changes]


# ---- the replay and the real policy -----------------------------------------------------


def recorded_by(
    policy: Policy, clock: FakeClock, script: Sequence[tuple[float, bool]]
) -> list[RecordedCall]:
    """What a real policy records of calls made after each pause, that fail or not."""
    policy.record_calls()
    made: list[RecordedCall] = []
    for pause_s, fails in script:
        clock.advance(pause_s)

        def work(fails: bool = fails) -> None:
            clock.advance(0.25)
            if fails:
                raise CallFailed("edgar", "HTTP 503")

        with suppress(CallError):
            policy.call(work)
        now, calls = policy.fetch_calls()
        made += [
            RecordedCall(
                "edgar",
                clock.now() - timedelta(seconds=now - ended),
                how,
                took,
                tries,
                asked,
                dict(cost),
            )
            for ended, how, took, tries, asked, cost in calls
        ]
    return made


SCRIPTS = st.lists(
    st.tuples(st.floats(0.1, 120).map(lambda s: round(s, 1)), st.booleans()), max_size=60
)


@given(SCRIPTS)
def test_the_numbers_that_were_in_force_let_through_what_was_made(
    script: list[tuple[float, bool]],
) -> None:
    """The replay is no other machine than the one that recorded: with the same numbers each
    call that was made is made again, and it opens as often and as long."""
    clock = FakeClock()
    policy = Policy("edgar", SPEC, clock)
    made = recorded_by(policy, clock, script)
    played = play("edgar", SPEC, made)
    assert played.let_through == len(made)
    assert played.rejected == {}
    assert played.failures_met == sum(one.outcome == "failure" for one in made)
    assert played.is_open == (str(policy.status().state) in ("open", "half_open"))


@given(
    st.lists(
        st.tuples(
            st.floats(0, 500),
            st.sampled_from(["success", "failure", "slow", "neutral", "rejected"]),
            st.floats(0, 90),
            st.integers(1, 4),
            st.none() | st.floats(0, 4000),
        ),
        max_size=80,
    ),
    st.integers(0, 4),
    st.integers(0, 3),
    st.booleans(),
)
def test_every_call_is_either_made_or_rejected_once(
    rows: list[tuple[float, str, float, int, float | None]],
    threshold: int,
    at_once: int,
    paced: bool,
) -> None:
    """Whatever was recorded and whatever the numbers, the sums agree."""
    calls = [
        call(at, how, took, attempts=tries, retry_after_s=asked)
        for at, how, took, tries, asked in rows
    ]
    rates = (RateRule(0.5, burst=2.0),) if paced else ()
    spec = replace(
        SPEC,
        failure_threshold=threshold,
        failure_rate_pct=50,
        at_once=at_once,
        queue=2,
        rates=rates,
    )
    tested = back_test("edgar", spec, spec, calls)
    one = tested.changed
    assert tested.present == one
    assert tested.calls + tested.unknown == len(calls)
    assert one.let_through + sum(one.rejected.values()) == tested.calls
    failures = sum(c.outcome == "failure" for c in calls)
    good = sum(c.outcome in ("success", "slow") for c in calls)
    assert failures - one.failures_avoided <= one.failures_met
    assert one.failures_avoided <= failures
    assert one.successes_lost <= good
    assert one.open_s >= 0
    assert 0 <= one.latest_s <= one.late_s + 1e-9
    assert one.recoveries <= one.opened


def test_a_hundred_thousand_calls_take_seconds() -> None:
    source = random.Random(7)
    at, calls = 0.0, []
    for number in range(100_000):
        at += source.expovariate(1 / 3)
        bad = 20_000 < number < 21_000 or source.random() < 0.01
        tries = 3 if bad else 1
        calls.append(call(at, "failure" if bad else "success", source.random(), attempts=tries))
    spec = PolicySpec(rates=(RateRule(5, burst=2),))
    began = time.process_time()
    tested = back_test("edgar", spec, change(spec, ["open_s=120"]), calls)
    assert time.process_time() - began < 5
    assert tested.calls == 100_000
