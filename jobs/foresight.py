"""What would run, and what would not: the ticker's rule played ahead, without clock and database.

Played are its own functions (jobs/planning.py). A tick falls on every slot and on every end of
a run, and one on each start of the daemon; the real one comes a few seconds later.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from jobs.catch_up import Decided, Decision
from jobs.planning import OVERTAKEN, Plan, decisions, overtaken, owed
from jobs.slots import Slot, first_instant, latest_slot, slots_between

DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, order=True)
class Down:
    """The daemon is down from `begin` until just before `end`."""

    begin: datetime
    end: datetime

    def covers(self, at: datetime) -> bool:
        return self.begin <= at < self.end


@dataclass(frozen=True)
class Foreseen:
    """What would become of one slot. `decision` None: nobody would be there to decide."""

    job: str
    slot: Slot
    decision: Decision | None
    reason: str
    decided_at: datetime | None = None
    begun_at: datetime | None = None  # for the first time


def every_day(start: time, end: time, first: date, last: date, zone: ZoneInfo) -> Iterator[Down]:
    """Down from `start` to `end` of each day; an end that is not later is one of the next day."""
    day = first - 2 * DAY
    while day <= last + 2 * DAY:
        until = day if end > start else day + DAY
        yield Down(
            first_instant(datetime.combine(day, start), zone),
            first_instant(datetime.combine(until, end), zone),
        )
        day += DAY


def foresee(
    plans: Sequence[Plan],
    begin: datetime,
    end: datetime,
    *,
    downs: Iterable[Down] = (),
    takes: timedelta = timedelta(0),
) -> list[Foreseen]:
    """Every slot due in [begin, end], by time. What was due before `begin` has been decided,
    nothing runs then. `takes`: how long each run takes."""
    merged = _merged(downs)
    last = next((down.end for down in merged if down.covers(end)), end)
    # Whoever is down for longer than a schedule's period after the end will not be waited for.
    town = _Town([_JobAhead(plan, begin) for plan in plans], merged, takes)
    town.play(begin, min(last, end + 9 * DAY))
    found = [one for job in town.jobs for one in job.told(end)]
    return sorted(found, key=lambda one: (one.slot.due_at, one.slot.name, one.job))


@dataclass
class _Open:
    """A slot that is to run."""

    slot: str
    attempts: int = 0
    retries: int = 0


@dataclass
class _JobAhead:
    plan: Plan
    begin: datetime
    last: str = ""
    waiting: list[_Open] = field(default_factory=list)
    running: _Open | None = None
    ends_at: datetime | None = None
    decided: dict[str, tuple[Decided, datetime]] = field(default_factory=dict)
    begun: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.first = self.last = latest_slot(self.plan.schedule, self.begin - INSTANT).name

    def tick(self, now: datetime, takes: timedelta) -> datetime | None:
        """When the run that it begins will end."""
        due = owed(self.plan.schedule, now, self.last)
        busy_with = self.running.slot if self.running else None
        for one in decisions(self.plan, due, now, busy_with):
            self.last = one.slot.name
            self.decided[self.last] = (one, now)
            if one.decision is Decision.RUN:
                self.waiting.append(_Open(self.last))
        for late in overtaken(self.plan, self.waiting):
            self.waiting.remove(late)
            decided, _ = self.decided[late.slot]
            self.decided[late.slot] = (
                Decided(decided.slot, Decision.SKIPPED, OVERTAKEN),
                now,
            )
        if self.running is not None or not self.waiting:
            return None
        self.running = self.waiting.pop(0)
        self.running.attempts += 1
        self.begun.setdefault(self.running.slot, now)
        self.ends_at = now + takes
        return self.ends_at

    def end_runs(self, now: datetime) -> None:
        if self.ends_at is not None and self.ends_at <= now:
            self.running = self.ends_at = None

    def go_down(self) -> None:
        """What runs is left, and taken up again by the next start."""
        if self.running is not None:
            self.waiting.insert(0, self.running)
            self.running = self.ends_at = None

    def told(self, end: datetime) -> Iterator[Foreseen]:
        before = self.begin - 3 * DAY
        for slot in slots_between(self.plan.schedule, before, end, after_slot=self.first):
            known = self.decided.get(slot.name)
            if known is None:
                why = "the daemon is down until the end of this forecast, and longer"
                yield Foreseen(self.plan.job, slot, None, why)
            else:
                decided, at = known
                begun_at = self.begun.get(slot.name)
                yield Foreseen(self.plan.job, slot, decided.decision, decided.reason, at, begun_at)


@dataclass
class _Town:
    """All jobs, and the moments at which something happens."""

    jobs: list[_JobAhead]
    downs: list[Down]
    takes: timedelta

    def play(self, begin: datetime, last: datetime) -> None:
        moments = {begin}
        for job in self.jobs:
            slots = slots_between(job.plan.schedule, begin, last)
            moments |= {slot.due_at for slot in slots}
        moments |= {
            at for down in self.downs for at in (down.begin, down.end) if begin < at <= last
        }
        queue = sorted(moments)
        while queue:
            now = heapq.heappop(queue)
            for job in self.jobs:
                job.end_runs(now)
            for ends_at in self._happens(now):
                if ends_at <= last:
                    heapq.heappush(queue, ends_at)

    def _happens(self, now: datetime) -> list[datetime]:
        if any(down.covers(now) for down in self.downs):
            for job in self.jobs:
                job.go_down()
            return []
        ends = [job.tick(now, self.takes) for job in self.jobs]
        return [at for at in ends if at is not None]


def _merged(downs: Iterable[Down]) -> list[Down]:
    """Without overlaps, and those that touch as one: there is no moment to start between them."""
    merged: list[Down] = []
    for down in sorted(down for down in downs if down.begin < down.end):
        if merged and down.begin <= merged[-1].end:
            merged[-1] = Down(merged[-1].begin, max(merged[-1].end, down.end))
        else:
            merged.append(down)
    return merged
