"""Whether a stretch of text bears out a number: digits, unit, scale and sign.

Every rule here can only say no. A number of the stretch counts if its printed digits are
the value's, if what stands beside it (or in its row, its column's heading, the context)
says the unit, if a scale word beside it or the heading of its table says the scale, and if
brackets, a minus or the words say the sign.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from earnings.directions import said, said_by_label
from earnings.numbers import NumberToken, find_numbers, significant
from earnings.reading.base import Cell, Reading, Row, Table
from earnings.regexes import lazy_regex
from earnings.sentences import sentence_at
from earnings.vocabulary import Metric, Span, Unit, WithheldReason

OUTFLOWS = frozenset({Metric.CAPITAL_EXPENDITURE, Metric.SHARE_REPURCHASES})
_PERCENT = lazy_regex(r"%|\bper\s?cent|\bpct\b|_pct\b|\brate\b|\bmargin\b", re.IGNORECASE)
_PERCENT_HEAD = lazy_regex(r"%|\bper\s?cent|\bpct\b|_pct\b", re.IGNORECASE)
_CHANGE_HEAD = lazy_regex(
    r"%|\bper\s?cent|\bpct\b|_pct\b|\bchange\b|\bvariance\b|\bincrease\b|\bgrowth\b", re.IGNORECASE
)
_PER_SHARE = lazy_regex(r"\bper\b.{0,40}\bshare\b|\beps\b|/\s?share|eps_", re.IGNORECASE)
_SCALE_WORDS = lazy_regex(
    r"\b(?:in|of|\$)\s*(?:u\.?s\.?\s+)?(?:\$\s*)?(?P<word>thousand|million|billion)s?\b",
    re.IGNORECASE,
)
_SCALES = {"thousand": Decimal(10**3), "million": Decimal(10**6), "billion": Decimal(10**9)}
_MISSED_SCALES = tuple(Decimal(10) ** k for k in (-9, -6, -3, 3, 6, 9))
_CONTEXT_REACH = 6000  # a heading further above belongs to another table
_ROWS_ABOVE = 4
_SPLIT = lazy_regex(r"^\W*(?:basic|diluted|assuming\s+dilution)\b", re.IGNORECASE)
_PER_SHARE_METRICS = frozenset({Metric.EPS_BASIC, Metric.EPS_DILUTED, Metric.EPS_ADJUSTED})


@dataclass(frozen=True)
class Bearing:
    """A number that bears the value out, or why none does."""

    token: NumberToken | None
    reason: WithheldReason | None = None
    scale_span: Span | None = None  # the table's words for its scale, when the value needs them


@dataclass(frozen=True)
class Stretch:
    """A piece of a reading with what gives its numbers their meaning."""

    reading: Reading
    span: Span
    tokens: tuple[NumberToken, ...]
    table: Table | None
    rows: tuple[Row, ...]  # of the table, as far as the stretch touches them
    context: tuple[Span, ...]

    def row_of(self, token: NumberToken) -> Row | None:
        return next((r for r in self.rows if _within(token.digits, r.span)), None)

    def cell_of(self, token: NumberToken) -> Cell | None:
        row = self.row_of(token)
        cells = row.cells if row is not None else ()
        return next((c for c in cells if _within(token.digits, c.span)), None)


class Stretches:
    """Cuts stretches out of one reading."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._tables = sorted(reading.tables, key=lambda table: table.span)
        self._starts = [table.span.start for table in self._tables]

    def cut(self, span: Span, context: Sequence[Span] = ()) -> Stretch:
        size = len(self.reading.text)
        table = self._table(span)
        return Stretch(
            self.reading,
            span,
            find_numbers(self.reading.text, span.start, span.end),
            table,
            tuple(r for r in table.rows if _touch(r.span, span)) if table else (),
            tuple(c for c in context if 0 <= c.start < c.end <= size),
        )

    def surroundings(self, span: Span) -> Span:
        """`span` widened to the row or sentence it stands in."""
        table = self._table(span)
        rows = [r.span for r in table.rows if _touch(r.span, span)] if table else []
        if not rows:
            rows = [sentence_at(self.reading.text, span)]
        return Span(
            min(span.start, *(r.start for r in rows)), max(span.end, *(r.end for r in rows))
        )

    def _table(self, span: Span) -> Table | None:
        index = bisect_right(self._starts, span.end - 1) - 1
        if index >= 0 and _touch(self._tables[index].span, span):
            return self._tables[index]
        return None


