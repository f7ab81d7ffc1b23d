"""Long documents keep what matters, unchanged and in order."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from earnings.analysts.trimming import trim
from earnings.reading.base import Reading, Table
from earnings.vocabulary import Span

_NOTE = re.compile(r"\n\[\.\.\.\]\n")


def _reading(text: str) -> Reading:
    return Reading(text=text, tables=(), reader="test-1")


def _filler(paragraphs: int) -> str:
    return "".join(
        f"Paragraph {number} speaks of the weather in general terms.\n\n"
        for number in range(paragraphs)
    )


def test_a_short_document_is_untouched() -> None:
    """Nothing is lost without need."""
    assert trim(_reading("abc"), 3).text == "abc"
    assert trim(_reading("abc"), 3).left_out == 0


def test_what_matters_is_kept_from_far_inside() -> None:
    """The outlook and the income statement survive two hundred thousand characters of filler."""
    table = "Net sales | 1,204.8 | 1,187.0\nDiluted earnings per share | 0.84 | 0.91\n\n"
    outlook = "For the year the company now expects diluted EPS of $3.05 to $3.20.\n\n"
    text = f"Headline\n\n{_filler(2000)}{table}{_filler(2000)}{outlook}{_filler(500)}"
    kept = trim(_reading(text), 20_000)
    assert len(kept.text) <= 20_000
    assert table in kept.text
    assert outlook in kept.text
    assert kept.text.startswith("Headline")
    assert kept.text.index(table) < kept.text.index(outlook)


@given(st.lists(st.text("ab1 |\n", max_size=4_000), max_size=9), st.integers(400, 9_000))
def test_no_more_is_kept_than_there_is_room_for(parts: list[str], room: int) -> None:
    """Whatever the lines are like: one that is longer than the room is no exception."""
    assert len(trim(_reading("".join(parts)), room).text) <= room


def test_safe_harbour_paragraphs_go_first() -> None:
    """They name every word that matters and say nothing."""
    harbour = "Forward-looking statements: we expect net sales, diluted per share, inventory.\n\n"
    fact = "Net sales rose to $5 billion in the quarter, with diluted EPS of $1.\n\n"
    text = _filler(200) + harbour * 200 + _filler(9) + fact + _filler(200)
    kept = trim(_reading(text), 8_000).text
    assert fact in kept
    assert kept.count(harbour) < 100


def test_a_table_keeps_the_lines_that_head_it() -> None:
    """Without "in millions" a number is worth nothing."""
    heading = "CONSOLIDATED STATEMENTS OF OPERATIONS\n(In millions, except per share data)\n"
    rows = "".join(
        f"Diluted net sales of kind {row} | {row},204.8 | 1,187.0\n" for row in range(60)
    )
    text = _filler(1000) + heading + rows + _filler(1000)
    start = text.index(rows)
    table = Table(rows=(), span=Span(start, start + len(rows)))
    reading = Reading(text=text, tables=(table,), reader="test-1")
    assert heading + rows in trim(reading, 12_000).text


def test_one_endless_line_is_cut_all_the_same() -> None:
    """A document without a single line break cannot get past the limit."""
    kept = trim(_reading("net sales 5 " * 100_000), 30_000)
    assert len(kept.text) <= 30_000
    assert kept.left_out > 1_000_000


@given(
    st.lists(st.sampled_from(["net sales 1,234 ", "weather ", "\n", "\n\n", "outlook 5% "])),
    st.integers(200, 2_000),
)
def test_kept_pieces_stand_in_the_document_in_order(words: list[str], limit: int) -> None:
    """Every piece is found unchanged, after the one before it; lengths add up."""
    text = "".join(words) * 7
    kept = trim(_reading(text), limit)
    at = 0
    pieces = _NOTE.split(kept.text)
    for piece in pieces:
        found = text.find(piece, at)
        assert found >= 0
        at = found + len(piece)
    assert sum(map(len, pieces)) + kept.left_out == len(text)
