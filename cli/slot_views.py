"""What `why` and `plan` show, as plain values; also what --json prints, key for key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cli.run_views import MoveView


@dataclass(frozen=True)
class SlotView:
    """One slot, and what is to be said of it.

    `verdict`: ran | ran late | ran early | running | to run | put off | skipped | failed |
    abandoned | cancelled | before the beginning | switched off | to come | not expected | undecided
    """

    slot: str
    due_at: datetime
    verdict: str
    why: str = ""
    is_bad: bool = False  # it should have run, and has not, or not to a good end
    clock_change: str = ""
    next: str = ""
    run_id: int | None = None
    moves: tuple[MoveView, ...] = ()


@dataclass(frozen=True)
class WhyView:
    job: str
    schedule: str  # as it is now
    enabled: bool
    rule: str  # "catches up on latest, up to 24 h; skip on overlap"
    slots: tuple[SlotView, ...] = ()


@dataclass(frozen=True)
class PlannedView:
    """`would`: run | late | skipped | undecided"""

    job: str
    slot: str
    due_at: datetime
    would: str
    why: str
    decided_at: datetime | None = None
    begun_at: datetime | None = None
    clock_change: str = ""


@dataclass(frozen=True)
class PlanView:
    zone: str
    first: str
    last: str
    down: tuple[str, ...] = ()
    slots: tuple[PlannedView, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ChangeView:
    at: datetime
    before: str  # as the clocks show it, "2026-03-08T02:00"
    after: str


@dataclass(frozen=True)
class TouchedView:
    job: str
    slot: str
    due_at: datetime
    local: str  # "03:00 EDT"
    cron_runs: int  # of a cron that goes by what the clock shows
    cron_at: tuple[datetime, ...] = ()


@dataclass(frozen=True)
class AuditView:
    zone: str
    year: int
    changes: tuple[ChangeView, ...] = ()
    touched: tuple[TouchedView, ...] = ()
    jobs: tuple[str, ...] = ()  # that were looked at
