"""The analysts there are, one row each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from earnings.analysts.base import Analyst
from earnings.analysts.claude import Claude
from earnings.analysts.claude_wire import ClaudeSetup, ClaudeWire
from earnings.analysts.groq import Groq
from earnings.analysts.groq_wire import GroqSetup
from earnings.analysts.local import Local
from earnings.analysts.ollama import Ollama
from earnings.analysts.ollama_wire import OllamaSetup
from earnings.analysts.panel import LOCAL, Panel
from earnings.analysts.tasks import Tasks
from outside.http import HttpDoor
from resilience.clock import Clock


@dataclass(frozen=True)
class Parts:
    """What analysts are made from. A setup that is None: nothing is configured for it."""

    door: HttpDoor
    clock: Clock
    claude: ClaudeSetup | None = None
    groq: GroqSetup | None = None
    ollama: OllamaSetup | None = None
    claude_wire: ClaudeWire | None = None  # shared with whoever sends batches


@dataclass(frozen=True)
class AnalystRow:
    """`paid`: every answer costs money. `make` gives None when it is not configured."""

    name: str
    paid: bool
    needs: str
    make: Callable[[Parts], Analyst | None]


def _local(parts: Parts) -> Analyst:
    return Local()


def _claude(parts: Parts) -> Analyst | None:
    if parts.claude is None:
        return None
    return Claude(parts.door, parts.claude, parts.clock, parts.claude_wire)


def _groq(parts: Parts) -> Analyst | None:
    return Groq(parts.door, parts.groq, parts.clock) if parts.groq is not None else None


def _ollama(parts: Parts) -> Analyst | None:
    return Ollama(parts.door, parts.ollama, parts.clock) if parts.ollama is not None else None


ANALYSTS: dict[str, AnalystRow] = {
    row.name: row
    for row in (
        AnalystRow(LOCAL, paid=False, needs="nothing", make=_local),
        AnalystRow("claude", paid=True, needs="ANTHROPIC_API_KEY", make=_claude),
        AnalystRow("groq", paid=True, needs="GROQ_API_KEY", make=_groq),
        AnalystRow("ollama", paid=False, needs="a running Ollama, ollama.model", make=_ollama),
    )
}


def build_panel(order: Sequence[str], parts: Parts, tasks: Tasks | None = None) -> Panel:
    """The panel in the configured order; `local` is part of it even if the order omits it.

    Raises ValueError for a name that is not in the table.
    """
    unknown = [name for name in order if name not in ANALYSTS]
    if unknown:
        known = ", ".join(sorted(ANALYSTS))
        raise ValueError(f"no analyst is called {', '.join(unknown)}; there are {known}")
    names = [LOCAL, *(name for name in order if name != LOCAL)]
    made = (ANALYSTS[name].make(parts) for name in names)
    return Panel.of([analyst for analyst in made if analyst is not None], tasks)
