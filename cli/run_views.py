"""What `runs` shows, as plain values; also what --json prints, key for key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cli.views import RunView


@dataclass(frozen=True)
class MoveView:
    """One change of a run's state. `number` counts from 1; a gap is what a very long life
    lost of its middle."""

    number: int
    at: datetime  # by the database's clock
    before: str  # "" where the row was just written
    state: str
    attempt: int
    executor: str
    process: str  # "retailxai on retail-01, pid 4121", as far as it is still known
    host: str
    reason: str
    error: str
    said: str
    not_before: datetime | None
    told: str  # all of it, as a sentence


@dataclass(frozen=True)
class RunDocumentView:
    """A document the run told of, as it stands now."""

    id: int
    title: str
    state: str
    reason: str


@dataclass(frozen=True)
class RunLifeView:
    """`next`: what is to come of it, in words. `slot`: the whole name, also of one by hand."""

    run: RunView
    slot: str
    due_at: datetime
    decided_at: datetime
    reason: str  # of the decision
    attempts: int
    retries: int  # how often a person made it due again
    cancel_asked: str
    next: str
    moves: tuple[MoveView, ...]
    documents: tuple[RunDocumentView, ...]


@dataclass(frozen=True)
class RunLogView:
    """The lines of a run that this machine has. `total`: how many, of which `lines` are the
    latest. `notes`: what is not among them, and where it is."""

    run: RunView
    lines: tuple[dict[str, object], ...]
    total: int
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class CancelView:
    """`became`: skipped (it waited), cancelled (it ran), told (its process ends it when the
    step under way has ended), silent (its process has not answered yet)."""

    run: RunView
    became: str
    process: str = ""  # that was told


@dataclass(frozen=True)
class RetryRunView:
    """`run`: the slot, due once more; or, `by_hand`, the new run, which has ended. `next`: what
    is to come of it."""

    run: RunView
    by_hand: bool
    next: str = ""
