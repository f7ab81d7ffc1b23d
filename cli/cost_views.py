"""What `cost` shows, as plain values; also what --json prints, key for key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class CapView:
    """A day or a month of money that runs now. `taken_usd` holds estimates of what has no answer
    and may have been paid for."""

    provider: str
    per: str  # day | month
    usd: Decimal
    taken_usd: Decimal
    cap_usd: Decimal | None  # None: no limit
    left_usd: Decimal | None
    resets_at: datetime


@dataclass(frozen=True)
class SavedView:
    """Of `answers` answers: what they cost, what they would have cost naively (the whole document
    shown, no cache, each alone, the same prices), and what each way to save brought. `share` is
    paid of naive, None where it costs nothing; `trimming_tokens` were not read."""

    answers: int
    paid_usd: Decimal
    naive_usd: Decimal
    trimming_usd: Decimal
    caching_usd: Decimal
    batching_usd: Decimal
    share: Decimal | None
    trimming_tokens: int = 0


@dataclass(frozen=True)
class ProviderCostView:
    """`usd` is the true cost of `calls` answers, of which `batched` came in batches for
    `batched_usd`; the other sums are estimates. `queued` calls wait for the next batch."""

    provider: str
    calls: int
    usd: Decimal
    open: int
    open_usd: Decimal
    in_doubt: int
    in_doubt_usd: Decimal
    given_up_usd: Decimal
    input_tokens: int
    output_tokens: int
    batched: int = 0
    batched_usd: Decimal = Decimal(0)
    queued: int = 0
    cached_tokens: int = 0
    saved: SavedView | None = None


@dataclass(frozen=True)
class CostLineView:
    name: str  # a day, a company, a model, a document
    provider: str
    calls: int
    usd: Decimal
    not_known_usd: Decimal
    saved_usd: Decimal = Decimal(0)  # against the naive way
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True)
class CostView:
    """`usd_per_document` None: no document was answered for. `caps` are those of now, whatever
    month is shown."""

    month: str
    begins_at: datetime
    ends_at: datetime
    providers: tuple[ProviderCostView, ...]
    documents: int
    usd_per_document: Decimal | None
    caps: tuple[CapView, ...]
    by: str = ""
    lines: tuple[CostLineView, ...] = ()
