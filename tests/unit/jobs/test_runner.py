"""The one runner."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from structlog.contextvars import get_contextvars

from jobs.catch_up import CatchUp
from jobs.context import JobContext
from jobs.here import RunsHere
from jobs.job import FAILED, GATE, SAID, STOPPED, Job, Run, Summary
from jobs.manual import kept, run_now, taken
from jobs.runner import DATABASE_BACK, Runner
from resilience.outcomes import CallFailed, CircuitOpen, Outcome, ShuttingDown
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.testing import START, FakeClock
from storage.errors import DatabaseUnavailable
from storage.states import RunState
from tests.unit.jobs.fakes import FakeEngine, FakeLedger, FakeRun

SLOT = "2026-11-22T07:00"
UNUSED = cast(Any, None)


class Desk:
    """A runner with one job, "task", that does what the test says."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.ledger = FakeLedger()
        self.stopping = threading.Event()
        self.runs: list[Run] = []
        self.errors: list[BaseException] = []
        self.summary: Summary = {SAID: "all well"}
        self.does: Callable[[JobContext, Run], Summary] | None = None
        self.here = RunsHere()
        self.context = JobContext(
            executor_id="us",
            clock=self.clock,
            stopping=self.stopping,
            zone=ZoneInfo("UTC"),
            policies=Policies({"database": PolicySpec(attempts=1)}, self.clock),
            engine=FakeEngine(),
            ledger=self.ledger,
            companies=UNUSED,
            documents=UNUSED,
            headlines=UNUSED,
            insights=UNUSED,
            reports=UNUSED,
            health_history=UNUSED,
            paid_calls=UNUSED,
            instances=UNUSED,
            commands=UNUSED,
            policy_desk=UNUSED,
            agents=UNUSED,
            recoveries=UNUSED,
            sources={},
            panel=UNUSED,
            health=UNUSED,
            memory=UNUSED,
            reports_dir=Path("reports"),
        )
        job = Job("task", self._task, "a task", "07:00", CatchUp.LATEST, timedelta(days=1), 600.0)
        self.runner = Runner(self.context, {"task": job}, self.here)
        self.ledger.decide("task", SLOT, START, "run", "", "us")

    def _task(self, context: JobContext, run: Run) -> Summary:
        self.runs.append(run)
        self.clock.advance(4)
        if self.does is not None:
            return self.does(context, run)
        if self.errors:
            raise self.errors.pop(0)
        return dict(self.summary)

    @property
    def row(self) -> FakeRun:
        return self.ledger.rows["task", SLOT]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_run_leaves_its_outcome_its_summary_and_one_line(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        report = desk.runner.run_slot("task", SLOT)
    assert report is not None
    assert (report.outcome, report.took_s) == (RunState.SUCCEEDED, 4)
    assert (desk.row.state, desk.row.summary) == ("succeeded", {SAID: "all well"})
    assert [record.getMessage() for record in caplog.records] == [
        f"task {SLOT} succeeded in 4.0 s: all well"
    ]


def test_a_slot_that_somebody_else_has_is_left_alone(desk: Desk) -> None:
    desk.ledger.claim("task", SLOT, "them")
    assert desk.runner.run_slot("task", SLOT) is None
    assert desk.runs == []


def test_a_job_that_breaks_ends_here(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Its error is kept and logged with where it happened; the process goes on."""
    desk.errors.append(ZeroDivisionError("by zero"))
    report = desk.runner.run_slot("task", SLOT)
    assert report is not None
    assert report.outcome is RunState.FAILED
    assert (desk.row.state, desk.row.error) == ("failed", "ZeroDivisionError: by zero")
    assert "Traceback" in caplog.text


def test_a_failure_that_may_pass_is_tried_again(desk: Desk) -> None:
    """By the job's policy, with its waits."""
    desk.errors.append(CallFailed("database", "away", retryable=True))
    report = desk.runner.run_slot("task", SLOT)
    assert report is not None
    assert report.outcome is RunState.SUCCEEDED
    assert len(desk.runs) == 2
    assert 2 <= desk.clock.waits[0] <= 2.5


def test_a_failure_that_stays_is_kept_as_it_is(desk: Desk) -> None:
    desk.errors.append(CallFailed("edgar", "403: you are blocked"))
    desk.runner.run_slot("task", SLOT)
    assert desk.row.error == "edgar: 403: you are blocked"
    assert len(desk.runs) == 1


def test_a_job_may_come_to_its_end_and_still_have_failed(desk: Desk) -> None:
    """Its summary is kept: it says what was done all the same."""
    desk.summary = {SAID: "0 of 40", FAILED: "nothing could be asked"}
    desk.runner.run_slot("task", SLOT)
    assert (desk.row.state, desk.row.error) == ("failed", "nothing could be asked")
    assert desk.row.summary == {SAID: "0 of 40"}


def test_a_job_knows_its_deadline(desk: Desk) -> None:
    begun = desk.clock.monotonic()
    desk.runner.run_slot("task", SLOT)
    assert desk.runs[0].deadline_at == begun + 600


def test_a_database_that_is_away_loses_neither_slot_nor_outcome(desk: Desk) -> None:
    """The runner waits for it, before the run and after."""
    away = CallFailed("database", "away", retryable=True)
    desk.ledger.away = [away, away]
    desk.runner.run_slot("task", SLOT)
    assert desk.row.state == "succeeded"
    assert len(desk.runs) == 1


def test_a_shutdown_leaves_the_slot_to_the_next_start(desk: Desk) -> None:
    """The row stays with this executor; once it is dead, recovery frees it."""
    desk.errors.append(ShuttingDown("scan", "stopped"))
    with pytest.raises(ShuttingDown):
        desk.runner.run_slot("task", SLOT)
    assert (desk.row.state, desk.row.executor) == ("running", "us")


def test_waiting_for_the_database_ends_with_the_process(desk: Desk) -> None:
    desk.ledger.away = [CallFailed("database", "away")] * 3
    desk.stopping.set()
    with pytest.raises(ShuttingDown):
        desk.runner.run_slot("task", SLOT)


def test_a_run_that_meets_a_shut_gate_is_due_again_when_it_opens(desk: Desk) -> None:
    """Nothing failed and nothing was done: no thread waits, the ledger does."""
    opens = START + timedelta(minutes=9)
    desk.errors.append(CircuitOpen("edgar", "circuit open", retry_at=opens))
    report = desk.runner.run_slot("task", SLOT)
    assert report is not None
    assert report.outcome is RunState.DEFERRED
    assert (desk.row.state, desk.row.not_before) == ("deferred", opens)
    assert "circuit open" in desk.row.reason


def test_a_run_that_lost_the_database_is_due_again_soon(desk: Desk) -> None:
    """A daily job must not wait for tomorrow because of a restart; by hand it has failed."""

    def task(context: JobContext, run: Run) -> Summary:
        raise DatabaseUnavailable("database", "gone", retryable=True)

    desk.does = task
    report = desk.runner.run_slot("task", SLOT)
    assert report is not None
    assert report.outcome is RunState.DEFERRED
    assert (desk.row.state, desk.row.not_before) == (
        "deferred",
        desk.clock.now() + DATABASE_BACK,
    )
    assert desk.row.reason.startswith("database: gone")
    assert run_now(desk.context, desk.runner, "task").outcome is RunState.FAILED


def test_a_run_by_hand_that_meets_a_shut_gate_has_failed(desk: Desk) -> None:
    """Whoever asked is told now; it is not run again behind their back."""
    desk.errors.append(CircuitOpen("edgar", "circuit open"))
    report = run_now(desk.context, desk.runner, "task")
    assert report.outcome is RunState.FAILED


def test_a_run_that_is_told_to_stop_ends_as_cancelled(desk: Desk) -> None:
    """What it had done is told; nobody takes it up again."""

    def task(context: JobContext, run: Run) -> Summary:
        assert not run.is_cancelled()
        assert desk.here.stop(0, "cancelled by ann: too slow")
        assert run.is_cancelled()
        assert context.stopping.is_set()
        return {SAID: "2 of 9", STOPPED: True}

    desk.does = task
    report = desk.runner.run_slot("task", SLOT)
    assert report is not None
    assert (report.outcome, desk.row.state) == (RunState.CANCELLED, "cancelled")
    assert (desk.row.error, desk.row.summary) == ("cancelled by ann: too slow", {SAID: "2 of 9"})
    assert not desk.stopping.is_set()


@pytest.mark.parametrize(
    "met",
    [ShuttingDown("edgar", "stopped while waiting"), CircuitOpen("edgar", "open", retry_at=START)],
)
def test_a_cancelled_run_is_not_left_for_later(desk: Desk, met: Exception) -> None:
    """Whatever it meets when it is told: no other start and no opened gate brings it back."""

    def task(context: JobContext, run: Run) -> Summary:
        desk.here.stop(0, "cancelled by ann")
        raise met

    desk.does = task
    desk.runner.run_slot("task", SLOT)
    assert (desk.row.state, desk.row.error) == ("cancelled", "cancelled by ann")


def test_a_run_that_had_ended_when_it_was_told_has_succeeded(desk: Desk) -> None:
    """All of it is done: to call it cancelled would be untrue."""

    def task(context: JobContext, run: Run) -> Summary:
        desk.here.stop(0, "cancelled by ann")
        return {SAID: "all of it"}

    desk.does = task
    desk.runner.run_slot("task", SLOT)
    assert (desk.row.state, desk.row.summary) == ("succeeded", {SAID: "all of it"})


def test_a_run_put_off_while_somebody_cancels_it_is_cancelled(desk: Desk) -> None:
    """The wish is in the ledger already, the word has not come yet."""
    desk.ledger.refuses_to_defer = True
    desk.errors.append(CircuitOpen("edgar", "circuit open"))
    desk.runner.run_slot("task", SLOT)
    assert desk.row.state == "cancelled"


def test_every_line_of_a_run_says_of_which(desk: Desk) -> None:
    """Its number and its job are bound round all it does, and only that."""
    bound: list[dict[str, object]] = []

    def task(context: JobContext, run: Run) -> Summary:
        bound.append(get_contextvars())
        assert context.run == 0
        return {}

    desk.does = task
    desk.runner.run_slot("task", SLOT)
    assert bound == [{"run": 0, "job": "task"}]
    assert get_contextvars() == {}


def test_a_run_by_hand_has_a_slot_of_its_own_and_carries_its_options(desk: Desk) -> None:
    report = run_now(desk.context, desk.runner, "task", week="2026-W47")
    assert report.slot.startswith("manual:")
    assert desk.runs[0].options == {"week": "2026-W47"}
    row = desk.ledger.rows["task", report.slot]
    assert (row.state, row.scheduled, row.reason) == ("succeeded", False, "asked for by hand")
    assert row.options == {"week": "2026-W47"}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"week": "2026-W47"},
        {"tickers": ["WMT"], "since": date(2026, 8, 1)},
    ],
)
def test_options_are_kept_for_a_retry(options: dict[str, Any]) -> None:
    """As JSON, and without what only this process knows."""
    stored = json.loads(json.dumps(kept({**options, "progress": print})))
    assert taken(stored) == options


