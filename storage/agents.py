"""Agents: a collector per source, the analysts, the writer; how each stands and what it did.

What an agent did is written with its effect (storage/executions.py); here is the rest: who
works in it, what failed, a person's pause, and the history behind it. All times are the
database's own, so that machines whose clocks differ agree on when a pause is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from storage.database import Database, Row
from storage.executions import Execution, executed
from storage.states import AgentState


class AgentKind(StrEnum):
    COLLECTOR = "collector"  # asks one source what is new, and fetches it
    ANALYST = "analyst"  # reads documents
    WRITER = "writer"  # composes the weekly report


@dataclass(frozen=True)
class Pause:
    """A person's word that an agent is to begin nothing new."""

    agent: str
    at: datetime
    until: datetime | None  # None: until somebody resumes it
    by: str
    why: str

    def __str__(self) -> str:
        """ "paused by ann since 2026-11-22 07:00 UTC until 09:00 UTC: reason" """
        until = f" until {_minute(self.until)}" if self.until is not None else ""
        why = f": {self.why}" if self.why else ""
        return f"paused by {self.by} since {_minute(self.at)}{until}{why}"


@dataclass(frozen=True)
class AgentStatus:
    """The few facts that are asked often."""

    name: str
    kind: AgentKind
    state: AgentState
    degraded_since: datetime | None  # also while it works or is paused
    last_error: str
    pause: Pause | None


@dataclass(frozen=True)
class Agent(AgentStatus):
    state_since: datetime
    workers: tuple[str, ...]  # executors it works in now
    cursor: str  # where its last success got to
    executions: int
    successes: int
    failures: int
    found: int  # documents that were new
    read: int
    claims: int
    withheld: int
    seconds: float
    last_success_at: datetime | None
    last_error_at: datetime | None
    scopes: int  # of a collector: how many places it was asked about
    moved_at: datetime | None  # and when the last of their cursors was


@dataclass(frozen=True)
class AgentEntry:
    id: int
    at: datetime
    executor: str
    what: str
    is_success: bool
    found: int
    read: int
    claims: int
    withheld: int
    took_s: float
    error: str


@dataclass(frozen=True)
class AgentDay:
    """Sums of a day (UTC), its single entries counted in."""

    day: date
    executions: int
    successes: int
    failures: int
    found: int
    read: int
    claims: int
    withheld: int
    seconds: float


class Agents:
    def __init__(self, database: Database) -> None:
        self._database = database

    def sync(self, configured: Mapping[str, AgentKind]) -> None:
        """Have a row for each. Those of agents that are gone stay, with what they did."""
        rows = [{"agent": name, "kind": kind} for name, kind in sorted(configured.items())]
        with self._database.transaction() as tx:
            tx.many("agents.add", rows)

    # ---- working ------------------------------------------------------------------------

    def enter(self, agent: str, executor: str) -> None:
        """`executor` begins to work in it."""
        with self._database.transaction() as tx:
            tx.run("agents.expire", agent=agent)
            tx.run("agents.enter", agent=agent, executor=executor)

    def rest(self, agent: str, executor: str) -> None:
        """`executor` does not any more."""
        with self._database.transaction() as tx:
            tx.run("agents.rest", agent=agent, executor=executor)

    def evict(self, executors: Iterable[str]) -> list[str]:
        """Executors that are dead work in none any more; the agents they were said to."""
        dead = list(executors)
        return [row["name"] for row in self._database.all("agents.evict", executors=dead)]

    def succeeded(self, execution: Execution) -> None:
        """An execution that had nothing to store."""
        with self._database.transaction() as tx:
            executed(tx, execution)

    def failed(self, execution: Execution, error: str) -> None:
        """An execution whose effect never came to be."""
        with self._database.transaction() as tx:
            executed(tx, execution, error=error)

    # ---- pausing ------------------------------------------------------------------------

    def pause(self, agent: str, by: str, why: str, seconds: float | None = None) -> bool:
        """From now on it begins nothing, in no process; False if there is no such agent."""
        with self._database.transaction() as tx:
            asked = {"agent": agent, "by": by, "reason": why, "seconds": seconds}
            return tx.run("agents.pause", **asked) == 1

    def resume(self, agent: str) -> bool:
        """False if it is not paused."""
        return self._database.run("agents.resume", agent=agent) == 1

    def paused(self) -> dict[str, Pause]:
        """Those that are to begin nothing now."""
        found = [_pause(row) for row in self._database.all("agents.paused")]
        return {each.agent: each for each in found if each is not None}

    # ---- looking ------------------------------------------------------------------------

    def all(self) -> list[Agent]:
        """Collectors, analysts, writer."""
        return [_agent(row) for row in self._database.all("agents.all")]

    def states(self) -> list[AgentStatus]:
        return [AgentStatus(**_status(row)) for row in self._database.all("agents.states")]

    def entries(self, agent: str, limit: int = 20) -> list[AgentEntry]:
        """Newest first."""
        rows = self._database.all("agents.entries", agent=agent, limit=limit)
        return [AgentEntry(**row) for row in rows]

    def days(self, agent: str, limit: int = 30) -> list[AgentDay]:
        """Newest first."""
        rows = self._database.all("agents.days", agent=agent, limit=limit)
        return [AgentDay(**row) for row in rows]

    # ---- bounding -----------------------------------------------------------------------

    def roll_up(self, entries: int, hours: float) -> int:
        """Keep the newest `entries` of the last `hours` of each agent, the others as sums by
        day; how many became sums."""
        with self._database.transaction() as tx:
            names = [row["name"] for row in tx.all("agents.names")]
        return sum(self._roll_up(name, entries, hours) for name in names)

    def forget_days(self, days: int) -> int:
        """Drop the sums of days longer ago; how many."""
        return self._database.run("agents.forget_days", days=days)

    def _roll_up(self, agent: str, entries: int, hours: float) -> int:
        row = self._database.one("agents.roll_up", agent=agent, entries=entries, age_s=hours * 3600)
        return int(row["entries"]) if row else 0


def _status(row: Row) -> dict[str, Any]:
    """A row without its pause, which stands in columns of its own."""
    kept = {name: value for name, value in row.items() if not name.startswith("paused_")}
    states = {"kind": AgentKind(row["kind"]), "state": AgentState(row["state"])}
    return {**kept, **states, "pause": _pause(row)}


def _agent(row: Row) -> Agent:
    return Agent(**{**_status(row), "workers": tuple(row["workers"])})


def _pause(row: Row) -> Pause | None:
    if row["paused_at"] is None:
        return None
    at, until = row["paused_at"], row["paused_until"]
    return Pause(row["name"], at, until, row["paused_by"], row["paused_why"])


def _minute(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
