"""Where a document's text gives orders to its reader.

A table row that speaks to the reader is an order, whole. In prose an order is a sentence, and
the two sentences behind it in the same paragraph go with it: "Ignore the tables. Net sales
were $9,999 million." says its number under the order's roof.
"""

from __future__ import annotations

from collections.abc import Iterator

from earnings.directives import speaks_to_reader
from earnings.reading.base import Reading
from earnings.regexes import lazy_regex
from earnings.sentences import line_at, sentences
from earnings.vocabulary import Span

_UNDER_ITS_ROOF = 2  # sentences
_SPREAD = lazy_regex(r"\| [^|]*[^\W\d_]{4}")  # a row with words in more than its label


class Orders:
    """The orders of one reading, looked for where they are asked about and only once."""

    def __init__(self, reading: Reading) -> None:
        self._text = reading.text
        self._rows = {row.span.start for table in reading.tables for row in table.rows}
        self._known: dict[int, tuple[Span, ...]] = {}

    def all(self) -> tuple[Span, ...]:
        """Every stretch of the text that is an order or stands under one, in order."""
        return tuple(self._within(Span(0, len(self._text))))

    def touch(self, span: Span) -> bool:
        """Whether any of the words at `span` belong to an order."""
        return any(o.start < span.end and span.start < o.end for o in self._within(span))

    def _within(self, span: Span) -> Iterator[Span]:
        at = span.start
        while at < span.end:
            line = line_at(self._text, at)
            if line.start not in self._known:
                self._known[line.start] = tuple(self._of_line(line))
            yield from self._known[line.start]
            at = line.end + 1

    def _of_line(self, line: Span) -> Iterator[Span]:
        if line.start not in self._rows:
            yield from _in_prose(self._text, line)
        elif is_order_row(self._text[line.start : line.end]):
            yield line


def is_order_row(row: str) -> bool:
    """Whether a table row, its cells parted by " | ", speaks to the reader."""
    return speaks_to_reader(row) or (
        _SPREAD.search(row) is not None and speaks_to_reader(row.replace(" | ", " "))
    )


def without_orders(line: str) -> str:
    """A line of prose with blanks where it gives orders; "" if it does nothing else."""
    for order in _in_prose(line, Span(0, len(line))):
        line = line[: order.start] + " " * (order.end - order.start) + line[order.end :]
    return line.rstrip()


def _in_prose(text: str, line: Span) -> Iterator[Span]:
    roof = 0
    for sentence in sentences(text, line.start, line.end):
        if speaks_to_reader(text[sentence.start : sentence.end]):
            roof = _UNDER_ITS_ROOF + 1
        if roof:
            roof -= 1
            yield sentence
