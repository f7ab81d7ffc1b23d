"""A step: what it is, a look at what is there, and the way to what is wanted."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Look:
    """`found` as it is now; `wanted` what would be made of it, "" if it is right."""

    found: str
    wanted: str = ""

    @property
    def is_right(self) -> bool:
        return not self.wanted


class Step(Protocol):
    @property
    def name(self) -> str: ...

    def look(self) -> Look:
        """Changes nothing. Raises Failure where no way leads to what is wanted."""
        ...

    def apply(self) -> None:
        """Raises Failure. Done twice it is done once."""
        ...


def plan(steps: Sequence[Step]) -> int:
    """Say what would change; how many steps would."""
    looks = [(step, step.look()) for step in steps]
    for step, look in looks:
        tell("ok" if look.is_right else "change", step.name, look)
    changes = sum(not look.is_right for _, look in looks)
    say(f"{changes} would change, {len(looks) - changes} are right")
    return changes


def carry_out(steps: Sequence[Step]) -> int:
    """Change what is not right; how many steps that were. What was done stands if one fails."""
    changed = 0
    for step in steps:
        look = step.look()
        if not look.is_right:
            step.apply()
            changed += 1
        tell("ok" if look.is_right else "changed", step.name, look)
    say(f"{changed} changed, {len(steps) - changed} were right")
    return changed


def tell(what: str, name: str, look: Look) -> None:
    way = f" -> {look.wanted}" if look.wanted else ""
    say(f"{what:<8} {name:<12} {look.found}{way}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
