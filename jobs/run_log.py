"""The log lines of a run: those this machine has, and a word on those it has not.

A run's lines lie where it ran: in the log file of each process that worked on it. Which those
are is known of the runner from its moves, and of whoever read documents for it only by who was
there at the time.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from operations.telemetry.logsearch import lines_of_run
from operations.telemetry.rendering import Event
from storage.leases import Instance
from storage.ledger import JobRun
from storage.run_lives import RunMove
from storage.states import RunState


@dataclass(frozen=True)
class RunLines:
    """`lines`: the latest of `total`. `notes`: what is not among them, and where it is."""

    lines: tuple[Event, ...]
    total: int
    files: tuple[Path, ...]
    notes: tuple[str, ...]


class RunLog:
    """`processes`: the latest ones, gone ones too. `here`: the log file of this process."""

    def __init__(
        self,
        processes: Callable[[], Sequence[Instance]],
        here: Path | None,
        host: str | None = None,
    ) -> None:
        self._processes = processes
        self._here = here
        self._host = host or socket.gethostname()

    def of(self, run: JobRun, moves: Sequence[RunMove], most: int) -> RunLines:
        ran = [one for one in moves if one.to_state is RunState.RUNNING]
        beside = [one for one in self._processes() if _was_there(one, run)]
        logs = {self._here} if self._here is not None else set()
        logs |= {Path(one.log_file) for one in ran if one.host == self._host and one.log_file}
        logs |= {Path(log) for one in beside if one.host == self._host and (log := _log_of(one))}
        found = lines_of_run(sorted(logs), run.id, most)
        notes = [f"cannot be read: {what}" for what in found.unread]
        notes += self._elsewhere(ran, beside)
        was_rotated = not logs.issuperset(found.files)
        if was_rotated and run.started_at and _is_before(run.started_at, found.begins_at):
            notes.append(f"the files here begin at {found.begins_at}: older lines were dropped")
        return RunLines(found.lines, found.total, found.files, tuple(notes))

    def _elsewhere(self, ran: Sequence[RunMove], beside: Sequence[Instance]) -> list[str]:
        notes, hosts = [], set()
        for one in ran:
            if one.host is not None and one.host != self._host:
                hosts.add(one.host)
                where = f"{one.host}:{one.log_file}" if one.log_file else one.host
                notes.append(
                    f"attempt {one.attempt} ran on {one.host} ({one.instance}): its lines are in "
                    f"{where}, `runs log` there shows them"
                )
        others = sorted({one.host for one in beside} - hosts - {self._host})
        if others:
            notes.append(
                f"{', '.join(others)} worked at the same time: documents of this run that were "
                "read there left their lines there"
            )
        return notes


def _was_there(one: Instance, run: JobRun) -> bool:
    """While it ran. Of a retried one that is only the last time."""
    if run.started_at is None:
        return False
    begun_in_time = run.finished_at is None or one.started_at <= run.finished_at
    return begun_in_time and (one.left_at or one.seen_at) >= run.started_at


def _log_of(one: Instance) -> str:
    return str(one.details.get("log") or "")


def _is_before(moment: datetime, text: str) -> bool:
    try:
        return moment < datetime.fromisoformat(text)
    except ValueError:  # no line tells of a moment
        return False
