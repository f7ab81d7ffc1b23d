"""Figures as a company tagged them in its 10-Q or 10-K: a third reading beside the rules and the
models, days after the release. Pure.

`fy` and `fp` of the SEC's companyfacts name the filing a fact stands in, not the fact's own
period, and one period stands in many filings. So facts are told by their start and end, and of
several for one period the latest filed is taken: it is the restated one. A fourth quarter is in
no filing; it is the year less its first three quarters.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from earnings.vocabulary import Basis, Figure, Metric, PeriodKind, Unit

_SALES = (
    "Revenues",
    "RevenueFromContractWithCustomerExcludingAssessedTax",
    "RevenueFromContractWithCustomerIncludingAssessedTax",
    "SalesRevenueNet",
    "SalesRevenueGoodsNet",
)
TAGS: Mapping[Metric, tuple[str, ...]] = {
    Metric.NET_SALES: _SALES,
    Metric.TOTAL_REVENUE: _SALES,
    Metric.GROSS_PROFIT: ("GrossProfit",),
    Metric.OPERATING_INCOME: ("OperatingIncomeLoss",),
    Metric.NET_INCOME: ("NetIncomeLoss", "ProfitLoss"),
    Metric.EPS_BASIC: ("EarningsPerShareBasic", "EarningsPerShareBasicAndDiluted"),
    Metric.EPS_DILUTED: ("EarningsPerShareDiluted", "EarningsPerShareBasicAndDiluted"),
    Metric.INVENTORY: ("InventoryNet", "RetailRelatedInventoryMerchandise"),
}
WANTED_TAGS = frozenset(tag for tags in TAGS.values() for tag in tags)
_UNITS = {"USD": Unit.USD, "USD/shares": Unit.USD_PER_SHARE}
_FORMS = frozenset({"10-Q", "10-Q/A", "10-K", "10-K/A", "10-KT", "10-QT"})
_SAME_DAY = timedelta(days=3)
_QUARTER, _NINE_MONTHS, _YEAR = (76, 125), (245, 290), (350, 378)  # days, both ends counted
_COARSEST = Decimal("0.005")  # of a value: what its last printed digit may hide


class GarbledFacts(Exception):
    """The bytes are not a company's facts; the message says what is wrong."""


@dataclass(frozen=True)
class FiledFact:
    """`start` None: as of a day. `is_derived`: worked out, a year less nine months."""

    tag: str
    unit: Unit
    start: date | None
    end: date
    value: Decimal
    form: str
    accession: str
    filed: date
    is_derived: bool = False

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1 if self.start is not None else 0


class Verdict(StrEnum):
    AGREES = "agrees"
    DIFFERS = "differs"


@dataclass(frozen=True)
class Compared:
    fact: FiledFact
    verdict: Verdict


def read_facts(content: bytes) -> list[FiledFact]:
    """Of US GAAP, in dollars, of the tags that stand for our metrics: each period once, as it
    was filed last. Numbers are never floats. Raises GarbledFacts."""
    try:
        value = json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError) as wrong:
        raise GarbledFacts(f"it is not JSON ({str(wrong)[:80]})") from wrong
    facts = value.get("facts") if isinstance(value, dict) else None
    if not isinstance(facts, dict):
        raise GarbledFacts('it has no "facts"')
    tags = facts.get("us-gaap")
    return settled(_facts(tags if isinstance(tags, dict) else {}))


def settled(facts: Iterable[FiledFact]) -> list[FiledFact]:
    """Each period once, as it was filed last, and what follows from them; whatever was worked out
    of fewer facts before is worked out anew."""
    latest: dict[tuple[str, Unit, date | None, date], FiledFact] = {}
    for fact in facts:
        if fact.is_derived:
            continue
        key = (fact.tag, fact.unit, fact.start, fact.end)
        known = latest.get(key)
        if known is None or (known.filed, known.accession) < (fact.filed, fact.accession):
            latest[key] = fact
    return [*latest.values(), *_fourth_quarters(list(latest.values()))]


