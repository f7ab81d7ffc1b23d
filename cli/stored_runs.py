"""The ledger's rows as the views of runs and jobs: on time, late, failed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from cli.views import JobView, RunView
from jobs.job import SAID
from jobs.planning import Plan
from jobs.slots import is_slot, latest_slot, next_slot
from storage.ledger import JobRun
from storage.states import RunState

LATE_AFTER = timedelta(minutes=15)
RAN = frozenset(
    {
        RunState.RUNNING,
        RunState.SUCCEEDED,
        RunState.FAILED,
        RunState.ABANDONED,
        RunState.CANCELLED,
    }
)


def run(stored: JobRun) -> RunView:
    summary = dict(stored.summary)
    said = str(summary.pop(SAID, "") or "")
    return RunView(
        id=stored.id,
        job=stored.job,
        outcome=str(stored.state),
        slot=stored.slot if is_slot(stored.slot) else "by hand",
        started_at=stored.started_at,
        took_s=stored.took.total_seconds() if stored.took else None,
        by=stored.executor or stored.decided_by,
        error=stored.error or ("" if stored.state in RAN else stored.reason),
        said=said,
        summary=summary,
    )


def job(name: str, plan: Plan | None, history: Sequence[JobRun], now: datetime) -> JobView:
    """`history` is the job's, newest first; `plan` None means it runs by hand only."""
    ran = [one for one in history if one.state in RAN]
    times = [
        one.took.total_seconds() for one in ran if one.state is RunState.SUCCEEDED and one.took
    ]
    return JobView(
        name=name,
        schedule=str(plan.schedule).rpartition(" ")[0] if plan else "by hand",
        state=_state(plan, history, ran, now),
        last=run(ran[0]) if ran else None,
        median_s=median(times) if times else None,
        recent=tuple(run(one) for one in reversed(ran)),
        next_at=next_slot(plan.schedule, now).due_at if plan else None,
    )


def _state(
    plan: Plan | None, history: Sequence[JobRun], ran: Sequence[JobRun], now: datetime
) -> str:
    if any(one.state is RunState.RUNNING for one in ran):
        return "running"
    if plan is not None and _is_late(plan, history, now):
        return "late"
    # A person who stops a run knows of it: the one before it tells how the job is doing.
    ended = [one for one in ran if one.state is not RunState.CANCELLED]
    if ended and ended[0].state is not RunState.SUCCEEDED:
        return "failed"
    if plan is None:
        return "off"
    return "on time" if ran else "never run"


def _is_late(plan: Plan, history: Sequence[JobRun], now: datetime) -> bool:
    """Whether its newest slot should have begun. A job nobody ever scheduled owes nothing."""
    scheduled = [one for one in history if one.scheduled]
    if not scheduled:
        return False
    slot = latest_slot(plan.schedule, now)
    if now - slot.due_at < LATE_AFTER:
        return False
    newest = scheduled[0]
    waiting = (RunState.DUE, RunState.DEFERRED, RunState.ABANDONED)
    return newest.slot < slot.name or (newest.slot == slot.name and newest.state in waiting)
