"""Guidance in outlook tables.

A table gives guidance if its headings or the lines just above it say so. Its columns are
told apart by their headings: the previous figures from the updated ones (whichever comes
first), GAAP from adjusted, one period from another, low ends from high ends, and what was
from what is expected. A table whose columns cannot be told apart gives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from earnings.fiscal import Mention, find_names
from earnings.numbers import find_numbers
from earnings.reading.base import Cell, Reading, Row, Table
from earnings.reading.guidance_columns import (
    ACTUAL,
    PRIOR,
    Column,
    Role,
    columns_of,
    set_roles,
    stands_over,
)
from earnings.reading.guidance_words import (
    OUTLOOK,
    Named,
    basis_in,
    is_growth_of_profit,
    metric_for,
    row_name,
    verb_in,
)
from earnings.reading.guided import SPENT, Ends, Guided, ends_of, plausible, unit_for, with_basis
from earnings.reading.ranges import Range, find_ranges
from earnings.regexes import lazy_regex
from earnings.sentences import line_at
from earnings.vocabulary import Basis, GuidanceAction, Metric, Span, Unit

_NOT_OUTLOOK = lazy_regex(
    r"reconcil|bridge|historical|statements?\s+of|balance\s+sheets?|cash\s+flows|unaudited",
    re.IGNORECASE,
)
_NO_CHANGE = lazy_regex(
    r"^\W*(?:no\s+change|unchanged|reaffirm\w*|maintain\w*|same|no\s+update|not\s+changed)\b",
    re.IGNORECASE,
)
_CONNECTOR = lazy_regex(r"^\s*(?:to|through|and|[-–—])\s*$", re.IGNORECASE)
_PERCENT = lazy_regex(r"%|\bper\s?cent\b", re.IGNORECASE)
_RESULTS = lazy_regex(r"\b(?:results|highlights)\b(?!.*\b(?:outlook|guidance)\b)", re.IGNORECASE)
_FOLLOWS = lazy_regex(r":\s*$|\bfollow(?:s|ing)\b|\bbelow\b|\btable\b", re.IGNORECASE)
_ANNOUNCEMENT = 200  # characters; a longer line is prose unless it says that something follows
_LINES_ABOVE = 5
_LINE_CHARACTERS = 400
_KEPT = GuidanceAction.MAINTAINED
_BASE = lazy_regex(r"\b(?:versus|vs\.?|compared\s+(?:to|with)|over|from)\b.*", re.IGNORECASE)
_MONEY = frozenset(
    {
        Metric.NET_INCOME,
        Metric.NET_SALES,
        Metric.TOTAL_REVENUE,
        Metric.OPERATING_INCOME,
        Metric.CAPITAL_EXPENDITURE,
        Metric.SHARE_REPURCHASES,
    }
)


@dataclass
class _Outlook:
    """An outlook table, its columns known."""

    reading: Reading
    table: Table
    columns: list[Column]
    above: list[Span]
    mention: Mention | None = None
    verb: GuidanceAction | None = None
    has_prior: bool = False
    found: list[Guided] = field(default_factory=list)


def guided_tables(reading: Reading) -> tuple[Guided, ...]:
    """Every range that the outlook tables of `reading` guide to."""
    found: list[Guided] = []
    for table in reading.tables:
        outlook = _outlook(reading, table)
        if outlook is not None:
            _read(outlook)
            found += outlook.found
    return tuple(found)


def is_outlook(reading: Reading, table: Table) -> bool:
    """Whether `table` is announced as guidance, whatever can be read from it."""
    return _outlook(reading, table) is not None


def _outlook(reading: Reading, table: Table) -> _Outlook | None:
    above = _lines_above(reading.text, table.span.start)
    heading, body = _split(reading, table)
    head_text = " ".join(reading.quote(row.span) for row in heading)
    near = " ".join(reading.quote(span) for span in above[-3:])
    announced = _announced(reading, above[-3:])
    if not body or not (announced or OUTLOOK.search(head_text)):
        return None
    if _NOT_OUTLOOK.search(head_text + " " + near):
        return None
    columns = columns_of(heading, body)
    outlook = _Outlook(reading, table, columns, above)
    outlook.mention = _mention_above(reading, above, heading)
    outlook.verb = verb_in(near)
    set_roles(columns, OUTLOOK.search(head_text) is not None)
    outlook.has_prior = any(
        PRIOR.search(cell.text) and not ACTUAL.search(cell.text)
        for row in heading
        for cell in row.cells
    )
    return outlook


def _announced(reading: Reading, above: Sequence[Span]) -> bool:
    """Whether a line above announces guidance, and none after it announces results."""
    for span in reversed(above):
        if _announces(reading, span):
            return True
        if _RESULTS.search(reading.quote(span)):
            return False
    return False


def _announces(reading: Reading, line: Span) -> bool:
    """Whether a line above says that guidance follows; one with figures is guidance itself."""
    words = reading.quote(line)
    if len(words) > _ANNOUNCEMENT and not _FOLLOWS.search(words):
        return False
    return OUTLOOK.search(words) is not None and not any(t.is_figure for t in find_numbers(words))


def _lines_above(text: str, position: int) -> list[Span]:
    """The lines just above, nearest last; a long one is prose about something else."""
    spans: list[Span] = []
    at = position - 1
    while at > 0 and len(spans) < _LINES_ABOVE:
        line = line_at(text, at - 1)
        if text[line.start : line.end].strip():
            if line.end - line.start > _LINE_CHARACTERS:
                break
            spans.insert(0, line)
        at = line.start
    return spans


def _split(reading: Reading, table: Table) -> tuple[list[Row], list[Row]]:
    """The heading rows and the rest."""
    for at, row in enumerate(table.rows):
        figures = any(_is_guided_cell(cell.text) for cell in row.cells)
        if row.label and row.cells and figures and not _is_heading_row(row):
            return list(table.rows[:at]), list(table.rows[at:])
    return list(table.rows), []


def _is_heading_row(row: Row) -> bool:
    texts = [cell.text for cell in row.cells]
    return row_name(row.label) is None and any(
        OUTLOOK.search(text) or find_names(text) for text in texts
    )


def _is_guided_cell(text: str) -> bool:
    return _NO_CHANGE.match(text) is not None or any(t.is_figure for t in find_numbers(text))


def _merged(reading: Reading, row: Row) -> list[Cell]:
    """The row's cells, "$5.70", "to", "$6.50" joined to one."""
    cells: list[Cell] = []
    joining = False
    for cell in row.cells:
        connects = _CONNECTOR.match(cell.text) is not None
        if cells and (joining or connects) and find_numbers(cells[-1].text):
            last = cells.pop()
            span = Span(last.span.start, cell.span.end)
            width = cell.end_column - last.column
            cell = Cell(last.column, reading.quote(span), span, width)
        cells.append(cell)
        joining = connects
    return cells


