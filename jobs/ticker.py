"""One tick: what is due gets its decision, what is decided gets its work.

Safe at any time, in any number of processes: the ledger takes one decision per slot, the
engine one piece of work per id. A tick that dies halfway is finished by the next, because
work is enqueued from the ledger's rows and not from what this tick decided. The rule itself
is in jobs/planning.py.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from jobs.catch_up import Decided
from jobs.planning import NEW_HERE, OVERTAKEN, Plan, decisions, first_decision, overtaken, owed
from jobs.ports import Engine, Ledger, LedgerRun
from resilience.clock import Clock

log = logging.getLogger("jobs.ticker")

JOB_WORK = "job"
SETTLED = timedelta(minutes=10)  # work that ended so long ago will not claim its run any more


class Ticker:
    """`plans`: also of jobs that are switched off. `is_dead`: of an executor."""

    def __init__(
        self,
        plans: Sequence[Plan],
        ledger: Ledger,
        engine: Engine,
        clock: Clock,
        *,
        is_dead: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._plans = {plan.job: plan for plan in plans}
        self._ledger = ledger
        self._engine = engine
        self._clock = clock
        self._is_dead = is_dead
        self._quiet: dict[str, tuple[datetime, str]] = {}  # when nothing was owed, since which slot
        self._ticked_at: datetime | None = None

    def tick(self) -> None:
        """Raises what the database raises; the next tick takes up where this one stopped."""
        self._forget_if_set_back()
        ahead: defaultdict[str, set[str]] = defaultdict(set)
        for run in self._ledger.skipped_ahead(self._clock.now()):
            ahead[run.job].add(run.slot)
        for plan in self._plans.values():
            self._decide(plan, ahead[plan.job])
        self._enqueue()

    def _decide(self, plan: Plan, ahead: set[str]) -> None:
        now = self._clock.now()
        if not ahead and self._is_still_quiet(plan, now):
            return
        last = self._ledger.last_slot(plan.job, now)
        if last is None:
            self._record(plan, first_decision(plan, now), now)
            return
        if ahead:  # the beginning of its history stays one, however the clock is moved
            ahead.discard(self._ledger.first_slot(plan.job) or "")
        due = owed(plan.schedule, now, last, ahead)
        if not due:
            self._quiet[plan.job] = now, last
            return
        for decided in decisions(plan, due, now, self._busy_with(plan.job)):
            self._record(plan, decided, now, again=decided.slot.name in ahead)

    def _forget_if_set_back(self) -> None:
        now = self._clock.now()
        if self._ticked_at is not None and now < self._ticked_at:
            self._quiet.clear()
        self._ticked_at = now

    def _is_still_quiet(self, plan: Plan, now: datetime) -> bool:
        """Whether nothing can have come due since nothing was: what others decided meanwhile
        leaves less to do, never more. Not asked of the ledger, for most ticks find nothing."""
        if plan.job not in self._quiet:
            return False
        at, last = self._quiet[plan.job]
        return now >= at and not owed(plan.schedule, now, last, set())

    def _busy_with(self, job: str) -> str | None:
        """The slot it runs. What a dead process left is not running: it is taken up again, and
        holds up no later slot."""
        for run in self._ledger.running():
            if run.job == job and run.scheduled and not self._is_dead(run.executor or ""):
                return run.slot
        return None

    def _record(self, plan: Plan, decided: Decided, now: datetime, *, again: bool = False) -> None:
        """`now`: what the decision went by. The clock may be set right before it is written."""
        slot, by = decided.slot, self._engine.executor_id
        record = self._ledger.decide_again if again else self._ledger.decide
        is_ours = record(
            plan.job, slot.name, slot.due_at, decided.decision, decided.reason, by, at=now
        )
        if not is_ours or decided.reason == NEW_HERE:
            return
        if again:
            log.warning("%s %s had been skipped by a clock that was ahead", plan.job, slot.name)
        why = f": {decided.reason}" if decided.reason else ""
        log.info("%s %s: %s%s", plan.job, slot.name, decided.decision, why)

    def _enqueue(self) -> None:
        """Everything that may be claimed now: new, deferred until now, or left by the dead; of
        each job one at a time, oldest first."""
        waiting: defaultdict[str, list[LedgerRun]] = defaultdict(list)
        for run in self._ledger.ready():
            if run.scheduled:
                waiting[run.job].append(run)
        if not waiting:
            return
        # Looked at after what is ready: a run claimed in between is found in both, not in none.
        running = {run.job for run in self._ledger.running() if run.scheduled}
        for job, runs in waiting.items():
            left = self._without_overtaken(job, runs)
            if job not in running:
                self._put_first(left)

    def _without_overtaken(self, job: str, runs: list[LedgerRun]) -> list[LedgerRun]:
        plan = self._plans.get(job)
        late = overtaken(plan, runs) if plan is not None else []
        for run in late:
            if self._ledger.skip(job, run.slot, OVERTAKEN, attempts=run.attempts):
                log.info("%s %s: skipped: %s", job, run.slot, OVERTAKEN)
        return [run for run in runs if run not in late]

    def _put_first(self, runs: list[LedgerRun]) -> None:
        known = self._engine.statuses([work_id_of(run) for run in runs])
        if any(not status.is_finished for status in known.values()):
            return  # one of them is on its way
        first = runs[0]
        status = known.get(work_id_of(first))
        if status is None:
            self._engine.enqueue(JOB_WORK, work_id_of(first), first.job, first.slot)
        elif abs(self._clock.now() - first.due_at) > SETTLED:
            reason = f"its work ended without a run ({status.state}: {status.error or 'no error'})"
            # Claimed meanwhile it has one attempt more, and is none of our business.
            if self._ledger.skip(first.job, first.slot, reason, attempts=first.attempts):
                log.error("%s %s: %s", first.job, first.slot, reason)


def work_id_of(run: LedgerRun) -> str:
    """One per time the run is begun, and per time a person asks for it again: the engine does
    an id once."""
    again = f"#{run.attempts}" if run.attempts else ""
    asked = f"r{run.retries}" if run.retries else ""
    return f"{run.job}:{run.slot}{again}{asked}"
