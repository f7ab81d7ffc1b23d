"""Blocks to one text with offsets: paragraphs on lines, each table row on one line.

A grid becomes a table only if it holds values; bullets and boxes drawn with tables become
paragraphs. What a table's amounts count ("in thousands") is looked for in its own heading
rows, then in the lines just above it. Words that give their reader orders neither name nor
scale a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from earnings.reading import scale
from earnings.reading.amounts import amount, is_value, is_year
from earnings.reading.base import Cell, Reading, Row, Table, UnreadableDocument
from earnings.reading.blocks import Block, Grid, Paragraph, Piece, join
from earnings.reading.characters import BULLETS, squeeze
from earnings.reading.orders import is_order_row, without_orders
from earnings.regexes import lazy_regex
from earnings.vocabulary import Span

SEPARATOR = " | "
MAX_CHARACTERS = 2_500_000  # a long annual report has about one million
_TITLE_LINES = 7  # a statement's name, its period, "unaudited", the scale
_TITLE_CHARACTERS = 160  # a longer line is prose, not a heading
_MARKERS = BULLETS | set("-–—o")
_NAME_CHARACTERS = 120
_LEAST_ROWS = 3  # of a statement: a name above that is the grid's own
_STATEMENT = lazy_regex(
    r"\bbalance\s+sheets?\b|\bstatements?\s+of\s+(?:consolidated\s+|condensed\s+)*(?:operations|"
    r"income|earnings|loss|cash\s+flows?|financial\s+position|net\s+(?:income|earnings))\b|"
    r"\breconciliations?\s+of\b|\b(?:income|earnings|cash\s+flow)\s+statements?\b|"
    r"^(?:\S+\s+){0,6}(?:outlook|guidance)\W*$",
    re.IGNORECASE,
)
_Scale = tuple[Decimal, Span | None]


@dataclass
class _Line:
    text: str
    span: Span


class _Writer:
    def __init__(self) -> None:
        self._parts: list[str] = []
        self.length = 0
        self._recent: list[_Line] = []  # since the last table

    def line(self, text: str) -> Span:
        span = Span(self.length, self.length + len(text))
        self._parts += (text, "\n")
        self.length = span.end + 1
        if self.length > MAX_CHARACTERS:
            raise UnreadableDocument(f"more than {MAX_CHARACTERS:,} characters of text")
        self._recent.append(_Line(text, span))
        return span

    def above(self) -> list[_Line]:
        """The lines above a table that may name it."""
        found: list[_Line] = []
        for line in reversed(self._recent):
            left = without_orders(line.text)
            if left:
                found.append(_Line(left, line.span))
            if len(found) > _TITLE_LINES:
                break
        return [line for line in reversed(found) if len(line.text) <= _TITLE_CHARACTERS]

    def forget(self) -> None:
        """A table ends: what stands before it names no other."""
        self._recent = []

    def text(self) -> str:
        return "".join(self._parts)


def assemble(blocks: Iterable[Block], reader: str, warnings: tuple[str, ...] = ()) -> Reading:
    """The reading of `blocks`. Raises UnreadableDocument when nothing is left to read."""
    writer = _Writer()
    tables: list[Table] = []
    in_cells = reader.startswith(("html", "sheet"))
    for block in blocks:
        if isinstance(block, Paragraph):
            text = squeeze(block.text)
            if text:
                writer.line(text)
            continue
        inherited: _Scale = (Decimal(1), None)
        for rows in _statements(_joined(block)):
            if _holds_values(rows):
                table = _table(rows, writer, inherited)
                tables.append(replace(table, in_cells=in_cells))
                inherited = (tables[-1].scale, tables[-1].scale_span)
                continue
            for row in rows:
                _as_paragraphs(row, writer)
    if not any(char.isalnum() for char in writer.text()):
        raise UnreadableDocument("there is no text in it")
    return Reading(writer.text(), tuple(tables), reader, warnings)


def _joined(grid: Grid) -> list[tuple[Piece, ...]]:
    rows = []
    for row in grid.rows:
        pieces = [Piece(p.start, p.end, squeeze(p.text)) for p in row]
        joined = join([piece for piece in pieces if piece.text])
        if joined:
            rows.append(joined)
    return rows


def _statements(rows: list[tuple[Piece, ...]]) -> list[list[tuple[Piece, ...]]]:
    """The rows of a grid, cut where another statement's name stands alone between them."""
    parts: list[list[tuple[Piece, ...]]] = [[]]
    for row in rows:
        named = len(row) == 1 and len(row[0].text) <= _NAME_CHARACTERS
        if named and len(parts[-1]) > _LEAST_ROWS and _names_statement(row[0].text):
            parts.append([])
        parts[-1].append(row)
    return parts


