"""The weekly report as plain values: composed once, then written as HTML, text or JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from earnings.reports.facts import Source
from earnings.reports.week import Week

Evidence = tuple[int, ...]


class Tone(StrEnum):
    """How a move is for the company's earnings, where that is plain."""

    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"


@dataclass(frozen=True)
class Sentence:
    """`evidence` bears out the numbers in `text`; counts are of what the report lists."""

    text: str
    evidence: Evidence = ()


@dataclass(frozen=True)
class Number:
    value: str
    label: str
    evidence: Evidence = ()


@dataclass(frozen=True)
class Growth:
    """Percent on the year, worked out from a stated value and its stated prior."""

    pct: Decimal
    evidence_id: int


@dataclass(frozen=True)
class Gap:
    """Inventory growth less sales growth in points, with both parts. `before_points` is the
    company's previous quarter."""

    company: str
    points: Decimal
    inventory: Growth
    sales: Growth
    before_points: Decimal | None = None
    before_evidence: Evidence = ()


@dataclass(frozen=True)
class Move:
    """One change of guidance. `size` is comparable between metrics (see moves.py)."""

    company: str
    measure: str
    before: str
    now: str
    move: str  # raised, cut, lowered, withdrawn, narrowed, widened
    tone: Tone
    size: Decimal
    evidence: Evidence


@dataclass(frozen=True)
class ThemeCount:
    """How many companies spoke of a theme; `before` is the four-week average."""

    name: str
    companies: int
    before: Decimal | None
    evidence: Evidence


@dataclass(frozen=True)
class Words:
    """`text` has its quotation marks; inside them it is exactly what the document says."""

    text: str
    byline: str
    evidence: Evidence


@dataclass(frozen=True)
class Elsewhere:
    """A headline of somebody else's about a company. `link` is "" where it is none to open."""

    title: str
    byline: str
    link: str


@dataclass(frozen=True)
class CompanyNews:
    """`of` counts what there is when only the newest are shown."""

    company: str
    headlines: tuple[Elsewhere, ...]
    of: int


@dataclass(frozen=True)
class WeeklyReport:
    """`gaps_of` and `moves_of` count what there is when a list shows only the largest."""

    week: Week
    made_at: datetime
    headline: str
    quiet: bool
    samples_only: bool
    headline_evidence: Evidence = ()
    summary: tuple[Sentence, ...] = ()
    numbers: tuple[Number, ...] = ()
    gaps: tuple[Gap, ...] = ()
    gaps_of: int = 0
    moves: tuple[Move, ...] = ()
    moves_of: int = 0
    themes: tuple[ThemeCount, ...] = ()
    words: tuple[Words, ...] = ()
    news: tuple[CompanyNews, ...] = ()
    news_of: int = 0  # companies that were written about
    unseen: tuple[str, ...] = ()
    foot: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()  # of every evidence id that is shown


def as_json(report: WeeklyReport) -> dict[str, object]:
    """Ready for `json.dumps`: numbers that count as text, times in ISO 8601."""
    plain = _plain(asdict(report))
    assert isinstance(plain, dict)
    return plain | {"week": report.week.key}


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
