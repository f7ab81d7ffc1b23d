"""The traps let a sound breaker through and catch one that has the flaw."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.peers.base import Breaker, Call, Wanted
from benchmarks.resilience.trap_list import TRAPS
from benchmarks.resilience.trial import Fell, Trial
from resilience.clock import SystemClock


class Down(Exception):
    """The breaker is open."""


def naive(wanted: Wanted) -> Breaker:
    """Counts, opens, closes at any success; no lock, no probe, no memory of when."""
    clock, state = SystemClock(), {"failures": 0, "opened": -1e9}

    def run(call: Call) -> object:
        is_open = state["failures"] >= wanted.threshold
        if is_open and clock.monotonic() < state["opened"] + wanted.open_s:
            raise Down
        try:
            result = call()
        except BaseException as error:
            if wanted.ignored is None or not isinstance(error, wanted.ignored):
                if wanted.counts is None or wanted.counts(error):
                    state["failures"] += 1
                    state["opened"] = clock.monotonic()
                    if wanted.on_change is not None:
                        wanted.on_change()
            else:
                state["failures"] = 0
            raise
        state["failures"] = 0
        return result

    return Breaker(run, Down)


def deaf(wanted: Wanted) -> Breaker:
    """Never opens."""
    run: Callable[[Call], object] = lambda call: call()  # noqa: E731
    return Breaker(run, Down)


CAUGHT = [name for name in TRAPS if "listener may call" not in name]


@pytest.mark.parametrize("name", CAUGHT)
def test_a_naive_breaker_falls(name: str) -> None:
    """Every trap catches what it is made for."""
    with pytest.raises((Fell, ZeroDivisionError)):
        TRAPS[name](Trial(naive, SystemClock()))


@pytest.mark.parametrize(
    "name", [name for name in CAUGHT if "ignored" in name or "success" in name]
)
def test_one_that_never_opens_is_not_taken_for_sound(name: str) -> None:
    """Doing nothing avoids most flaws; the traps ask first whether it works at all."""
    with pytest.raises(Fell):
        TRAPS[name](Trial(deaf, SystemClock()))
