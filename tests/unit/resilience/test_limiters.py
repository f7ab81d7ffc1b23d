"""Rates: with exact arithmetic none of them lets one call too many through."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience.limiters import (
    ALGORITHMS,
    Gcra,
    LeakyBucket,
    Limiter,
    SlidingWindow,
    TokenBucket,
)

Make = Callable[[float, float, float], Limiter]
BURSTY: list[Make] = [Gcra, TokenBucket]
ALL: list[Make] = [Gcra, TokenBucket, LeakyBucket, SlidingWindow]


def exact(number: Fraction | int) -> float:
    """A number without rounding; it takes part in the same arithmetic as a float."""
    return cast(float, Fraction(number))


fractions = st.builds(
    lambda n, d: exact(Fraction(n, d)),
    st.sampled_from([1, 2, 3, 7, 40]),
    st.sampled_from([1, 3, 7]),
)
gaps = st.sampled_from([Fraction(0), Fraction(0), Fraction(1, 9), Fraction(1), Fraction(5)]).map(
    exact
)


@dataclass(frozen=True)
class Step:
    """`take` asks for now, `book` waits its turn, `other` has to wait for another gate longer,
    `back` gives a part of an earlier call back, `cap` and `share` come from outside."""

    kind: str
    gap: float
    weight: float
    pick: int


def steps_of(*kinds: str) -> st.SearchStrategy[list[Step]]:
    one = st.builds(
        Step,
        kind=st.sampled_from(kinds),
        gap=gaps,
        weight=st.integers(1, 4).map(exact),
        pick=st.integers(0, 99),
    )
    return st.lists(one, min_size=2, max_size=40)


everything = steps_of("take", "book", "other", "back") | steps_of(
    "take", "take", "book", "other", "back", "cap", "share"
)


class Street:
    """Callers at a limiter, and what was let through when."""

    def __init__(self, limiter: Limiter) -> None:
        self.limiter = limiter
        self.now = exact(100)
        self.let_through: list[tuple[float, float]] = []  # when, what it weighed in truth
        self.booked: list[float] = []
        self.given_back: set[int] = set()

    def do(self, step: Step) -> None:
        self.now += step.gap
        limiter, weight = self.limiter, step.weight
        if step.kind == "take":
            may = limiter.earliest(self.now, weight) <= self.now
            assert limiter.take(self.now, weight) == may
            if may:
                self.note(self.now, weight)
        elif step.kind in ("book", "other"):
            at = limiter.earliest(self.now, weight)
            if at < inf:
                at += 1 + step.pick % 3 if step.kind == "other" else 0
                limiter.book(at, weight)
                self.note(at, weight)
        elif step.kind == "back" and self.let_through:
            self.give_back(step)
        elif step.kind == "cap":
            limiter.cap(self.now, weight - exact(Fraction(1, 2)))
        elif step.kind == "share":
            limiter.share(self.now, 1 + step.pick % 3)

    def give_back(self, step: Step) -> None:
        """A call that began may turn out lighter than it was thought. It says so once."""
        index = step.pick % len(self.let_through)
        at, weight = self.let_through[index]
        if at <= self.now and index not in self.given_back:
            self.given_back.add(index)
            true = max(exact(0), weight - step.weight)
            self.limiter.amend(self.now, weight, true, at)
            self.let_through[index] = (at, true)

    def note(self, at: float, weight: float) -> None:
        self.let_through.append((at, weight))
        self.booked.append(at)

    def spans(self) -> list[tuple[float, float, float]]:
        """Every span that begins and ends with a call: its length, its weight, the weight of
        the last call in it."""
        calls = sorted(self.let_through)
        found = []
        for begin in range(len(calls)):
            weight = exact(0)
            for end in range(begin, len(calls)):
                weight += calls[end][1]
                found.append((calls[end][0] - calls[begin][0], weight, calls[end][1]))
        return found


@pytest.mark.parametrize("make", BURSTY)
@given(rate=fractions, per_s=fractions, burst=st.integers(4, 9).map(exact), todo=everything)
def test_no_span_ever_holds_more_than_the_burst_and_the_rate(
    make: Make, rate: float, per_s: float, burst: float, todo: list[Step]
) -> None:
    """However callers come and wait, whatever they give back. Exact, without a tolerance."""
    street = Street(make(rate, per_s, burst))
    for step in todo:
        street.do(step)
    for length, weight, _ in street.spans():
        assert weight <= burst + rate / per_s * length


@given(rate=fractions, per_s=fractions, depth=st.integers(1, 9).map(exact), todo=everything)
def test_a_leaky_bucket_lets_nothing_through_at_once(
    rate: float, per_s: float, depth: float, todo: list[Step]
) -> None:
    """Each call has the bucket to itself for as long as it weighs."""
    street = Street(LeakyBucket(rate, per_s, depth))
    for step in todo:
        street.do(step)
    for length, weight, last in street.spans():
        assert weight - last <= rate / per_s * length


@given(limit=st.integers(4, 9).map(exact), per_s=fractions, todo=everything)
def test_no_window_ever_holds_more_than_its_limit(
    limit: float, per_s: float, todo: list[Step]
) -> None:
    """Wherever a window of `per_s` is laid, its end not included."""
    street = Street(SlidingWindow(limit, per_s, exact(1)))
    for step in todo:
        street.do(step)
    for length, weight, _ in street.spans():
        if length < per_s:
            assert weight <= limit


@pytest.mark.parametrize("make", ALL)
@settings(max_examples=50)
@given(rate=fractions, burst=st.integers(4, 9).map(exact), todo=everything)
def test_nobody_overtakes(make: Make, rate: float, burst: float, todo: list[Step]) -> None:
    """A turn is never earlier than one that was given out before: first come, first served,
    heavy callers and those who have to wait for another gate included."""
    street = Street(make(rate if make is not SlidingWindow else burst, exact(1), burst))
    for step in todo:
        street.do(step)
    assert street.booked == sorted(street.booked)


@pytest.mark.parametrize("make", ALL)
@settings(max_examples=50)
@given(
    rate=fractions, burst=st.integers(4, 9).map(exact), todo=everything, weight=st.integers(1, 4)
)
def test_what_is_promised_for_later_is_kept(
    make: Make, rate: float, burst: float, todo: list[Step], weight: int
) -> None:
    """Whoever asks again at the moment he was told gets his turn then, if nobody else came."""
    street = Street(make(rate if make is not SlidingWindow else burst, exact(1), burst))
    for step in todo:
        street.do(step)
    limiter = street.limiter
    at = limiter.earliest(street.now, exact(weight))
    if at == inf:
        opens = limiter.opens(street.now, exact(weight))
        assert opens > street.now
        if opens < inf:
            assert limiter.earliest(opens, exact(weight)) < inf
    else:
        assert at >= street.now
        assert limiter.earliest(at, exact(weight)) == at
        assert limiter.take(at, exact(weight))


@pytest.mark.parametrize("make", ALL)
@settings(max_examples=50)
@given(rate=fractions, burst=st.integers(4, 9).map(exact), todo=everything, left=st.integers(0, 9))
def test_a_cap_only_tightens(
    make: Make, rate: float, burst: float, todo: list[Step], left: int
) -> None:
    """Afterwards no more is available than the service says, nor more than before, and no
    turn comes earlier."""
    street = Street(make(rate if make is not SlidingWindow else burst, exact(1), burst))
    for step in todo:
        street.do(step)
    limiter, now = street.limiter, street.now
    before, turn = limiter.available(now), limiter.earliest(now, exact(1))
    limiter.cap(now, exact(left))
    if make is not LeakyBucket or left == 0:  # of which never more than one is available
        assert limiter.available(now) <= min(before, left) + 1e-9
    assert limiter.earliest(now, exact(1)) >= turn - 1e-9


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("parts", [0, 1, 2, 3])
def test_a_share_is_an_equal_part_of_the_rate(make: Make, parts: int) -> None:
    """Of 60 a minute each of three processes has 20; one that is alone again has all."""
    limiter = make(60, 60.0, 1.0)
    limiter.share(0.0, 7)
    limiter.share(0.0, parts)
    now = 0.0
    for _ in range(61):
        now = limiter.earliest(now, 1.0)
        limiter.book(now, 1.0)
    assert now == pytest.approx(60.0 * max(1, parts))


@pytest.mark.parametrize("make", BURSTY)
def test_a_share_changes_what_comes_and_not_what_was(make: Make) -> None:
    """What was used stays used when another process comes, and what it was slower at is not
    made up for when it goes."""
    limiter = make(1.0, 1.0, 10.0)
    assert limiter.take(0.0, 10.0)
    limiter.share(0.0, 10)
    assert limiter.available(0.0) == 0
    assert limiter.available(5.0) == pytest.approx(0.5)
    limiter.share(5.0, 1)
    assert limiter.available(5.0) == pytest.approx(0.5)
    assert limiter.available(6.0) == pytest.approx(1.5)


def test_a_turn_given_out_before_the_share_changed_is_not_doubled() -> None:
    """Two seconds apart, then one: nobody starts beside the one who waits for the old turn."""
    limiter = LeakyBucket(1.0, 1.0, 5.0)
    limiter.share(0.0, 2)
    limiter.book(0.0, 1.0)
    limiter.book(2.0, 1.0)
    limiter.share(0.0, 1)
    assert limiter.earliest(0.0, 1.0) == 3.0


def polled(limiter: Limiter, seconds: int) -> int:
    """What somebody gets who looks once a second and takes what he can."""
    got = 0
    for second in range(seconds):
        while limiter.take(float(second), 1.0):
            got += 1
    return got


@pytest.mark.parametrize("make", [Gcra, TokenBucket, SlidingWindow])
@pytest.mark.parametrize("per_minute", [45, 40, 90, 7])
def test_a_rate_between_whole_seconds_is_kept(make: Make, per_minute: int) -> None:
    """45 a minute, polled each second, give 45 a minute and not 30: no fraction of a call is
    thrown away."""
    minutes = 60
    got = polled(make(per_minute, 60.0, 3.0), minutes * 60)
    assert minutes * per_minute - 1 <= got <= minutes * per_minute + 3


@pytest.mark.parametrize("make", BURSTY)
@pytest.mark.parametrize("per_hour", [0.5, 5, 60, 61, 3599])
def test_a_slow_rate_is_exact_over_hours(make: Make, per_hour: float) -> None:
    """Every turn of a hundred lies where it belongs, to a millionth of a second."""
    limiter = make(per_hour, 3600.0, 1.0)
    begun = now = 12_345.678
    for number in range(100):
        now = limiter.earliest(now, 1.0)
        assert now - begun == pytest.approx(number * 3600 / per_hour, abs=1e-6)
        limiter.book(now, 1.0)


@pytest.mark.parametrize("make", ALL)
def test_a_quiet_year_saves_nothing_up(make: Make) -> None:
    """The burst, and no more, goes at once after it."""
    limiter = make(3.0, 1.0, 3.0)
    assert limiter.take(0.0, 1.0)
    year = 365 * 86_400.0
    assert limiter.available(year) == (1 if make is LeakyBucket else 3)
    at_once = sum(limiter.take(year, 1.0) for _ in range(10))
    assert at_once == (1 if make is LeakyBucket else 3)


@pytest.mark.parametrize("make", ALL)
def test_asking_changes_nothing(make: Make) -> None:
    limiter = make(4.0, 1.0, 4.0)
    limiter.book(limiter.earliest(10.0, 2.0), 2.0)
    looks = [(limiter.earliest(10.1, 1.0), limiter.available(10.1)) for _ in range(5)]
    assert len(set(looks)) == 1


@pytest.mark.parametrize("make", [Gcra, SlidingWindow])
def test_what_can_never_pass_is_told_at_once(make: Make) -> None:
    """Heavier than all there ever is at once: no waiting helps."""
    limiter = make(4.0, 1.0, 4.0)
    assert limiter.earliest(0.0, 4.0) == 0.0
    assert limiter.earliest(0.0, 4.5) == inf
    assert limiter.opens(0.0, 4.5) == inf
    assert not limiter.take(0.0, 4.5)


def test_a_token_bucket_takes_the_heaviest_and_pays_it_off() -> None:
    """Ten from a bucket of four: it needs a full one, and those behind wait for the debt."""
    limiter = TokenBucket(2.0, 1.0, 4.0)
    assert limiter.take(0.0, 1.0)
    assert limiter.earliest(0.0, 10.0) == 0.5
    limiter.book(0.5, 10.0)
    assert limiter.available(0.5) == 0
    assert limiter.earliest(0.5, 1.0) == 0.5 + 7 / 2


def test_a_leaky_bucket_says_when_it_has_room_again() -> None:
    """So many wait and no more; whoever is sent away is told when to come back, for waiting
    does help."""
    limiter = LeakyBucket(2.0, 1.0, 3.0)
    for expected in (0.0, 0.5, 1.0, 1.5):
        at = limiter.earliest(0.0, 1.0)
        assert at == expected
        limiter.book(at, 1.0)
    assert limiter.earliest(0.0, 1.0) == inf
    assert limiter.opens(0.0, 1.0) == 0.5
    assert limiter.earliest(0.5, 1.0) == 2.0


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("idle_s", [0.0, 50.0])
def test_a_call_that_weighed_more_is_charged(make: Make, idle_s: float) -> None:
    """From the moment that is known: also where the bucket was full again by then."""
    limiter = make(10.0, 10.0, 10.0)
    assert limiter.take(0.0, 1.0)
    limiter.amend(idle_s, 1.0, 6.0, 0.0)
    if make is LeakyBucket:
        assert limiter.earliest(idle_s, 1.0) == idle_s + (5.0 if idle_s else 6.0)
    else:
        assert limiter.available(idle_s) == (5.0 if idle_s else 4.0)


@pytest.mark.parametrize("make", [Gcra, TokenBucket, SlidingWindow])
def test_a_call_that_weighed_less_gives_the_rest_back(make: Make) -> None:
    limiter = make(10.0, 10.0, 10.0)
    assert limiter.take(0.0, 8.0)
    limiter.amend(1.0, 8.0, 2.0, 0.0)
    assert limiter.available(1.0) == pytest.approx(9 if make is not SlidingWindow else 8)


@pytest.mark.parametrize("make", [Gcra, TokenBucket, SlidingWindow])
def test_time_and_the_caller_do_not_give_back_the_same_twice(make: Make) -> None:
    """The bucket was full again, and another call emptied it, before the first one says that
    it needed less: nothing is left for a third."""
    limiter = make(10.0, 10.0, 10.0)
    assert limiter.take(0.0, 10.0)
    assert limiter.take(50.0, 10.0)
    limiter.amend(50.0, 10.0, 0.0, 0.0)
    assert limiter.available(50.0) == 0


@pytest.mark.parametrize("make", [Gcra, TokenBucket, SlidingWindow])
def test_what_a_cap_took_is_not_given_back(make: Make) -> None:
    """The service counted the call that was under way, whatever we thought it weighs."""
    limiter = make(10.0, 10.0, 10.0)
    assert limiter.take(0.0, 8.0)
    limiter.cap(1.0, 0.0)
    limiter.amend(1.0, 8.0, 0.0, 0.0)
    assert limiter.available(1.0) == 0


def test_a_sliding_window_counts_exactly_at_its_edge() -> None:
    """What happened `per_s` ago has just left; what happened a hair later is still in."""
    limiter = SlidingWindow(2.0, 10.0)
    assert limiter.take(0.0, 1.0)
    assert limiter.take(0.5, 1.0)
    assert not limiter.take(9.999, 1.0)
    assert limiter.earliest(9.999, 1.0) == 10.0
    assert limiter.available(10.0) == 1
    assert limiter.take(10.0, 1.0)
    assert limiter.earliest(10.0, 1.0) == 10.5
    assert limiter.earliest(10.0, 2.0) == 20.0


def test_fifty_callers_at_once_get_fifty_turns_in_a_row() -> None:
    """Each sleeps once, for as long as it was told."""
    limiter = Gcra(10.0)
    turns = []
    for _ in range(50):
        turns.append(limiter.earliest(0.0, 1.0))
        limiter.book(turns[-1], 1.0)
    assert turns == pytest.approx([number / 10 for number in range(50)])
    assert all(later > earlier for earlier, later in itertools.pairwise(turns))


def test_the_table_names_them_all() -> None:
    assert set(ALGORITHMS.values()) == set(ALL)
