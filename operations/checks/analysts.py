"""Whether documents can be understood, and by whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from operations.agents import Agents, troubled
from operations.checks.base import CheckResult
from storage.agents import AgentKind

FIX = "put `local` back into the order of analysts: it needs no key"


@dataclass(frozen=True)
class AnalystsCheck:
    """An analyst nobody configured is nothing to warn about; one that was and cannot work is
    seen by its breaker and in the settings' own findings."""

    name: ClassVar[str] = "analysts"
    deadline_s: ClassVar[float] = 2.0

    switched_off: Callable[[], Mapping[str, str | None]]  # analyst -> why, None if it is on
    agents: Agents = tuple

    def __call__(self) -> CheckResult:
        analysts = self.switched_off()
        on = [name for name, why in analysts.items() if why is None]
        off = [f"{name} is off: {why}" for name, why in analysts.items() if why is not None]
        agents = troubled(self.agents, AgentKind.ANALYST, on)
        return CheckResult(
            self.name,
            agents.status(on),
            "; ".join([f"on: {', '.join(on)}" if on else "no analyst is on", *off, *agents.said]),
            observed=len(on),
            unit="on",
            fix=agents.fix if on else FIX,
            details=dict(analysts),
        )
