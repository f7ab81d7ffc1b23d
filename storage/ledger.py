"""The ledger of jobs: one row per job and slot, the truth about what ran and what did not.

A slot is the nominal local time of a run ("2026-11-22T07:00"), or any other name for one
that was asked for by hand. Deciding about a slot twice, or claiming it twice, touches no
row: any number of processes may tick.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from resilience.clock import Clock, SystemClock
from storage.database import Database, Row
from storage.states import RunState

# a decision, and the state its row begins in
_DECISIONS = {
    "run": RunState.DUE,
    "deferred": RunState.DEFERRED,
    "skipped": RunState.SKIPPED,
}


@dataclass(frozen=True)
class JobRun:
    id: int
    job: str
    slot: str
    due_at: datetime
    scheduled: bool  # False: asked for by hand
    state: RunState
    reason: str  # of the decision
    decided_by: str
    decided_at: datetime
    not_before: datetime | None  # of a deferred one
    executor: str | None
    attempts: int
    started_at: datetime | None
    finished_at: datetime | None
    summary: dict[str, Any]
    error: str
    retries: int = 0  # how often a person made it due again
    cancel_asked: str = ""  # of the attempt that runs: by whom, and why
    options: dict[str, Any] = field(default_factory=dict)  # what a person asked for

    @property
    def took(self) -> timedelta | None:
        """How long it ran, once it has ended."""
        if self.started_at is None or self.finished_at is None:
            return None
        return self.finished_at - self.started_at


class Ledger:
    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()

    def decide(
        self,
        job: str,
        slot: str,
        due_at: datetime,
        decision: str,
        reason: str,
        by: str,
        *,
        not_before: datetime | None = None,
        options: Mapping[str, Any] | None = None,
        at: datetime | None = None,
    ) -> bool:
        """Write down what is to become of a slot: "run", "deferred" or "skipped".

        False if it was decided before. `not_before` is for a deferred one, `options` for one
        that a person asked for. `at`: the time that was gone by, now if none is given.
        """
        with self._database.transaction() as tx:
            won = tx.run(
                "ledger.decide",
                job=job,
                slot=slot,
                due_at=due_at,
                state=_DECISIONS[decision],
                reason=reason,
                by=by,
                not_before=not_before,
                options=dict(options or {}),
                at=at or self._clock.now(),
            )
        return won == 1

    def decide_again(
        self,
        job: str,
        slot: str,
        due_at: datetime,
        decision: str,
        reason: str,
        by: str,
        *,
        at: datetime,
    ) -> bool:
        """Of a slot that was skipped at a time that has not come yet: by a clock that was ahead.
        False for any other."""
        with self._database.transaction() as tx:
            won = tx.run(
                "ledger.decide_again",
                job=job,
                slot=slot,
                due_at=due_at,
                state=_DECISIONS[decision],
                reason=reason,
                by=by,
                at=at,
            )
        return won == 1

    def last_slot(self, job: str, until: datetime) -> str | None:
        """The last slot of the schedule that was decided about, of those due by `until`."""
        with self._database.transaction() as tx:
            row = tx.one("ledger.last_slot", job=job, until=until)
        return row["slot"] if row else None

    def first_slot(self, job: str) -> str | None:
        """The oldest slot of the schedule that was decided about: where its history begins."""
        with self._database.transaction() as tx:
            row = tx.one("ledger.first_slot", job=job)
        return row["slot"] if row else None

    def skipped_ahead(self, now: datetime) -> list[JobRun]:
        """Slots due by now that were skipped at a time that has not come yet, oldest first."""
        return self._list("ledger.skipped_ahead", at=now)

    def claim(self, job: str, slot: str, executor: str, at: datetime | None = None) -> int | None:
        """The run's id if it is ours to run now, None if it is somebody else's or done. With
        the same `at` it may be tried again: a connection lost while it committed may have
        claimed it already."""
        at = at or self._clock.now()
        with self._database.transaction() as tx:
            row = tx.one("ledger.claim", job=job, slot=slot, executor=executor, at=at)
        return int(row["id"]) if row else None

    def finish(
        self,
        run_id: int,
        outcome: str,
        summary: Mapping[str, object] | None = None,
        error: str = "",
        *,
        executor: str | None = None,
    ) -> bool:
        """End a running run as "succeeded", "failed", "abandoned" or "cancelled"; False if it
        does not run (any more), or not for `executor`."""
        with self._database.transaction() as tx:
            won = tx.run(
                "ledger.finish",
                id=run_id,
                outcome=RunState(outcome),
                summary=dict(summary or {}),
                error=error,
                executor=executor,
                at=self._clock.now(),
            )
        return won == 1

    def defer(
        self,
        job: str,
        slot: str,
        not_before: datetime | None,
        reason: str,
        summary: Mapping[str, object] | None = None,
    ) -> bool:
        """Put off a slot that is due or running until `not_before`; False also for one that a
        person told to stop. `summary`: of what it could do so far."""
        with self._database.transaction() as tx:
            won = tx.run(
                "ledger.defer",
                job=job,
                slot=slot,
                not_before=not_before,
                reason=reason,
                summary=dict(summary) if summary else None,
            )
        return won == 1

    def skip(self, job: str, slot: str, reason: str, *, attempts: int | None = None) -> bool:
        """Give up on a slot that waits; with `attempts` only if it was not begun since."""
        with self._database.transaction() as tx:
            won = tx.run(
                "ledger.skip",
                job=job,
                slot=slot,
                reason=reason,
                attempts=attempts,
                at=self._clock.now(),
            )
        return won == 1

    def abandon_of(self, executors: Iterable[str]) -> int:
        """Mark what dead executors were running as free to be claimed, or as cancelled where a
        person had told it to stop; how many runs."""
        dead = list(executors)
        with self._database.transaction() as tx:
            return tx.run("ledger.abandon_of", executors=dead, at=self._clock.now())

    def get(self, job: str, slot: str) -> JobRun | None:
        with self._database.transaction() as tx:
            row = tx.one("ledger.get", job=job, slot=slot)
        return run_of(row) if row else None

    def of_day(self, job: str, day: date) -> list[JobRun]:
        """The slots of one local date, whatever the schedule was, oldest first."""
        return self._list("ledger.of_day", job=job, slot=day.isoformat())

    def history(self, job: str | None = None, limit: int = 50) -> list[JobRun]:
        """Newest first, of one job or of all."""
        if job is None:
            return self._list("ledger.recent", limit=limit)
        return self._list("ledger.history", job=job, limit=limit)

    def latest(self) -> dict[str, JobRun]:
        """The newest run of each job."""
        return {run.job: run for run in self._list("ledger.latest")}

    def running(self, limit: int = 1000) -> list[JobRun]:
        """What executors say they are running, oldest first."""
        return self._list("ledger.open", states=[RunState.RUNNING], limit=limit)

    def ready(self, limit: int = 1000) -> list[JobRun]:
        """What of the schedule may be claimed now: due, abandoned, or deferred with its time
        come. What was asked for by hand is nobody's to take up."""
        return self._list("ledger.ready", at=self._clock.now(), limit=limit)

    def _list(self, statement: str, **parameters: object) -> list[JobRun]:
        with self._database.transaction() as tx:
            return [run_of(row) for row in tx.all(statement, **parameters)]


def run_of(row: Row) -> JobRun:
    """A row of the ledger."""
    return JobRun(**{**row, "state": RunState(row["state"])})
