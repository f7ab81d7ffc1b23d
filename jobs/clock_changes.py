"""What the changes of clocks do to slots, and what they would do to a plain cron.

A plain cron runs a job at every instant at which the clock on the wall shows its time: never in
an hour that is skipped, twice in one that is repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from jobs.slots import Schedule, Slot, change_between, instants, slot_of

DAY = timedelta(days=1)
LOOK = timedelta(hours=6)  # no zone changes its clocks twice in so short a time


@dataclass(frozen=True)
class ClockChange:
    """At `at` the clocks of a zone go from `before` to `after` (both as they are shown)."""

    at: datetime
    before: datetime
    after: datetime

    @property
    def by(self) -> timedelta:
        """Positive: a time is skipped; negative: one comes twice."""
        return self.after - self.before


@dataclass(frozen=True)
class Touched:
    """A slot whose nominal time is skipped (`cron_runs` 0) or comes twice (2)."""

    slot: Slot
    cron_runs: int
    cron_at: tuple[datetime, ...]

    @property
    def is_skipped(self) -> bool:
        return not self.cron_runs


def changes(zone: ZoneInfo, year: int) -> Iterator[ClockChange]:
    """Of one year, as the zone's own clocks count it."""
    at = datetime(year, 1, 1, tzinfo=UTC) - DAY
    end = datetime(year + 1, 1, 1, tzinfo=UTC) + DAY
    while at < end:
        until = at + LOOK
        if at.astimezone(zone).utcoffset() != until.astimezone(zone).utcoffset():
            change = _change(at, until, zone)
            if change.before.year == year or change.after.year == year:
                yield change
        at = until


def _change(early: datetime, late: datetime, zone: ZoneInfo) -> ClockChange:
    old = early.astimezone(zone).utcoffset()
    new = late.astimezone(zone).utcoffset()
    at = change_between(early, late, zone)
    naive = at.replace(tzinfo=None)
    return ClockChange(at, naive + (old or timedelta(0)), naive + (new or timedelta(0)))


def touched(schedule: Schedule, day: date) -> Touched | None:
    """What a change of clocks does to the slot of that day; None if nothing."""
    slot = slot_of(schedule, day)
    if slot is None:
        return None
    shown = instants(datetime.combine(day, schedule.at), schedule.zone)
    return None if len(shown) == 1 else Touched(slot, len(shown), tuple(shown))


def touched_in(schedule: Schedule, year: int) -> list[Touched]:
    """Every slot of the year that a change of clocks touches, in order."""
    first, days = date(year, 1, 1), (date(year + 1, 1, 1) - date(year, 1, 1)).days
    found = (touched(schedule, first + n * DAY) for n in range(days))
    return [one for one in found if one is not None]
