"""The slots that are expected: each minute that was configured, until it is decided."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from chaos.house import SHIPPED, House, jobs_in
from chaos.schedule import SlotKeeper
from resilience.outcomes import CallFailed
from resilience.testing import FakeClock
from storage.aftermath import Aftermath, SlotFound

JOBS = jobs_in(SHIPPED.read_text(encoding="utf-8"))


class Ground:
    """Stands in for the house (what it was configured for) and for the database."""

    def __init__(self) -> None:
        self.clock = FakeClock(datetime(2026, 11, 22, 12, 0, 10, tzinfo=UTC))
        self.minutes: list[str] = []
        self.found: list[SlotFound] = []
        self.is_away = False
        self.keeper = SlotKeeper(
            cast(House, self), cast(Aftermath, self), 20, cast(Any, self.clock)
        )

    def configure(self, at: datetime, shops: int) -> None:
        self.minutes.append(f"{at:%H:%M}")

    def slots(self) -> list[SlotFound]:
        if self.is_away:
            raise CallFailed("database", "away")
        return self.found

    def decide(self, minute: str, *jobs: str) -> None:
        for job in jobs or JOBS:
            slot = f"2026-11-22T{minute}"
            self.found.append(SlotFound(job, slot, True, "succeeded", "", "", 1))

    def passes(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.keeper.look()


@pytest.fixture
def ground() -> Ground:
    return Ground()


def test_the_next_minute_comes_when_this_one_is_decided(ground: Ground) -> None:
    """Of every job; until then it stays, and nothing more is expected."""
    assert ground.minutes == ["12:01"]
    assert ground.keeper.expected() == []
    ground.passes(55)
    assert ground.keeper.expected() == [(job, "2026-11-22T12:01") for job in JOBS]
    ground.decide("12:01", *JOBS[1:])
    ground.passes(5)
    assert ground.minutes == ["12:01"]
    ground.decide("12:01", JOBS[0])
    ground.passes(5)
    assert ground.minutes == ["12:01", "12:02"]


def test_a_slot_that_nobody_decides_is_still_expected(ground: Ground) -> None:
    """After three minutes another is set, but the verdict will ask for the first."""
    for _ in range(50):
        ground.passes(5)
    assert ground.minutes == ["12:01", "12:05"]
    assert (JOBS[0], "2026-11-22T12:01") in ground.keeper.expected()
    assert not ground.keeper.is_settled()


def test_a_minute_that_is_nearly_over_is_too_near(ground: Ground) -> None:
    """Whoever starts now would come too late to read it as the next."""
    ground.passes(45)
    ground.decide("12:01")
    ground.passes(59)
    assert ground.minutes == ["12:01", "12:03"]


def test_a_database_that_is_away_decides_nothing(ground: Ground) -> None:
    ground.decide("12:01")
    ground.is_away = True
    ground.passes(60)
    assert ground.minutes == ["12:01"]


def test_the_last_minute_is_still_to_come(ground: Ground) -> None:
    """And none after it; settled is what has come and is decided."""
    ground.passes(55)
    assert f"{ground.keeper.last():%H:%M}" == "12:02"
    ground.decide("12:01")
    ground.decide("12:02")
    assert not ground.keeper.is_settled()
    ground.passes(120)
    assert ground.minutes == ["12:01", "12:02"]
    assert (JOBS[0], "2026-11-22T12:02") in ground.keeper.expected()
