"""Insights as they are shown: with their document, their analyst and their evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from earnings.analysts.base import Usage
from earnings.vocabulary import Claim, Period, Withheld
from storage.claims import claim_of, period_of, withheld_of
from storage.database import Row
from storage.documents import StoredDocument


@dataclass(frozen=True)
class StoredInsight:
    """A claim of the current analysis and where it comes from. `withheld` is set for one
    that the document does not bear out: it is never shown as a claim. `analyst` and `model`
    found it, in the analysis `taken_from` where that is not the one it shows in."""

    id: int
    document_id: int
    analysis_id: int
    claim: Claim
    withheld: Withheld | None
    agreement: str | None  # agrees, differs, only_one; None where nobody compared
    ticker: str | None
    company: str | None
    title: str
    url: str
    reported_at: datetime
    is_sample: bool
    analyst: str
    model: str
    degraded: bool
    taken_from: int | None = None
    superseded_by: int | None = None  # the document that counts instead

    @property
    def is_claimed(self) -> bool:
        return self.withheld is None


@dataclass(frozen=True)
class Analysis:
    """Who read a document, by which words, and what it cost."""

    id: int
    document_id: int
    text_id: int
    analyst: str
    model: str
    prompt_version: str
    is_current: bool
    is_results: bool
    degraded: bool
    period: Period | None
    usage: Usage
    notes: tuple[str, ...]
    created_at: datetime
    instead_of: str = ""  # the analyst whose turn it was, and who had no answer


@dataclass(frozen=True)
class PaidFor:
    """The call that an answer was paid with. `asked`: how often the question was sent."""

    in_batch: bool
    asked: int
    begun_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class StandIn:
    """`analyst` read so many documents in the stead of `instead_of`, `why`: as of the last."""

    analyst: str
    instead_of: str
    documents: int
    why: str


@dataclass(frozen=True)
class Evidence:
    """An insight with the words it stands on, and what surrounds them. `made` counts what the
    same answer holds, claimed and withheld. `said_beside` may speak of other periods and bases
    too: `earnings.analysts.topics` tells."""

    insight: StoredInsight
    document: StoredDocument
    analysis: Analysis  # that found it
    quote: str  # the characters of its span
    before: str
    after: str
    context: tuple[str, ...]  # the heading, the scale: what gives the number its meaning
    withheld: tuple[StoredInsight, ...]  # what could not be shown beside it
    made: int = 1
    paid: PaidFor | None = None
    analyses: tuple[Analysis, ...] = ()  # all that were made of the document
    said_beside: tuple[StoredInsight, ...] = ()  # by others, of the same document
    said_elsewhere: tuple[StoredInsight, ...] = ()  # of the same measure, in other documents
    # the same claim in the filing that counts instead of its document, or that this one replaced
    instead: tuple[StoredInsight, ...] = ()


def insight_of(row: Row) -> StoredInsight:
    """A row of the view `insight_in_full`."""
    return StoredInsight(
        claim=claim_of(row),
        withheld=withheld_of(row),
        **{
            name: row[name]
            for name in (
                *("id", "document_id", "analysis_id", "agreement", "ticker", "company"),
                *("title", "url", "reported_at", "is_sample", "analyst", "model", "degraded"),
                *("taken_from", "superseded_by"),
            )
        },
    )


def analysis_of(row: Row) -> Analysis:
    """A row of the table `analysis`."""
    return Analysis(
        period=period_of(row),
        usage=Usage(
            row["input_tokens"],
            row["cache_write_tokens"],
            row["cache_read_tokens"],
            row["output_tokens"],
            row["cost_usd"],
        ),
        notes=tuple(row["notes"]),
        **{
            name: row[name]
            for name in (
                *("id", "document_id", "text_id", "analyst", "model", "prompt_version"),
                *("is_current", "is_results", "degraded", "created_at", "instead_of"),
            )
        },
    )
