"""What a reader makes of a document: one text, and the tables that stand in it.

The text is derived once and stored; every span counts its characters. A table's rows
stand in the text as lines, so a cell is a span too.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal

from earnings.vocabulary import Span


class UnreadableDocument(Exception):
    """The bytes cannot be turned into text; the message says why, for a person."""


@dataclass(frozen=True)
class Cell:
    """One cell that holds something. `column` is its place after spanning cells were laid out
    and "$", "(", ")" and "%" cells were joined to their number, `width` how many columns it
    covers: a heading belongs to the numbers it overlaps. PDF counts columns in points."""

    column: int
    text: str
    span: Span
    width: int = 1

    @property
    def end_column(self) -> int:
        return self.column + self.width


@dataclass(frozen=True)
class Row:
    label: str  # the leading text cells, joined
    cells: tuple[Cell, ...]  # the rest, left to right
    span: Span


@dataclass(frozen=True)
class Table:
    rows: tuple[Row, ...]
    span: Span
    title: str = ""  # the lines before it that name it
    scale: Decimal = Decimal(1)  # what its amounts are multiplied by
    scale_span: Span | None = None  # the words that say so ("in millions, except per share")
    in_cells: bool = False  # columns are a grid's own cells, not places on a page


@dataclass(frozen=True)
class Mark:
    """From character `start` on, the text is of this second of a recording."""

    start: int
    second: int


@dataclass(frozen=True)
class Turn:
    """From character `start` on somebody speaks: `speaker`, "" where nobody says who."""

    start: int
    speaker: str


@dataclass(frozen=True)
class Speech:
    """The part of a text that was spoken: from `start` to its end. `questions_at`: where others
    than the company begin to speak, None if that cannot be told. `by_machine`: no person has
    read what it wrote."""

    start: int
    turns: tuple[Turn, ...] = ()
    questions_at: int | None = None
    by_machine: bool = False

    def speaker(self, position: int) -> str | None:
        """Who speaks at a character, if that is known."""
        index = bisect_right(self.turns, position, key=lambda turn: turn.start) - 1
        return (self.turns[index].speaker or None) if index >= 0 else None


@dataclass(frozen=True)
class Reading:
    """`reader` names the program and version that derived the text, because spans count on it.
    `marks`: in order, of a text that has a recording behind it."""

    text: str
    tables: tuple[Table, ...]
    reader: str
    warnings: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    speech: Speech | None = None
    hidden: int = 0  # places of text that a person cannot see, left out
    invisible: int = 0  # characters that have no shape, left out
    floods: int = 0  # endless words and repetitions, left out

    def quote(self, span: Span) -> str:
        return self.text[span.start : span.end]
