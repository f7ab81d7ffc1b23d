"""What opens a breaker, and every move it makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf

import pytest

from resilience import breaker as module
from resilience.breaker import MOVES, BreakerRule, BreakerState
from resilience.outcomes import Outcome
from tests.unit.resilience.breakers import RULE, Bench, closed, disabled, half_open, held, opened

C, O, H = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN  # noqa: E741
HELD, OFF = BreakerState.HELD, BreakerState.DISABLED
GOOD, BAD, SLOW, NEUTRAL = Outcome.SUCCESS, Outcome.FAILURE, Outcome.SLOW, Outcome.NEUTRAL


# ---- the table of moves ----------------------------------------------------------------


def fail(bench: Bench) -> None:
    bench.report(*[BAD] * 3)


def end_probe(outcome: Outcome) -> Callable[[Bench], None]:
    def end(bench: Bench) -> None:
        (probe,) = bench.breaker._probes
        bench.breaker.settle(probe, outcome, bench.now, "503")

    return end


def outlive(bench: Bench) -> None:
    bench.now += RULE.probe_max_age_s
    bench.is_shut()


def wait(bench: Bench) -> None:
    bench.first_probe()


def hold(bench: Bench) -> None:
    bench.breaker.hold(inf, "x")


def disable(bench: Bench) -> None:
    bench.breaker.disable("x")


def close(bench: Bench) -> None:
    bench.breaker.close()


def force(bench: Bench) -> None:
    bench.breaker.open(bench.now)


def recall(bench: Bench) -> None:
    bench.breaker.restore(bench.now, 3, 0, 20.0, "503")


DONE: list[tuple[Callable[[], Bench], Callable[[Bench], None], BreakerState]] = [
    (closed, fail, O),
    (closed, force, O),
    (closed, recall, O),
    (closed, hold, HELD),
    (closed, disable, OFF),
    (opened, wait, H),
    (opened, force, O),
    (opened, recall, O),
    (opened, hold, HELD),
    (opened, disable, OFF),
    (opened, close, C),
    (half_open, end_probe(GOOD), C),
    (half_open, end_probe(SLOW), C),  # slowness was not asked about
    (half_open, end_probe(BAD), O),
    (half_open, outlive, O),
    (half_open, force, O),
    (half_open, recall, O),
    (half_open, hold, HELD),
    (half_open, disable, OFF),
    (half_open, close, C),
    (held, wait, H),
    (held, force, O),
    (held, recall, O),
    (held, hold, HELD),
    (held, disable, OFF),
    (held, close, C),
    (disabled, force, O),
    (disabled, recall, O),
    (disabled, hold, HELD),
    (disabled, disable, OFF),
    (disabled, close, C),
]


@pytest.mark.parametrize(("start", "act", "after"), DONE)
def test_every_move(
    start: Callable[[], Bench], act: Callable[[Bench], None], after: BreakerState
) -> None:
    """Each happens once, begins a new era, is told as a change and stands in the table."""
    bench = start()
    before, era = bench.state, bench.breaker.era
    bench.changes.clear()
    act(bench)
    assert bench.moves == [(before, after)]
    assert bench.state is after
    assert bench.breaker.era == era + 1
    assert after in MOVES[before]


def test_the_table_holds_nothing_that_is_never_done() -> None:
    """Each of its moves was made above."""
    done = {(start().state, after) for start, _, after in DONE}
    assert done == {(before, after) for before, those in MOVES.items() for after in those}


def test_the_drawing_names_every_state() -> None:
    """The module's docstring is where a reader looks first."""
    drawing = module.__doc__ or ""
    for state in BreakerState:
        assert state.name in drawing
    assert "CLOSED ─" in drawing
    assert "► OPEN ◄" in drawing
    assert "─ HALF_OPEN ─" in drawing


@pytest.mark.parametrize(
    ("start", "outcome"), [(closed, GOOD), (closed, NEUTRAL), (disabled, BAD), (disabled, GOOD)]
)
def test_what_changes_nothing(start: Callable[[], Bench], outcome: Outcome) -> None:
    """However often it happens."""
    bench = start()
    state, era = bench.state, bench.breaker.era
    bench.report(*[outcome] * 50)
    assert (bench.state, bench.breaker.era) == (state, era)


