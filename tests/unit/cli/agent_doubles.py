"""Agents and recoveries in memory, behind the counter that the commands ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from cli.agent_counter import AgentCounter
from storage.agents import Agent, AgentDay, AgentEntry, AgentKind, Pause
from storage.policy_desk import PauseView
from storage.recovery_reports import Finding, RecoveryReport
from storage.states import AgentState

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def agent(name: str = "edgar", kind: AgentKind = AgentKind.COLLECTOR, **changes: Any) -> Agent:
    values: dict[str, Any] = {
        "state": AgentState.IDLE,
        "degraded_since": None,
        "last_error": "",
        "pause": None,
        "state_since": NOON,
        "workers": (),
        "cursor": "",
        "executions": 0,
        "successes": 0,
        "failures": 0,
        "found": 0,
        "read": 0,
        "claims": 0,
        "withheld": 0,
        "seconds": 0.0,
        "last_success_at": None,
        "last_error_at": None,
        "scopes": 0,
        "moved_at": None,
    }
    return Agent(name=name, kind=kind, **{**values, **changes})


DEGRADED = agent(
    state=AgentState.DEGRADED,
    degraded_since=NOON - timedelta(hours=1),
    last_error="edgar: timed out \x1b[2J",
    last_error_at=NOON,
    cursor="CIK1 0001-26-000001",
    executions=75,
    successes=73,
    failures=2,
    found=40,
    read=33,
    seconds=61.0,
    last_success_at=NOON - timedelta(hours=2),
    scopes=72,
    moved_at=NOON - timedelta(hours=2),
)
LOCAL = agent("local", AgentKind.ANALYST, read=31, claims=310, withheld=4, executions=33,
              successes=33)  # fmt: skip
WRITER = agent("weekly", AgentKind.WRITER)
ENTRIES = [
    AgentEntry(9, NOON, "ex-1", "CIK 1", False, 0, 0, 0, 0, 4.0, "edgar: timed out"),
    AgentEntry(8, NOON - timedelta(hours=2), "ex-1", "CIK 2", True, 3, 0, 0, 0, 0.4, ""),
]
DAYS = [AgentDay(date(2026, 11, 20), 75, 73, 2, 40, 33, 0, 0, 61.0)]


class FakeAgents:
    def __init__(self, *agents: Agent) -> None:
        self.agents = {one.name: one for one in agents}

    def all(self) -> list[Agent]:
        return list(self.agents.values())

    def entries(self, name: str, limit: int) -> list[AgentEntry]:
        return ENTRIES[:limit] if self.agents[name].executions else []

    def days(self, name: str, limit: int) -> list[AgentDay]:
        return DAYS[:limit] if self.agents[name].executions else []

    def pause(self, name: str, by: str, why: str, seconds: float | None) -> bool:
        until = NOON + timedelta(seconds=seconds) if seconds else None
        self._set(name, state=AgentState.PAUSED, pause=Pause(name, NOON, until, by, why))
        return True

    def resume(self, name: str) -> bool:
        state = AgentState.DEGRADED if self.agents[name].degraded_since else AgentState.IDLE
        self._set(name, state=state, pause=None)
        return True

    def _set(self, name: str, **changes: Any) -> None:
        self.agents[name] = replace(self.agents[name], **changes)


FOUND = (
    Finding("runs whose process died", 1, "free to be claimed again", is_mended=True),
    Finding("documents fetched", 3, "taken up by the next scan", is_mended=False),
)
REPORTS = [
    RecoveryReport(3, NOON, "ex-3", "sweep", NOON, 0.01, 1, FOUND[:1]),
    RecoveryReport(2, NOON, "ex-2", "start", NOON, 0.25, 1, FOUND),
    RecoveryReport(1, NOON, "ex-1", "start", None, None, 0, ()),
]


class FakeRecoveries:
    def __init__(self, *reports: RecoveryReport) -> None:
        self.reports = reports

    def recent(self, limit: int) -> list[RecoveryReport]:
        return list(self.reports[:limit])

    def get(self, report_id: int) -> RecoveryReport | None:
        return next((one for one in self.reports if one.id == report_id), None)


def counter(
    *agents: Agent,
    reports: tuple[RecoveryReport, ...] = (),
    daemons: int = 1,
    pauses: tuple[PauseView, ...] = (),
) -> AgentCounter:
    store, recoveries = cast(Any, FakeAgents(*agents)), cast(Any, FakeRecoveries(*reports))
    return AgentCounter(store, recoveries, "ann on box", lambda: daemons, lambda: pauses)
