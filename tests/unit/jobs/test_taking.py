"""Work is taken when there is word of it, when a hand comes free, and now and then besides."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from jobs.taking import MOST_AHEAD, Hands, Taker
from resilience.clock import SystemClock
from resilience.testing import FakeClock

PATIENCE_S = 10.0
NEVER_S = 3600.0


class Queue:
    """Something to take from; each look is counted."""

    def __init__(self) -> None:
        self.looks = threading.Semaphore(0)
        self.errors: list[Exception] = []
        self.waiting = 0

    def take(self) -> int:
        error = self.errors.pop(0) if self.errors else None
        taken, self.waiting = self.waiting, 0
        self.looks.release()
        if error is not None:
            raise error
        return taken

    def was_looked_at(self) -> bool:
        return self.looks.acquire(timeout=PATIENCE_S)

    def is_left_alone(self) -> bool:
        return not self.looks.acquire(timeout=0.2)


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.fixture
def taker(queue: Queue) -> Iterator[Taker]:
    """One that looks when it is woken, and else as good as never."""
    taker = Taker("documents", queue.take, lambda: NEVER_S, SystemClock())
    taker.start()
    assert queue.was_looked_at()
    yield taker
    taker.stop()


def test_it_looks_at_once_when_woken_and_not_before(queue: Queue, taker: Taker) -> None:
    assert queue.is_left_alone()
    taker.wake()
    assert queue.was_looked_at()
    assert queue.is_left_alone()


def test_a_burst_of_news_is_few_looks(queue: Queue, taker: Taker) -> None:
    """Five hundred documents are put one by one: hands that are full need not hear of each."""
    for _ in range(500):
        taker.wake()
    assert queue.was_looked_at()
    looks = 1
    while not queue.is_left_alone():
        looks += 1
    assert looks <= 3


def test_word_that_is_lost_costs_one_pause(queue: Queue) -> None:
    taker = Taker("documents", queue.take, lambda: 0.01, SystemClock())
    taker.start()
    assert all(queue.was_looked_at() for _ in range(3))
    taker.stop()


def test_a_database_that_is_away_is_told_of_once(
    queue: Queue, taker: Taker, caplog: pytest.LogCaptureFixture
) -> None:
    """And again when it is back; the thread lives on."""
    with caplog.at_level(logging.INFO, logger="jobs.taking"):
        queue.errors = [OSError("gone\nwith details"), OSError("gone"), OSError("gone")]
        for _ in range(4):
            taker.wake()
            assert queue.was_looked_at()
        taker.stop()
    assert [record.getMessage() for record in caplog.records] == [
        "no work can be taken from the queue documents: gone",
        "work is taken from the queue documents again",
    ]


def test_one_that_was_never_started_can_be_stopped(queue: Queue) -> None:
    """The database went away between making it and starting it: that is what must be told."""
    Taker("documents", queue.take, lambda: 0.1, SystemClock()).stop()


def test_it_stops_at_once_and_twice(queue: Queue, taker: Taker) -> None:
    taker.stop()
    taker.stop()
    assert queue.is_left_alone()


class TestHands:
    def test_what_is_held_takes_room_until_its_function_ends(self) -> None:
        free: list[str] = []
        hands = Hands({"documents": 2, "jobs": 1}, free.append)
        first = hands.take("documents", "a")
        hands.take("documents", "b")
        assert (hands.room("documents"), hands.room("jobs")) == (0, 1)
        hands.let_go(first)
        assert free == ["documents"]
        assert hands.room("documents") == 1
        assert hands.holds() == {"b": 1}

    def test_the_end_of_what_began_is_counted_once(self) -> None:
        free: list[str] = []
        hands = Hands({"q": 2}, free.append)
        first, _ = hands.take("q", "a"), hands.take("q", "b")
        hands.let_go(first)
        hands.let_go(first)
        assert free == ["q"]
        assert hands.room("q") == 1

    def test_the_same_work_may_be_held_twice(self) -> None:
        """It was taken away and came back, while its elder run does not know yet."""
        hands = Hands({"q": 2}, lambda queue: None)
        elder, younger = hands.take("q", "a"), hands.take("q", "a")
        assert hands.room("q") == 0
        assert hands.holds() == {"a": 2}
        hands.let_go(elder)
        assert hands.room("q") == 1
        hands.let_go(younger)
        assert hands.room("q") == 2

    def test_of_what_takes_a_moment_more_is_taken_than_there_are_hands(self) -> None:
        """Two hands do ten pieces of 10 ms in the time another process may have to wait."""
        hands = Hands({"q": 2, "other": 2}, lambda queue: None)
        hands.let_go(hands.take("q", "a"), took_s=0.01)
        assert hands.room("q") == 2 + 10
        assert hands.room("other") == 2
        for _ in range(100):
            hands.let_go(hands.take("q", "a"), took_s=0.0)
        assert hands.room("q") == 2 + MOST_AHEAD

    def test_of_what_takes_long_no_more_is_taken_than_there_are_hands(self) -> None:
        hands = Hands({"q": 4}, lambda queue: None)
        hands.let_go(hands.take("q", "a"), took_s=0.001)
        for _ in range(100):
            hands.let_go(hands.take("q", "a"), took_s=0.25)
        assert hands.room("q") == 4

    def test_more_is_taken_when_half_of_what_was_ahead_is_begun(self) -> None:
        """A look for each piece would cost more than the piece."""
        told: list[str] = []
        hands = Hands({"q": 2}, told.append)
        hands.let_go(hands.take("q", "a"), took_s=0.01)
        holds = [hands.take("q", str(number)) for number in range(12)]
        told.clear()
        for hold in holds[:4]:
            hands.let_go(hold, took_s=0.01)
        assert told == []
        hands.let_go(holds[4], took_s=0.01)
        assert told == ["q"]

    def test_whoever_stops_waits_for_the_last(self) -> None:
        hands = Hands({"q": 1}, lambda queue: None)
        hold = hands.take("q", "a")
        assert not hands.wait_until_empty(0.01)
        threading.Timer(0.05, lambda: hands.let_go(hold)).start()
        assert hands.wait_until_empty(PATIENCE_S)


def test_a_taker_is_a_loop_that_must_come_round() -> None:
    """By its last look, and one that hangs in a look has had none; nor is an ended one alive."""
    clock, inside, on = FakeClock(), threading.Event(), threading.Event()

    def take() -> int:
        inside.set()
        on.wait(PATIENCE_S)
        return 1

    taker = Taker("documents", take, lambda: NEVER_S, clock)
    assert taker.loop() is None
    taker.start()
    assert inside.wait(PATIENCE_S)
    clock.advance(30)
    loop = taker.loop()
    assert loop is not None
    assert (loop.quiet_s, loop.every_s, loop.lives) == (30, NEVER_S, True)
    on.set()
    taker.stop()
    ended = taker.loop()
    assert ended is not None
    assert (ended.quiet_s, ended.lives) == (0, False)


def test_what_is_done_is_counted_without_what_was_claimed_ahead() -> None:
    hands = Hands({"documents": 2, "jobs": 3}, lambda queue: None)
    for number in range(5):
        hands.take("documents", str(number))
    assert hands.by_queue() == {"documents": 2, "jobs": 0}
