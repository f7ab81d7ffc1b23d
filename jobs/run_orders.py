"""A person's word on a run: cancel it, or run its slot again.

What waits is decided in the ledger alone. What runs is told to its process, which ends it at
its next step; the wish is written down first, so that it holds although that process dies or
is frozen. What is said to the person is what the ledger says afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from jobs.asking import Asking
from jobs.commands import Answer, Handler, Refused
from jobs.here import RunsHere
from resilience.clock import Clock
from storage.commands import Command
from storage.leases import Instance
from storage.ledger import JobRun
from storage.states import RunState

CANCEL = "runs.cancel"
ANSWER_S = 3.0  # until a process that is told has answered
END_S = 10.0  # and until what it runs has ended, both from the order on
SETTLES_S = 0.5  # until what is just begun or just ended shows as such
POLL_S = 0.1
TRIES = 5  # a run that moves on meanwhile is looked at anew

WAITING = (RunState.DUE, RunState.DEFERRED, RunState.ABANDONED)
RETRIABLE = (RunState.FAILED, RunState.SKIPPED, RunState.CANCELLED)


class Lives(Protocol):
    """storage.run_lives.RunLives."""

    def get(self, run_id: int) -> JobRun | None: ...


class Stored(Protocol):
    """storage.run_orders.RunOrders."""

    def skip(self, run_id: int, words: str) -> bool: ...

    def ask(self, run_id: int, executor: str, attempts: int, words: str) -> bool: ...

    def end(self, run_id: int, executor: str) -> bool: ...

    def again(self, run_id: int, retries: int, words: str) -> bool: ...


class Processes(Protocol):
    """storage.leases.Instances."""

    def of(self, executor: str) -> Instance | None: ...

    def is_dead(self, executor: str) -> bool: ...

    def fence(self, executor: str) -> bool:
        """Whether it is dead; if so, nothing that it may still send is stored any more."""
        ...


class Cancelled(StrEnum):
    """What became of the wish."""

    SKIPPED = "skipped"  # it waited, and is not run
    CANCELLED = "cancelled"  # it ran, and has ended
    TOLD = "told"  # its process answered; a step is still under way
    SILENT = "silent"  # its process has not answered; it is told when it wakes, or dies over it


@dataclass(frozen=True)
class Cancellation:
    outcome: Cancelled
    run: JobRun  # as it stands now
    process: Instance | None = None  # that was told


class RunOrders:
    """`by` is who sits at the terminal."""

    def __init__(
        self,
        stored: Stored,
        lives: Lives,
        processes: Processes,
        asking: Asking,
        clock: Clock,
        by: str,
    ) -> None:
        self._stored = stored
        self._lives = lives
        self._processes = processes
        self._asking = asking
        self._clock = clock
        self._by = by

    # ---- cancel -------------------------------------------------------------------------

    def cancel(self, run_id: int, why: str = "") -> Cancellation:
        """Raises Refused for a run that has ended, KeyError for none, CallError."""
        words = f"cancelled by {self._by}" + (f": {why}" if why else "")
        for _ in range(TRIES):
            found = self._tried(self._known(run_id), words)
            if found is not None:
                return found
        raise Refused(f"run {run_id} moves on whenever it is to be stopped: try again")

    def _tried(self, run: JobRun, words: str) -> Cancellation | None:
        """None: it moved on meanwhile."""
        if run.state in WAITING:
            skipped = self._stored.skip(run.id, words)
            return self._ended(run.id, Cancelled.SKIPPED) if skipped else None
        if run.state is not RunState.RUNNING or run.executor is None:
            raise Refused(f"run {run.id} has ended: it {_has(run)}, there is nothing to cancel")
        if not self._stored.ask(run.id, run.executor, run.attempts, words):
            return None
        if self._processes.fence(run.executor):
            ended = self._stored.end(run.id, run.executor)
            return self._ended(run.id, Cancelled.CANCELLED) if ended else None
        return self._told(run, run.executor, words)

    def _told(self, run: JobRun, executor: str, words: str) -> Cancellation | None:
        give_up_at = self._clock.monotonic() + END_S
        process = self._processes.of(executor)
        asked = self._asking.ask(
            CANCEL,
            str(run.id),
            {"words": words},
            by=self._by,
            within_s=ANSWER_S,
            running=[process] if process is not None else [],
        )
        answer = next((one for one in asked.answers if one.executor == executor), None)
        is_here = answer is not None and bool(answer.body.get("here"))
        while True:
            now = self._known(run.id)
            if now.state is RunState.CANCELLED:
                return Cancellation(Cancelled.CANCELLED, now, process)
            if now.state is not RunState.RUNNING or now.attempts != run.attempts:
                return None
            if self._processes.fence(executor):
                self._stored.end(run.id, executor)
            elif answer is None:
                return Cancellation(Cancelled.SILENT, now, process)
            elif self._clock.monotonic() >= give_up_at:
                return Cancellation(Cancelled.TOLD, now, process) if is_here else None
            elif not is_here:  # it has just begun it, or just ended it
                give_up_at = min(give_up_at, self._clock.monotonic() + SETTLES_S)
            self._clock.wait(POLL_S)

    def _ended(self, run_id: int, outcome: Cancelled) -> Cancellation:
        return Cancellation(outcome, self._known(run_id))

    # ---- retry --------------------------------------------------------------------------

    def retry(self, run: JobRun) -> JobRun:
        """Make its slot due once more; of two who ask, one does. Raises Refused, CallError."""
        refusal = why_no_retry(run, self._processes.is_dead)
        if refusal:
            raise Refused(refusal)
        if not self._stored.again(run.id, run.retries, f"retried by {self._by}"):
            now = self._known(run.id)
            raise Refused(f"run {run.id} is {now.state} already ({now.reason or 'by somebody'})")
        return self._known(run.id)

    def _known(self, run_id: int) -> JobRun:
        run = self._lives.get(run_id)
        if run is None:
            raise KeyError(run_id)
        return run


def why_no_retry(run: JobRun, is_dead: Callable[[str], bool]) -> str:
    """Why a run is not run again at somebody's wish; "" if it may be."""
    if run.state is RunState.SUCCEEDED:
        return f"run {run.id} has succeeded: `python main.py run {run.job}` runs the job anew"
    if run.state in RETRIABLE:
        return ""
    if run.scheduled:
        if run.state is RunState.RUNNING:
            return f"run {run.id} is running: cancel it first (python main.py runs cancel {run.id})"
        return f"run {run.id} is {run.state}: it will be run without being asked for again"
    if run.state is RunState.ABANDONED or is_dead(run.executor or run.decided_by):
        return ""
    return f"run {run.id} is being run by whoever asked for it"


class RunVerbs:
    """What a process does when it is told (`jobs.commands`)."""

    def __init__(self, here: RunsHere) -> None:
        self._here = here

    def table(self) -> dict[str, Handler]:
        return {CANCEL: self._cancel}

    def _cancel(self, command: Command) -> Answer:
        """Everybody is asked, one of them runs it: for the others there is nothing to do."""
        words = str(command.args.get("words") or f"cancelled by {command.asked_by}")
        return {"here": self._here.stop(int(command.target), words)}


def _has(run: JobRun) -> str:
    passive = run.state in (RunState.SKIPPED, RunState.CANCELLED)
    return f"was {run.state}" if passive else str(run.state)
