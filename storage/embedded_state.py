"""How the embedded server of a data folder stands, found out without starting it.

Nothing is made or changed: a look by root must leave no file that the service cannot use.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from resilience.clock import Clock
from storage import server_process
from storage.cluster import major_of
from storage.embedded import EmbeddedServer
from storage.file_locks import FileLock, LockNotHad, exclusive
from storage.server_binaries import find
from storage.server_errors import BinariesMissing

_TURN_S = 1.0


@dataclass(frozen=True)
class EmbeddedState:
    """`made_by` is the major version that made the folder; `programs` that of the programs that
    would serve it, None if there are none. `serving` is the server's pid."""

    cluster: Path
    made_by: int
    programs: int | None
    serving: int | None
    died: bool  # it says that it is served, and nobody does: it did not end in good order
    is_used: bool  # by a process that holds it; also while nobody can tell

    @property
    def fits(self) -> bool:
        return self.programs == self.made_by


def look(data_dir: Path, clock: Clock) -> EmbeddedState | None:
    """None if no database was ever made there. Raises OSError, FolderUnusable."""
    cluster = data_dir / "postgres"
    made = major_of(cluster) if cluster.is_dir() else None
    if made is None:
        return None
    serving = server_process.serving_pid(cluster.resolve())
    return EmbeddedState(
        cluster=cluster,
        made_by=made,
        programs=_programs(made),
        serving=serving,
        died=serving is None and server_process.recorded_pid(cluster) is not None,
        is_used=_is_used(data_dir, clock),
    )


def stop_unused(data_dir: Path, clock: Clock) -> bool:
    """Join it and leave again: whoever leaves last stops it. False if somebody uses it by now.
    Raises EmbeddedServerError."""
    server = EmbeddedServer(data_dir, clock=clock)
    server.start()
    return server.leave()


def _programs(wanted: int) -> int | None:
    try:
        return find(wanted).major
    except BinariesMissing:
        return None


def _is_used(data_dir: Path, clock: Clock) -> bool:
    """Asked in the turn of a starter or stopper: outside of it the question itself would refuse
    whoever joins at that moment."""
    turn, users = data_dir / "postgres.lock", data_dir / "postgres.users"
    if not (turn.exists() and users.exists()):
        return False
    try:
        held = exclusive(turn, clock, _TURN_S)
    except (LockNotHad, PermissionError):
        return True
    with held, FileLock(users) as lock:
        return not lock.try_exclusive()