def test_a_run_by_hand_that_is_stopped_says_so(desk: Desk) -> None:
    desk.errors.append(ShuttingDown("scan", "stopped"))
    report = run_now(desk.context, desk.runner, "task")
    assert report.outcome is RunState.ABANDONED
    assert desk.ledger.rows["task", report.slot].error == "stopped by hand"


@pytest.mark.parametrize("ledger_is_away", [False, True])
def test_a_run_by_hand_that_is_interrupted_is_written_down(ledger_is_away: bool) -> None:
    """Ctrl-C goes its way, with or without a database; the ledger does not say "running"."""

    class Interrupted(Desk):
        def _task(self, context: JobContext, run: Run) -> Summary:
            if ledger_is_away:
                self.ledger.away = [CallFailed("database", "gone")]
            raise KeyboardInterrupt

    desk = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        run_now(desk.context, desk.runner, "task")
    (row,) = (row for row in desk.ledger.rows.values() if not row.scheduled)
    expected = ("running", "") if ledger_is_away else ("abandoned", "stopped by hand")
    assert (row.state, row.error) == expected


def test_a_run_by_hand_does_not_wait_for_a_database_that_is_away(desk: Desk) -> None:
    desk.ledger.away = [CallFailed("database", "cannot connect")]
    with pytest.raises(CallFailed, match="cannot connect"):
        run_now(desk.context, desk.runner, "task")
    assert desk.runs == []