def _names_statement(words: str) -> bool:
    return _STATEMENT.search(words) is not None and not is_order_row(words)


def _holds_values(rows: list[tuple[Piece, ...]]) -> bool:
    """Whether a grid is a table of values: some row has words and, beside them, a value or
    a short phrase with a digit in it ("$5.70 to $6.50"). A bullet before a sentence is not."""
    hits = 0
    for row in rows:
        if len(row) < 2 or row[0].text in _MARKERS:
            continue
        rest = row[1:]
        if any(is_value(p.text) for p in rest) or (
            all(len(p.text) < 60 for p in rest) and any(_has_digit(p.text) for p in rest)
        ):
            hits += 1
    return hits >= (2 if len(rows) > 2 else 1)


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)


def _as_paragraphs(row: tuple[Piece, ...], writer: _Writer) -> None:
    texts = [piece.text for piece in row]
    if len(texts) > 1 and (len(texts[0]) <= 4):
        texts = [f"{texts[0]} {texts[1]}", *texts[2:]]
    for text in texts:
        writer.line(text)


def _table(
    rows: list[tuple[Piece, ...]], writer: _Writer, inherited: _Scale = (Decimal(1), None)
) -> Table:
    """`inherited`: the scale of the statement before it in the same grid, where it names none."""
    above = writer.above()
    said = [SEPARATOR.join(piece.text for piece in pieces) for pieces in rows]
    orders = [is_order_row(words) for words in said]
    stated = [row for row, order in zip(rows, orders, strict=True) if not order]
    left, first_value = _label_zone(stated or rows)
    start = writer.length
    out = []
    for pieces, words in zip(rows, said, strict=True):
        line_start = writer.length
        span = writer.line(words)
        out.append(_row(pieces, line_start, span, left, first_value))
    writer.forget()
    heads = [row for row, order in zip(out, orders, strict=True) if not order]
    factor, factor_span = _scale(heads, above)
    if factor_span is None:
        factor, factor_span = inherited
    return Table(
        rows=tuple(out),
        span=Span(start, out[-1].span.end),
        title=" / ".join(line.text for line in above),
        scale=factor,
        scale_span=factor_span,
    )


def _label_zone(rows: list[tuple[Piece, ...]]) -> tuple[int, int]:
    """Where labels begin, and where the first column of values begins."""
    left = min(row[0].start for row in rows)
    values = [
        piece.start
        for row in rows
        for piece in row[1:]
        if is_value(piece.text) and not is_year(piece.text)
    ]
    values = values or [piece.start for row in rows for piece in row[1:]]
    return left, min(values, default=left + 1)


def _row(pieces: tuple[Piece, ...], offset: int, span: Span, left: int, first_value: int) -> Row:
    labels: list[str] = []
    cells: list[Cell] = []
    for index, piece in enumerate(pieces):
        place = Span(offset, offset + len(piece.text))
        offset = place.end + len(SEPARATOR)
        is_label = (
            not cells
            and not is_value(piece.text)
            and (piece.end <= first_value or (index == 0 and piece.start <= left))
        )
        if is_label:
            labels.append(piece.text)
        else:
            width = max(1, piece.end - piece.start)
            cells.append(Cell(piece.start, piece.text, place, width))
    return Row(" ".join(labels), tuple(cells), span)


def _scale(rows: list[Row], above: list[_Line]) -> tuple[Decimal, Span | None]:
    lines = [(_line_of(row), row.span.start) for row in _heading_rows(rows)]
    lines += [(line.text, line.span.start) for line in reversed(above)]
    for text, offset in lines:
        found = scale.find(text)
        if found is not None:
            return found[0], Span(offset + found[1], offset + found[2])
    return Decimal(1), None


def _heading_rows(rows: list[Row]) -> list[Row]:
    """The rows before the first that states an amount, and the first labels of that one."""
    heading: list[Row] = []
    for row in rows:
        amounts = [cell for cell in row.cells if amount(cell.text) and not is_year(cell.text)]
        heading.append(row)
        if row.label and amounts:
            break
    return heading


def _line_of(row: Row) -> str:
    return SEPARATOR.join([row.label, *(cell.text for cell in row.cells)]).removeprefix(
        "" if row.label else SEPARATOR
    )
