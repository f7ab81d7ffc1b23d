"""A reading as if nobody had written orders into it.

What is left out leaves no gap: rules that count lines or characters see the same document with
an order in it and without. Spans of what is left lead back to the whole text.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace

from earnings.reading.base import Cell, Reading, Row, Speech, Table
from earnings.reading.known import known
from earnings.reading.orders import Orders
from earnings.vocabulary import Span


@dataclass(frozen=True)
class Unordered:
    """`reading` is what is left of the whole one."""

    reading: Reading
    kept: tuple[Span, ...]  # of the whole text, in order
    starts: tuple[int, ...]  # where each of them begins in what is left

    def back(self, span: Span) -> Span:
        """The place in the whole text of a place in what is left."""
        if span.start >= span.end:
            start = self._back(span.start)
            return Span(start, start)
        return Span(self._back(span.start), self._back(span.end - 1) + 1)

    def _back(self, position: int) -> int:
        index = max(0, bisect_right(self.starts, position) - 1)
        return self.kept[index].start + position - self.starts[index] if self.kept else position


def unordered(reading: Reading) -> Unordered:
    """`reading` without the rows and sentences that speak to its reader, and without the lines
    that are empty then."""
    return _without_orders(reading) or Unordered(reading, (Span(0, len(reading.text)),), (0,))


@known
def _without_orders(reading: Reading) -> Unordered | None:
    """None if there are none: what is kept with a reading must not hold the reading itself, or
    the memory of both is free only when somebody looks for such circles."""
    orders = Orders(reading).all()
    if not orders:
        return None
    kept = _kept(reading.text, orders)
    starts: list[int] = []
    length = 0
    for span in kept:
        starts.append(length)
        length += span.end - span.start
    ahead = _Ahead(kept, starts)
    tables = (ahead.table(table) for table in reading.tables)
    text = "".join(reading.text[span.start : span.end] for span in kept)
    speech = ahead.speech(reading.speech) if reading.speech is not None else None
    left = replace(
        reading, text=text, tables=tuple(t for t in tables if t is not None), speech=speech
    )
    return Unordered(left, kept, tuple(starts))


def _kept(text: str, orders: tuple[Span, ...]) -> tuple[Span, ...]:
    kept: list[Span] = []
    at = 0
    for order in orders:
        start, end = order.start, order.end
        while start > at and text[start - 1] in " \t":
            start -= 1
        if start > at:
            kept.append(Span(at, start))
        before = text[kept[-1].end - 1] if kept else "\n"
        if before == "\n" and text[end : end + 1] == "\n":
            end += 1  # the line is empty without it
        at = max(at, end)
    if at < len(text):
        kept.append(Span(at, len(text)))
    return tuple(kept)


class _Ahead:
    """Moves what a table holds to where it stands in what is left."""

    def __init__(self, kept: tuple[Span, ...], starts: list[int]) -> None:
        self._kept, self._starts = kept, starts
        self._begins = [span.start for span in kept]

    def table(self, table: Table) -> Table | None:
        rows = tuple(row for row in map(self._row, table.rows) if row is not None)
        if not rows:
            return None
        scale = self._span(table.scale_span) if table.scale_span is not None else None
        whole = Span(rows[0].span.start, rows[-1].span.end)
        return replace(table, rows=rows, span=whole, scale_span=scale)

    def speech(self, speech: Speech) -> Speech:
        """Who spoke is told by the whole text; here it counts where speaking begins."""
        questions = speech.questions_at
        moved = None if questions is None else self._position(questions)
        return replace(speech, start=self._position(speech.start), turns=(), questions_at=moved)

    def _position(self, position: int) -> int:
        """Of a character in what is left, or of the first one behind it."""
        index = bisect_right(self._begins, position) - 1
        if index < 0:
            return 0
        begin, end = self._begins[index], self._kept[index].end
        return self._starts[index] + min(position, end) - begin

    def _row(self, row: Row) -> Row | None:
        span = self._span(row.span)
        if span is None:
            return None
        by = span.start - row.span.start
        return Row(row.label, tuple(_moved(cell, by) for cell in row.cells), span)

    def _span(self, span: Span) -> Span | None:
        index = bisect_right(self._begins, span.start) - 1
        if index < 0 or span.end > self._kept[index].end:
            return None
        by = self._starts[index] - self._begins[index]
        return Span(span.start + by, span.end + by)


def _moved(cell: Cell, by: int) -> Cell:
    return replace(cell, span=Span(cell.span.start + by, cell.span.end + by))
