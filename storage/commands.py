"""What people ask of processes that run: written down, told at once, answered by each.

A command is a row, so it reaches a process that was cut off when it was asked; its
notification only saves the wait for the next look (`storage.notifications`). A process
answers what was asked since it started, and answers once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from storage.database import Database

CHANNEL = "retailxai_command"

AckOutcome = Literal["done", "refused", "failed"]


@dataclass(frozen=True)
class Command:
    """`verb` says what to do, `target` with what (a service, a job; may be empty)."""

    id: int
    verb: str
    target: str
    args: dict[str, Any]
    asked_by: str
    asked_at: datetime


@dataclass(frozen=True)
class Ack:
    """What one executor made of a command."""

    executor: str
    outcome: str
    answer: dict[str, Any]
    at: datetime


class Commands:
    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(
        self, verb: str, target: str = "", args: Mapping[str, object] | None = None, *, by: str
    ) -> int:
        """The command's id, by which its answers are found. Every process that runs is told."""
        with self._database.transaction() as tx:
            row = tx.one(
                "commands.ask",
                verb=verb,
                target=target,
                args=dict(args or {}),
                by=by,
                channel=CHANNEL,
            )
        assert row is not None
        return int(row["id"])

    def pending(
        self, executor: str, since: datetime | None = None, limit: int = 100
    ) -> list[Command]:
        """What `executor` has not answered of what was asked from `since` on (a moment of the
        database's clock), oldest first. Without `since`: from its start, as `instance` has it;
        nothing if it never entered there."""
        with self._database.transaction() as tx:
            if since is None:
                rows = tx.all("commands.pending_since_start", executor=executor, limit=limit)
            else:
                rows = tx.all("commands.pending", executor=executor, since=since, limit=limit)
        return [Command(**row) for row in rows]

    def acknowledge(
        self,
        command_id: int,
        executor: str,
        outcome: AckOutcome,
        answer: Mapping[str, object] | None = None,
    ) -> bool:
        """False if this executor answered before, or the command is forgotten."""
        with self._database.transaction() as tx:
            won = tx.run(
                "commands.acknowledge",
                id=command_id,
                executor=executor,
                outcome=outcome,
                answer=dict(answer or {}),
            )
        return won == 1

    def acks(self, command_id: int) -> list[Ack]:
        """In the order they came."""
        with self._database.transaction() as tx:
            return [Ack(**row) for row in tx.all("commands.acks", id=command_id)]

    def recent(self, limit: int = 50) -> list[Command]:
        """Newest first."""
        with self._database.transaction() as tx:
            return [Command(**row) for row in tx.all("commands.recent", limit=limit)]

    def forget(self, age_s: float) -> int:
        """Drop the commands that were asked so long ago, answered or not; how many."""
        with self._database.transaction() as tx:
            return tx.run("commands.forget", age_s=age_s)
