"""Weekly reports: claimed by one process, stored with the facts they were made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from resilience.clock import Clock, SystemClock
from storage.database import Database
from storage.executions import Execution, executed

_STALE = timedelta(minutes=15)  # composing takes seconds: a claim this old was left behind


@dataclass(frozen=True)
class StoredReport:
    week: date  # its Monday
    saved_at: datetime
    html: str
    text: str
    facts: dict[str, Any]


class Reports:
    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()

    def claim(self, week: date, by: str) -> bool:
        """Whether the report of the week beginning on Monday `week` is `by`'s to compose: it
        is not saved, and nobody else began lately."""
        now = self._clock.now()
        with self._database.transaction() as tx:
            won = tx.run("reports.claim", week=week, by=by, at=now, stale=now - _STALE)
        return won == 1

    def save(
        self,
        week: date,
        html: str,
        text: str,
        facts: Mapping[str, object],
        by: str = "",
        execution: Execution | None = None,
    ) -> None:
        """Store it; one made anew replaces the old one. `execution`: the writer's."""
        with self._database.transaction() as tx:
            tx.run(
                "reports.save",
                week=week,
                html=html,
                text=text,
                facts=dict(facts),
                by=by,
                at=self._clock.now(),
            )
            if execution is not None:
                executed(tx, execution)

    def get(self, week: date) -> StoredReport | None:
        return self._first("reports.get", week=week)

    def latest(self) -> StoredReport | None:
        return self._first("reports.latest")

    def weeks(self, limit: int = 100) -> list[date]:
        """The weeks that have a report, newest first."""
        with self._database.transaction() as tx:
            return [row["week"] for row in tx.all("reports.weeks", limit=limit)]

    def _first(self, statement: str, **parameters: object) -> StoredReport | None:
        with self._database.transaction() as tx:
            row = tx.one(statement, **parameters)
        return StoredReport(**row) if row else None