def compare(figure: Figure, facts: Iterable[FiledFact]) -> Compared | None:
    """The fact that a reported figure is measured by; None if there is none. Of several tags
    that may stand for its metric the one that agrees speaks."""
    if figure.basis not in (Basis.GAAP, Basis.UNSTATED) or figure.period.end is None:
        return None
    same = [fact for fact in facts if _is_about(fact, figure)]
    if not same:
        return None
    agreeing = [fact for fact in same if _agrees(figure.value, fact.value)]
    nearest = min(agreeing or same, key=lambda fact: abs(fact.value - figure.value))
    return Compared(nearest, Verdict.AGREES if agreeing else Verdict.DIFFERS)


def _is_about(fact: FiledFact, figure: Figure) -> bool:
    end = figure.period.end
    if fact.tag not in TAGS.get(figure.metric, ()) or fact.unit is not figure.unit or end is None:
        return False
    if abs(fact.end - end) > _SAME_DAY:
        return False
    if figure.metric is Metric.INVENTORY:
        return fact.start is None
    lengths = {PeriodKind.QUARTER: _QUARTER, PeriodKind.YEAR: _YEAR}.get(figure.period.kind)
    return lengths is not None and lengths[0] <= fact.days <= lengths[1]


def _agrees(stated: Decimal, filed: Decimal) -> bool:
    """Within half of the last digit that was printed: "$4.2 billion" says no more."""
    exponent = stated.normalize().as_tuple().exponent
    step = Decimal(1).scaleb(exponent) if isinstance(exponent, int) else Decimal(0)
    return abs(stated - filed) <= min(step / 2, abs(stated) * _COARSEST)


# ---- reading ----------------------------------------------------------------------------------


def _facts(tags: Mapping[str, object]) -> Iterator[FiledFact]:
    for tag in WANTED_TAGS & tags.keys():
        described = tags[tag]
        units = described.get("units") if isinstance(described, dict) else None
        for name, rows in (units if isinstance(units, dict) else {}).items():
            unit = _UNITS.get(name)
            if unit is not None and isinstance(rows, list):
                yield from filter(None, (_fact(tag, unit, row) for row in rows))


def _fact(tag: str, unit: Unit, row: object) -> FiledFact | None:
    """None for what cannot be used: another form (a proxy statement repeats facts), no number."""
    if not isinstance(row, dict) or str(row.get("form")) not in _FORMS:
        return None
    value = row.get("val")
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    try:
        start = date.fromisoformat(row["start"]) if row.get("start") else None
        end, filed = date.fromisoformat(row["end"]), date.fromisoformat(row["filed"])
        return FiledFact(tag, unit, start, end, Decimal(value), str(row["form"]),
                         str(row["accn"]), filed)  # fmt: skip
    except (KeyError, TypeError, ValueError):
        return None


def _fourth_quarters(facts: Sequence[FiledFact]) -> Iterator[FiledFact]:
    """Of amounts; earnings per share do not add up, for the shares change."""
    sums = [fact for fact in facts if fact.unit is Unit.USD and fact.start is not None]
    quarters = {(fact.tag, fact.end) for fact in sums if _within(fact, _QUARTER)}
    nine_months = {(fact.tag, fact.start): fact for fact in sums if _within(fact, _NINE_MONTHS)}
    for year in sums:
        before = nine_months.get((year.tag, year.start))
        if not _within(year, _YEAR) or before is None or (year.tag, year.end) in quarters:
            continue
        yield FiledFact(
            year.tag, year.unit, before.end + timedelta(days=1), year.end,
            year.value - before.value, year.form, year.accession, max(year.filed, before.filed),
            is_derived=True,
        )  # fmt: skip


def _within(fact: FiledFact, days: tuple[int, int]) -> bool:
    return days[0] <= fact.days <= days[1]
