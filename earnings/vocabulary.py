"""The words of the field: companies, periods, documents, and what a document says.

Pure values, frozen. Money and figures are `Decimal` in whole units (USD, not millions);
percentages are percentage points (-9.3 is "declined 9.3%"); times are aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Metric(StrEnum):
    """What a figure or a guided range measures."""

    NET_SALES = "net_sales"
    TOTAL_REVENUE = "total_revenue"
    COMPARABLE_SALES = "comparable_sales"  # percent, on the year
    GROSS_PROFIT = "gross_profit"
    GROSS_MARGIN = "gross_margin"  # percent of sales
    OPERATING_INCOME = "operating_income"
    OPERATING_MARGIN = "operating_margin"  # percent of sales
    NET_INCOME = "net_income"
    EPS_BASIC = "eps_basic"
    EPS_DILUTED = "eps_diluted"  # GAAP
    EPS_ADJUSTED = "eps_adjusted"  # the issuer's own adjusted, core or non-GAAP EPS, diluted
    INVENTORY = "inventory"  # at the period's end
    # guided, rarely reported as a figure
    SALES_GROWTH = "sales_growth"  # percent, on the year
    TAX_RATE = "tax_rate"
    CAPITAL_EXPENDITURE = "capital_expenditure"
    SHARE_REPURCHASES = "share_repurchases"
    STORE_OPENINGS = "store_openings"


class Unit(StrEnum):
    USD = "usd"
    USD_PER_SHARE = "usd_per_share"
    PERCENT = "percent"
    COUNT = "count"


class Basis(StrEnum):
    """By which rules a number was made."""

    GAAP = "gaap"
    ADJUSTED = "adjusted"  # non-GAAP, core, comparable, excluding items
    CONSTANT_CURRENCY = "constant_currency"
    UNSTATED = "unstated"


class PeriodKind(StrEnum):
    MONTH = "month"  # or the four or five weeks that a retailer's calendar gives it
    QUARTER = "quarter"
    YEAR = "year"
    YEAR_TO_DATE = "year_to_date"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Period:
    """A fiscal period. `end` is its key (retailers name the same dates differently);
    `label` is the issuer's own name for it, kept as text."""

    kind: PeriodKind
    end: date | None = None
    label: str = ""
    weeks: int | None = None


class GuidanceAction(StrEnum):
    """How a guided range stands to the issuer's own previous one."""

    INITIATED = "initiated"  # no previous figure for this metric and period
    RAISED = "raised"
    LOWERED = "lowered"
    MAINTAINED = "maintained"
    NARROWED = "narrowed"  # inside the previous range
    WIDENED = "widened"  # around the previous range
    WITHDRAWN = "withdrawn"


class Theme(StrEnum):
    TARIFFS = "tariffs"
    SHRINK = "shrink"
    PROMOTIONS = "promotions"
    CONSUMER = "consumer"
    INVENTORY = "inventory"
    TRAFFIC = "traffic"
    FREIGHT = "freight"
    WAGES = "wages"
    ECOMMERCE = "ecommerce"
    MEMBERSHIP = "membership"
    RETAIL_MEDIA = "retail_media"
    WEATHER = "weather"
    CAPITAL_RETURN = "capital_return"


@dataclass(frozen=True)
class Company:
    """`fiscal_year_end` is the month and day the year nominally ends, as the SEC writes it
    ("0131"); `cik` is None for companies the SEC does not know."""

    ticker: str
    name: str
    cik: int | None = None
    fiscal_year_end: str = ""
    sector: str = ""
    is_sample: bool = False


# ---- documents ---------------------------------------------------------------------------


class DocumentState(StrEnum):
    """Where a document stands. docs/architecture.md draws the moves."""

    DISCOVERED = "discovered"  # a source listed it; its bytes are not here yet
    FETCHED = "fetched"  # raw bytes stored
    READ = "read"  # text derived and stored
    ANALYSED = "analysed"  # insights stored; final
    IRRELEVANT = "irrelevant"  # read, and it holds no results; final
    REFUSED = "refused"  # cannot be read (too large, broken, wrong kind); final, with the reason
    FAILED = "failed"  # something went wrong on the way; a later scan tries again


@dataclass(frozen=True)
class Lead:
    """A document a source knows of. (source, external_id) names it for ever."""

    source: str
    external_id: str
    title: str
    url: str
    published_at: datetime | None
    ticker: str | None = None
    is_sample: bool = False
    details: dict[str, str] = field(default_factory=dict)  # what the source needs to fetch it


@dataclass(frozen=True)
class Headline:
    """Somebody's words about a company, and where to read on: a lead, never evidence. No
    analyst is shown one and no figure rests on one. `link` is where it opens, `publisher` who
    wrote it (a feed, a site, an account); `title` is plain text in one line."""

    source: str
    title: str
    link: str
    publisher: str = ""
    published_at: datetime | None = None
    tickers: tuple[str, ...] = ()  # of the companies it is about; none: of the trade at large


@dataclass(frozen=True)
class RawDocument:
    """The bytes as they came. `content_type` is what the bytes are, not what a header said."""

    content: bytes
    content_type: str  # text/html, application/pdf, text/plain, text/csv, xlsx's, a recording's
    url: str = ""
    title: str = ""


# ---- what a document says ----------------------------------------------------------------


@dataclass(frozen=True, order=True)
class Span:
    """Characters [start, end) of a document's stored text."""

    start: int
    end: int


@dataclass(frozen=True)
class Figure:
    """One number the document states. `span` is the sentence or table row that states it and
    holds the number; `context` are the spans that give it its meaning (column heading,
    "in millions"). `prior` is the same period a year ago as stated beside it."""

    metric: Metric
    value: Decimal
    unit: Unit
    period: Period
    span: Span
    basis: Basis = Basis.GAAP
    prior: Decimal | None = None
    context: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Guidance:
    """A range the issuer expects. A single guided number has low == high; "at least 5" has
    high None; WITHDRAWN has neither."""

    metric: Metric
    low: Decimal | None
    high: Decimal | None
    unit: Unit
    period: Period
    action: GuidanceAction
    span: Span
    basis: Basis = Basis.UNSTATED
    prior_low: Decimal | None = None
    prior_high: Decimal | None = None
    context: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Quote:
    """Words of the document about a theme, exactly as they stand at `span`."""

    theme: Theme
    text: str
    span: Span
    speaker: str | None = None


Claim = Figure | Guidance | Quote


class WithheldReason(StrEnum):
    QUOTE_NOT_FOUND = "quote_not_found"  # its words are not in the document
    NUMBER_NOT_IN_SPAN = "number_not_in_span"  # the sentence is there, the number is not
    SCALE_NOT_STATED = "scale_not_stated"  # digits match, nothing says thousands or millions
    SIGN_NOT_STATED = "sign_not_stated"  # nothing in the span says loss or decline, or the reverse
    IMPLAUSIBLE = "implausible"  # units do not fit, low above high, beyond any sense
    INSTRUCTION = "instruction"  # its words tell a reader what to report; they report nothing
    CONTRADICTED = "contradicted"  # a table of results in the document says otherwise


@dataclass(frozen=True)
class Withheld:
    """A claim an analyst made that the document does not bear out: kept, never shown as a
    claim. `quote` is what the analyst cited, `near` where the text comes closest."""

    claim: Claim
    reason: WithheldReason
    quote: str = ""
    near: Span | None = None
