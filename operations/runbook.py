"""Where docs/runbook.md says what to do about a finding: one section for each name."""

from __future__ import annotations

PAGE = "docs/runbook.md"


def section(name: str) -> str:
    """The section of an alert or a check: "paid calls" -> "docs/runbook.md#paid-calls"."""
    return f"{PAGE}#{name.replace(' ', '-')}"
