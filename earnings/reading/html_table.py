"""One HTML table under way: rows, spanning cells, tables within cells."""

from __future__ import annotations

from earnings.reading.base import UnreadableDocument
from earnings.reading.blocks import Block, Grid, Paragraph, Piece

MAX_CELLS = 150_000  # of one table; the largest real one seen has some thousands
_MAX_SPAN = 1000  # the HTML standard's own limit
_LONG = 400  # characters: a cell this long, in several paragraphs, is a page layout


class TableUnderWay:
    """Fed by the parser's events; `finish` gives the blocks the table amounts to."""

    def __init__(self) -> None:
        self._rows: list[list[Piece]] = []
        self._loose: list[Block] = []  # text between rows, and layouts taken apart
        self._covered: dict[int, int] = {}  # column -> how many more rows a cell above covers
        self._cell: list[Block] | None = None
        self._column = 0
        self._spans = (1, 1)
        self._cells = 0
        self._is_layout = False
        self._in_order: list[list[Block]] = []

    def start_row(self) -> None:
        self.end_cell()
        self._covered = {column: left - 1 for column, left in self._covered.items() if left > 1}
        self._rows.append([])
        self._column = 0

    def start_cell(self, colspan: str | None, rowspan: str | None) -> None:
        self.end_cell()
        if not self._rows:
            self.start_row()
        while self._column in self._covered:
            self._column += 1
        self._cell = []
        self._spans = (_span(colspan), _span(rowspan))
        self._cells += 1
        if self._cells > MAX_CELLS:
            raise UnreadableDocument(f"a table of more than {MAX_CELLS:,} cells")

    def add(self, block: Block) -> None:
        (self._loose if self._cell is None else self._cell).append(block)

    def end_cell(self) -> None:
        if self._cell is None:
            return
        blocks, self._cell = self._cell, None
        columns, rows = self._spans
        start, self._column = self._column, self._column + columns
        if rows > 1:
            self._covered.update(dict.fromkeys(range(start, self._column), rows))
        if not blocks:
            return
        self._in_order.append(blocks)
        texts = [block.text for block in blocks if isinstance(block, Paragraph)]
        if (len(texts) < len(blocks) and not _is_small(blocks)) or (
            len(texts) > 2 and sum(map(len, texts)) > _LONG
        ):
            self._is_layout = True
        self._rows[-1].append(Piece(start, self._column, " ".join(map(_text, blocks))))

    def finish(self) -> list[Block]:
        self.end_cell()
        if self._is_layout:
            return [*self._loose, *(block for cell in self._in_order for block in cell)]
        rows = tuple(tuple(row) for row in self._rows if row)
        return [*self._loose, Grid(rows)] if rows else self._loose


def _span(value: str | None) -> int:
    if value is None:
        return 1
    digits = value.strip()
    return max(1, min(int(digits), _MAX_SPAN)) if digits.isdecimal() and len(digits) < 6 else 1


def _is_small(blocks: list[Block]) -> bool:
    """A nested table of one row only positions something within the cell."""
    return all(not isinstance(block, Grid) or len(block.rows) == 1 for block in blocks)


def _text(block: Block) -> str:
    if isinstance(block, Paragraph):
        return block.text
    return " ".join(piece.text for row in block.rows for piece in row)
