"""Work is shed while memory is short, and it does not flap."""

from __future__ import annotations

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience.outcomes import Overloaded
from resilience.policy import Policy
from resilience.pressure import Pressure
from resilience.spec import PolicySpec
from resilience.testing import FakeClock


def test_shedding_begins_at_the_upper_limit_and_ends_below_the_lower() -> None:
    pressure = Pressure(92, 85)
    told = [pressure.tell(pct) for pct in (91.9, 92, 88, 85, 84.9, 88, 91.9, 92)]
    assert told == [False, True, True, True, False, False, False, True]


def test_it_says_how_much_is_in_use_while_it_sheds() -> None:
    pressure = Pressure()
    pressure.tell(97.4)
    assert pressure.why == "97 % of the memory is in use"
    pressure.tell(10)
    assert pressure.why == ""


@pytest.mark.parametrize(
    ("high", "low"), [(80, 85), (101, 85), (92, 0), (92, -1), (0, 0), (nan, 85), (92, nan)]
)
def test_limits_that_make_no_sense_are_refused(high: float, low: float) -> None:
    with pytest.raises(ValueError, match="memory limits must be"):
        Pressure(high, low)


@pytest.mark.parametrize(("high", "low"), [(100, 100), (50, 50), (92, 0.1)])
def test_limits_may_be_one(high: float, low: float) -> None:
    pressure = Pressure(high, low)
    assert pressure.tell(high)
    assert not pressure.tell(low - 0.05)


@given(
    limits=st.tuples(st.floats(1, 100), st.floats(1, 100)),
    used=st.lists(st.floats(0, 100), min_size=1),
)
def test_between_the_limits_nothing_changes(limits: tuple[float, float], used: list[float]) -> None:
    low, high = sorted(limits)
    pressure = Pressure(high, low)
    before = False
    for pct in used:
        now = pressure.tell(pct)
        if pct >= high:
            assert now
        elif pct < low:
            assert not now
        else:
            assert now is before
        assert now is pressure.is_high
        before = now


def test_a_call_is_shed_and_told_when_to_come_back(clock: FakeClock) -> None:
    """The service has no part in it: its circuit stays as it is."""
    pressure = Pressure(again_s=45)
    policy = Policy("shop", PolicySpec(), clock, pressure=pressure)
    pressure.tell(95)
    with pytest.raises(Overloaded, match="95 % of the memory") as told:
        policy.call(lambda: "fine")
    assert told.value.retry_at is not None
    assert (told.value.retry_at - clock.now()).total_seconds() == 45
    assert policy.is_healthy()
    pressure.tell(50)
    assert policy.call(lambda: "fine") == "fine"
