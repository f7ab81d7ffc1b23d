"""What the commands show, as plain values: `cli.desk` fills them from the stores.

They are also what --json prints, key for key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from cli.policy_views import BreakerView
from earnings.vocabulary import Basis, GuidanceAction, Metric, PeriodKind, Theme, Unit


@dataclass(frozen=True)
class Place:
    """Where a claim stands: characters [start, end) of a document's stored text."""

    evidence_id: int
    document: str  # its title
    start: int
    end: int


@dataclass(frozen=True)
class FigureView:
    metric: Metric
    value: Decimal
    unit: Unit
    place: Place
    basis: Basis = Basis.GAAP
    prior: Decimal | None = None  # the same period a year ago, as stated
    period_kind: PeriodKind = PeriodKind.UNKNOWN
    period_end: date | None = None
    agreement: str = ""  # agrees | differs | only_one, where two analysts read it


@dataclass(frozen=True)
class GuidanceView:
    metric: Metric
    unit: Unit
    action: GuidanceAction
    place: Place
    low: Decimal | None = None
    high: Decimal | None = None
    prior_low: Decimal | None = None
    prior_high: Decimal | None = None
    basis: Basis = Basis.UNSTATED
    period_label: str = ""


@dataclass(frozen=True)
class QuoteView:
    theme: Theme
    text: str
    place: Place
    speaker: str | None = None


@dataclass(frozen=True)
class WithheldView:
    what: str  # "adjusted EPS $3.10"
    reason: str  # in words
    quote: str = ""


@dataclass(frozen=True)
class ReadingView:
    """One document, read: what it says and who says so."""

    document_id: int
    ticker: str
    company: str
    title: str
    is_sample: bool = False
    published_at: datetime | None = None
    period_label: str = ""
    period_kind: PeriodKind = PeriodKind.UNKNOWN
    period_end: date | None = None
    analyst: str = ""
    model: str = ""
    degraded: bool = False  # an analyst was configured and had no answer
    figures: tuple[FigureView, ...] = ()
    guidance: tuple[GuidanceView, ...] = ()
    quotes: tuple[QuoteView, ...] = ()
    withheld: int = 0


@dataclass(frozen=True)
class TroubleView:
    """Something that did not work, and the rest went on."""

    what: str  # "WMT", "edgar", a document's title
    reason: str


@dataclass(frozen=True)
class OffView:
    """A source or an analyst that is off, and how to switch it on."""

    name: str
    how: str


@dataclass(frozen=True)
class ScanView:
    readings: tuple[ReadingView, ...] = ()
    irrelevant: int = 0  # documents that hold no results
    refused: tuple[TroubleView, ...] = ()  # can never be read
    failed: tuple[TroubleView, ...] = ()  # tried again by a later scan
    notes: tuple[str, ...] = ()
    off: tuple[OffView, ...] = ()
    since: datetime | None = None  # the scan before this one
    asked: int = 0  # companies and folders that were asked
    took_s: float = 0.0
    cost_usd: Decimal = Decimal(0)
    headlines: int = 0  # that were new
    after_break: int = 0  # of the readings: read for a scan that was interrupted

    @property
    def is_quiet(self) -> bool:
        return not (self.readings or self.irrelevant or self.refused or self.failed)


@dataclass(frozen=True)
class RunView:
    id: int
    job: str
    outcome: str  # due | running | succeeded | failed | abandoned | skipped | deferred | cancelled
    slot: str = ""
    started_at: datetime | None = None
    took_s: float | None = None
    by: str = ""
    error: str = ""
    said: str = ""  # what came of it, in a sentence
    summary: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class JobView:
    name: str
    schedule: str  # "07:00", "Mon 08:00", "by hand"
    state: str  # on time | running | late | failed | never run | off
    last: RunView | None = None
    median_s: float | None = None
    recent: tuple[RunView, ...] = ()  # oldest first
    next_at: datetime | None = None


