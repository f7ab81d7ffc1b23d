"""Whether a process hangs, by a table; and what a database that is away changes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.progress import Loop, what_hangs

LIMIT_S = 100.0
NEVER_LOST = math.inf
JOBS = Loop("the jobs tick", quiet_s=4, every_s=5)
TIMES = st.floats(0, 1e6)


@pytest.mark.parametrize(
    ("loop", "heard_s", "said"),
    [
        (JOBS, NEVER_LOST, None),
        (Loop("the jobs tick", 105, 5), NEVER_LOST, None),
        (Loop("the jobs tick", 106, 5), NEVER_LOST, "the jobs tick has not come round for 106 s"),
        (Loop("the jobs tick", 9e5, 5), None, None),  # the database is away, since days
        (Loop("the jobs tick", 9e5, 5), 20, None),  # it is back, and has had no time yet
        (Loop("the jobs tick", 9e5, 5), 120, "the jobs tick has not come round for 120 s"),
        (Loop("the beat tick", 700, 2, longest_s=600, asks_database=False), None, "has not come"),
        (Loop("the beat tick", 600, 2, longest_s=600, asks_database=False), None, None),
        (Loop("the batches tick", 1700, 5, longest_s=1800), NEVER_LOST, None),
        (Loop("the taker", 1, 10, lives=False), NEVER_LOST, "the taker has ended"),
        (Loop("the taker", 1, 10, lives=False), None, "the taker has ended"),
    ],
)
def test_what_hangs(loop: Loop, heard_s: float | None, said: str | None) -> None:
    found = what_hangs([JOBS, loop], heard_s, LIMIT_S)
    if said is None:
        assert found == []
    else:
        assert len(found) == 1
        assert said in found[0]


@given(st.lists(st.builds(Loop, st.just("a loop"), TIMES, TIMES, longest_s=TIMES)), TIMES)
def test_a_database_that_is_away_is_no_hang(loops: list[Loop], limit_s: float) -> None:
    """However long it is away, and whatever waits for it."""
    assert what_hangs(loops, None, limit_s) == []
    assert what_hangs(loops, 0.0, limit_s) == []


@given(TIMES, TIMES, TIMES, TIMES)
def test_who_is_quiet_long_enough_hangs(
    every_s: float, longest_s: float, limit_s: float, more_s: float
) -> None:
    """No number makes a loop that never comes round acceptable for ever."""
    quiet_s = every_s + max(longest_s, limit_s) + more_s + 1
    loop = Loop("a loop", quiet_s, every_s, longest_s=longest_s)
    assert what_hangs([loop], math.inf, limit_s)
