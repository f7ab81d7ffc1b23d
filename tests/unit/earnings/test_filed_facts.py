"""Figures of 10-Qs and 10-Ks: which fact is whose, and how it stands to a reported figure."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnings.filed_facts import GarbledFacts, Verdict, compare, read_facts
from earnings.vocabulary import Basis, Figure, Metric, Period, PeriodKind, Span, Unit

END = date(2025, 11, 1)
Q3 = Period(PeriodKind.QUARTER, END)


def row(value: object, start: str | None, end: str, filed: str, **more: object) -> dict[str, Any]:
    given = {"val": value, "end": end, "filed": filed, "form": "10-Q", "accn": "a", **more}
    return given | ({"start": start} if start else {})


def facts_of(unit: str = "USD", **tags: list[dict[str, Any]]) -> bytes:
    gaap = {tag: {"label": tag, "units": {unit: rows}} for tag, rows in tags.items()}
    return json.dumps({"cik": 1, "entityName": "X", "facts": {"us-gaap": gaap}}).encode()


def figure(value: str, metric: Metric = Metric.NET_INCOME, period: Period = Q3) -> Figure:
    unit = Unit.USD_PER_SHARE if "eps" in metric else Unit.USD
    return Figure(metric, Decimal(value), unit, period, Span(0, 1))


QUARTER = row(61_200_000, "2025-08-03", "2025-11-01", "2025-12-05")


def test_a_period_that_stands_in_several_filings_counts_as_filed_last() -> None:
    """`fy` and `fp` name the filing: the same quarter is "FY 2026 Q3" and "FY 2027 Q3"."""
    again = replace_row(QUARTER, val=60_900_000, filed="2026-12-04", fy=2027, fp="Q3", accn="b")
    (fact,) = read_facts(facts_of(NetIncomeLoss=[again, QUARTER | {"fy": 2026, "fp": "Q3"}]))
    assert (fact.value, fact.filed, fact.accession) == (
        Decimal(60_900_000), date(2026, 12, 4), "b"
    )  # fmt: skip


def replace_row(given: dict[str, Any], **changes: object) -> dict[str, Any]:
    return {**given, **changes}


def test_a_fourth_quarter_is_the_year_less_nine_months() -> None:
    """Of amounts; earnings per share do not add up. One that is filed itself is taken as it is."""
    nine = row(150, "2025-02-02", "2025-11-01", "2025-12-05")
    year = row(230, "2025-02-02", "2026-01-31", "2026-03-20", form="10-K", accn="k")
    found = [f for f in read_facts(facts_of(NetIncomeLoss=[nine, year])) if f.is_derived]
    assert [(f.start, f.end, f.value, f.accession) for f in found] == [
        (date(2025, 11, 2), date(2026, 1, 31), Decimal(80), "k")
    ]
    own = row(81, "2025-11-02", "2026-01-31", "2026-03-20", form="10-K")
    assert not [f for f in read_facts(facts_of(NetIncomeLoss=[nine, year, own])) if f.is_derived]
    shares = facts_of("USD/shares", EarningsPerShareDiluted=[nine, year])
    assert not [f for f in read_facts(shares) if f.is_derived]


def test_numbers_are_never_floats() -> None:
    content = facts_of("USD/shares", EarningsPerShareDiluted=[row(1, "2025-08-03", "2025-11-01",
                                                                  "2025-12-05")])  # fmt: skip
    (fact,) = read_facts(content.replace(b'"val": 1', b'"val": 1.10'))
    assert (str(fact.value), fact.unit) == ("1.10", Unit.USD_PER_SHARE)


@pytest.mark.parametrize(
    ("stated", "metric", "verdict"),
    [
        ("61200000", Metric.NET_INCOME, Verdict.AGREES),
        ("61000000", Metric.NET_INCOME, Verdict.AGREES),  # "$61 million" says no more
        ("62000000", Metric.NET_INCOME, Verdict.DIFFERS),
        ("61300000", Metric.NET_INCOME, Verdict.DIFFERS),
        ("60000000", Metric.NET_INCOME, Verdict.DIFFERS),  # so coarse nobody writes
        ("-61200000", Metric.NET_INCOME, Verdict.DIFFERS),
    ],
)
def test_agreement_is_to_the_last_digit_stated(
    stated: str, metric: Metric, verdict: Verdict
) -> None:
    found = compare(figure(stated, metric), read_facts(facts_of(NetIncomeLoss=[QUARTER])))
    assert found is not None
    assert found.verdict is verdict


def test_of_several_tags_for_sales_the_one_that_agrees_speaks() -> None:
    """Revenue with and without membership fees: either may be what the release calls net sales."""
    facts = read_facts(
        facts_of(
            Revenues=[replace_row(QUARTER, val=1_250_000_000)],
            RevenueFromContractWithCustomerExcludingAssessedTax=[
                replace_row(QUARTER, val=1_204_500_000)
            ],
        )
    )
    found = compare(figure("1204500000", Metric.NET_SALES), facts)
    assert found is not None
    assert found.verdict is Verdict.AGREES
    assert found.fact.tag.startswith("RevenueFrom")


@pytest.mark.parametrize(
    "claim",
    [
        figure("61200000", period=replace(Q3, kind=PeriodKind.YEAR)),
        figure("61200000", period=replace(Q3, kind=PeriodKind.MONTH)),
        figure("61200000", period=replace(Q3, end=date(2025, 8, 2))),
        figure("61200000", period=replace(Q3, end=None)),
        figure("61200000", Metric.GROSS_PROFIT),
        figure("1.20", Metric.EPS_DILUTED),
        replace(figure("61200000"), basis=Basis.ADJUSTED),
    ],
)
def test_what_is_not_the_same_is_not_compared(claim: Figure) -> None:
    """Another length, another end, another measure, a number that no rule of GAAP made."""
    assert compare(claim, read_facts(facts_of(NetIncomeLoss=[QUARTER]))) is None


def test_inventory_is_as_of_a_day() -> None:
    content = facts_of(InventoryNet=[row(500, None, "2025-11-01", "2025-12-05")])
    found = compare(figure("500", Metric.INVENTORY), read_facts(content))
    assert found is not None
    assert found.verdict is Verdict.AGREES


def test_other_taxonomies_units_and_forms_say_nothing() -> None:
    """IFRS, another currency, a proxy statement that repeats a year, absent tags."""
    assert read_facts(b'{"facts": {"ifrs-full": {"Revenue": {"units": {"EUR": []}}}}}') == []
    assert read_facts(facts_of("EUR", NetIncomeLoss=[QUARTER])) == []
    assert read_facts(facts_of(NetIncomeLoss=[replace_row(QUARTER, form="DEF 14A")])) == []
    assert read_facts(facts_of(OtherTag=[QUARTER])) == []
    assert read_facts(b'{"facts": {}}') == []


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"facts": []}', b"<html></html>"])
def test_what_are_no_facts_is_said(content: bytes) -> None:
    with pytest.raises(GarbledFacts):
        read_facts(content)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["facts", "us-gaap", "NetIncomeLoss", "units", "USD", "val", "end"]), inner
    ),
    max_leaves=12,
)  # fmt: skip


@given(_JSON, st.dictionaries(st.sampled_from(["val", "start", "end", "filed", "form", "accn"]),
                              _JSON))  # fmt: skip
def test_whatever_shape_comes_it_is_read_or_said(value: object, broken: dict[str, object]) -> None:
    for content in (
        json.dumps(value).encode(),
        facts_of(NetIncomeLoss=[QUARTER, {**QUARTER, **broken}, broken]),
    ):
        with contextlib.suppress(GarbledFacts):
            read_facts(content)
