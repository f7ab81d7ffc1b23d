"""Where `why` is answered: the ledger's rows, and the schedule for what has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from cli.exit_codes import ExitCode
from cli.failures import Failure
from cli.run_views import RunLifeView
from cli.slot_views import SlotView, WhyView
from jobs.catch_up import ON_TIME
from jobs.planning import LONGEST_LOOK_BACK, NEW_HERE, SWITCHED_OFF, Plan, owed
from jobs.slot_story import Known, clock_note, no_slot, unwritten
from jobs.slots import Slot, next_slot, slot_of
from storage.ledger import JobRun, Ledger
from storage.states import RunState

OWED_SHOWN = 5
DAY = timedelta(days=1)

_VERDICTS = {
    RunState.DUE: "to run",
    RunState.DEFERRED: "put off",
    RunState.SKIPPED: "skipped",
    RunState.RUNNING: "running",
    RunState.SUCCEEDED: "ran",
}
_EARLY = {RunState.SKIPPED: "to come", RunState.SUCCEEDED: "ran early"}  # before it was due
AHEAD = "a clock that was ahead"
_BAD = ("skipped", "failed", "abandoned", "cancelled", "undecided")


@dataclass(frozen=True)
class SlotHouse:
    plans: Mapping[str, Plan]  # of every job, also of those that are switched off
    ledger: Ledger
    life: Callable[[str], RunLifeView]  # of a run's number
    daemons: Callable[[], int]
    now: Callable[[], datetime]


class SlotCounter:
    def __init__(self, house: SlotHouse) -> None:
        self._house = house

    def why(self, job: str, day: date | None) -> WhyView:
        """Of the slots of that day; without one of the newest that was decided, those that are
        owed since, and the next. Raises Failure for a day that has none."""
        plan, known = self._house.plans[job], self._known(job)
        slots = self._newest(plan, known) if day is None else self._of_day(plan, day, known)
        return WhyView(
            job=job,
            schedule=str(plan.schedule),
            enabled=plan.enabled,
            rule=f"catch_up {plan.catch_up}, at most {plan.max_age.total_seconds() / 3600:g} h; "
            f"overlap {plan.overlap}",
            slots=tuple(slots),
        )

    def _known(self, job: str) -> Known:
        now, ledger = self._house.now(), self._house.ledger
        return Known(now, ledger.first_slot(job), ledger.last_slot(job, now), self._house.daemons())

    def _newest(self, plan: Plan, known: Known) -> Sequence[SlotView]:
        told = []
        if known.last is not None:
            run = self._house.ledger.get(plan.job, known.last)
            told += [self._row(plan, run)] if run else []
            due = owed(plan.schedule, known.now, known.last)
            told += [self._without_row(plan, slot, known) for slot in due[-OWED_SHOWN:]]
        coming = next_slot(plan.schedule, known.now)
        run = self._house.ledger.get(plan.job, coming.name)  # a clock ahead may have decided it
        return [*told, self._row(plan, run) if run else self._without_row(plan, coming, known)]

    def _of_day(self, plan: Plan, day: date, known: Known) -> Sequence[SlotView]:
        rows = self._house.ledger.of_day(plan.job, day)
        told = [self._row(plan, run) for run in rows]
        slot = slot_of(plan.schedule, day)
        if slot is not None and slot.name not in {run.slot for run in rows}:
            self._refuse_too_far(plan, slot, known.now)
            told.append(self._without_row(plan, slot, known))
        if not told:
            around = (slot_of(plan.schedule, day + n * DAY) for n in range(-7, 8))
            near = " and ".join(one.name for one in around if one)
            raise Failure(ExitCode.UNKNOWN, "no_slot", no_slot(plan, day), f"nearest: {near}")
        return told

    def _refuse_too_far(self, plan: Plan, slot: Slot, now: datetime) -> None:
        if slot.due_at > now + LONGEST_LOOK_BACK:
            days = LONGEST_LOOK_BACK.days
            raise Failure(
                ExitCode.UNKNOWN,
                "no_slot",
                f"{slot.name} is more than {days} days ahead: nothing is known of it",
                f"python main.py plan --from {slot.name[:10]} --job {plan.job} foresees it",
            )

    def _row(self, plan: Plan, run: JobRun) -> SlotView:
        life = self._house.life(str(run.id))
        verdict, why = _verdict(run, self._house.now()), run.error or run.reason
        if verdict == "to come":
            why = f"{AHEAD} had skipped it ({why}); it is decided anew when its time has come"
        elif verdict == "ran early":
            why = f"{AHEAD} had it run, and it does not run again"
        day = date.fromisoformat(run.slot[:10])
        slot = slot_of(plan.schedule, day)
        is_present = slot is not None and slot.name == run.slot
        if not is_present:
            other = f"it was due by another schedule than today's ({plan.schedule})"
            why = f"{why}; {other}" if why else other
        return SlotView(
            slot=run.slot,
            due_at=run.due_at,
            verdict=verdict,
            why=why,
            is_bad=verdict in _BAD,
            clock_change=clock_note(plan.schedule, day) if is_present else "",
            next="" if verdict == "to come" else life.next,
            run_id=run.id,
            moves=life.moves,
        )

    def _without_row(self, plan: Plan, slot: Slot, known: Known) -> SlotView:
        found = unwritten(plan, slot, known)
        return SlotView(
            slot=slot.name,
            due_at=slot.due_at,
            verdict=found.verdict,
            why=found.why,
            is_bad=found.verdict in _BAD,
            clock_change=clock_note(plan.schedule, date.fromisoformat(slot.name[:10])),
        )


def _verdict(run: JobRun, now: datetime) -> str:
    if run.due_at > now and run.state in _EARLY:
        return _EARLY[run.state]
    if run.state is RunState.SKIPPED and run.reason == NEW_HERE:
        return "before the beginning"
    if run.state is RunState.SKIPPED and run.reason == SWITCHED_OFF:
        return "switched off"
    begun = run.started_at or datetime.min.replace(tzinfo=UTC)
    if run.state is RunState.SUCCEEDED and begun - run.due_at > ON_TIME:
        return "ran late"
    return _VERDICTS.get(run.state, str(run.state))
