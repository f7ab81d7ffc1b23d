"""Inventory growth less sales growth: the oldest warning sign in retail.

Both are worked out from what the document states beside each other: a value and the same
period a year ago. A company that does not state one of them is left out, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from earnings.reports.facts import FigureFact
from earnings.reports.report import Gap, Growth
from earnings.reports.words import round_half_up
from earnings.vocabulary import Metric, PeriodKind, Unit

_SALES = (Metric.NET_SALES, Metric.TOTAL_REVENUE)
_ABSURD_PCT = Decimal(1000)  # a merger or a slipped scale, not a trend


def gaps(figures: Sequence[FigureFact], earlier: Sequence[FigureFact]) -> tuple[Gap, ...]:
    """One per company that states both, the widest gap (shelves filling fastest) first."""
    found = []
    for who in dict.fromkeys(figure.who for figure in figures):
        gap = _gap([figure for figure in figures if figure.who == who])
        if gap is None:
            continue
        before = _gap([figure for figure in earlier if figure.who == who])
        if before is not None:
            parts = (before.inventory.evidence_id, before.sales.evidence_id)
            gap = replace(gap, before_points=before.points, before_evidence=parts)
        found.append(gap)
    return tuple(sorted(found, key=lambda gap: (-gap.points, gap.company)))


def latest(figures: Iterable[FigureFact], metrics: Sequence[Metric]) -> FigureFact | None:
    """A company's newest figure of the first of `metrics` it states; a quarter's before a
    longer period's, and never a month's."""
    figures = tuple(figures)
    for metric in metrics:
        candidates = [one for one in figures if one.metric is metric and not one.is_monthly]
        if candidates:
            return max(candidates, key=_newness)
    return None


def growth(figure: FigureFact | None) -> Growth | None:
    """Percent on the year of an amount; None where the prior is not stated or not positive.

    Rounded to what is shown, so that a reader's own subtraction gives the gap that is shown.
    """
    if figure is None or figure.unit is not Unit.USD:
        return None
    if figure.prior is None or figure.prior <= 0 or figure.value < 0:
        return None
    pct = round_half_up((figure.value / figure.prior - 1) * 100)
    return Growth(pct, figure.source.evidence_id) if abs(pct) < _ABSURD_PCT else None


def _gap(figures: Sequence[FigureFact]) -> Gap | None:
    inventory = latest(figures, (Metric.INVENTORY,))
    if inventory is None:
        return None
    sales = latest(_of_same_period(figures, inventory), _SALES)
    inventory_growth, sales_growth = growth(inventory), growth(sales)
    if inventory_growth is None or sales_growth is None:
        return None
    points = inventory_growth.pct - sales_growth.pct
    return Gap(inventory.company, points, inventory_growth, sales_growth)


def _of_same_period(figures: Sequence[FigureFact], other: FigureFact) -> list[FigureFact]:
    return [
        figure
        for figure in figures
        if None in (figure.period_end, other.period_end) or figure.period_end == other.period_end
    ]


def _newness(figure: FigureFact) -> tuple[date, bool, int]:
    return (
        figure.period_end or date.min,
        figure.period_kind is PeriodKind.QUARTER,
        figure.source.evidence_id,
    )
