"""What documents say, as tables: figures, guidance moves, and where each stands."""

from __future__ import annotations

from collections.abc import Sequence

from cli import cells
from cli.output import Cell, Output, Piece
from cli.views import FigureView, GuidanceView, ReadingView
from earnings.reports import words
from earnings.vocabulary import Basis, Metric, PeriodKind

KEY_METRICS = frozenset(
    {
        Metric.NET_SALES,
        Metric.TOTAL_REVENUE,
        Metric.COMPARABLE_SALES,
        Metric.GROSS_MARGIN,
        Metric.OPERATING_INCOME,
        Metric.NET_INCOME,
        Metric.EPS_DILUTED,
        Metric.EPS_ADJUSTED,
        Metric.INVENTORY,
    }
)


def overview(output: Output, readings: Sequence[ReadingView]) -> None:
    """The figures people look for first, and below each its change on the year."""
    heads = ("COMPANY", "PERIOD TO", "NET SALES", "COMPS", "EPS", "ADJ. EPS", "MARGIN", "INVENTORY")
    rows = [row for reading in readings for row in _rows(reading)]
    output.table(heads, rows, right=range(2, 8))


def _rows(reading: ReadingView) -> list[list[Cell]]:
    shown = (
        cells.pick(reading, (Metric.NET_SALES, Metric.TOTAL_REVENUE)),
        cells.pick(reading, (Metric.COMPARABLE_SALES,)),
        cells.pick(reading, (Metric.EPS_DILUTED,), (Basis.GAAP, Basis.UNSTATED)),
        cells.pick(reading, (Metric.EPS_ADJUSTED,)),
        cells.pick(reading, (Metric.GROSS_MARGIN,)),
        cells.pick(reading, (Metric.INVENTORY,)),
    )
    end: Cell = str(reading.period_end) if reading.period_end else cells.NOTHING
    if reading.period_kind is PeriodKind.MONTH:
        end = f"{end} (month)"
    rows: list[list[Cell]] = [[cells.name(reading), end, *(_value(one) for one in shown)]]
    if any(one and one.prior is not None for one in shown):
        rows.append(["", "", *(_change(one) for one in shown)])
    return rows


def _value(view: FigureView | None) -> Cell:
    if view is None:
        return cells.NOTHING
    if view.metric is Metric.COMPARABLE_SALES:
        return f"{words.signed(view.value)}%"
    return cells.figure(view)


def _change(view: FigureView | None) -> Cell:
    if view is None or view.prior is None:
        return ""
    return Piece(cells.on_year(view).text, "quiet")


def guidance(output: Output, readings: Sequence[ReadingView]) -> None:
    """Before, now and the move; nothing printed where nobody guides."""
    rows: list[list[Cell]] = [
        [
            Piece(f"#{one.place.evidence_id}", "quiet"),
            cells.name(reading),
            cells.measure(one.metric, one.basis, one.period_label),
            cells.before(one),
            "→",
            cells.now(one),
            cells.move(one),
        ]
        for reading in readings
        for one in reading.guidance
    ]
    if rows:
        output.gap()
        heads = ("#", "GUIDANCE", "MEASURE", "BEFORE", "", "NOW", "MOVE")
        output.table(heads, rows, wraps=(2, 3, 5))


def places(output: Output, reading: ReadingView, *, every: bool = False) -> None:
    """Where each claim of a document stands: its evidence number and the characters.
    `every`: also figures that the overview does not show."""
    output.gap()
    heading(output, reading)
    figures = [one for one in reading.figures if every or one.metric in KEY_METRICS]
    rows = [_figure(reading, one) for one in figures]
    rows += [_guidance(one) for one in reading.guidance]
    if rows:
        heads = ("#", "MEASURE", "VALUE", "ON YEAR", "CHARACTERS")
        output.table(heads, rows, right=(2, 3, 4), wraps=(1, 2), indent=2)


def heading(output: Output, reading: ReadingView) -> None:
    """Whose document it is, for which period, who read it, and its title."""
    company = f"  {reading.company}" if reading.company not in ("", reading.ticker) else ""
    output.text(
        (*cells.name(reading), Piece(f"{company}  {cells.period(reading)}, read by ")),
        cells.reader(reading),
    )
    published = f", published {output.when(reading.published_at)}" if reading.published_at else ""
    output.text(Piece(f"{reading.title}{published}", "quiet"), indent=2)


def _figure(reading: ReadingView, one: FigureView) -> list[Cell]:
    other = (one.period_kind, one.period_end) != (reading.period_kind, reading.period_end)
    period = f", {cells.figure_period(one)}" if other and cells.figure_period(one) else ""
    differs = (Piece(" ▲ analysts differ", "warn"),) if one.agreement == "differs" else ()
    return [
        Piece(f"#{one.place.evidence_id}", "quiet"),
        (Piece(cells.measure(one.metric, one.basis) + period), *differs),
        cells.figure(one),
        cells.on_year(one),
        cells.characters(one.place),
    ]


def _guidance(one: GuidanceView) -> list[Cell]:
    return [
        Piece(f"#{one.place.evidence_id}", "quiet"),
        f"guidance: {cells.measure(one.metric, one.basis, one.period_label)}",
        cells.now(one),
        "",
        cells.characters(one.place),
    ]


def quotes(output: Output, reading: ReadingView) -> None:
    """The issuer's own words, each with its evidence."""
    rows: list[list[Cell]] = [
        [
            Piece(f"#{one.place.evidence_id}", "quiet"),
            words.theme(one.theme),
            f"“{words.clean(one.text, 400)}”" + (f" {one.speaker}" if one.speaker else ""),
        ]
        for one in reading.quotes
    ]
    if rows:
        output.gap()
        output.table(("#", "THEME", "IN THEIR WORDS"), rows, wraps=(2,))


def withheld(output: Output, readings: Sequence[ReadingView]) -> None:
    """How much was not claimed: what a document does not bear out is kept, and not shown."""
    count = sum(reading.withheld for reading in readings)
    if count:
        noun = words.plural(count, "claim")
        verb = "was" if count == 1 else "were"
        output.text(
            Piece(
                f"{count} {noun} {verb} withheld: the document does not bear out what was read "
                "into it.",
                "quiet",
            )
        )
