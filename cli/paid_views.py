"""What `paid` shows, as plain values; also what --json prints, key for key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class PaidCallView:
    """`process_lives` None: the process never entered itself, so nobody can tell."""

    id: int
    state: str  # queued | intent | answered | refused | in_doubt | dropped
    provider: str
    model: str
    prompt_version: str
    document_id: int | None
    ticker: str
    title: str
    asked_at: datetime
    age_s: float
    times_asked: int
    estimate_usd: Decimal
    cost_usd: Decimal | None  # None while there is no answer
    taken_usd: Decimal  # of the caps
    process: str
    host: str
    process_lives: bool | None
    why: str
    billed: bool | None = None  # of a dropped one, what was known
    batch: int | None = None  # the batch it is in, or was answered in


@dataclass(frozen=True)
class PaidListView:
    """`estimate_usd`: of all that are listed together."""

    calls: tuple[PaidCallView, ...]
    estimate_usd: Decimal


@dataclass(frozen=True)
class BatchView:
    """`remote_id` is the provider's name for it, "" while that is not known."""

    id: int
    provider: str
    state: str  # intent | sent | cancelling | ended | done | refused | lost
    requests: int
    remote_id: str
    sent_at: datetime
    deadline_at: datetime
    ended_at: datetime | None
    why: str


@dataclass(frozen=True)
class BatchesView:
    """Newest first."""

    batches: tuple[BatchView, ...]


@dataclass(frozen=True)
class PaidOutcome:
    """What became of one call a person decided about."""

    id: int
    done: bool
    why: str  # it was not done
    call: PaidCallView  # as it stands now


@dataclass(frozen=True)
class PaidDecision:
    """`taken_up_by`: the daemon that asks again at once; "" if the next scan does."""

    order: str  # retry | drop
    outcomes: tuple[PaidOutcome, ...]
    documents: tuple[int, ...] = ()  # that are asked about again
    taken_up_by: str = ""
    note: str = ""
