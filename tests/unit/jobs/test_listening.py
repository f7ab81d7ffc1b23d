"""Whoever is told runs at once; whatever goes wrong, the tick remains."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Collection

import pytest

from jobs.listening import Listener
from tests.unit.jobs.command_doubles import away

PATIENCE_S = 10.0


class Bell:
    """Rings when the test says so; raises what it is given."""

    def __init__(self) -> None:
        self.rings: queue.Queue[bool | Exception] = queue.Queue()
        self.closed = threading.Event()

    def wait(self, timeout_s: float) -> bool:
        ring = self.rings.get(timeout=PATIENCE_S)
        if isinstance(ring, Exception):
            raise ring
        return ring

    def news(self) -> dict[str, set[str]]:
        return {"orders": {"7"}}

    def close(self) -> None:
        self.closed.set()
        self.rings.put(False)


class Runs:
    def __init__(self) -> None:
        self.errors: list[Exception] = []
        self.payloads: list[Collection[str]] = []
        self.count = threading.Semaphore(0)

    def __call__(self, payloads: Collection[str]) -> None:
        self.payloads.append(payloads)
        self.count.release()
        if self.errors:
            raise self.errors.pop(0)

    def came(self) -> bool:
        return self.count.acquire(timeout=PATIENCE_S)


def test_it_runs_at_each_ring_and_ends_when_told() -> None:
    """A quiet half minute is no ring."""
    bell, runs = Bell(), Runs()
    listener = Listener(bell, {"orders": runs})
    listener.start()
    for ring in (True, False, True):
        bell.rings.put(ring)
    assert runs.came()
    assert runs.came()
    listener.stop()
    listener.stop()
    assert not runs.count.acquire(blocking=False)
    assert bell.closed.is_set()
    assert runs.payloads == [{"7"}, {"7"}]


def test_each_channel_has_its_own_hearer() -> None:
    """And is given what came on it alone."""
    bell, orders, work = Bell(), Runs(), Runs()
    listener = Listener(bell, {"orders": orders, "work": work})
    listener.start()
    bell.rings.put(True)
    assert orders.came()
    listener.stop()
    assert not work.count.acquire(blocking=False)


def test_a_database_that_is_away_does_not_end_it() -> None:
    """It listens on; the order is found when it is back."""
    bell, runs = Bell(), Runs()
    runs.errors = [away()]
    listener = Listener(bell, {"orders": runs})
    listener.start()
    bell.rings.put(True)
    bell.rings.put(True)
    assert runs.came()
    assert runs.came()
    listener.stop()


def test_a_bug_is_told_and_leaves_it_to_the_tick(caplog: pytest.LogCaptureFixture) -> None:
    """A loop of tracebacks would help nobody."""
    bell, runs = Bell(), Runs()
    listener = Listener(bell, {"orders": runs})
    with caplog.at_level(logging.ERROR):
        listener.start()
        bell.rings.put(ValueError("odd"))
        listener.stop()
    assert "the tick goes on" in caplog.text