# ---- opening ---------------------------------------------------------------------------


def test_failures_in_a_row_open_it() -> None:
    """At the threshold, not before."""
    bench = Bench()
    states = []
    for _ in range(3):
        bench.report(BAD)
        states.append(bench.state)
    assert states == [C, C, O]
    assert bench.is_shut()
    assert bench.changes[-1].why == "3 failures in a row (last: ReadTimeout)"
    assert bench.changes[-1].until == bench.now + 60


def test_a_success_between_starts_the_count_again() -> None:
    bench = Bench()
    bench.report(BAD, BAD, GOOD, BAD, BAD)
    assert bench.state is C
    assert bench.breaker.failures == 2


@pytest.mark.parametrize("outcome", [GOOD, SLOW])
def test_a_slow_answer_is_an_answer(outcome: Outcome) -> None:
    """It ends a row of failures like a quick one."""
    bench = Bench()
    bench.report(BAD, BAD, outcome)
    assert bench.breaker.failures == 0


def test_a_neutral_outcome_counts_as_neither() -> None:
    """A 404 between two time-outs neither opens the breaker nor clears it (elsewhere an
    ignored error resets the count)."""
    bench = Bench(replace(RULE, failure_rate_pct=50, minimum_calls=1))
    bench.report(GOOD, GOOD, GOOD, BAD, BAD, *[NEUTRAL] * 9)
    assert bench.breaker.failures == 2
    assert bench.state is C
    bench.report(BAD)
    assert bench.state is O


def test_a_threshold_of_none_is_switched_off() -> None:
    bench = Bench(replace(RULE, failure_threshold=0))
    bench.report(*[BAD] * 500)
    assert bench.state is C


RATE = BreakerRule(failure_threshold=0, failure_rate_pct=50, minimum_calls=10, window_calls=20)


@pytest.mark.parametrize(
    ("good", "bad", "state"),
    [(5, 4, C), (5, 5, O), (6, 5, C), (6, 6, O), (0, 9, C), (0, 10, O), (9, 8, C)],
)
def test_a_failure_rate_opens_it(good: int, bad: int, state: BreakerState) -> None:
    """At the rate, once there are enough calls to speak of one."""
    bench = Bench(RATE)
    bench.report(*[GOOD] * good, *[BAD] * bad)
    assert bench.state is state


def test_the_call_that_makes_up_the_minimum_may_be_a_good_one() -> None:
    """Nine calls failed: the tenth succeeds, and nine of ten have failed."""
    bench = Bench(RATE)
    bench.report(*[BAD] * 9, GOOD)
    assert bench.state is O
    assert bench.changes[-1].why == "9 of 10 calls failed (last: ReadTimeout)"


def test_also_if_others_succeeded_before_it() -> None:
    """No failure stands in a row by then, and half of ten calls failed all the same."""
    bench = Bench(RATE)
    bench.report(*[BAD] * 5, *[GOOD] * 4)
    assert bench.state is C
    bench.report(GOOD)
    assert bench.state is O


def test_calls_that_left_the_window_are_forgotten() -> None:
    """Nine failures of long ago do not count with one of today."""
    bench = Bench(RATE)
    bench.report(*[BAD] * 4, *[GOOD] * 20, *[BAD] * 9)
    assert bench.state is C
    bench.report(BAD)
    assert bench.state is O


def test_a_window_of_seconds_forgets_by_time() -> None:
    bench = Bench(replace(RATE, window_s=10.0, minimum_calls=4))
    bench.report(*[BAD] * 3)
    bench.now += 11
    bench.report(BAD, BAD, BAD)
    assert bench.state is C
    bench.now += 1
    bench.report(BAD)
    assert bench.state is O


def test_old_calls_are_no_part_of_the_rate_when_the_next_one_comes() -> None:
    """The window is looked at as it is at the moment of judging, not as it was filled."""
    bench = Bench(replace(RATE, window_s=10.0, minimum_calls=2))
    bench.report(*[GOOD] * 10)
    bench.now += 11
    bench.report(BAD)
    assert bench.state is C
    bench.report(BAD)
    assert bench.state is O