def test_a_run_that_met_a_shut_gate_goes_on_when_all_gates_are_open(desk: Desk) -> None:
    """What it could do is done; its thread is free, and the ledger says until when and why.
    The service's other gate opens later than the one it met, so that is the moment."""
    opens_at = START + timedelta(seconds=90)
    desk.summary = {SAID: "half of it", GATE: CircuitOpen("database", "circuit open", opens_at)}
    desk.context.policies.of("database").pause(600, "it asked for ten minutes")
    report = desk.runner.run_slot("task", SLOT)
    assert report is not None
    assert report.outcome is RunState.DEFERRED
    assert (desk.row.state, desk.row.not_before) == ("deferred", START + timedelta(seconds=600))
    assert "circuit open" in desk.row.reason
    assert desk.row.summary == {SAID: "half of it"}


@pytest.mark.parametrize(("trial_succeeds", "opens_in_s"), [(True, 4), (False, 120)])
def test_a_run_turned_away_beside_a_trial_waits_for_what_became_of_it(
    desk: Desk, trial_succeeds: bool, opens_in_s: float
) -> None:
    """It is told the longest a trial can take; when the run ends, after 4 s, that is decided."""
    policy = desk.context.policies.of("edgar")
    policy.force_open()
    policy.probe()
    trial = policy.admit()
    with pytest.raises(CircuitOpen, match="a trial call is out") as met:
        policy.admit()
    assert met.value.retry_at == START + timedelta(seconds=150)
    trial.settle(Outcome.SUCCESS if trial_succeeds else Outcome.FAILURE)
    desk.summary = {SAID: "a part of it", GATE: met.value}
    desk.runner.run_slot("task", SLOT)
    expected = START + timedelta(seconds=opens_in_s)
    assert (desk.row.state, desk.row.not_before) == ("deferred", expected)


def test_a_run_by_hand_shows_what_it_could_do(desk: Desk) -> None:
    """Nobody who waits at a terminal is put off to later."""
    desk.summary = {SAID: "half of it", GATE: CircuitOpen("database", "circuit open", START)}
    report = run_now(desk.context, desk.runner, "task")
    assert (report.outcome, report.summary) == (RunState.SUCCEEDED, {SAID: "half of it"})


def test_the_breaker_of_a_job_is_none_of_the_services(desk: Desk) -> None:
    """A failing job is no service that is down: nothing of it shows among the services."""
    desk.errors.append(CallFailed("edgar", "403"))
    desk.runner.run_slot("task", SLOT)
    assert [status.service for status in desk.context.policies.statuses()] == []
