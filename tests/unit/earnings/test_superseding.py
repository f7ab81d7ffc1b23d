"""earnings.superseding: which of several filings about one period counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnings.superseding import Filed, Superseded, Why, superseded
from earnings.vocabulary import (
    Basis,
    Claim,
    Figure,
    Guidance,
    GuidanceAction,
    Metric,
    Period,
    PeriodKind,
    Quote,
    Span,
    Theme,
    Unit,
)

Q1 = Period(PeriodKind.QUARTER, date(2025, 5, 2), "first quarter")
Q4 = Period(PeriodKind.QUARTER, date(2025, 1, 31), "fourth quarter")
MORNING = datetime(2025, 5, 21, 10, 0, tzinfo=UTC)


def figure(metric: Metric, value: str, period: Period = Q1, basis: Basis = Basis.GAAP) -> Figure:
    return Figure(metric, Decimal(value), Unit.USD, period, Span(0, 1), basis)


def outlook(low: str) -> Guidance:
    year = Period(PeriodKind.YEAR, None, "Fiscal 2025")
    usd = Unit.USD_PER_SHARE
    return Guidance(Metric.EPS_DILUTED, Decimal(low), None, usd, year,
                    GuidanceAction.INITIATED, Span(0, 1))  # fmt: skip


SALES, EPS, PROFIT = Metric.NET_SALES, Metric.EPS_DILUTED, Metric.NET_INCOME
RELEASE = (figure(SALES, "20900"), figure(PROFIT, "1600"), figure(EPS, "2.92"), outlook("12.15"))
CORRECTED = (figure(SALES, "20930"), *RELEASE[1:])
TALK = Quote(Theme.TARIFFS, "tariffs", Span(0, 1))


def filed(
    number: int,
    claims: Sequence[Claim],
    hours: float = 0,
    *,
    amends: bool = False,
    period: Period = Q1,
) -> Filed:
    at = MORNING + timedelta(hours=hours)
    return Filed(number, f"0000060667-25-{number:06d}", at, amends, period, tuple(claims))


AMENDED, AGAIN, REPEATED = Why.AMENDED, Why.REPORTED_AGAIN, Why.REPEATED

CASES: list[tuple[str, list[Filed], dict[int, Superseded]]] = [
    ("one release counts", [filed(1, RELEASE)], {}),
    (
        "an amendment of the same day replaces the release it corrects",
        [filed(1, RELEASE), filed(2, CORRECTED, 3, amends=True)],
        {1: Superseded(2, AMENDED)},
    ),
    (
        "an amendment in the same second is told by its number",
        [filed(1, RELEASE), filed(2, CORRECTED, amends=True)],
        {1: Superseded(2, AMENDED)},
    ),
    (
        "an amendment that corrects only its outlook counts too",
        [filed(1, RELEASE), filed(2, (*RELEASE[:3], outlook("12.25")), 30, amends=True)],
        {1: Superseded(2, AMENDED)},
    ),
    (
        "an amendment that corrects a cover and attaches the same release changes nothing",
        [filed(1, RELEASE), filed(2, RELEASE, 3, amends=True)],
        {2: Superseded(1, REPEATED)},
    ),
    (
        "an amendment that adds an exhibit without figures replaces nothing",
        [filed(1, RELEASE), filed(2, (TALK,), 3, amends=True)],
        {},
    ),
    (
        "an amendment that adds an exhibit with other figures stands beside the release",
        [filed(1, RELEASE), filed(2, (figure(Metric.INVENTORY, "18300"),), 3, amends=True)],
        {},
    ),
    (
        "of another period nothing is replaced",
        [filed(1, RELEASE, period=Q4), filed(2, CORRECTED, 3, amends=True)],
        {},
    ),
    (
        "an amendment of an amendment: each names the next",
        [
            filed(1, RELEASE),
            filed(2, CORRECTED, 3, amends=True),
            filed(3, (figure(SALES, "20940"), *RELEASE[1:]), 30, amends=True),
        ],
        {1: Superseded(2, AMENDED), 2: Superseded(3, AMENDED)},
    ),
    (
        "the same release under another number adds nothing",
        [filed(1, RELEASE), filed(2, RELEASE, 48)],
        {2: Superseded(1, REPEATED)},
    ),
    (
        "the full release replaces the preliminary figures",
        [filed(1, RELEASE[:2]), filed(2, CORRECTED, 48)],
        {1: Superseded(2, AGAIN)},
    ),
    (
        "a later filing that leaves figures out replaces nothing unless it amends",
        [filed(1, RELEASE), filed(2, CORRECTED[:2], 48)],
        {},
    ),
    (
        "ends a few days apart are one period, as two filings write it",
        [
            filed(1, RELEASE),
            filed(2, CORRECTED, 3, amends=True,
                  period=Period(PeriodKind.QUARTER, date(2025, 5, 3))),
        ],
        {1: Superseded(2, AMENDED)},
    ),
    (
        "a month is never replaced by its quarter",
        [
            filed(1, RELEASE[:1], period=Period(PeriodKind.YEAR_TO_DATE, Q1.end)),
            filed(2, CORRECTED, 3, amends=True),
        ],
        {},
    ),
    (
        "without an end, the issuer's own name for the period tells",
        [
            filed(1, RELEASE, period=Period(PeriodKind.QUARTER, None, "First Quarter 2025")),
            filed(2, CORRECTED, 3, amends=True,
                  period=Period(PeriodKind.QUARTER, None, "first quarter 2025")),
        ],
        {1: Superseded(2, AMENDED)},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("filings", "found"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_the_rule(filings: list[Filed], found: dict[int, Superseded]) -> None:
    assert superseded(filings) == found


SOME = st.lists(
    st.tuples(
        st.sampled_from([RELEASE, CORRECTED, RELEASE[:2], (TALK,), ()]),
        st.booleans(),
        st.sampled_from([Q1, Q4]),
        st.integers(0, 3),
    ),
    max_size=6,
).map(
    lambda rows: [
        filed(number, claims, hours, amends=amends, period=period)
        for number, (claims, amends, period, hours) in enumerate(rows, 1)
    ]
)


@given(SOME, st.randoms())
def test_the_order_of_reading_does_not_matter(filings: list[Filed], shuffle: object) -> None:
    """Filings are read by several hands at once."""
    mixed = sorted(filings, key=lambda _: shuffle.random())  # type: ignore[attr-defined]
    assert superseded(mixed) == superseded(filings)


@given(SOME)
def test_of_each_period_something_counts(filings: list[Filed]) -> None:
    """Nothing disappears: whoever is replaced leads to one that counts."""
    found = superseded(filings)
    for first in found:
        seen, at = {first}, first
        while at in found:
            at = found[at].by
            assert at not in seen
            seen.add(at)
