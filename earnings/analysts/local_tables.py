"""Figures that tables state for a release's own period."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from earnings.analysts import local_labels
from earnings.analysts.local_candidates import Candidate, Tier, unit_of
from earnings.analysts.local_expected import is_actual, is_expected_table
from earnings.analysts.local_labels import Meaning
from earnings.fiscal import parse_name
from earnings.reading import periods
from earnings.reading.base import Reading, Table
from earnings.reading.columns import Line, Value, lines
from earnings.regexes import lazy_regex
from earnings.vocabulary import Basis, Metric, Period, PeriodKind, Unit

MAX_TABLES = 150  # a release has under thirty
_DERIVED = lazy_regex(
    r"reconcil|non-?\s?gaap|pro[-\s]?forma|segment|supplement|by\s+(?:region|category|"
    r"brand)|trailing|"
    r"guidance|outlook|as\s+adjusted|constant\s+currency|excluding",
    re.I,
)
_BALANCE = lazy_regex(r"^total\s+(?:current\s+)?assets\b", re.I)
_CASH_FLOW = lazy_regex(r"(?:operating|investing|financing)\s+activities", re.I)
_SMALLEST_UNSCALED = Decimal(1_000_000)  # below it, an amount without "in millions" is no amount
_NEAR = 10  # days between a heading's date and the period's end
_YEAR_APART = range(350, 379)  # days, 53-week years included
_STATEMENT_METRICS = 3


def candidates(
    reading: Reading, period: Period | None, called: frozenset[str] = frozenset()
) -> Iterator[Candidate]:
    """What the tables state for the quarter, and for the year where they show both. `called`:
    the issuer's own names, by which a table of its parts may call the whole."""
    for table in reading.tables[:MAX_TABLES]:
        found = lines(table)
        if any(_CASH_FLOW.search(line.row.label) for line in found) and not _has_eps(found):
            continue
        is_sheet = reading.reader.startswith("sheet")
        outlook = not is_sheet and is_expected_table(reading, table)
        reader = _TableReader(table, found, period, is_sheet, outlook)
        reader.called = called
        yield from reader.read()


def _has_eps(found: Sequence[Line]) -> bool:
    meanings = (local_labels.read(line.row.label, line.parents) for line in found)
    return any(m is not None and m.metric is Metric.EPS_DILUTED for m in meanings)


