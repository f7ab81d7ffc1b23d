"""The life of a run in words: what each of its moves was, and what is to come of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from storage.ledger import JobRun
from storage.run_lives import RunMove
from storage.states import RunState

AGAIN = "python main.py runs retry"
ITS_PROCESS_DIED = "its process died"

Shown = Callable[[datetime], str]


def stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def who(move: RunMove) -> str:
    """ "retailxai on retail-01, pid 4121", as far as the process is still known."""
    if move.instance is not None:
        return f"{move.instance} on {move.host}, pid {move.pid}"
    return move.executor or "nobody"


def told(move: RunMove, shown: Shown = stamp) -> str:
    """One move, as a sentence without a full stop."""
    state, before = move.to_state, move.from_state
    if state is RunState.RUNNING:
        again = "taken up again" if before is RunState.ABANDONED else "begun"
        attempt = f", attempt {move.attempt}" if move.attempt > 1 else ""
        return f"{again} by {who(move)}{attempt}"
    if state is RunState.DUE:
        decided = "decided to run" if before is None else "due again"
        by = f", by {who(move)}" if before is None else ""
        return f"{decided}{by}{_because(move.reason)}"
    if state is RunState.DEFERRED:
        until = f" until {shown(move.not_before)}" if move.not_before else ""
        return f"put off{until}{_because(move.reason)}"
    if state is RunState.SKIPPED:
        decided = "decided not to run" if before is None else "skipped"
        return f"{decided}{_because(move.reason)}"
    if state is RunState.ABANDONED:
        return f"abandoned: {move.error or ITS_PROCESS_DIED} ({who(move)})"
    if state is RunState.CANCELLED:
        return f"{move.error or 'cancelled'}{_because(move.said)}"
    return f"{state}{_because(move.error or move.said)}"


def outlook(run: JobRun, *, is_dead: bool, daemons: int, shown: Shown = stamp) -> str:
    """What is to come of it; "" where nothing is. `is_dead`: the process that has it (or, of
    one asked for by hand that is due, that asked for it)."""
    if run.state is RunState.RUNNING:
        return _outlook_running(run, is_dead)
    if run.state is RunState.SUCCEEDED:
        return ""
    if run.state in (RunState.FAILED, RunState.SKIPPED, RunState.CANCELLED):
        return f"it stays so, unless a person asks for it again: {AGAIN} {run.id}"
    if not run.scheduled:
        return _left_by_hand(run, is_dead)
    if run.state is RunState.DEFERRED and run.not_before is not None:
        when = f"a daemon takes it up from {shown(run.not_before)} on"
    else:
        when = "a daemon takes it up within seconds"
    return when if daemons else f"{when}; none runs now"


def _outlook_running(run: JobRun, is_dead: bool) -> str:
    if is_dead:
        end = "cancelled" if run.cancel_asked else "abandoned"
        return f"its process is dead: it is {end} as soon as any process of this database works"
    if run.cancel_asked:
        return f"told to stop ({run.cancel_asked}): it ends when the step under way has ended"
    return "it is being run"


def _left_by_hand(run: JobRun, is_dead: bool) -> str:
    if run.state is RunState.DUE and not is_dead:
        return "whoever asked for it is about to begin"
    died = "its process died" if run.error in ("", ITS_PROCESS_DIED) else run.error
    return f"asked for by hand, {died}; nobody takes it up: {AGAIN} {run.id}"


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""
