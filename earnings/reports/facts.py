"""What a weekly report is made of, as plain values.

Whoever has the database converts its rows to these; composing then needs nothing but them.
Every number carries the id of the evidence that bears it out, and a `Source` says what
stands behind that id. `who` tells issuers apart: by ticker, or by name where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from earnings.reports.week import Week
from earnings.vocabulary import Basis, GuidanceAction, Metric, PeriodKind, Theme, Unit


@dataclass(frozen=True)
class Source:
    """Where a claim stands: `words` is the sentence or table row, as the document has it."""

    evidence_id: int
    document: str  # its title
    words: str
    url: str = ""


@dataclass(frozen=True)
class FigureFact:
    ticker: str
    company: str
    metric: Metric
    value: Decimal
    unit: Unit
    source: Source
    prior: Decimal | None = None  # the same period a year ago, as stated
    basis: Basis = Basis.GAAP
    period_kind: PeriodKind = PeriodKind.QUARTER
    period_end: date | None = None
    is_sample: bool = False

    @property
    def who(self) -> str:
        return self.ticker or self.company

    @property
    def is_monthly(self) -> bool:
        """A month's sales stand for themselves: they are compared with nothing longer."""
        return self.period_kind is PeriodKind.MONTH


@dataclass(frozen=True)
class GuidanceFact:
    ticker: str
    company: str
    metric: Metric
    unit: Unit
    action: GuidanceAction
    source: Source
    low: Decimal | None = None
    high: Decimal | None = None
    prior_low: Decimal | None = None
    prior_high: Decimal | None = None
    basis: Basis = Basis.UNSTATED
    period_label: str = ""
    is_sample: bool = False

    @property
    def who(self) -> str:
        return self.ticker or self.company


@dataclass(frozen=True)
class QuoteFact:
    ticker: str
    company: str
    theme: Theme
    text: str
    source: Source
    speaker: str | None = None
    is_sample: bool = False

    @property
    def who(self) -> str:
        return self.ticker or self.company


@dataclass(frozen=True)
class WithheldFact:
    """A claim that its document does not bear out. `what` names it ("adjusted EPS 3.10"),
    `reason` is a WithheldReason or says why in words."""

    company: str
    what: str
    reason: str
    is_sample: bool = False


@dataclass(frozen=True)
class UnreadDocument:
    """A document of the week without insights, and why."""

    company: str
    title: str
    reason: str
    is_sample: bool = False


@dataclass(frozen=True)
class ReplacedFiling:
    """A filing of the week that does not count. `reason`: which other one does, and why."""

    company: str
    title: str
    reason: str
    is_sample: bool = False


@dataclass(frozen=True)
class Reporter:
    """A company with at least one analysed document this week."""

    ticker: str
    company: str
    is_sample: bool = False

    @property
    def who(self) -> str:
        return self.ticker or self.company


@dataclass(frozen=True)
class HeadlineFact:
    """What somebody else wrote about a company. It bears nothing out: it has no evidence id."""

    ticker: str
    company: str
    title: str
    link: str
    publisher: str = ""
    told_at: datetime | None = None

    @property
    def who(self) -> str:
        return self.ticker or self.company


@dataclass(frozen=True)
class WeekFacts:
    """Everything that is known of one week.

    `watched` and `scanned`: companies on the watch list, and how many of them every source
    could be asked about. `earlier`: figures of the same companies' previous quarter.
    `themes_before`: companies a week that named a theme, averaged over the four weeks before.
    `off`: sources and analysts that could not work, each with the reason.
    """

    week: Week
    made_at: datetime
    reporters: tuple[Reporter, ...] = ()
    figures: tuple[FigureFact, ...] = ()
    guidance: tuple[GuidanceFact, ...] = ()
    quotes: tuple[QuoteFact, ...] = ()
    withheld: tuple[WithheldFact, ...] = ()
    unread: tuple[UnreadDocument, ...] = ()
    replaced: tuple[ReplacedFiling, ...] = ()
    differing: tuple[WithheldFact, ...] = ()  # `reason`: what the 10-Q or 10-K says instead
    off: tuple[tuple[str, str], ...] = ()
    earlier: tuple[FigureFact, ...] = ()
    themes_before: tuple[tuple[Theme, Decimal], ...] = ()
    watched: int = 0
    scanned: int = 0
    read_by: tuple[str, ...] = ()  # "local (rules-3)", "claude (…)"
    instead: tuple[tuple[str, str, int], ...] = ()  # who read how many documents for whom
    degraded: int = 0  # documents read by `local` alone although another was configured
    cost_usd: Decimal = Decimal(0)
    headlines: tuple[HeadlineFact, ...] = ()  # newest first
