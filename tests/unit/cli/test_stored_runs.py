"""The ledger's rows as runs and jobs: on time, late, failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cli.stored_runs import job, run
from jobs.catch_up import CatchUp
from jobs.planning import Plan
from jobs.slots import parse
from storage.ledger import JobRun
from storage.states import RunState

# 07:00 in New York is 12:00 UTC in November.
NOW = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
PLAN = Plan("scan", parse("07:00", "America/New_York"), CatchUp.LATEST, timedelta(days=1))


def stored(state: RunState, slot: str = "2026-11-20T07:00", took_s: float | None = 60) -> JobRun:
    begun = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    return JobRun(
        id=1,
        job="scan",
        slot=slot,
        due_at=begun,
        scheduled=not slot.startswith("manual"),
        state=state,
        reason="the schedule begins after it" if state is RunState.SKIPPED else "",
        decided_by="a",
        decided_at=begun,
        not_before=None,
        executor=None,
        attempts=1,
        started_at=begun,
        finished_at=begun + timedelta(seconds=took_s) if took_s is not None else None,
        summary={"said": "3 new documents", "new": 3},
        error="broke" if state is RunState.FAILED else "",
    )


YESTERDAY = "2026-11-19T07:00"
DONE, FAILED, RUNNING = RunState.SUCCEEDED, RunState.FAILED, RunState.RUNNING


@pytest.mark.parametrize(
    ("history", "state"),
    [
        ([], "never run"),
        ([stored(DONE)], "on time"),
        ([stored(FAILED), stored(DONE, YESTERDAY)], "failed"),
        ([stored(RunState.ABANDONED)], "late"),
        ([stored(RUNNING)], "running"),
        ([stored(RunState.CANCELLED), stored(DONE, YESTERDAY)], "on time"),
        ([stored(RunState.CANCELLED), stored(FAILED, YESTERDAY)], "failed"),
        ([stored(DONE, YESTERDAY)], "late"),
        ([stored(RunState.DUE), stored(DONE, YESTERDAY)], "late"),
        ([stored(RunState.SKIPPED)], "never run"),
        ([stored(RunState.SKIPPED), stored(DONE, YESTERDAY)], "on time"),
        ([stored(DONE, "manual:1")], "on time"),
        ([stored(DONE, "manual:1"), stored(DONE, YESTERDAY)], "late"),
    ],
)
def test_state_of_a_job(history: list[JobRun], state: str) -> None:
    """An hour after its slot: done, failed, running, or nobody came."""
    assert job("scan", PLAN, history, NOW).state == state


def test_a_slot_that_just_came_is_not_late() -> None:
    """A quarter of an hour is given."""
    just = NOW - timedelta(minutes=50)
    assert job("scan", PLAN, [stored(DONE, YESTERDAY)], just).state == "on time"


def test_job_by_hand() -> None:
    """Without a plan it has no next time and is never late."""
    view = job("scan", None, [stored(DONE, YESTERDAY)], NOW)

    assert (view.schedule, view.state, view.next_at) == ("by hand", "off", None)
    assert job("scan", None, [stored(FAILED)], NOW).state == "failed"


def test_job_figures() -> None:
    """Schedule in words, next slot, median of what succeeded, history oldest first."""
    history = [stored(FAILED, took_s=900), stored(DONE, YESTERDAY, 10), stored(DONE, YESTERDAY, 30)]
    view = job("scan", PLAN, history, NOW)

    assert view.schedule == "07:00"
    assert view.next_at == datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    assert view.median_s == 20
    assert [one.took_s for one in view.recent] == [30, 10, 900]
    assert view.last is not None
    assert view.last.error == "broke"


def test_weekly_schedule_in_words() -> None:
    """The weekday is part of it, the zone is the same for all."""
    weekly = replace(PLAN, schedule=parse("Mon 08:00", "America/New_York"))

    assert job("scan", weekly, [], NOW).schedule == "Mon 08:00"


def test_run() -> None:
    """Its sentence apart from its counts; by hand instead of an id; a skip with its reason."""
    view = run(stored(DONE, "manual:1"))
    assert (view.said, view.summary, view.slot) == ("3 new documents", {"new": 3}, "by hand")
    assert run(stored(RUNNING, took_s=None)).took_s is None
    assert run(stored(RunState.SKIPPED)).error == "the schedule begins after it"
    assert run(stored(DONE)).error == ""