def test_what_is_taken_back_is_judged_beside_what_is_still_there() -> None:
    """A call in trouble ends slowly; three others of long ago are no part of the rate then."""
    rule = BreakerRule(0, slow_rate_pct=50, slow_s=2, minimum_calls=4, window_s=10)
    bench = Bench(rule)
    bench.report(SLOW, GOOD, GOOD)
    bench.now += 5
    call = bench.pass_through()
    token = bench.breaker.trouble(call, bench.now, "503")
    bench.now += 7
    bench.breaker.settle(call, SLOW, bench.now, "", token)
    assert bench.state is C


def test_a_slow_rate_opens_it() -> None:
    """Though every call succeeded."""
    bench = Bench(BreakerRule(slow_rate_pct=50, slow_s=2, minimum_calls=4))
    bench.report(GOOD, GOOD, SLOW)
    assert bench.state is C
    bench.report(SLOW)
    assert bench.state is O
    assert bench.changes[-1].why == "2 of 4 calls took 2 s or longer"


def test_slowness_that_was_not_asked_about_opens_nothing() -> None:
    bench = Bench(replace(RULE, failure_rate_pct=50, minimum_calls=1))
    bench.report(*[SLOW] * 50)
    assert bench.state is C


def test_the_quick_way_to_report_a_success_is_the_same_as_the_long_one() -> None:
    """`succeeded` says no whenever there is more to do than to count one."""
    bench = Bench(replace(RULE, failure_rate_pct=50))
    given = bench.pass_through()
    assert bench.breaker.succeeded(given, bench.now)
    bench.report(BAD)
    assert not bench.breaker.succeeded(given, bench.now)
    assert bench.breaker.failures == 1
    bench.report(BAD, BAD)
    assert not bench.breaker.succeeded(given, bench.now)
    assert not bench.breaker.succeeded(bench.first_probe(), bench.now)
    assert bench.state is H


# ---- trouble: a call that failed and is tried again ------------------------------------


def test_a_call_counts_as_failed_from_its_first_failed_attempt_on() -> None:
    """Three calls in trouble open it, before any of them has given up."""
    bench = Bench()
    calls = [bench.pass_through() for _ in range(3)]
    tokens = [bench.breaker.trouble(call, bench.now, "503") for call in calls]
    assert all(token is not None for token in tokens)
    assert bench.state is O


def test_a_call_in_trouble_counts_once() -> None:
    """Its last attempt, too, failed: that is no second failure."""
    bench = Bench(replace(RULE, failure_rate_pct=50, minimum_calls=10))
    call = bench.pass_through()
    token = bench.breaker.trouble(call, bench.now, "503")
    bench.breaker.settle(call, BAD, bench.now, "503", token)
    assert bench.breaker.failures == 1
    window = bench.breaker._window
    assert window is not None
    assert (window.calls, window.failures) == (1, 1)


@pytest.mark.parametrize("outcome", [GOOD, SLOW])
def test_trouble_is_taken_back_if_a_later_attempt_succeeds(outcome: Outcome) -> None:
    """In the row and in the window."""
    bench = Bench(replace(RULE, failure_rate_pct=50, slow_rate_pct=100, minimum_calls=10))
    call = bench.pass_through()
    token = bench.breaker.trouble(call, bench.now, "503")
    bench.breaker.settle(call, outcome, bench.now, "", token)
    window = bench.breaker._window
    assert window is not None
    assert bench.breaker.failures == 0
    assert (window.calls, window.failures, window.slow) == (1, 0, outcome is SLOW)


def test_trouble_is_taken_back_if_the_last_answer_is_neutral() -> None:
    """A time-out and then a 404: the service answered. Others' failures stay counted."""
    bench = Bench()
    bench.report(BAD)
    call = bench.pass_through()
    token = bench.breaker.trouble(call, bench.now, "503")
    assert bench.breaker.failures == 2
    bench.breaker.settle(call, NEUTRAL, bench.now, "404", token)
    assert bench.breaker.failures == 1


def test_a_probe_is_never_in_trouble() -> None:
    """It has one attempt."""
    bench = Bench()
    probe = bench.half_opened()
    assert bench.breaker.trouble(probe, bench.now, "503") is None
    assert bench.state is H


def test_trouble_of_an_older_era_changes_nothing() -> None:
    bench = Bench()
    hung = bench.pass_through()
    bench.opened()
    assert bench.breaker.trouble(hung, bench.now, "503") is None
    assert bench.breaker.failures == 3