def _mention_above(
    reading: Reading, above: Sequence[Span], heading: Sequence[Row]
) -> Mention | None:
    """The one period that the nearest heading or line above names."""
    spans = [row.span for row in heading] + list(reversed(above))
    for span in spans:
        named = find_names(reading.text, span.start, span.end)
        if len({m.name for m in named}) == 1:
            return named[0]
        if named and span in above:
            return None
    return None


def _read(outlook: _Outlook) -> None:
    section = ""
    _, body = _split(outlook.reading, outlook.table)
    for row in body:
        if not row.cells:
            section = row.label
            continue
        named = row_name(row.label)
        label = row.label
        if named is None and section and len(row.label.split()) <= 4:
            label = f"{section} {row.label}"
            named = row_name(label) if not row_name(row.label) else named
        if named is not None:
            _row(outlook, row, named, label)


def _row(outlook: _Outlook, row: Row, named: Named, label: str) -> None:
    by_group: dict[tuple[str, Basis], list[tuple[Column, Cell]]] = {}
    for cell in _merged(outlook.reading, row):
        under = [c for c in outlook.columns if stands_over(cell, c)]
        column = under[0] if under else None
        if column is None or column.role is Role.OTHER or not _is_guided_cell(cell.text):
            continue
        key = (column.mention.label if column.mention else "", column.basis)
        by_group.setdefault(key, []).append((column, cell))
    # beside previous figures the headings of both need not name the period the same way
    groups = _united(by_group) if outlook.has_prior else list(by_group.values())
    for group in groups:
        _statement(outlook, row, named, label, group)


