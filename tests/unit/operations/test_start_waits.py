"""Since when no start has come through, and whether somebody is to be told of it now."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from operations.start_waits import LASTS, StartWaits
from resilience.testing import FakeClock

MINUTE = timedelta(minutes=1)


@pytest.fixture
def waits(tmp_path: Path, clock: FakeClock) -> StartWaits:
    return StartWaits(tmp_path, clock)


def test_it_is_told_after_an_hour_and_once(waits: StartWaits, clock: FakeClock) -> None:
    began = clock.now()
    assert waits.failed() is None
    clock.advance((LASTS - MINUTE).total_seconds())
    assert waits.failed() is None
    clock.advance(60)
    assert waits.failed() == began
    assert waits.failed() == began, "until it is told"
    waits.told()
    assert waits.failed() is None


def test_one_that_comes_through_ends_it(waits: StartWaits, clock: FakeClock) -> None:
    waits.failed()
    waits.told()
    waits.came_through()
    assert waits.failed() is None
    clock.advance(LASTS.total_seconds())
    assert waits.failed() is not None


def test_a_clock_that_was_ahead_begins_anew(waits: StartWaits, clock: FakeClock) -> None:
    waits.failed()
    clock.set_back(86_400)
    assert waits.failed() is None
    clock.advance(LASTS.total_seconds())
    assert waits.failed() is not None


def test_without_a_folder_nobody_is_told_and_nothing_breaks(clock: FakeClock) -> None:
    nowhere = StartWaits(Path("/proc/1/nowhere"), clock)
    for _ in range(2):
        assert nowhere.failed() is None
        clock.advance(2 * LASTS.total_seconds())
    nowhere.told()
    nowhere.came_through()
