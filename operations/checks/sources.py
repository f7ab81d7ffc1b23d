"""Whether documents can come in at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from operations.agents import Agents, troubled
from operations.checks.base import CheckResult
from storage.agents import AgentKind


@dataclass(frozen=True)
class SourcesCheck:
    name: ClassVar[str] = "sources"
    deadline_s: ClassVar[float] = 2.0

    switched_off: Callable[[], Mapping[str, str | None]]  # source -> why, None if it is on
    agents: Agents = tuple

    def __call__(self) -> CheckResult:
        sources = self.switched_off()
        on = [name for name, why in sources.items() if why is None]
        off = [f"{name} is off: {why}" for name, why in sources.items() if why is not None]
        agents = troubled(self.agents, AgentKind.COLLECTOR, on)
        return CheckResult(
            self.name,
            agents.status(on),
            "; ".join([f"on: {', '.join(on)}" if on else "no source is on", *off, *agents.said]),
            observed=len(on),
            unit="on",
            fix=agents.fix if on else "set SEC_CONTACT to read EDGAR, or give the inbox a folder",
            details=dict(sources),
        )
