"""How a figure, a guided range and a place in a document are written in a table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from cli.output import Piece
from cli.views import FigureView, GuidanceView, Place, ReadingView
from earnings.reports import words
from earnings.vocabulary import Basis, GuidanceAction, Metric, PeriodKind, Unit

NOTHING = Piece("–", "quiet")
MOVES = {
    GuidanceAction.RAISED: Piece("▲ raised", "ok"),
    GuidanceAction.LOWERED: Piece("▼ lowered", "fail"),
    GuidanceAction.MAINTAINED: Piece("= maintained"),
    GuidanceAction.INITIATED: Piece("+ initiated", "run"),
    GuidanceAction.NARROWED: Piece("× narrowed"),
    GuidanceAction.WIDENED: Piece("× widened", "warn"),
    GuidanceAction.WITHDRAWN: Piece("■ withdrawn", "fail"),
}
KINDS = {
    PeriodKind.MONTH: "month",
    PeriodKind.QUARTER: "quarter",
    PeriodKind.YEAR: "year",
    PeriodKind.YEAR_TO_DATE: "year to date",
    PeriodKind.UNKNOWN: "",
}


def figure(view: FigureView) -> str:
    return words.amount(view.value, view.unit)


def on_year(view: FigureView) -> Piece:
    """Against the same period a year ago, as the document states both: in percent, of
    percentages in points. To or from a loss a percentage says nothing."""
    if view.prior is None:
        return NOTHING
    if view.unit is Unit.PERCENT:
        return _change(view.value - view.prior, " pt")
    if view.prior <= 0 or view.value < 0:
        return Piece("n.m.", "quiet")
    return _change((view.value - view.prior) / view.prior * 100, "%")


def _change(change: Decimal, unit: str) -> Piece:
    return Piece(f"{words.signed(change)}{unit}")


def before(view: GuidanceView) -> str:
    return words.span(view.prior_low, view.prior_high, view.unit) or "–"


def now(view: GuidanceView) -> str:
    return words.span(view.low, view.high, view.unit) or "–"


def move(view: GuidanceView) -> Piece:
    return MOVES[view.action]


def measure(metric: Metric, basis: Basis, period_label: str = "") -> str:
    name = words.metric(metric, basis)
    return f"{name}, {period_label}" if period_label else name


def characters(place: Place) -> str:
    return f"{place.start:,}–{place.end:,}"


def period(reading: ReadingView) -> str:
    """ "Q3 2026, to 2026-10-31": the issuer's own name for it, and the date it is known by."""
    label = reading.period_label or KINDS[reading.period_kind]
    return ", ".join(part for part in (label, _until(reading.period_end)) if part) or "–"


def figure_period(view: FigureView) -> str:
    return " ".join(part for part in (KINDS[view.period_kind], _until(view.period_end)) if part)


def _until(end: date | None) -> str:
    return f"to {end}" if end else ""


def pick(
    reading: ReadingView, metrics: Iterable[Metric], bases: Iterable[Basis] = ()
) -> FigureView | None:
    """The figure of the document's own period for the first of `metrics` that it states;
    that of its shortest period if it does not say which is its own."""
    wanted = tuple(bases)
    for metric in metrics:
        found = [
            one
            for one in reading.figures
            if one.metric is metric and (not wanted or one.basis in wanted)
        ]
        if found:
            return min(found, key=lambda one: _distance(one, reading))
    return None


def _distance(view: FigureView, reading: ReadingView) -> tuple[bool, bool, int]:
    kinds = (
        PeriodKind.QUARTER,
        PeriodKind.YEAR,
        PeriodKind.YEAR_TO_DATE,
        PeriodKind.MONTH,
        PeriodKind.UNKNOWN,
    )
    return (
        view.period_kind is not reading.period_kind,
        view.period_end != reading.period_end,
        kinds.index(view.period_kind),
    )


def reader(reading: ReadingView) -> Piece:
    """Who answered, and whether that was whom we wanted."""
    if reading.degraded:
        return Piece(f"▲ {reading.analyst}, degraded", "warn")
    return Piece(reading.analyst or "–")


def name(reading: ReadingView) -> tuple[Piece, ...]:
    """The ticker, marked where the company is invented."""
    mark = (Piece(" sample", "warn"),) if reading.is_sample else ()
    return (Piece(reading.ticker or reading.company or "–", "name"), *mark)
