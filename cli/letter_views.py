"""What `dead-letters` shows, as plain values; also what --json prints, key for key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class LetterView:
    """`what`: the document's title. `next`: what becomes of it, in words."""

    id: int
    service: str
    cause: str  # outage | poison
    state: str  # waiting | replaying | resolved | dropped
    kind: str
    key: str
    what: str
    error: str
    step: str
    attempts: int  # how often it was put
    first_at: datetime
    last_at: datetime
    not_before: datetime | None = None
    next: str = ""


@dataclass(frozen=True)
class RetryView:
    """Letters that are tried again. `daemons`: how many are there to do it."""

    letters: tuple[LetterView, ...]
    daemons: int
