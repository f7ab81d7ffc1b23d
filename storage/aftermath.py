"""What a chaos run may see of the product's tables: read-only, and only to judge by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from resilience.clock import Clock
from storage.database import Database
from storage.pool import PoolSettings


@dataclass(frozen=True)
class DocumentFound:
    """`letter`: the state of the dead letter that is kept of it, None if there is none."""

    external_id: str
    id: int
    state: str
    reason: str
    sha256: str | None
    analyst: str | None
    degraded: bool | None
    letter: str | None
    net_sales: Decimal | None


@dataclass(frozen=True)
class CallFound:
    """`answer`: the name that the provider gave it."""

    sha256: str
    model: str
    prompt_version: str
    state: str
    reason: str
    answer: str | None


@dataclass(frozen=True)
class SlotFound:
    job: str
    slot: str
    scheduled: bool
    state: str
    reason: str
    error: str
    attempts: int


@dataclass(frozen=True)
class Unsettled:
    """How much is still on its way."""

    work: int
    runs: int
    calls: int
    documents: int

    def __bool__(self) -> bool:
        return bool(self.work or self.runs or self.calls or self.documents)


class Aftermath:
    """Every method raises CallError while the database is away."""

    def __init__(self, dsn: str, clock: Clock) -> None:
        wanted = PoolSettings(size=2, overflow=1, timeout_s=5.0, statement_timeout_s=10.0)
        self._database = Database(dsn, wanted, clock=clock, application="retailxai-chaos")

    def is_used(self) -> bool:
        """Whether somebody has worked on this database."""
        with self._database.transaction() as tx:
            row = tx.one("aftermath.holds_anything")
        return bool(row and row["used"])

    def documents(self) -> list[DocumentFound]:
        with self._database.transaction() as tx:
            return [DocumentFound(**row) for row in tx.all("aftermath.documents")]

    def calls(self) -> list[CallFound]:
        with self._database.transaction() as tx:
            return [CallFound(**row) for row in tx.all("aftermath.calls")]

    def slots(self) -> list[SlotFound]:
        with self._database.transaction() as tx:
            return [SlotFound(**row) for row in tx.all("aftermath.slots")]

    def unsettled(self) -> Unsettled:
        with self._database.transaction() as tx:
            row = tx.one("aftermath.unsettled")
        assert row is not None
        return Unsettled(**row)

    def holds(self, executors: Sequence[str]) -> dict[str, int]:
        """How much work each is marked as doing; those with none are not in it."""
        with self._database.transaction() as tx:
            rows = tx.all("aftermath.holds", executors=list(executors))
        return {row["executor"]: row["work"] for row in rows}

    def fenced(self) -> int:
        """How many processes were taken for dead and shut out."""
        with self._database.transaction() as tx:
            row = tx.one("aftermath.fenced")
        return int(row["processes"]) if row else 0

    def late(self) -> list[str]:
        """What processes ended after they had been shut out."""
        with self._database.transaction() as tx:
            return [f"{row['what']} by {row['executor']}" for row in tx.all("aftermath.late")]

    def executor(self, name: str) -> str | None:
        """Of the latest life of the process called `name`."""
        with self._database.transaction() as tx:
            row = tx.one("aftermath.executor", name=name)
        return row["executor"] if row else None

    def worked_since(self, since: datetime) -> datetime | None:
        """When anything was done for the first time after then."""
        with self._database.transaction() as tx:
            row = tx.one("aftermath.worked_since", since=since)
        return row["at"] if row else None

    def close(self) -> None:
        self._database.close()
