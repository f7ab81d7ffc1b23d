"""When a job is due: nominal local times, and the instants they fall on.

A slot is a wall-clock time on a date ("2026-11-22T07:00"), not an instant, so that it can
be named, decided once and looked up later. The instant follows from the zone: where
autumn repeats the hour, the first; where spring skips it, the first moment that exists
again. Every date has its slot, in every zone and year; nothing is skipped or doubled.

Pure: no clock, no database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_AT = re.compile(r"(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?([01]\d|2[0-3]):([0-5]\d)")
_SLOT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")


@dataclass(frozen=True)
class Schedule:
    """Every day at `at`, or every `weekday` (0 is Monday), as clocks in `zone` show it."""

    at: time
    zone: ZoneInfo
    weekday: int | None = None

    def __str__(self) -> str:
        day = "" if self.weekday is None else f"{WEEKDAYS[self.weekday]} "
        return f"{day}{self.at:%H:%M} {self.zone.key}"


@dataclass(frozen=True, order=True)
class Slot:
    due_at: datetime  # aware UTC
    name: str  # nominal local date and time


def parse(at: str, zone: str) -> Schedule:
    """From "07:00" or "Mon 08:00". Raises ValueError, ZoneInfoNotFoundError."""
    match = _AT.fullmatch(at)
    if match is None:
        raise ValueError(f'{at!r} is no schedule: write it as "07:00" or "Mon 08:00"')
    day, hour, minute = match.groups()
    weekday = None if day is None else WEEKDAYS.index(day)
    return Schedule(time(int(hour), int(minute)), ZoneInfo(zone), weekday)


def is_slot(name: str) -> bool:
    """Whether it is a schedule's slot; a run by hand ("manual:...") has a name of its own."""
    return _SLOT.fullmatch(name) is not None


def slots_between(
    schedule: Schedule, after: datetime, until: datetime, *, after_slot: str | None = None
) -> Iterator[Slot]:
    """The slots due in (after, until], oldest first.

    `after_slot`: the last one already decided. With it `after` only says where to begin
    looking: slots are then told apart by name, because where a whole day vanished from the
    calendar two of them are due at one instant.
    """
    day = after.astimezone(schedule.zone).date() - timedelta(days=2)
    last = until.astimezone(schedule.zone).date() + timedelta(days=1)
    while day <= last:
        slot = slot_of(schedule, day)
        if slot is not None and slot.due_at <= until:
            is_new = slot.due_at > after if after_slot is None else slot.name > after_slot
            if is_new:
                yield slot
        day += timedelta(days=1)


def slot_of(schedule: Schedule, day: date) -> Slot | None:
    """The slot of one date, None if the schedule has none on that weekday."""
    if schedule.weekday is not None and day.weekday() != schedule.weekday:
        return None
    nominal = datetime.combine(day, schedule.at)
    return Slot(first_instant(nominal, schedule.zone), f"{nominal:%Y-%m-%dT%H:%M}")


def latest_slot(schedule: Schedule, until: datetime) -> Slot:
    """The newest slot due at or before `until`."""
    *_, slot = slots_between(schedule, until - timedelta(days=8), until)
    return slot


def next_slot(schedule: Schedule, after: datetime) -> Slot:
    """The first slot due after that instant."""
    return next(slots_between(schedule, after, after + timedelta(days=9)))


def instants(nominal: datetime, zone: ZoneInfo) -> list[datetime]:
    """Every instant at which clocks in `zone` show `nominal`: one, two in a repeated hour, none
    in one that is skipped."""
    folds = (nominal.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return sorted({at for at in folds if at.astimezone(zone).replace(tzinfo=None) == nominal})


def first_instant(nominal: datetime, zone: ZoneInfo) -> datetime:
    """When clocks in `zone` first show `nominal`, or first show a later time."""
    first = nominal.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == nominal:
        return first
    # The time was skipped. Read with the offset from before the change it lies after the
    # change, with the one from after it lies before: the change itself is in between.
    early = nominal.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return change_between(early, first, zone)


def change_between(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """The instant, to the second, at which the zone's offset becomes what it is at `late`."""
    after = late.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == after:
            late = middle
        else:
            early = middle
    return late
