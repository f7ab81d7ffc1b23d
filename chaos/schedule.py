"""The slots a storm expects: one minute after the other, each until it is decided.

The shipped schedule knows times of day and of the week. So the minute that comes next is
written into the configuration, which every daemon reads as it starts; and since daemons are
killed all the time, each slot is met by some that know it and some that know another. A
minute is left for the next only when all its slots have their decision, or it is overdue.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chaos.house import SHIPPED, House, jobs_in
from resilience.clock import Clock
from resilience.outcomes import CallError
from storage.aftermath import Aftermath

_LOOK_S = 2.0
_OVERDUE = timedelta(minutes=3)  # then it is given up, and the verdict will say so


class SlotKeeper:
    def __init__(self, house: House, aftermath: Aftermath, shops: int, clock: Clock) -> None:
        self._house = house
        self._aftermath = aftermath
        self._shops = shops
        self._clock = clock
        self._jobs = jobs_in(SHIPPED.read_text(encoding="utf-8"))
        self._minutes: list[datetime] = []
        self._decided: set[datetime] = set()
        self._look_at = 0.0
        self._is_last = False
        self._next()

    def expected(self) -> list[tuple[str, str]]:
        """Job and slot of everything that has come due."""
        now = self._clock.now()
        return [
            (job, _slot(minute)) for minute in self._minutes if minute <= now for job in self._jobs
        ]

    def is_settled(self) -> bool:
        """Every minute that was set has come and is decided."""
        return all(minute in self._decided for minute in self._minutes)

    def last(self) -> datetime:
        """No minute comes after the one that is returned; it is still to come."""
        self._is_last = True
        if self._minutes[-1] <= self._clock.now():
            self._next()
        return self._minutes[-1]

    def look(self) -> None:
        """Set the next minute if this one is done."""
        minute, now = self._minutes[-1], self._clock.now()
        if self._clock.monotonic() < self._look_at or now < minute:
            return
        self._look_at = self._clock.monotonic() + _LOOK_S
        try:
            slots = {(each.job, each.slot) for each in self._aftermath.slots()}
        except CallError:
            return
        is_decided = all((job, _slot(minute)) in slots for job in self._jobs)
        if is_decided:
            self._decided.add(minute)
        if not self._is_last and (is_decided or now - minute > _OVERDUE):
            self._next()

    def _next(self) -> None:
        now = self._clock.now()
        minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
        if minute - now < timedelta(seconds=8):  # nobody would have read it by then
            minute += timedelta(minutes=1)
        self._minutes.append(minute)
        self._house.configure(minute, self._shops)


def _slot(minute: datetime) -> str:
    return f"{minute:%Y-%m-%dT%H:%M}"
