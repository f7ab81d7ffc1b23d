"""The lives of runs: each with every move it made, for who asks what became of it.

The moves are written by the database (trigger `note_run_move`), never here. Runs that ended
before it did so have none.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from storage.database import Database
from storage.documents import StoredDocument, document_of
from storage.ledger import JobRun, run_of
from storage.states import RunState


@dataclass(frozen=True)
class RunMove:
    number: int  # from 1 on
    at: datetime  # by the server's clock
    from_state: RunState | None  # None: the row was just written
    to_state: RunState
    executor: str | None  # who ran it; of a row just written, who decided
    attempt: int
    reason: str  # of a decision
    error: str  # of an end
    said: str  # an end's summary, in a sentence
    not_before: datetime | None
    instance: str | None  # what is still known of the executor's process
    host: str | None
    pid: int | None
    log_file: str | None  # on that host


class RunLives:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, run_id: int) -> JobRun | None:
        with self._database.transaction() as tx:
            row = tx.one("run_lives.get", id=run_id)
        return run_of(row) if row else None

    def find(self, job: str, slot: str) -> JobRun | None:
        with self._database.transaction() as tx:
            row = tx.one("run_lives.find", job=job, slot=slot)
        return run_of(row) if row else None

    def of_day(self, job: str, day: date) -> JobRun | None:
        """The last slot on that day, as the schedule names days."""
        with self._database.transaction() as tx:
            row = tx.one("run_lives.of_day", job=job, day=day.isoformat())
        return run_of(row) if row else None

    def listed(
        self,
        job: str | None = None,
        state: RunState | None = None,
        since: datetime | None = None,
        limit: int = 50,
    ) -> list[JobRun]:
        """Newest first. `since`: those that were due from then on."""
        with self._database.transaction() as tx:
            rows = tx.all("run_lives.listed", job=job, state=state, since=since, limit=limit)
        return [run_of(row) for row in rows]

    def moves(self, run_id: int) -> list[RunMove]:
        """In the order they were made."""
        with self._database.transaction() as tx:
            rows = tx.all("run_lives.moves", id=run_id)
        return [
            RunMove(
                **{
                    **row,
                    "from_state": RunState(row["from_state"]) if row["from_state"] else None,
                    "to_state": RunState(row["to_state"]),
                }
            )
            for row in rows
        ]

    def documents(self, ids: Collection[int]) -> list[StoredDocument]:
        """As they stand now."""
        if not ids:
            return []
        with self._database.transaction() as tx:
            return [document_of(row) for row in tx.all("run_lives.documents", ids=list(ids))]
