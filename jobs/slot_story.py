"""Why a slot stands as it does, in words: what the clocks did to it, and why it has no row.

Pure. What the ledger wrote down of a slot is told by jobs/run_life.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jobs.catch_up import Decision
from jobs.clock_changes import touched
from jobs.planning import LONGEST_LOOK_BACK, SWITCHED_OFF, Plan, decisions, owed
from jobs.slots import WEEKDAYS, Schedule, Slot

TICKS = timedelta(minutes=1)  # ticks come every few seconds; after so long one is missing


@dataclass(frozen=True)
class Known:
    """What the ledger and the house know when somebody asks."""

    now: datetime
    first: str | None  # the oldest slot of the job that was decided
    last: str | None  # the newest, of those due by now
    daemons: int  # that run


@dataclass(frozen=True)
class Unwritten:
    """A slot without a row. `verdict` is a word for programs."""

    verdict: str  # to come | not expected | undecided
    why: str


def unwritten(plan: Plan, slot: Slot, known: Known) -> Unwritten:
    if slot.due_at > known.now:
        if not plan.enabled:
            return Unwritten("to come", f"{SWITCHED_OFF}: it will be written down as skipped")
        return Unwritten("to come", "its time has not come")
    if known.first is None or known.last is None:
        why = "no daemon has run here yet: the schedule begins with the first tick of one"
        return Unwritten("not expected", why)
    if slot.name < known.first:
        why = f"the schedule began here with {known.first}, and owes nothing of before"
        return Unwritten("not expected", why)
    if slot.due_at < known.now - LONGEST_LOOK_BACK:
        why = f"nobody looks back further than {LONGEST_LOOK_BACK.days} days"
        return Unwritten("not expected", why)
    if slot.name < known.last:
        why = f"when its time came the job had another schedule ({known.last} has been decided)"
        return Unwritten("not expected", why)
    return Unwritten("undecided", _undecided(plan, slot, known))


def _undecided(plan: Plan, slot: Slot, known: Known) -> str:
    if known.daemons and known.now - slot.due_at < TICKS:
        return "it is due, and decided with the next tick, in a few seconds"
    if known.daemons:
        return "a daemon runs and has not decided it: its log says why its ticks fail"
    would = _would(plan, slot, known)
    return f"no daemon has run since it was due. One that started now would {would}"


def _would(plan: Plan, slot: Slot, known: Known) -> str:
    due = owed(plan.schedule, known.now, known.last or slot.name)
    for one in decisions(plan, due, known.now):
        if one.slot.name == slot.name:
            does = "run it" if one.decision is Decision.RUN else "skip it"
            return f"{does}: {one.reason}" if one.reason else does
    return "decide it"


def clock_note(schedule: Schedule, day: date) -> str:
    """What a change of clocks does to the slot of that day; "" if nothing."""
    found = touched(schedule, day)
    if found is None:
        return ""
    local = found.slot.due_at.astimezone(schedule.zone)
    if found.is_skipped:
        where = f"{local:%H:%M %Z}" if local.date() == day else f"{local:%Y-%m-%d %H:%M %Z}"
        return (
            f"clocks skip {schedule.at:%H:%M} on that day: it is due at the first moment after, "
            f"{where}"
        )
    return (
        f"clocks show {schedule.at:%H:%M} twice on that day: it is due once, the first time "
        f"({local:%H:%M %Z})"
    )


def no_slot(plan: Plan, day: date) -> str:
    """Why a day has no slot of this job."""
    schedule = plan.schedule
    weekday = "" if schedule.weekday is None else f"{WEEKDAYS[schedule.weekday]} "
    return (
        f"{plan.job} has no slot on {day}, a {WEEKDAYS[day.weekday()]}: it is due "
        f"{weekday}{schedule.at:%H:%M}"
    )
