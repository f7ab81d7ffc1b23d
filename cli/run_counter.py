"""Where the commands look at runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from cli import stored_runs
from cli.exit_codes import ExitCode
from cli.failures import Failure
from cli.run_views import MoveView, RunDocumentView, RunLifeView
from cli.views import RunView
from jobs.run_life import AGAIN, outlook, told, who
from operations.checks.base import duration
from storage.ledger import JobRun
from storage.run_lives import RunLives, RunMove
from storage.states import RunState


@dataclass(frozen=True)
class RunHouse:
    lives: RunLives
    zone: ZoneInfo  # the schedule's: a day begins there
    is_dead: Callable[[str], bool]  # storage.leases.Instances
    daemons: Callable[[], int]
    silent_s: Callable[[str], float | None] = lambda executor: None


class RunCounter:
    def __init__(self, house: RunHouse) -> None:
        self._house = house

    def listed(
        self, job: str | None, state: str | None, since: date | None, limit: int
    ) -> Sequence[RunView]:
        wanted = RunState(state) if state is not None else None
        begin = datetime.combine(since, time(), self._house.zone) if since is not None else None
        found = self._house.lives.listed(job, wanted, begin, limit)
        return [self.view(one) for one in found]

    def life(self, which: str, slot: str | None) -> RunLifeView:
        """`which` is a number, or a job (then its slot, or its latest run). Raises Failure."""
        run = self.known(which, slot)
        lives = self._house.lives
        return RunLifeView(
            run=self.view(run),
            slot=run.slot,
            due_at=run.due_at,
            decided_at=run.decided_at,
            reason=run.reason,
            attempts=run.attempts,
            retries=run.retries,
            cancel_asked=run.cancel_asked,
            next=self._silence(run)
            or outlook(run, is_dead=self._is_dead(run), daemons=self._house.daemons()),
            moves=tuple(_move(one) for one in lives.moves(run.id)),
            documents=tuple(
                RunDocumentView(one.id, one.title or one.external_id, str(one.state), one.reason)
                for one in lives.documents(told_of(run))
            ),
        )

    def known(self, which: str, slot: str | None = None) -> JobRun:
        """Raises Failure."""
        lives = self._house.lives
        if which.isdigit():
            run = lives.get(int(which))
        elif slot is None:
            run = next(iter(lives.listed(which, limit=1)), None)
        else:
            run = lives.find(which, slot) or self._of_day(which, slot)
        if run is None:
            raise unknown_run(which, slot)
        return run

    # ---- within -------------------------------------------------------------------------

    def _of_day(self, job: str, slot: str) -> JobRun | None:
        try:
            return self._house.lives.of_day(job, date.fromisoformat(slot))
        except ValueError:
            return None

    def _is_dead(self, run: JobRun) -> bool:
        has_it = run.executor or run.decided_by
        return run.state not in _ENDED and self._house.is_dead(has_it)

    def _silence(self, run: JobRun) -> str:
        """Of one whose process lives and does not say so: frozen, or out of reach."""
        if run.state is not RunState.RUNNING or run.executor is None:
            return ""
        silent_s = self._house.silent_s(run.executor)
        if silent_s is None:
            return ""
        return f"its process has not been heard of for {duration(silent_s)}; the run waits for it"

    def view(self, run: JobRun) -> RunView:
        """With a word on those that look alive or waiting and are not."""
        view = stored_runs.run(run)
        if run.state is RunState.RUNNING and self._is_dead(run):
            return replace(view, error="its process is dead")
        if silence := self._silence(run):
            return replace(view, error=silence)
        if run.state is RunState.ABANDONED and not run.scheduled:
            return replace(view, error=f"{view.error}; nobody takes it up: {AGAIN} {run.id}")
        return view


_ENDED = frozenset(
    {RunState.SUCCEEDED, RunState.FAILED, RunState.SKIPPED, RunState.CANCELLED, RunState.ABANDONED}
)


def told_of(run: JobRun) -> list[int]:
    """The documents its summary names."""
    troubled = (one.get("document") for one in _list(run, "troubled") if isinstance(one, dict))
    return sorted({n for n in (*_list(run, "documents"), *troubled) if isinstance(n, int)})


def unknown_run(which: str, slot: str | None = None) -> Failure:
    at = f" at {slot}" if slot else ""
    what = f"run {which}" if which.isdigit() else f"run of {which}{at}"
    return Failure(
        ExitCode.UNKNOWN, "unknown_run", f"there is no {what}", "python main.py runs lists them"
    )


def _list(run: JobRun, key: str) -> list[object]:
    """A summary is what a job wrote, of whatever version."""
    found = run.summary.get(key)
    return found if isinstance(found, list) else []


def _move(move: RunMove) -> MoveView:
    return MoveView(
        number=move.number,
        at=move.at,
        before=str(move.from_state or ""),
        state=str(move.to_state),
        attempt=move.attempt,
        executor=move.executor or "",
        process=who(move) if move.instance is not None else "",
        host=move.host or "",
        reason=move.reason,
        error=move.error,
        said=move.said,
        not_before=move.not_before,
        told=told(move),
    )