def _united(
    by_group: dict[tuple[str, Basis], list[tuple[Column, Cell]]],
) -> list[list[tuple[Column, Cell]]]:
    basis_free: dict[Basis, list[tuple[Column, Cell]]] = {}
    names = {label for label, _ in by_group if label}
    if len(names) > 1:
        return list(by_group.values())
    for (_, basis), cells in by_group.items():
        basis_free.setdefault(basis, []).extend(cells)
    return list(basis_free.values())


def _statement(
    outlook: _Outlook,
    row: Row,
    named: Named,
    label: str,
    group: list[tuple[Column, Cell]],
) -> None:
    current = [pair for pair in group if pair[0].role is not Role.PRIOR]
    prior = [pair for pair in group if pair[0].role is Role.PRIOR]
    if not _is_one_range(current) or (prior and not _is_one_range(prior)):
        return
    column = current[0][0]
    mention = column.mention or _first(find_names(_BASE.sub(" ", label))) or outlook.mention
    if mention is None:
        return
    read = _range_of(outlook, row, named, label, current)
    before = _range_of(outlook, row, named, label, prior) if prior else None
    if _NO_CHANGE.match(current[0][1].text) and before is not None:
        read = before
    if read is None:
        return
    metric, unit, ends = read
    same = before is not None and before[0] is metric
    prior_ends: Ends = before[2] if before is not None and same else (None, None)
    basis = basis_in(label)
    item = Guided(
        metric,
        ends[0],
        ends[1],
        unit,
        basis if basis is not Basis.UNSTATED else column.basis,
        row.span,
        mention.name,
        mention.label,
        period_end=column.period_end,
        verb=None if metric in SPENT and outlook.verb is not _KEPT else outlook.verb,
        prior_low=prior_ends[0],
        prior_high=prior_ends[1],
        is_new=outlook.has_prior and before is None,
        context=(*column.spans, *outlook.above[-1:]),
        weight=3,
    )
    if plausible(item):
        outlook.found.append(with_basis(item))


def _is_one_range(pairs: Sequence[tuple[Column, Cell]]) -> bool:
    """One cell that holds all of it, or a low end and a high end side by side."""
    sides = [column.side for column, _ in pairs]
    return sides in ([""], ["low", "high"])


def _first(mentions: Sequence[Mention]) -> Mention | None:
    return mentions[0] if mentions else None


def _range_of(
    outlook: _Outlook,
    row: Row,
    named: Named,
    label: str,
    pairs: Sequence[tuple[Column, Cell]],
) -> tuple[Metric, Unit, Ends] | None:
    """What the cells of `pairs` (one, or a low and a high) state of the row's metric."""
    text = outlook.reading.text
    ranges = [r for _, c in pairs for r in find_ranges(text, c.span.start, c.span.end)]
    if len(ranges) != len(pairs) or not ranges:
        return None
    range_ = ranges[0] if len(ranges) == 1 else Range(ranges[0].first, ranges[-1].last)
    heading = " ".join(column.heading for column, _ in pairs)
    unit = unit_for(named.metric, range_) if named.metric is not None else None
    if unit is None and range_.unit is None:
        unit = _unit_said(outlook.table, named, range_, f"{label} {heading}")
    metric = metric_for(named, unit) if unit is not None else None
    if metric is None or unit is None:
        return None
    behind = text[range_.span.end : min(range_.span.end + 40, row.span.end)]
    if metric is Metric.OPERATING_MARGIN and is_growth_of_profit(label, behind):
        return None
    money = unit is Unit.USD and outlook.table.scale_span is not None
    tokens = find_numbers(text, row.span.start, row.span.end)
    ends = ends_of(
        text, tokens, range_, metric, row.span.start, outlook.table.scale if money else Decimal(1)
    )
    return metric, unit, ends


def _unit_said(table: Table, named: Named, range_: Range, words: str) -> Unit | None:
    """The unit of a bare number: by a percent sign in its headings, or its table's scale."""
    if _PERCENT.search(words):
        return Unit.PERCENT
    scaled = range_.last.scale_word is not None or table.scale_span is not None
    return Unit.USD if named.metric in _MONEY and scaled else None
