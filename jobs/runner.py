"""The one runner: every run of every job goes through here, by schedule or by hand.

A run is claimed in the ledger by compare-and-set (who loses does nothing), has a deadline
and the job's policy round it, leaves its outcome, summary and error in the ledger and one
line in the log. Whatever a job raises ends here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from jobs.context import JobContext
from jobs.here import RunsHere, Told
from jobs.job import FAILED, GATE, SAID, STOPPED, Job, Run, Summary
from operations.telemetry.events import context as log_context
from resilience.outcomes import CallError, CircuitOpen, Rejected, ShuttingDown
from resilience.registry import Policies
from resilience.retry import only_call_failures
from resilience.spec import PolicySpec
from resilience.stopping import stopped_by
from storage.errors import DatabaseUnavailable
from storage.states import RunState

log = logging.getLogger("jobs.runner")
T = TypeVar("T")

DATABASE_PAUSE_S = 5.0
DATABASE_BACK = timedelta(seconds=15)  # until a run is begun again that lost the database
NOT_SAID_WHEN = timedelta(minutes=5)  # until a gate is tried again that gave no time
AS_WANTED = (RunState.SUCCEEDED, RunState.CANCELLED)
STOPPED_BY_HAND = "stopped by hand"


@dataclass(frozen=True)
class RunReport:
    job: str
    slot: str
    outcome: RunState
    summary: Summary = field(default_factory=dict)
    error: str = ""
    took_s: float = 0.0


class Runner:
    def __init__(
        self, context: JobContext, jobs: Mapping[str, Job], here: RunsHere | None = None
    ) -> None:
        """`here`: by which others reach what this runner has under way."""
        self._context = context
        self._here = here or RunsHere()
        self._jobs = dict(jobs)
        # Apart from the services' policies: a job that fails is no service that is down.
        self._policies = Policies(
            {name: _spec(job) for name, job in jobs.items()},
            context.clock,
            on_event=context.policies.hooks.emit,
            shutdown=context.stopping,
            classify=only_call_failures,
        )

    def run_slot(self, job: str, slot: str) -> RunReport | None:
        """A slot the ledger holds as due; None if another executor has it.

        While the database is away it waits, as the engine does. Raises ShuttingDown: the
        slot is then free to be claimed again once this process is known to be dead.
        """
        return self._run(self._jobs[job], slot, {}, self._insist, by_hand=False)

    def run_now(self, job: str, slot: str, options: Mapping[str, Any]) -> RunReport | None:
        """A slot asked for by hand: the database is given no time to come back."""
        return self._run(self._jobs[job], slot, options, _once, by_hand=True)

    def _run(
        self,
        job: Job,
        slot: str,
        options: Mapping[str, Any],
        reach: Callable[[Callable[[], Any]], Any],
        *,
        by_hand: bool,
    ) -> RunReport | None:
        ledger, executor = self._context.ledger, self._context.executor_id
        at = self._context.clock.now()
        run_id: int | None = reach(lambda: ledger.claim(job.name, slot, executor, at))
        if run_id is None:
            log.debug("%s %s is not ours to run", job.name, slot)
            return None
        with (
            log_context(run=run_id, job=job.name),
            self._here.under_way(run_id, self._context.stopping) as told,
        ):
            return self._claimed(job, slot, options, run_id, told, reach, by_hand=by_hand)

    def _claimed(
        self,
        job: Job,
        slot: str,
        options: Mapping[str, Any],
        run_id: int,
        told: Told,
        reach: Callable[[Callable[[], Any]], Any],
        *,
        by_hand: bool,
    ) -> RunReport:
        ledger, clock = self._context.ledger, self._context.clock
        begun = clock.monotonic()
        run = Run(job.name, slot, begun + job.deadline_s, options, lambda: bool(told.words))
        context = replace(self._context, run=run_id, stopping=told.stop)
        try:
            outcome, summary, error = self._outcome(job, run, context)
        except ShuttingDown:
            if told.words:
                outcome, summary, error = RunState.CANCELLED, {}, told.words
            elif not by_hand:
                log.info("%s %s is left for the next start: we are stopping", job.name, slot)
                raise
            else:
                outcome, summary, error = RunState.ABANDONED, {}, STOPPED_BY_HAND
        except Rejected as rejected:
            outcome, summary, error = RunState.FAILED, {GATE: rejected}, str(rejected)
        except BaseException:  # Ctrl-C at a terminal: the work stops, the ledger knows it
            if by_hand:
                self._left(run_id)
            raise
        gate: Rejected | None = summary.pop(GATE, None)
        if summary.pop(STOPPED, False) or (gate is not None and told.words):
            outcome, error = RunState.CANCELLED, told.words
        elif gate is not None and not by_hand:
            # What it could do is done and will not be done again; no thread waits for the rest.
            outcome, error, reason = RunState.DEFERRED, str(gate), str(gate)
            not_before = self._opens_at(gate)
            if not reach(lambda: ledger.defer(job.name, slot, not_before, reason, summary)):
                outcome = RunState.CANCELLED  # asked for meanwhile; the ledger knows by whom
        report = RunReport(job.name, slot, outcome, summary, error, clock.monotonic() - begun)
        _say(report)
        self._context.observers.run_finished(job.name, str(outcome), report.took_s)
        if outcome is not RunState.DEFERRED:
            executor = self._context.executor_id
            reach(lambda: ledger.finish(run_id, outcome, summary, error, executor=executor))
        return report

    def _opens_at(self, gate: Rejected) -> datetime:
        """When not only this gate of its service but all of them will be open."""
        now, policies = self._context.clock.now(), self._context.policies
        opens_at = gate.retry_at or now + NOT_SAID_WHEN
        if gate.service not in policies.services():  # the policy of the job itself
            return opens_at
        explained = policies.explain(gate.service)
        if isinstance(gate, CircuitOpen) and (explained.passes or explained.retry_at is not None):
            # It may have said no because a trial was out, and named the longest that can take;
            # that trial has most likely ended since.
            return explained.retry_at or now
        return max(opens_at, explained.retry_at) if explained.retry_at is not None else opens_at

    def _left(self, run_id: int) -> None:
        """Written down as abandoned; without a database whoever comes next finds it dead."""
        with suppress(CallError):
            self._context.ledger.finish(
                run_id, RunState.ABANDONED, {}, STOPPED_BY_HAND, executor=self._context.executor_id
            )

    def _outcome(self, job: Job, run: Run, context: JobContext) -> tuple[RunState, Summary, str]:
        """The border: only gates that are shut, and a shutdown, get past it."""
        try:
            with stopped_by(context.stopping):
                summary = self._policies.of(job.name).call(
                    lambda: job.fn(context, run), deadline_at=run.deadline_at
                )
        except Rejected:
            raise
        except DatabaseUnavailable as away:
            # No fault of the job's, and no reason to wait for tomorrow's slot.
            soon = context.clock.now() + DATABASE_BACK
            raise Rejected(away.service, away.what, away.retry_at or soon, away.fix) from away
        except CallError as failed:
            return RunState.FAILED, {}, str(failed)
        except Exception as failed:
            log.exception("%s %s broke", job.name, run.slot)
            return RunState.FAILED, {}, f"{type(failed).__name__}: {failed}"
        failure = summary.pop(FAILED, "")
        return (RunState.FAILED if failure else RunState.SUCCEEDED), summary, str(failure)

    def _insist(self, call: Callable[[], T]) -> T:
        """Until the database is back: giving up would lose the slot or its outcome."""
        while True:
            try:
                return call()
            except ShuttingDown:
                raise
            except CallError as error:
                log.warning("the ledger cannot be reached (%s); trying again", error)
            if self._context.clock.wait(DATABASE_PAUSE_S, self._context.stopping):
                raise ShuttingDown("database", "stopped while the ledger could not be reached")


def _once(call: Callable[[], T]) -> T:
    return call()


def _spec(job: Job) -> PolicySpec:
    """A job is tried again by its next slot; what it asks of services has policies of its own."""
    return PolicySpec(deadline_s=job.deadline_s, timeout_s=job.deadline_s, at_once=0)


def _say(report: RunReport) -> None:
    said = report.error or report.summary.get(SAID, "")
    log.log(
        logging.INFO if report.outcome in AS_WANTED else logging.ERROR,
        "%s %s %s in %.1f s%s",
        report.job,
        report.slot,
        report.outcome,
        report.took_s,
        f": {said}" if said else "",
        extra={
            "fields": {
                "job": report.job,
                "slot": report.slot,
                "outcome": str(report.outcome),
                "took_s": round(report.took_s, 3),
                "summary": report.summary,
            }
        },
    )