def bear(stretch: Stretch, value: Decimal, unit: Unit, metric: Metric) -> tuple[Bearing, ...]:
    """Every number of the stretch that bears `value` out, or one bearing with the reason."""
    good: list[Bearing] = []
    worst = WithheldReason.NUMBER_NOT_IN_SPAN
    rank = {r: i for i, r in enumerate(_CLOSENESS)}
    wanted = significant(value)
    for index, token in enumerate(stretch.tokens):
        if token.significant != wanted or not token.is_figure:
            continue
        bearing = _bears(stretch, index, value, unit, metric)
        if bearing.reason is None:
            good.append(bearing)
        elif rank[bearing.reason] > rank[worst]:
            worst = bearing.reason
    return tuple(good) or (Bearing(None, worst),)


_CLOSENESS = (
    WithheldReason.NUMBER_NOT_IN_SPAN,
    WithheldReason.IMPLAUSIBLE,
    WithheldReason.SCALE_NOT_STATED,
    WithheldReason.SIGN_NOT_STATED,
)


def _bears(stretch: Stretch, index: int, value: Decimal, unit: Unit, metric: Metric) -> Bearing:
    token = stretch.tokens[index]
    size = abs(value)
    printed = abs(token.printed)
    factor, scale_span = _scale(stretch, token, unit)
    if printed * factor != size:
        missed = size != 0 and any(printed * m == size for m in (Decimal(1), *_MISSED_SCALES))
        fits = unit is Unit.USD and missed and _unit_fits(stretch, token, unit)
        reason = WithheldReason.SCALE_NOT_STATED if fits else WithheldReason.NUMBER_NOT_IN_SPAN
        return Bearing(None, reason)
    if not _unit_fits(stretch, token, unit):
        return Bearing(None, WithheldReason.IMPLAUSIBLE)
    if not _sign_fits(stretch, index, value, metric):
        return Bearing(None, WithheldReason.SIGN_NOT_STATED)
    return Bearing(token, None, scale_span)


def _scale(stretch: Stretch, token: NumberToken, unit: Unit) -> tuple[Decimal, Span | None]:
    """What the printed digits are multiplied by, and the words outside the span that say so."""
    if token.scale_word is not None:
        inside = token.scale_span is not None and token.scale_span.end <= stretch.span.end
        return (token.scale_word, None) if inside else (Decimal(1), None)
    if unit is not Unit.USD:
        return Decimal(1), None
    row = stretch.row_of(token)
    if stretch.table is not None and row is not None and stretch.table.scale_span is not None:
        return stretch.table.scale, stretch.table.scale_span
    for span in stretch.context:
        if not 0 <= stretch.span.start - span.start <= _CONTEXT_REACH:
            continue
        match = _SCALE_WORDS.search(stretch.reading.quote(span))
        if match is not None and row is None:
            return _SCALES[match["word"].lower()], span
    return Decimal(1), None


def _unit_fits(stretch: Stretch, token: NumberToken, unit: Unit) -> bool:
    row = stretch.row_of(token)
    label = row.label if row is not None else ""
    if unit is Unit.PERCENT:
        return token.unit is Unit.PERCENT or (
            token.unit is None and token.scale_word is None and _says_percent(stretch, token)
        )
    if token.unit is Unit.PERCENT:
        return False
    if unit is Unit.COUNT:
        return token.unit is None
    if unit is Unit.USD_PER_SHARE:
        if token.scale_word is not None and token.scale_word > 1:
            return False
        return token.unit is Unit.USD_PER_SHARE or _says_per_share(stretch, token)
    if token.unit is Unit.USD_PER_SHARE or _PER_SHARE.search(label):
        return False
    if token.unit is Unit.USD or token.scale_word is not None:
        return True
    return row is not None and not _heads(stretch, token, _CHANGE_HEAD)


