"""What is said of agents beside whether they are switched on: paused, degraded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from operations.checks.base import Status
from resilience.outcomes import CallError
from storage.agents import AgentKind, AgentStatus

Agents = Callable[[], Sequence[AgentStatus]]


@dataclass(frozen=True)
class Troubled:
    """Those of one kind that are on and do not do what they should, each with why."""

    paused: dict[str, str]
    degraded: dict[str, str]
    unknown: str = ""  # why nothing is known of them

    @property
    def said(self) -> list[str]:
        found = [f"{name} is {why}" for name, why in {**self.paused, **self.degraded}.items()]
        return [*found, self.unknown] if self.unknown else found

    @property
    def fix(self) -> str:
        """A pause is a person's, who may have forgotten it; a degraded one tries on by itself."""
        for name in self.paused:
            return f"when it is over: `python main.py agent resume {name}`"
        for name in self.degraded:
            return f"`python main.py agent show {name}` shows what fails; it is tried on by itself"
        return ""

    def status(self, on: Sequence[str]) -> Status:
        """None on is a failure; paused or degraded ones are for somebody to look at."""
        if not on:
            return Status.FAIL
        return Status.WARN if self.paused or self.degraded else Status.PASS


def troubled(agents: Agents, kind: AgentKind, on: Sequence[str]) -> Troubled:
    """A database that is away has a check of its own."""
    try:
        found = [one for one in agents() if one.kind is kind and one.name in on]
    except CallError as error:
        return Troubled({}, {}, f"how they do is not known ({error})")
    paused = {one.name: str(one.pause) for one in found if one.pause is not None}
    degraded = {
        one.name: f"degraded since {one.degraded_since:%Y-%m-%d %H:%M UTC}: {one.last_error}"
        for one in found
        if one.degraded_since is not None and one.pause is None
    }
    return Troubled(paused, degraded)
