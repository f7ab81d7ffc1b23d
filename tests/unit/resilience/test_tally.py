"""What is counted of calls."""

from __future__ import annotations

from bisect import bisect_left
from math import nextafter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience.tally import BOUNDS_S, KEPT_CALLS, Recorded, Tally


def recorded(number: int) -> Recorded:
    return (float(number), "success", 0.1, 1, None, {"requests": 1.0})


@pytest.mark.parametrize("bucket", range(len(BOUNDS_S)))
def test_a_call_as_long_as_a_bound_is_in_its_bucket(bucket: int) -> None:
    tally = Tally()
    tally.ended(BOUNDS_S[bucket])
    tally.ended(nextafter(BOUNDS_S[bucket], 1e9))
    counts = tally.seen().counts
    assert (counts[bucket], counts[bucket + 1], sum(counts)) == (1, 1, 2)


def test_what_is_beyond_all_bounds_is_counted_last() -> None:
    tally = Tally()
    tally.ended(1e6)
    tally.ended(0.0)
    counts = tally.seen().counts
    assert (counts[0], counts[-1], len(counts)) == (1, 1, len(BOUNDS_S) + 1)


@given(seconds=st.lists(st.floats(0, 1000)))
def test_every_call_is_in_one_bucket(seconds: list[float]) -> None:
    tally = Tally()
    for each in seconds:
        tally.ended(each)
    seen = tally.seen()
    assert sum(seen.counts) == tally.calls == len(seconds)
    assert seen.total_s == pytest.approx(sum(seconds))
    for index, bound in enumerate(BOUNDS_S):
        assert sum(seen.counts[: index + 1]) == sum(each <= bound for each in seconds)
    assert all(seen.counts[bisect_left(BOUNDS_S, each)] for each in seconds)


def test_what_was_seen_does_not_change_afterwards() -> None:
    tally = Tally()
    seen = tally.seen()
    tally.ended(0.1)
    assert sum(seen.counts) == 0


def test_rejections_are_counted_by_gate_and_those_at_the_door_are_the_breakers() -> None:
    tally = Tally()
    assert tally.rejections() == {}
    tally.shut_out += 3
    tally.rejected_by["rate"] += 2
    tally.rejected_by["breaker"] += 1
    assert tally.rejections() == {"breaker": 4, "rate": 2}
    assert tally.rejected_by["breaker"] == 1


def test_single_calls_are_fetched_once() -> None:
    tally = Tally()
    tally.recent.append(recorded(1))
    assert tally.fetch() == [recorded(1)]
    assert tally.fetch() == []


def test_the_oldest_are_forgotten_if_nobody_fetches_them() -> None:
    tally = Tally()
    for number in range(KEPT_CALLS + 10):
        tally.recent.append(recorded(number))
    ended = [call[0] for call in tally.fetch()]
    assert ended == list(range(10, KEPT_CALLS + 10))