class _TableReader:
    def __init__(
        self,
        table: Table,
        found: Sequence[Line],
        period: Period | None,
        is_sheet: bool,
        is_outlook: bool,
    ) -> None:
        self.called: frozenset[str] = frozenset()
        self._is_sheet = is_sheet
        self._is_outlook = is_outlook
        quarter = periods.quarter_number(period.label) if period is not None else None
        self._has_year = quarter in (None, 4)  # earlier in the year "the year" is the last one
        self._table = table
        self._lines = found
        self._end = period.end if period is not None else None
        name = parse_name(period.label) if period is not None else None
        self._year = name.year if name is not None else None
        self._balance = any(_BALANCE.match(line.row.label) for line in found)
        self._title = " ".join([*table.title.split(" / ")[-3:], *self._captions()])
        self._derived = bool(_DERIVED.search(self._title))
        self._shares = [
            value.cell
            for line in found[:2]
            for value in line.values
            if value.amount.value == 100
            and not value.amount.money
            and any(abs(other.amount.value) != 100 for other in line.values)
        ]
        self._smallest = _SMALLEST_UNSCALED
        if _states_whole_dollars(found):
            self._smallest = Decimal(0)
        self._kinds = {v.column.kind for line in found for v in line.values}

    def _captions(self) -> list[str]:
        first = self._lines[0].row.span.start if self._lines else 0
        rows = (row for row in self._table.rows if row.span.start < first)
        return [" ".join([row.label, *(c.text for c in row.cells)]) for row in rows]

    def read(self) -> Iterator[Candidate]:
        stated = [(line, m) for line in self._lines if (m := self._meaning(line)) is not None]
        metrics = {meaning.metric for _, meaning in stated} - {Metric.INVENTORY}
        tier = Tier.OTHER_TABLE
        if not self._derived and len(metrics) >= _STATEMENT_METRICS:
            tier = Tier.STATEMENT
        for line, meaning in stated:
            yield from self._figures(line, meaning, tier)
            if meaning.metric is Metric.GROSS_PROFIT and not self._derived:
                yield from self._gross_shares(line)
        yield from self._by_column()
        yield from self._by_basis()

    def _meaning(self, line: Line) -> Meaning | None:
        meaning = local_labels.read(line.row.label, line.parents)
        if meaning is None and local_labels.names_whole_company(line.row.label, self.called):
            above = [*line.parents[-1:], *self._title_parts()]
            if any(local_labels.names_comparable(part) for part in above):
                return Meaning(Metric.COMPARABLE_SALES)
        if meaning is None or self._is_sheet:
            return meaning
        return meaning if (meaning.metric is Metric.INVENTORY) == self._balance else None

    def _title_parts(self) -> list[str]:
        return [*self._table.title.split(" / ")[-2:], *self._captions()]

    def _figures(self, line: Line, meaning: Meaning, tier: Tier) -> Iterator[Candidate]:
        if meaning.metric is Metric.INVENTORY:
            yield from self._build(
                line, meaning, list(line.values), PeriodKind.QUARTER, Tier.STATEMENT
            )
            return
        kinds = (PeriodKind.QUARTER, PeriodKind.YEAR) if self._has_year else (PeriodKind.QUARTER,)
        for kind in kinds:
            values = self._of_kind(line, kind)
            if values:
                yield from self._build(line, meaning, values, kind, tier)

    def _of_kind(self, line: Line, kind: PeriodKind) -> list[Value]:
        exact = [v for v in line.values if v.column.kind is kind]
        if exact or kind is not PeriodKind.QUARTER or PeriodKind.QUARTER in self._kinds:
            return exact
        if self._kinds & {PeriodKind.YEAR, PeriodKind.YEAR_TO_DATE}:
            return []
        return list(line.values)

    def _build(
        self, line: Line, meaning: Meaning, values: list[Value], kind: PeriodKind, tier: Tier
    ) -> Iterator[Candidate]:
        unit = unit_of(meaning.metric)
        if unit is Unit.USD_PER_SHARE:  # beside "Pre-tax" and "Tax", "Net earnings" is the result
            values = [v.as_plain() if _NET_COLUMN.match(_own_words(v)) else v for v in values]
        fitting = [v for v in values if _fits(v, unit) and _plain(v, unit)]
        if self._is_outlook:
            fitting = [v for v in fitting if is_actual(v.column.text)]
        if unit is Unit.USD:
            fitting = [v for v in fitting if not self._is_share(v)]
        now = self._current(fitting, kind)
        if now is None or (now.amount.nil and unit is not Unit.PERCENT):
            return
        then = _year_before(now, fitting)
        scale = self._table.scale if unit is Unit.USD else Decimal(1)
        sign = _sign(line, meaning)
        value = now.amount.value * scale * sign
        if unit is Unit.USD and scale == 1 and abs(value) < self._smallest:
            return
        context = list(now.column.spans)
        if unit is Unit.USD and self._table.scale_span is not None:
            context.append(self._table.scale_span)
        for metric in _metrics(meaning):
            yield Candidate(
                metric=metric,
                value=value,
                kind=kind,
                span=line.row.span,
                tier=tier,
                rank=meaning.rank,
                end=now.column.end,
                prior=None if then is None else then.amount.value * scale * sign,
                basis=meaning.basis,
                step=scale * Decimal(1).scaleb(_exponent(now)),
                context=tuple(context),
            )

    def _is_share(self, value: Value) -> bool:
        """A column that begins with 100 states shares of sales, also where no "%" says so."""
        cell = value.cell
        return any(c.column < cell.end_column and cell.column < c.end_column for c in self._shares)

    def _current(self, values: list[Value], kind: PeriodKind) -> Value | None:
        """The number of the release's own period: the latest column, and only if it is ours."""
        dated = [v for v in values if v.column.dated]
        if not dated:
            return values[0] if 1 <= len(values) <= 2 and self._is_ours(kind) else None
        if not values[0].column.dated and len(values) - len(dated) == 1:
            # "Q3" beside "Q3 FY25": the one without a year is ours, if the other is last year's
            before = self._year is not None and dated[0].column.year == self._year - 1
            return values[0] if before and self._is_ours(kind) else None
        latest = max(v.column.order() for v in dated)
        newest = [v for v in dated if v.column.order() == latest]
        newest = [v for v in newest if v.column.sure] or newest
        if len({v.amount.value for v in newest}) > 1:
            return None
        end = newest[0].column.end
        if self._end is not None and end is not None and abs((end - self._end).days) > _NEAR:
            return None
        year = newest[0].column.year
        if end is None and self._end is not None and year is not None and year > 1:
            return (
                newest[0]
                if year in (self._end.year, self._end.year - 1, self._end.year + 1)
                else None
            )
        return newest[0]

    def _is_ours(self, kind: PeriodKind) -> bool:
        return kind in self._kinds

    def _by_column(self) -> Iterator[Candidate]:
        """Reconciliations with the measure in the heading: "GAAP" and "Non-GAAP" rows."""
        for line in self._lines:
            basis = local_labels.names_basis(line.row.label)
            if local_labels.names_adjusted_result(line.row.label):
                basis = Basis.ADJUSTED
            if basis is None:
                continue
            groups: dict[Metric, list[Value]] = {}
            for value in line.values:
                meaning = local_labels.read(value.column.text_without_periods())
                if meaning is not None and meaning.metric in (
                    Metric.EPS_DILUTED,
                    Metric.NET_INCOME,
                ):
                    groups.setdefault(meaning.metric, []).append(value)
            for metric, values in groups.items():
                if basis is Basis.ADJUSTED and metric is not Metric.EPS_DILUTED:
                    continue
                target = Metric.EPS_ADJUSTED if basis is Basis.ADJUSTED else metric
                cleared = [v for v in values if not (v.column.change or v.column.share)]
                yield from self._build_cleared(line, Meaning(target, basis=basis), cleared)

    def _by_basis(self) -> Iterator[Candidate]:
        """Reconciliations with the basis in the heading: a row of diluted earnings per share
        under "GAAP", "Adjustments" and "Non-GAAP"."""
        for line in self._lines:
            meaning = local_labels.read(line.row.label, line.parents)
            if meaning is None or meaning.metric is not Metric.EPS_DILUTED or meaning.basic_too:
                continue
            adjusted = [
                v
                for v in line.values
                if local_labels.names_basis(v.column.text_without_periods()) is Basis.ADJUSTED
            ]
            target = replace(meaning, metric=Metric.EPS_ADJUSTED, basis=Basis.ADJUSTED)
            if len(adjusted) < len(line.values):
                yield from self._build_cleared(line, target, adjusted)

    def _gross_shares(self, line: Line) -> Iterator[Candidate]:
        """Gross profit's share of sales, where a column beside it shows that."""
        for kind in (PeriodKind.QUARTER, PeriodKind.YEAR):
            shares = [
                v.as_share()
                for v in self._of_kind(line, kind)
                if (v.column.share or self._is_share(v)) and not v.column.change
            ]
            if shares and (kind is not PeriodKind.YEAR or self._has_year):
                meaning = Meaning(Metric.GROSS_MARGIN, rank=1)
                yield from self._build(line, meaning, shares, kind, Tier.OTHER_TABLE)

    def _build_cleared(
        self, line: Line, meaning: Meaning, values: list[Value]
    ) -> Iterator[Candidate]:
        plain = [v.as_plain() for v in values if v.column.kind is not PeriodKind.YEAR]
        yield from self._build(line, meaning, plain, PeriodKind.QUARTER, Tier.OTHER_TABLE)
        if self._has_year:
            year = [v.as_plain() for v in values if v.column.kind is PeriodKind.YEAR]
            yield from self._build(line, meaning, year, PeriodKind.YEAR, Tier.OTHER_TABLE)


