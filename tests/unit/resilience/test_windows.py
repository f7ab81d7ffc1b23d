"""Windows of calls, against a list that forgets nothing it should keep."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience.windows import CountWindow, TimeWindow, Window


@dataclass
class Counted:
    """One call as a person would note it down."""

    token: int
    at: float
    failed: bool
    slow: bool
    is_open: bool = False  # failed for now: may still be amended


@dataclass(frozen=True)
class Step:
    gap_s: float
    kind: str  # failed, slow, good, quick (the short way to count a good one), amend, clear
    pick: int
    slow: bool


steps = st.lists(
    st.builds(
        Step,
        # multiples of an eighth: exact in binary, so the list and the window agree to the edge
        gap_s=st.integers(0, 40).map(lambda n: n / 8),
        kind=st.sampled_from(["failed", "failed", "slow", "good", "quick", "amend", "clear"]),
        pick=st.integers(0, 999),
        slow=st.booleans(),
    ),
    max_size=120,
)


class Both:
    """A window and the list beside it."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.calls: list[Counted] = []
        self.now = 100.0

    def do(self, step: Step) -> None:
        self.now += step.gap_s
        if step.kind == "clear":
            self.window.clear()
            self.calls.clear()
        elif step.kind == "quick":
            self.window.add_good(self.now)
            self.calls.append(Counted(-1, self.now, failed=False, slow=False))
        elif step.kind == "amend":
            self._amend(step)
        else:
            failed, slow = step.kind == "failed", step.kind == "slow"
            token = self.window.add(self.now, failed=failed, slow=slow)
            self.calls.append(Counted(token, self.now, failed, slow, is_open=failed))

    def _amend(self, step: Step) -> None:
        """Of a call in trouble, however long ago that was."""
        in_trouble = [call for call in self.calls if call.is_open]
        if in_trouble:
            call = in_trouble[step.pick % len(in_trouble)]
            self.window.amend(call.token, failed=False, slow=step.slow)
            call.failed, call.slow, call.is_open = False, step.slow, False

    def agrees_with(self, inside: list[Counted]) -> None:
        window = self.window
        assert (window.calls, window.failures, window.slow) == (
            len(inside),
            sum(call.failed for call in inside),
            sum(call.slow for call in inside),
        )


@given(size=st.integers(1, 12), todo=steps)
def test_a_window_of_calls_holds_the_last_so_many(size: int, todo: list[Step]) -> None:
    """Whatever they were and however they are amended, also after they were forgotten."""
    both = Both(CountWindow(size))
    for step in todo:
        both.do(step)
        both.window.forget(both.now)
        both.agrees_with(both.calls[-size:])


@given(todo=steps)
def test_a_window_of_seconds_holds_the_last_ten_slices(todo: list[Step]) -> None:
    """10 seconds in slices of one: this slice and the nine before it."""
    both = Both(TimeWindow(10.0))
    for step in todo:
        both.do(step)
        both.window.forget(both.now)
        both.agrees_with([call for call in both.calls if call.at // 1 > both.now // 1 - 10])


@given(seconds=st.floats(0.5, 5000), gaps=st.lists(st.floats(0, 3000), min_size=1, max_size=40))
def test_a_window_of_seconds_is_at_most_a_tenth_too_short(
    seconds: float, gaps: list[float]
) -> None:
    """It holds whatever is younger than nine tenths of it, and nothing older than itself."""
    window = TimeWindow(seconds)
    now, all_of_them = 0.0, []
    for gap in gaps:
        now += gap
        window.add(now, failed=True, slow=False)
        all_of_them.append(now)
    edge = seconds * 1e-9
    surely = sum(now - at < seconds * 0.9 - edge for at in all_of_them)
    perhaps = sum(now - at <= seconds + edge for at in all_of_them)
    assert surely <= window.calls <= perhaps
    assert window.failures == window.calls


@pytest.mark.parametrize("window", [CountWindow(3), TimeWindow(10.0)])
def test_amending_what_is_forgotten_changes_nothing(window: Window) -> None:
    """The place, or the slice, belongs to others by then."""
    token = window.add(0.0, failed=True, slow=False)
    for second in range(20, 24):
        window.add(float(second), failed=True, slow=True)
    before = (window.calls, window.failures, window.slow)
    window.amend(token, failed=False, slow=False)
    assert (window.calls, window.failures, window.slow) == before


def test_a_clock_that_stands_still_or_goes_back_a_little_counts_on() -> None:
    """Two threads read the clock and then take the lock in the other order."""
    window = TimeWindow(10.0)
    window.add(25.0, failed=True, slow=False)
    window.add(23.9, failed=True, slow=False)
    assert window.failures == 2
    window.forget(33.9)
    assert window.failures == 2
    window.forget(35.0)
    assert window.failures == 0


@pytest.mark.parametrize("window", [CountWindow(50), TimeWindow(10.0)])
def test_a_window_keeps_nothing_per_call(window: Window) -> None:
    """A hundred thousand calls leave as many numbers behind as one does."""

    def size() -> int:
        kept = window._places if isinstance(window, CountWindow) else window._slices  # type: ignore[attr-defined]
        return len(kept)

    before = size()
    for number in range(100_000):
        window.add(number / 100, failed=True, slow=False)
    assert size() == before
