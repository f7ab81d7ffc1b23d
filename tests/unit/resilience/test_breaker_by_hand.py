"""What a person may do to a breaker, and what it takes up from an earlier process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf

import pytest

from resilience.breaker import Breaker, BreakerState, Look
from resilience.outcomes import Outcome
from tests.unit.resilience.breakers import RULE, Bench, closed, disabled, half_open, held, opened

C, O, H = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN  # noqa: E741
BAD = Outcome.FAILURE


# ---- by hand ---------------------------------------------------------------------------


def test_a_hold_without_end_stays() -> None:
    bench = Bench()
    bench.breaker.hold(why="licence ran out")
    bench.now += 1e9
    assert bench.is_shut()
    assert bench.breaker.refusal(bench.now) == ("held by hand (licence ran out)", inf)
    bench.breaker.close()
    assert bench.state is C
    assert not bench.pass_through().probe


def test_a_hold_with_an_end_is_left_by_a_probe() -> None:
    """The service was not asked meanwhile: the first call shows how it is."""
    bench = held()
    assert bench.is_shut()
    bench.now += 10
    assert bench.pass_through().probe
    assert bench.state is H


@pytest.mark.parametrize("why", ["", "maintenance"])
def test_a_refusal_reads_well_with_and_without_a_reason(why: str) -> None:
    bench = Bench()
    bench.breaker.hold(bench.now + 5, why)
    assert bench.breaker.refusal(bench.now)[0].endswith("by hand" if not why else f"({why})")
    bench.now += 5
    bench.pass_through()
    assert "after ;" not in bench.breaker.refusal(bench.now)[0]


def test_a_disabled_breaker_counts_and_lets_everything_through() -> None:
    bench = disabled()
    bench.report(*[BAD] * 20)
    assert bench.breaker.failures == 20
    assert bench.breaker.peek(bench.now) is Look.GO


def test_a_closed_breaker_is_as_if_it_were_new() -> None:
    bench = Bench(replace(RULE, failure_rate_pct=90, minimum_calls=3)).opened()
    bench.breaker.close()
    breaker, new = bench.breaker, Breaker(bench.breaker.rule)
    assert breaker._window is not None
    assert new._window is not None
    assert (breaker.failures, breaker.failed_rounds, breaker.why, breaker._window.calls) == (
        new.failures,
        new.failed_rounds,
        new.why,
        new._window.calls,
    )


def test_opened_by_hand_it_waits_as_usual() -> None:
    bench = Bench()
    bench.breaker.open(bench.now)
    assert bench.wait_left_s() == 60
    assert bench.breaker.refusal(bench.now)[0] == "circuit open after opened by hand"


# ---- what outlives the process ---------------------------------------------------------


@pytest.mark.parametrize(
    ("stored_s", "left_s"), [(20, 20), (-5, 0), (0, 0), (1e12, 300), (inf, 300)]
)
def test_a_restored_wait_is_never_longer_than_the_longest(stored_s: float, left_s: float) -> None:
    """Whatever the clocks of two machines say, nor below nothing."""
    bench = Bench()
    bench.breaker.restore(bench.now, 3, 1, stored_s, "503")
    assert bench.state is O
    assert bench.wait_left_s() == left_s
    assert bench.breaker.last_error == "503"


@pytest.mark.parametrize(("stored", "rounds"), [(-3, 0), (0, 0), (10**9, 10**9)])
def test_restored_rounds_make_sense(stored: int, rounds: int) -> None:
    """A failed probe then waits as long as it would have, and no longer than the maximum."""
    bench = Bench()
    bench.breaker.restore(bench.now, -7, stored, 0.0, "")
    assert bench.breaker.failed_rounds == rounds
    assert bench.breaker.failures == 0
    bench.breaker.settle(bench.pass_through(), BAD, bench.now)
    assert bench.wait_left_s() == min(300, 60 * 2 ** min(rounds + 1, 10))


@pytest.mark.parametrize(
    ("known", "stored", "failures"), [(0, 2, 2), (2, 1, 2), (0, 99, 2), (1, -4, 1)]
)
def test_restored_failures_never_open_it_by_themselves(
    known: int, stored: int, failures: int
) -> None:
    """At least one more has to happen in this process, and none of ours is forgotten."""
    bench = Bench()
    bench.report(*[BAD] * known)
    bench.breaker.restore(bench.now, stored, 0, None, "")
    assert (bench.state, bench.breaker.failures) == (C, failures)


@pytest.mark.parametrize("start", [closed, half_open, held, disabled])
def test_a_stored_open_outranks_what_we_know(start: Callable[[], Bench]) -> None:
    bench = start()
    bench.breaker.restore(bench.now, 3, 0, 20.0, "503")
    assert bench.state is O


def test_a_stored_closed_outranks_nothing() -> None:
    bench = opened()
    bench.breaker.restore(bench.now, 0, 0, None, "")
    assert (bench.state, bench.breaker.failures) == (O, 3)


@pytest.mark.parametrize(
    ("start", "left_s"),
    [(closed, None), (opened, 60), (half_open, 0), (held, None), (disabled, None)],
)
def test_what_is_stored_of_the_wait(start: Callable[[], Bench], left_s: float | None) -> None:
    """Of a half-open one: none, so that the next process may probe at once. A person's
    decision is stored elsewhere."""
    bench = start()
    assert bench.breaker.open_left_s(bench.now) == left_s


def test_a_wait_that_is_over_is_stored_as_none_left() -> None:
    bench = opened()
    assert bench.breaker.open_left_s(bench.now + 1000) == 0
