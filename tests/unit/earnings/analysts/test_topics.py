"""Whether two claims speak of one thing, and say the same of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from earnings.analysts.crosscheck import Verdict
from earnings.analysts.topics import verdict_between
from earnings.vocabulary import (
    Basis,
    Claim,
    Figure,
    Metric,
    Period,
    PeriodKind,
    Quote,
    Span,
    Theme,
    Unit,
)

QUARTER = Period(PeriodKind.QUARTER, date(2026, 8, 1), "second quarter of fiscal 2026")
SALES = Figure(
    metric=Metric.NET_SALES,
    value=Decimal("1204500000"),
    unit=Unit.USD,
    period=QUARTER,
    span=Span(0, 10),
)
SAID = Quote(Theme.TARIFFS, "tariffs raised our costs", Span(20, 44))


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        (SALES, Verdict.AGREES),
        (replace(SALES, value=Decimal("1190200000")), Verdict.DIFFERS),
        (replace(SALES, basis=Basis.UNSTATED), Verdict.AGREES),
        (replace(SALES, metric=Metric.NET_INCOME), None),
        (replace(SALES, basis=Basis.CONSTANT_CURRENCY), None),
        (replace(SALES, period=replace(QUARTER, end=date(2025, 8, 2))), None),
        (replace(SALES, period=replace(QUARTER, kind=PeriodKind.YEAR)), None),
        (replace(SALES, period=Period(PeriodKind.QUARTER, None, "third quarter")), None),
        (replace(SALES, period=Period(PeriodKind.UNKNOWN)), Verdict.AGREES),
        (SAID, None),
    ],
)
def test_figures(other: Claim, verdict: Verdict | None) -> None:
    """Same measure, basis and period: then the value decides, either way round."""
    assert verdict_between(SALES, other) is verdict
    assert verdict_between(other, SALES) is verdict


def test_quotes() -> None:
    """They agree where they overlap in one text; other texts have other places."""
    near = replace(SAID, span=Span(40, 60))
    assert verdict_between(SAID, near) is Verdict.AGREES
    assert verdict_between(SAID, near, one_text=False) is None
    assert verdict_between(SAID, replace(SAID, span=Span(50, 60))) is None
    assert verdict_between(SAID, replace(near, theme=Theme.CONSUMER)) is None
