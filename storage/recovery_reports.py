"""What recovery found at each start and since, and what was done about it.

A start's report is begun before anything is looked at and ended after: one whose process died
over its own recovery stays open, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from storage.database import Database, Row, as_json


@dataclass(frozen=True)
class Finding:
    """`done`: what became of it, in words. `is_mended`: left behind by the dead and put right;
    else it stands as it should, and waits for its turn."""

    what: str
    count: int
    done: str
    is_mended: bool


@dataclass(frozen=True)
class RecoveryReport:
    id: int
    at: datetime
    executor: str  # who looked
    occasion: str  # "start" or "sweep"
    ended_at: datetime | None  # None: under way, or its process died over it
    took_s: float | None
    findings: int  # how much was put right
    found: tuple[Finding, ...]


class RecoveryReports:
    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, executor: str) -> int:
        """The id of a start's report."""
        with self._database.transaction() as tx:
            row = tx.one("recovery.begin", executor=executor)
        assert row is not None
        return int(row["id"])

    def finish(self, report_id: int, found: Sequence[Finding], took_s: float) -> bool:
        with self._database.transaction() as tx:
            return tx.run("recovery.finish", id=report_id, **_columns(found, took_s)) == 1

    def add(self, executor: str, found: Sequence[Finding], took_s: float) -> None:
        """What a later look found."""
        with self._database.transaction() as tx:
            tx.run("recovery.add", executor=executor, **_columns(found, took_s))

    def get(self, report_id: int) -> RecoveryReport | None:
        with self._database.transaction() as tx:
            row = tx.one("recovery.get", id=report_id)
        return _report(row) if row else None

    def recent(self, limit: int = 20) -> list[RecoveryReport]:
        """Newest first."""
        with self._database.transaction() as tx:
            return [_report(row) for row in tx.all("recovery.recent", limit=limit)]

    def forget(self, days: int) -> int:
        """Drop reports that are older; how many."""
        with self._database.transaction() as tx:
            return tx.run("recovery.forget", days=days)

    # ---- looking ------------------------------------------------------------------------

    def left(self) -> dict[str, int]:
        """What is not done yet; never a count over a whole big table."""
        with self._database.transaction() as tx:
            return {row["what"]: row["found"] for row in tx.all("recovery.left")}

    def holders(self) -> list[str]:
        """The executors that are said to work in an agent, or claimed a report and have not
        saved it."""
        with self._database.transaction() as tx:
            return [row["executor"] for row in tx.all("recovery.holders")]

    def release_claims(self, executors: Iterable[str]) -> int:
        """Free the reports that the dead claimed; how many."""
        dead = list(executors)
        with self._database.transaction() as tx:
            return tx.run("recovery.release_claims", executors=dead)


def _columns(found: Sequence[Finding], took_s: float) -> Row:
    return {
        "took_s": took_s,
        "findings": sum(one.count for one in found if one.is_mended),
        "found": as_json([asdict(one) for one in found]),
    }


def _report(row: Row) -> RecoveryReport:
    return RecoveryReport(**{**row, "found": tuple(Finding(**one) for one in row["found"])})
