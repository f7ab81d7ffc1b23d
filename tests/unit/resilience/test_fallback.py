"""Asking one after another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience.fallback import LAST_GOOD, Answered, LastGood, Tried, first_answer
from resilience.outcomes import CallError, CallFailed, CircuitOpen, Rejected, ShuttingDown
from resilience.testing import START, FakeClock

SOON, LATER = START + timedelta(minutes=1), START + timedelta(hours=1)


class NoWords(Exception):
    """What an origin raises that has no answer."""


def gives(value: str) -> Callable[[], str]:
    return lambda: value


def fails(error: BaseException) -> Callable[[], Any]:
    def call() -> Any:
        raise error

    return call


def never() -> str:
    raise AssertionError("nobody should ask it")


def test_the_first_that_answers_is_the_answer_and_nobody_else_is_asked() -> None:
    assert first_answer([("a", gives("one")), ("b", never)]) == Answered("one", "a")


@pytest.mark.parametrize(
    "error",
    [CallFailed("a", "HTTP 500"), CircuitOpen("a", "open", SOON), Rejected("a", "off")],
)
def test_a_call_that_gave_nothing_leads_to_the_next(error: CallError) -> None:
    found = first_answer([("a", fails(error)), ("b", gives("two"))])
    assert found == Answered("two", "b", degraded=True, tried=(Tried("a", error),))


def test_what_is_no_call_error_passes_through_unless_it_is_named() -> None:
    """A mistake of our own must not be hidden behind the next origin's bill."""
    steps = [("a", fails(NoWords("cut off"))), ("b", gives("two"))]
    with pytest.raises(NoWords):
        first_answer(steps)
    assert first_answer(steps, also=(NoWords,)).origin == "b"


def test_a_process_that_stops_asks_nobody_else(clock: FakeClock) -> None:
    """Not even for what it has kept."""
    kept: LastGood[str] = LastGood(clock, 60)
    kept.keep("old")
    with pytest.raises(ShuttingDown):
        first_answer([("a", fails(ShuttingDown("a", "stopping"))), ("b", never)], last_good=kept)


def test_when_nobody_answers_the_last_error_says_when_the_first_of_them_may() -> None:
    last = CallFailed("b", "limit", retry_at=LATER)
    steps = [("a", fails(CircuitOpen("a", "open", SOON))), ("b", fails(last))]
    with pytest.raises(CallFailed) as raised:
        first_answer(steps)
    assert raised.value is last
    assert last.retry_at == SOON


def test_when_nobody_says_when_nobody_knows() -> None:
    with pytest.raises(CallFailed) as raised:
        first_answer([("a", fails(CallFailed("a", "HTTP 500")))])
    assert raised.value.retry_at is None


def test_an_empty_chain_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="nobody to ask"):
        first_answer([])


def test_what_was_good_before_stands_in_and_says_so(clock: FakeClock) -> None:
    kept: LastGood[str] = LastGood(clock, max_age_s=60)
    assert first_answer([("a", gives("one"))], last_good=kept).origin == "a"
    clock.advance(60)
    error = CallFailed("a", "HTTP 500", retry_at=SOON)
    found = first_answer([("a", fails(error))], last_good=kept)
    assert found == Answered("one", LAST_GOOD, True, (Tried("a", error),), age_s=60)
    assert found.retry_at == SOON
    clock.advance(1)
    with pytest.raises(CallFailed):
        first_answer([("a", fails(error))], last_good=kept)


def test_standing_in_does_not_make_it_younger(clock: FakeClock) -> None:
    kept: LastGood[str] = LastGood(clock, max_age_s=10)
    kept.keep("one")
    down = [("a", fails(CallFailed("a", "down")))]
    clock.advance(6)
    assert first_answer(down, last_good=kept).value == "one"
    clock.advance(6)
    with pytest.raises(CallFailed):
        first_answer(down, last_good=kept)


def test_a_clock_set_back_keeps_nothing_longer(clock: FakeClock) -> None:
    """Ages are monotonic."""
    kept: LastGood[str] = LastGood(clock, max_age_s=10)
    kept.keep("one")
    clock.advance(11)
    clock.set_back(3600)
    assert kept.recall() is None


def test_a_kept_none_is_an_answer(clock: FakeClock) -> None:
    kept: LastGood[None] = LastGood(clock, max_age_s=10)
    kept.keep(None)
    assert kept.recall() == (None, 0.0)
    kept.forget()
    assert kept.recall() is None


@pytest.mark.parametrize("age_s", [0, -1, float("nan")])
def test_an_age_that_makes_no_sense_is_refused(clock: FakeClock, age_s: float) -> None:
    with pytest.raises(ValueError, match="max_age_s"):
        LastGood(clock, age_s)


def test_many_threads_share_what_is_kept(clock: FakeClock) -> None:
    """Nobody sees half of a value, whoever writes meanwhile."""
    kept: LastGood[tuple[int, int]] = LastGood(clock, max_age_s=60)
    kept.keep((0, 0))
    seen: list[tuple[int, int]] = []

    def work(number: int) -> None:
        for turn in range(200):
            if turn % 2:
                kept.keep((number, number))
            seen.append(first_answer([("a", fails(CallFailed("a", "x")))], last_good=kept).value)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 1600
    assert all(left == right for left, right in seen)


MOMENTS = st.none() | st.integers(0, 1000).map(lambda s: START + timedelta(seconds=s))


@given(st.lists(MOMENTS, min_size=1, max_size=6), st.booleans())
def test_the_order_decides_who_answers_and_never_when(
    moments: list[datetime | None], someone_answers: bool
) -> None:
    """Whatever the errors say: all before the answer were asked once, in order, and the
    moment is the earliest that was said."""
    asked: list[str] = []

    def step(name: str, moment: datetime | None) -> Callable[[], str]:
        def call() -> str:
            asked.append(name)
            raise CallFailed(name, "down", retry_at=moment)

        return call

    steps = [(str(i), step(str(i), moment)) for i, moment in enumerate(moments)]
    said = min((m for m in moments if m is not None), default=None)
    if someone_answers:
        found = first_answer([*steps, ("last", gives("here"))])
        assert (found.value, found.origin, found.retry_at) == ("here", "last", said)
        assert [one.origin for one in found.tried] == asked
    else:
        with pytest.raises(CallFailed) as raised:
            first_answer(steps)
        assert raised.value.service == str(len(moments) - 1)
        assert raised.value.retry_at == said
    assert asked == [name for name, _ in steps]
