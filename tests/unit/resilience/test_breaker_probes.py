"""What happens after a breaker opened: the wait, the probes, and what comes back late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from resilience.breaker import BreakerRule, BreakerState, Look, Pass
from resilience.outcomes import Outcome
from tests.unit.resilience.breakers import RULE, Bench, disabled, half_open, held, opened

C, O, H = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN  # noqa: E741
GOOD, BAD, SLOW, NEUTRAL = Outcome.SUCCESS, Outcome.FAILURE, Outcome.SLOW, Outcome.NEUTRAL


# ---- the wait --------------------------------------------------------------------------


def test_each_failed_round_multiplies_the_wait_up_to_the_maximum() -> None:
    bench = Bench().opened()
    waits = []
    for _ in range(5):
        waits.append(bench.wait_left_s())
        probe = bench.first_probe()
        bench.breaker.settle(probe, BAD, bench.now, "503")
    assert waits == [60, 120, 240, 300, 300]


def test_a_success_forgets_the_grown_wait() -> None:
    bench = Bench()
    bench.breaker.settle(bench.half_opened(), BAD, bench.now)
    bench.breaker.settle(bench.first_probe(), GOOD, bench.now)
    assert bench.breaker.failed_rounds == 0
    assert bench.opened().wait_left_s() == 60


@pytest.mark.parametrize("growth", [1.0, 2, 2.0, 10, 1e300])
def test_the_wait_never_overflows(growth: float) -> None:
    """A service that is down for years does not break the arithmetic."""
    rule = BreakerRule(open_s=60, growth=growth, max_open_s=900)
    assert rule.open_wait_s(10**9) == (60 if growth == 1 else 900)


def test_the_first_wait_is_kept_even_above_the_maximum() -> None:
    assert BreakerRule(open_s=60, max_open_s=10).open_wait_s(5) == 60


def test_nobody_passes_before_the_wait_is_over() -> None:
    """And the first who comes then is a probe."""
    bench = Bench().opened()
    bench.now += 59.999
    assert bench.is_shut()
    bench.now = bench.breaker.until
    assert bench.breaker.peek(bench.now) is Look.PROBE
    assert bench.pass_through().probe


def test_a_wait_can_be_ended_by_hand() -> None:
    """The next call is a probe; the wait is not begun anew, and ends only once."""
    bench = Bench().opened()
    bench.breaker.end_wait(bench.now)
    assert bench.state is O
    assert bench.pass_through().probe
    bench.breaker.end_wait(bench.now)
    assert bench.is_shut()


def test_ending_a_wait_never_lengthens_it() -> None:
    bench = Bench().opened()
    until = bench.breaker.until
    bench.now = until + 500
    bench.breaker.end_wait(bench.now)
    assert bench.breaker.until == until


# ---- probes ----------------------------------------------------------------------------


def test_exactly_one_call_is_a_probe() -> None:
    bench = Bench().opened()
    bench.now = bench.breaker.until
    given = [bench.breaker.claim(bench.now) for _ in range(32)]
    assert [one is not None and one.probe for one in given] == [True, *[False] * 31]
    what, until = bench.breaker.refusal(bench.now)
    assert "a trial call is out" in what
    assert until == bench.now + RULE.probe_max_age_s


def test_so_many_probes_are_out_at_once_and_no_more() -> None:
    """Two at once, three must succeed: the third is let out when one is back."""
    bench = Bench(replace(RULE, success_threshold=3, probes_at_once=2)).opened()
    bench.now = bench.breaker.until
    first, second = bench.pass_through(), bench.pass_through()
    assert bench.is_shut()
    bench.breaker.settle(first, GOOD, bench.now)
    third = bench.pass_through()
    assert bench.is_shut()
    bench.breaker.settle(second, GOOD, bench.now)
    assert bench.is_shut()  # three have been let out, and no more are needed
    assert bench.state is H
    bench.breaker.settle(third, GOOD, bench.now)
    assert bench.state is C
    assert bench.changes[-1].why == "3 trial calls succeeded"


def test_a_round_may_let_out_more_than_must_succeed() -> None:
    """`most_probes` 4, of which 2 must succeed."""
    bench = Bench(replace(RULE, success_threshold=2, probes_at_once=4, most_probes=4)).opened()
    bench.now = bench.breaker.until
    probes = [bench.pass_through() for _ in range(4)]
    assert bench.is_shut()
    for probe in probes[:2]:
        bench.breaker.settle(probe, GOOD, bench.now)
    assert bench.state is C
    for probe in probes[2:]:  # the rest come late
        bench.breaker.settle(probe, BAD, bench.now)
    assert bench.state is C
    assert bench.breaker.late_results == 2


def test_a_round_never_lets_out_fewer_than_must_succeed() -> None:
    """Otherwise it would stay half open for good."""
    bench = Bench(replace(RULE, success_threshold=2, most_probes=1)).opened()
    bench.now = bench.breaker.until
    bench.report(GOOD, GOOD)
    assert bench.state is C


def test_one_failed_probe_ends_the_round() -> None:
    """The others that are out are late, whatever they bring."""
    bench = Bench(replace(RULE, success_threshold=2, probes_at_once=2)).opened()
    bench.now = bench.breaker.until
    first, second = bench.pass_through(), bench.pass_through()
    bench.breaker.settle(first, BAD, bench.now, "503")
    assert bench.state is O
    assert bench.wait_left_s() == 120
    bench.breaker.settle(second, GOOD, bench.now)
    assert bench.state is O
    assert bench.breaker.late_results == 1


def test_a_neutral_probe_gives_its_place_back() -> None:
    """A probe answered 404 neither closes nor reopens, however often; the next one probes."""
    bench = Bench()
    probe = bench.half_opened()
    for _ in range(10):
        bench.breaker.settle(probe, NEUTRAL, bench.now, "404")
        assert bench.state is H
        probe = bench.pass_through()
        assert bench.is_shut()
    bench.breaker.settle(probe, GOOD, bench.now)
    assert bench.state is C


def test_a_slow_probe_fails_where_slowness_counts() -> None:
    bench = Bench(replace(RULE, slow_rate_pct=50, slow_s=2))
    bench.breaker.settle(bench.half_opened(), SLOW, bench.now)
    assert bench.state is O
    assert bench.wait_left_s() == 120
    assert bench.breaker.why == "a trial call took 2 s or longer"


def test_a_probe_that_hangs_counts_as_failed() -> None:
    """Once it is so old, the next who asks opens the breaker with a grown wait; what the probe
    brings later changes nothing."""
    bench = Bench()
    hung = bench.half_opened()
    bench.now += RULE.probe_max_age_s - 0.001
    assert bench.breaker.look(bench.now) is Look.NO
    assert bench.state is H
    bench.now += 0.001
    assert bench.breaker.look(bench.now) is Look.NO
    assert bench.state is O
    assert bench.wait_left_s() == 120
    bench.breaker.settle(hung, GOOD, bench.now)
    assert bench.state is O
    assert bench.breaker.late_results == 1
    assert bench.first_probe().probe


def test_a_probe_that_is_back_is_not_missed() -> None:
    """The age is that of the oldest which is still out."""
    bench = Bench(replace(RULE, success_threshold=3, probes_at_once=2))
    first = bench.half_opened()
    bench.now += 20
    second = bench.pass_through()
    bench.breaker.settle(first, GOOD, bench.now)
    bench.now += 20
    bench.pass_through()
    assert bench.state is H
    assert bench.breaker.refusal(bench.now)[1] == second.since + RULE.probe_max_age_s


def test_whoever_only_looks_changes_nothing() -> None:
    """Not even where a probe hangs: the next caller opens it, and would wait so long."""
    bench = Bench()
    bench.half_opened()
    bench.now += 1000
    bench.changes.clear()
    assert bench.breaker.peek(bench.now) is Look.NO
    assert bench.breaker.refusal(bench.now)[1] == bench.now + 120
    assert (bench.state, bench.changes) == (H, [])
    assert bench.is_shut()
    assert bench.breaker.until == bench.now + 120


# ---- eras ------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [GOOD, BAD, SLOW, NEUTRAL])
@pytest.mark.parametrize("later", [opened, half_open, held, disabled])
def test_a_late_result_changes_nothing(later: Callable[[], Bench], outcome: Outcome) -> None:
    """A call of an older era neither closes nor opens the breaker, nor extends its wait; it
    is counted as late."""
    bench = later()
    breaker = bench.breaker
    before = (breaker.state, breaker.until, breaker.failures, breaker.failed_rounds, breaker.era)
    late = breaker.late_results
    bench.now += 5
    breaker.settle(Pass(0), outcome, bench.now, "late")
    after = (breaker.state, breaker.until, breaker.failures, breaker.failed_rounds, breaker.era)
    assert after == before
    assert breaker.late_results == late + 1


@pytest.mark.parametrize("outcome", [GOOD, BAD])
def test_a_late_result_does_not_count_after_it_closed_again(outcome: Outcome) -> None:
    """The row and the window of the new era begin empty and stay so."""
    bench = Bench(replace(RULE, failure_rate_pct=50))
    hung = bench.pass_through()
    bench.breaker.settle(bench.half_opened(), GOOD, bench.now)
    assert bench.state is C
    bench.breaker.settle(hung, outcome, bench.now, "late")
    window = bench.breaker._window
    assert window is not None
    assert (bench.breaker.failures, window.calls, bench.breaker.late_results) == (0, 0, 1)


def test_a_late_probe_does_not_close_a_later_round() -> None:
    """A probe given up, and another round: the first one's success is not the second's."""
    bench = Bench()
    hung = bench.half_opened()
    bench.now += RULE.probe_max_age_s
    assert bench.is_shut()
    bench.first_probe()
    bench.breaker.settle(hung, GOOD, bench.now)
    assert bench.state is H


def test_closing_what_is_closed_begins_an_era_too() -> None:
    """What was under way then must not be taken back in a window that it is no part of."""
    bench = Bench(replace(RULE, failure_rate_pct=50, window_s=10, failure_threshold=9))
    call = bench.pass_through()
    token = bench.breaker.trouble(call, bench.now, "503")
    bench.breaker.close()
    bench.report(BAD)
    bench.breaker.settle(call, GOOD, bench.now, "", token)
    window = bench.breaker._window
    assert window is not None
    assert (bench.breaker.failures, window.calls, window.failures) == (1, 1, 1)
    assert bench.changes == []
