"""The rule of the ticker, without clock and database: which slots are owed, and what of them.

The ticker acts on it, `plan` looks ahead with it (jobs/foresight.py), `why` explains by it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol, TypeVar

from jobs.catch_up import CatchUp, Decided, Decision, Overlap, decide
from jobs.slots import Schedule, Slot, latest_slot, slot_of, slots_between

NEW_HERE = "the schedule begins after it"
BEGUN_WITHIN = "the schedule begins while it lasts"
SWITCHED_OFF = "the job is switched off"
OVERTAKEN = "it had not begun when a later slot was due, and only the latest is caught up"
LONGEST_LOOK_BACK = timedelta(days=400)
ANY_ZONE = timedelta(days=1)  # no zone is further from UTC


@dataclass(frozen=True)
class Plan:
    """When one job is due, and what becomes of the slots it missed."""

    job: str
    schedule: Schedule
    catch_up: CatchUp
    max_age: timedelta
    overlap: Overlap = Overlap.AUTO
    enabled: bool = True  # False: its slots are written down as skipped
    begins_at_once: bool = False  # a new installation runs the slot before it


class Waiting(Protocol):
    """A slot that is to run and does not yet."""

    @property
    def slot(self) -> str: ...
    @property
    def attempts(self) -> int: ...
    @property
    def retries(self) -> int: ...


W = TypeVar("W", bound=Waiting)


def first_decision(plan: Plan, now: datetime) -> Decided:
    """Of a job that has none. A new installation owes nothing to the past, but remembers where
    it began, so that a slot missed before the first one ran is still seen as missed."""
    slot = latest_slot(plan.schedule, now)
    if plan.begins_at_once and plan.enabled and now - slot.due_at <= plan.max_age:
        return Decided(slot, Decision.RUN, BEGUN_WITHIN)
    return Decided(slot, Decision.SKIPPED, NEW_HERE)


def owed(schedule: Schedule, now: datetime, last: str, ahead: Collection[str] = ()) -> list[Slot]:
    """The slots due by `now` that want a decision, oldest first.

    `last`: the newest that has one, of those due by now. One of a later time was decided by a
    clock that was ahead, and must not hide the slots before it. `ahead`: those that such a
    clock had skipped; they are decided anew when their time has come.
    """
    begin = datetime.fromisoformat(last).replace(tzinfo=UTC)
    after = max(begin - ANY_ZONE, now - LONGEST_LOOK_BACK)
    again = [slot_of(schedule, date.fromisoformat(name[:10])) for name in ahead]
    slots = {
        slot.name: slot for slot in again if slot and slot.name in ahead and slot.due_at <= now
    }
    slots |= {slot.name: slot for slot in slots_between(schedule, after, now, after_slot=last)}
    return [slots[name] for name in sorted(slots)]


def decisions(
    plan: Plan, due: Sequence[Slot], now: datetime, busy_with: str | None = None
) -> list[Decided]:
    """One on each of `due`. `busy_with`: the slot that the job is running now."""
    if not plan.enabled:
        return [Decided(slot, Decision.SKIPPED, SWITCHED_OFF) for slot in due]
    return decide(
        due,
        now,
        catch_up=plan.catch_up,
        max_age=plan.max_age,
        overlap=plan.overlap,
        busy_with=busy_with,
    )


def overtaken(plan: Plan, waiting: Sequence[W]) -> list[W]:
    """Those that are not to run any more, because a later one waits too. What has begun once, or
    was asked for by a person, is brought to its end."""
    if plan.catch_up is CatchUp.ALL:
        return []
    untouched = [one for one in waiting if not one.attempts and not one.retries]
    newest = max((one.slot for one in untouched), default="")
    return [one for one in untouched if one.slot < newest]
