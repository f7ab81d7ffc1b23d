"""Whether this process gets on, judged by its loops. Pure: what is known in, what hangs out.

A database that is away is no hang. While it does not hear us, a loop that asks it may take as
long as it likes; once it does, the loop has its time anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Loop:
    """Something that must come round again and again."""

    name: str  # "the jobs tick"
    quiet_s: float  # since it came round last
    every_s: float
    lives: bool = True  # False: its thread has ended
    longest_s: float = 0.0  # a round may take so long, if that is more than the common limit
    asks_database: bool = True


def what_hangs(loops: Iterable[Loop], heard_s: float | None, limit_s: float) -> list[str]:
    """In words, nothing if all is well.

    `heard_s`: since when the database hears us, and we ourselves were not held up; None: it
    does not. `limit_s`: longest a round may take.
    """
    return [said for loop in loops if (said := _said(loop, heard_s, limit_s))]


def _said(loop: Loop, heard_s: float | None, limit_s: float) -> str:
    if not loop.lives:
        return f"{loop.name} has ended"
    if loop.asks_database and heard_s is None:
        return ""
    quiet_s = loop.quiet_s if heard_s is None else min(loop.quiet_s, heard_s)
    if quiet_s <= loop.every_s + max(loop.longest_s, limit_s):
        return ""
    return f"{loop.name} has not come round for {quiet_s:.0f} s"