@dataclass(frozen=True)
class DaemonView:
    """A daemon or a worker. `silent_s`: it holds its locks and has not been heard of for so long;
    None while it is heard of as it should be."""

    instance: str
    pid: int
    host: str
    started_at: datetime | None = None
    url: str = ""
    silent_s: float | None = None


@dataclass(frozen=True)
class StatusView:
    state: str  # ok | degraded | stopped
    summary: str  # one sentence
    version: str = ""
    daemons: tuple[DaemonView, ...] = ()
    workers: tuple[DaemonView, ...] = ()
    jobs: tuple[JobView, ...] = ()
    breakers: tuple[BreakerView, ...] = ()
    documents: dict[str, int] = field(default_factory=dict)  # by state
    companies: int = 0
    database: str = ""  # "PostgreSQL 18.6 embedded, 1 of 30 connections in use"
    off: tuple[OffView, ...] = ()
    instead: tuple[str, ...] = ()  # who was read by whom in whose stead since yesterday


@dataclass(frozen=True)
class DocumentView:
    id: int
    title: str
    state: str
    source: str = ""
    published_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class CompanyView:
    ticker: str
    name: str
    sector: str = ""
    cik: int | None = None
    fiscal_year_end: str = ""
    is_sample: bool = False
    latest: ReadingView | None = None
    documents: tuple[DocumentView, ...] = ()


@dataclass(frozen=True)
class InsteadView:
    """The same number in another filing about the same period. `counts`: that one does."""

    evidence_id: int
    claim: str
    document: str
    counts: bool


@dataclass(frozen=True)
class OtherView:
    """Another reading of the same. `verdict`: agrees | differs, with what is shown. `reason`: why
    it is withheld, "" if it is claimed. `document`: its title, "" for this document."""

    evidence_id: int
    analyst: str
    model: str
    what: str
    verdict: str
    reason: str = ""
    document: str = ""


@dataclass(frozen=True)
class EvidenceView:
    """`cost_usd` is that of the whole answer, which holds `answer_items`; `cost_share_usd` is one
    item's. `silent`: who read the document too and said nothing of it."""

    id: int
    ticker: str
    company: str
    claim: str  # "Net sales $4.21 bn, quarter ended 2026-10-31"
    status: str  # claimed | withheld
    document: str
    words: str  # the span itself
    before: str = ""
    after: str = ""
    start: int = 0
    end: int = 0
    reason: str = ""  # why it is withheld
    is_sample: bool = False
    url: str = ""
    sha256: str = ""
    fetched_at: datetime | None = None
    published_at: datetime | None = None
    analyst: str = ""
    model: str = ""
    prompt_version: str = ""
    cost_usd: Decimal | None = None
    agreement: str = ""
    context: tuple[str, ...] = ()  # what gives it its meaning: a heading, "in millions"
    withheld: tuple[WithheldView, ...] = ()  # beside it, in the same document
    document_id: int = 0
    source: str = ""
    sentence: str = ""  # the whole one that holds the span
    read_at: datetime | None = None
    cost_share_usd: Decimal | None = None
    answer_items: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0  # read from the provider's cache
    output_tokens: int = 0
    in_batch: bool | None = None  # None: nothing was paid
    notes: tuple[str, ...] = ()  # of the analysis: what was trimmed, what was dropped
    others: tuple[OtherView, ...] = ()
    silent: tuple[str, ...] = ()
    filed: str = ""  # "agrees" or "differs", and what its 10-Q or 10-K says
    superseded: str = ""  # why its document does not count: "amended by document 12"
    instead: tuple[InsteadView, ...] = ()


@dataclass(frozen=True)
class HeadlineView:
    """What others wrote: a lead to read, never evidence for a figure."""

    title: str
    link: str
    tickers: tuple[str, ...] = ()  # none: of the trade at large
    publisher: str = ""
    source: str = ""  # who found it
    published_at: datetime | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True)
class ReportView:
    week: str  # "2026-W47"
    text: str
    html_path: str = ""
    created_at: datetime | None = None
    facts: dict[str, object] = field(default_factory=dict)
