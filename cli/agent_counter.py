"""Where the commands look at agents and at recoveries, and pause and resume an agent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cli.exit_codes import ExitCode
from cli.failures import Failure, unknown
from earnings.analysts.panel import LOCAL
from storage.agents import Agent, AgentDay, AgentEntry, Agents
from storage.policy_desk import PauseView
from storage.recovery_reports import RecoveryReport, RecoveryReports

SEE = "python main.py agent lists them"
ENTRIES = 12
DAYS = 14


@dataclass(frozen=True)
class AgentPage:
    """One agent, what it did last (newest first), and its days (newest first, in UTC).
    `left_alone`: of the services it asks, those that nobody asks at present."""

    agent: Agent
    entries: tuple[AgentEntry, ...]
    days: tuple[AgentDay, ...]
    left_alone: tuple[PauseView, ...] = ()


@dataclass(frozen=True)
class AgentOrder:
    """`daemons`: how many run; each follows with the next thing it would begin."""

    agent: Agent
    daemons: int


class AgentCounter:
    """`by` is who sits at the terminal. `pauses` are those of all services."""

    def __init__(
        self,
        agents: Agents,
        recoveries: RecoveryReports,
        by: str,
        daemons: Callable[[], int],
        pauses: Callable[[], Sequence[PauseView]] = tuple,
    ) -> None:
        self._pauses = pauses
        self._agents = agents
        self._recoveries = recoveries
        self._by = by
        self._daemons = daemons

    # ---- agents -------------------------------------------------------------------------

    def listed(self) -> Sequence[Agent]:
        return self._agents.all()

    def page(self, name: str) -> AgentPage:
        """Raises Failure for an agent that there is not."""
        agent = self._known(name)
        entries = self._agents.entries(name, ENTRIES)
        days = tuple(self._agents.days(name, DAYS))
        # A service of a source's own has its name: youtube, youtube_transcripts.
        own = (one for one in self._pauses() if one.service.split("_")[0] == name)
        return AgentPage(agent, tuple(entries), days, tuple(own))

    def pause(self, name: str, seconds: float | None, why: str) -> AgentOrder:
        """Raises Failure for one that there is not, and for `local`."""
        self._known(name)
        if name == LOCAL:
            what = "local cannot be paused: it is what every document shows until others answer"
            fix = "python main.py agent pause for the collectors: then no documents come in"
            raise Failure(ExitCode.REFUSED, "refused", what, fix)
        self._agents.pause(name, self._by, why, seconds)
        return AgentOrder(self._known(name), self._daemons())

    def resume(self, name: str) -> AgentOrder:
        """Raises Failure for one that there is not, or that is not paused."""
        if self._known(name).pause is None:
            raise Failure(ExitCode.REFUSED, "refused", f"{name} is not paused")
        self._agents.resume(name)
        return AgentOrder(self._known(name), self._daemons())

    def _known(self, name: str) -> Agent:
        every = {agent.name: agent for agent in self._agents.all()}
        if name not in every:
            raise unknown("agent", name, list(every), SEE)
        return every[name]

    # ---- recoveries ---------------------------------------------------------------------

    def recoveries(self, limit: int) -> Sequence[RecoveryReport]:
        """Newest first."""
        return self._recoveries.recent(limit)

    def recovery(self, report_id: int) -> RecoveryReport:
        """Raises Failure for one that there is not."""
        found = self._recoveries.get(report_id)
        if found is None:
            raise Failure(
                ExitCode.UNKNOWN,
                "unknown_recovery",
                f"there is no recovery {report_id}",
                "python main.py recovery history lists them",
            )
        return found
