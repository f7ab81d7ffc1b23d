"""What goes on at the server: connections, locks that stand, what came in lately."""

from __future__ import annotations

from dataclasses import dataclass

from storage.database import Database

NEWEST = 5_000  # documents looked at for what came in lately


@dataclass(frozen=True)
class Stuck:
    """A session that waits for a lock, or sits in an open transaction and does nothing."""

    pid: int
    application: str
    role: str
    waits: bool
    blocked_by: tuple[int, ...]
    for_s: float


class ServerActivity:
    def __init__(self, database: Database) -> None:
        self._database = database

    def connections(self) -> tuple[int, int]:
        """(all of the server, those of this program)"""
        with self._database.transaction() as tx:
            row = tx.one("doctor.connections") or {"taken": 0, "ours": 0}
        return row["taken"], row["ours"]

    def stuck(self, *, waiting_s: float, idle_s: float) -> list[Stuck]:
        """For at least so long, the longest first."""
        with self._database.transaction() as tx:
            rows = tx.all("doctor.stuck", waiting_s=waiting_s, idle_s=idle_s)
        return [Stuck(**{**row, "blocked_by": tuple(row["blocked_by"])}) for row in rows]

    def prepared(self, *, idle_s: float) -> list[tuple[str, float]]:
        """Two-phase transactions that nobody ended: their name, and for how long (s)."""
        with self._database.transaction() as tx:
            rows = tx.all("doctor.prepared", idle_s=idle_s)
        return [(row["gid"], row["for_s"]) for row in rows]

    def stored_bytes(self, days: float) -> int:
        """Of documents that came within so many days, at least."""
        with self._database.transaction() as tx:
            row = tx.one("doctor.stored", days=days, newest=NEWEST) or {"bytes": 0}
        return int(row["bytes"])