def _says_percent(stretch: Stretch, token: NumberToken) -> bool:
    row = stretch.row_of(token)
    if row is not None:
        words = [row.label, *(cell.text for cell in row.cells if not find_numbers(cell.text))]
        if any(_PERCENT.search(word) for word in words):
            return True
    said_outside = any(_PERCENT_HEAD.search(stretch.reading.quote(s)) for s in stretch.context)
    return said_outside or _heads(stretch, token, _PERCENT_HEAD)


def _says_per_share(stretch: Stretch, token: NumberToken) -> bool:
    texts = [stretch.reading.quote(stretch.span)]
    texts += [stretch.reading.quote(span) for span in stretch.context]
    row = stretch.row_of(token)
    if stretch.table is not None and row is not None:
        at = stretch.table.rows.index(row)
        above = stretch.table.rows[max(0, at - _ROWS_ABOVE) : at]
        texts += [row.label, *(r.label for r in above)]
    return any(_PER_SHARE.search(text) for text in texts) or _heads(stretch, token, _PER_SHARE)


def _heads(stretch: Stretch, token: NumberToken, pattern: re.Pattern[str]) -> bool:
    """Whether a heading of the token's own column says so."""
    row, cell = stretch.row_of(token), stretch.cell_of(token)
    if stretch.table is None or row is None or cell is None:
        return False
    for above in stretch.table.rows:
        if above is row:
            return False
        for other in above.cells:
            over = other.column < cell.end_column and cell.column < other.end_column
            if over and pattern.search(other.text) and not find_numbers(other.text):
                return True
    return False


def _sign_fits(stretch: Stretch, index: int, value: Decimal, metric: Metric) -> bool:
    token = stretch.tokens[index]
    if value == 0:
        return True
    row = stretch.row_of(token)
    if value > 0:
        if token.negative:
            return metric in OUTFLOWS
        return _said(stretch, index, metric, row, whole=True) >= 0
    return token.negative or _said(stretch, index, metric, row, whole=False) < 0


def _said(stretch: Stretch, index: int, metric: Metric, row: Row | None, whole: bool) -> int:
    """What the words say of the token's sign. In a row whose own brackets carry the signs the
    label ("net loss per share") says nothing. `whole`: words before the stretch count too."""
    text = stretch.reading.text
    token = stretch.tokens[index]
    scope = stretch.span
    if row is not None:
        scope = row.span
    elif whole:
        sentence = sentence_at(text, token.span)
        scope = Span(min(sentence.start, token.span.start), sentence.end)
    tokens = find_numbers(text, scope.start, scope.end)
    if row is not None and any(t.negative for t in tokens):
        return 0
    for at, other in enumerate(tokens):
        if other.digits == token.digits:
            by_row = said(text, tokens, at, metric, scope.start)
            return by_row or _said_above(stretch, row, metric)
    return said(text, stretch.tokens, index, metric, stretch.span.start)


def _said_above(stretch: Stretch, row: Row | None, metric: Metric) -> int:
    """What the heading of a per-share row says ("Net loss per share:" above "Diluted")."""
    if stretch.table is None or row is None or metric not in _PER_SHARE_METRICS:
        return 0
    if not _SPLIT.match(row.label):
        return 0
    at = stretch.table.rows.index(row)
    for above in reversed(stretch.table.rows[max(0, at - _ROWS_ABOVE) : at]):
        if not above.cells and _PER_SHARE.search(above.label):
            return said_by_label(above.label)
    return 0


def _within(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _touch(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end