def _states_whole_dollars(found: Sequence[Line]) -> bool:
    """Whether a table without a scale can only count single dollars: a row of sales in the
    millions, every amount a whole number."""
    sales = [
        v.amount.value
        for line in found
        if (m := local_labels.read(line.row.label, line.parents)) is not None
        and m.metric in (Metric.NET_SALES, Metric.TOTAL_REVENUE)
        for v in line.values
        if not v.amount.percent
    ]
    return bool(sales) and all(v >= 10 * _SMALLEST_UNSCALED and v % 1 == 0 for v in sales)


_NET_COLUMN = lazy_regex(r"^\W*net\s+(?:earnings|income)\W*$", re.I)


def _own_words(value: Value) -> str:
    return value.column.text_without_periods()


def _metrics(meaning: Meaning) -> tuple[Metric, ...]:
    if meaning.basic_too:
        return (Metric.EPS_DILUTED, Metric.EPS_BASIC)
    return (meaning.metric,)


def _fits(value: Value, unit: Unit) -> bool:
    number = value.amount
    if number.other_unit:
        return False
    if unit is Unit.PERCENT:
        return not number.money and abs(number.value) < 200
    if unit is Unit.USD_PER_SHARE:
        return not number.percent and abs(number.value) < 1000
    return not number.percent


def _plain(value: Value, unit: Unit) -> bool:
    column = value.column
    if unit is Unit.PERCENT:
        return not column.restated and (column.dated or not column.change)
    return column.plain and (unit is Unit.USD_PER_SHARE or not column.per_share)


def _year_before(now: Value, values: list[Value]) -> Value | None:
    for value in values:
        if value is now:
            continue
        if value.column.year == 0 and value.column.end is None:
            return value
        if not now.column.dated and value.column.dated and len(values) == 2:
            return value
        if value.column.kind is not now.column.kind:
            continue
        if now.column.end is not None and value.column.end is not None:
            if (now.column.end - value.column.end).days in _YEAR_APART:
                return value
        elif now.column.year is not None and value.column.year == now.column.year - 1:
            return value
    if not now.column.dated and len(values) == 2 and values[0] is now:
        return values[1]
    return None


def _sign(line: Line, meaning: Meaning) -> int:
    """ "Net loss 17.5" is -17.5; where any number of the row has a bracket, brackets say it."""
    if not meaning.loss_only or any(v.amount.value < 0 for v in line.values):
        return 1
    return -1


def _exponent(value: Value) -> int:
    exponent = value.amount.value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
