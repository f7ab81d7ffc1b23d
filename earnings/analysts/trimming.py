"""What is kept of a document too long to be shown whole.

A release is 30 to 80 thousand characters; a filing with its exhibits can be millions. The
opening is kept, then tables (with the lines that head them) and passages in order of what
they are likely to hold, in the document's own order again, with a line where something is
missing. Kept lines are unchanged, so quotes from them still stand in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from earnings.reading.base import Reading

_OPENING_SHARE = 0.25
_MAX_BLOCK = 6_000
_PASSAGE = 600  # about a paragraph or two
_HEADING = 400  # what stands before a table: its title, dates, "in millions"
_NOTE_ROOM = 50  # the line that says what is missing
_DIGIT = re.compile(r"\d")
# What a block is about, weightiest first. Each counts once.
_WEIGHTS = (
    (re.compile(r"outlook|guidance|now expects?|expects? |reaffirm|forecast", re.I), 6),
    (re.compile(r"diluted|per share", re.I), 6),
    (re.compile(r"net sales|total revenues?|comparable|same-store|identical", re.I), 6),
    (re.compile(r"inventor(y|ies)|gross (margin|profit)|operating (income|margin)", re.I), 5),
    (re.compile(r"net (income|earnings|loss)|operations|balance sheet", re.I), 4),
    (re.compile(r"tariff|shrink|promotion|markdown|traffic|consumer|freight|wage", re.I), 3),
    (re.compile(r"\$ ?\d|\d ?%"), 4),
    (re.compile(r"[“\"].{40,}[”\"]", re.S), 2),
    (re.compile(r"statements? of (consolidated )?(operations|income|earnings)", re.I), 6),
    (re.compile(r"forward-looking|safe harbor|risks? and uncertaint|could cause", re.I), -15),
)


@dataclass(frozen=True)
class Trimmed:
    text: str
    left_out: int  # characters of the document that are not in `text`


def trim(reading: Reading, max_characters: int) -> Trimmed:
    """The text itself if it is short enough, else its sections that matter."""
    text = reading.text
    if len(text) <= max_characters:
        return Trimmed(text, 0)
    most = min(_MAX_BLOCK, int(max_characters * _OPENING_SHARE))  # of a block, in a small room
    opening = _line_end(text, int(max_characters * _OPENING_SHARE), most)
    blocks = [(0, opening), *_blocks(reading, opening, most)]
    weighed = sorted(blocks[1:], key=lambda block: (-_weight(text[block[0] : block[1]]), block[0]))
    kept, room = [blocks[0]], max_characters - opening
    for start, end in weighed:
        cost = end - start + _NOTE_ROOM
        if cost <= room:
            kept.append((start, end))
            room -= cost
    return _joined(text, sorted(kept))


def _line_end(text: str, at: int, near: int) -> int:
    """The end of the line that `at` stands in, if it is so near, else `at`."""
    newline = text.find("\n", at, at + near)
    return newline + 1 if newline >= 0 else at


def _blocks(reading: Reading, begin: int, most: int) -> Iterator[tuple[int, int]]:
    """Tables and passages from `begin` on, cut at lines' ends; together they are all of it."""
    text, start = reading.text, begin
    for table in reading.tables:
        heading = text.rfind("\n", 0, max(0, table.span.start - _HEADING)) + 1
        if table.span.end <= start:
            continue
        yield from _pieces(text, start, max(start, heading), _PASSAGE, most)
        start = max(start, heading)
        yield from _pieces(text, start, table.span.end, most, most)
        start = table.span.end
    yield from _pieces(text, start, len(text), _PASSAGE, most)


def _pieces(text: str, start: int, end: int, size: int, near: int) -> Iterator[tuple[int, int]]:
    while start < end:
        stop = min(end, _line_end(text, start + size, near))
        yield start, stop
        start = stop


def _weight(block: str) -> int:
    weight = sum(points for words, points in _WEIGHTS if words.search(block))
    digits = len(_DIGIT.findall(block))
    if digits * 20 > len(block):
        return weight + 6  # a table of numbers
    return weight if digits else weight - 6


def _joined(text: str, kept: list[tuple[int, int]]) -> Trimmed:
    parts: list[str] = []
    left_out = done = 0
    for start, end in [*kept, (len(text), len(text))]:
        if start > done:
            parts.append(f"\n[... {start - done:,} characters left out ...]\n")
            left_out += start - done
        parts.append(text[start:end])
        done = end
    return Trimmed("".join(parts), left_out)
