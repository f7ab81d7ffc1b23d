"""What of a document is shown to a model.

First goes what holds nothing that is asked for (`essentials`): half of a release, which would
be paid for. A release is 30 to 80 thousand characters; a filing with its exhibits can be
millions. Where the rest is still too long, the opening is kept, then tables (with the lines
that head them) and passages in order of what they are likely to hold, in the document's own
order again, with a line where something is missing. Kept lines are unchanged, so quotes from
them still stand in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from earnings.analysts.essentials import essential
from earnings.reading.base import Reading
from earnings.regexes import lazy_regex
from earnings.vocabulary import Span

_OPENING_SHARE = 0.25
_MAX_BLOCK = 6_000
_PASSAGE = 600  # about a paragraph or two
_HEADING = 400  # what stands before a table: its title, dates, "in millions"
LEFT_OUT = "\n[...]\n"
_DIGIT = lazy_regex(r"\d")
# What a block is about, weightiest first. Each counts once.
_WEIGHTS = (
    (lazy_regex(r"outlook|guidance|now expects?|expects? |reaffirm|forecast", re.I), 6),
    (lazy_regex(r"diluted|per share", re.I), 6),
    (lazy_regex(r"net sales|total revenues?|comparable|same-store|identical", re.I), 6),
    (lazy_regex(r"inventor(y|ies)|gross (margin|profit)|operating (income|margin)", re.I), 5),
    (lazy_regex(r"net (income|earnings|loss)|operations|balance sheet", re.I), 4),
    (lazy_regex(r"tariff|shrink|promotion|markdown|traffic|consumer|freight|wage", re.I), 3),
    (lazy_regex(r"\$ ?\d|\d ?%"), 4),
    (lazy_regex(r"[“\"].{40,}[”\"]", re.S), 2),
    (lazy_regex(r"statements? of (consolidated )?(operations|income|earnings)", re.I), 6),
    (lazy_regex(r"forward-looking|safe harbor|risks? and uncertaint|could cause", re.I), -15),
)


@dataclass(frozen=True)
class Trimmed:
    text: str
    left_out: int  # characters of the document that are not in `text`


def trim(reading: Reading, max_characters: int) -> Trimmed:
    """Of the text what says anything that is asked for; if that is longer than `max_characters`,
    its sections that matter most."""
    text, shown = reading.text, essential(reading)
    whole = _joined(text, [(span.start, span.end) for span in shown])
    if len(whole.text) <= max_characters:
        return whole
    most = min(_MAX_BLOCK, int(max_characters * _OPENING_SHARE))  # of a block, in a small room
    opening = _line_end(text, int(max_characters * _OPENING_SHARE), most)
    blocks = [(0, opening), *_blocks(reading, opening, shown, most)]
    weighed = sorted(blocks[1:], key=lambda block: (-_weight(text[block[0] : block[1]]), block[0]))
    kept, room = [blocks[0]], max_characters - opening
    for start, end in weighed:
        cost = end - start + len(LEFT_OUT)
        if cost <= room:
            kept.append((start, end))
            room -= cost
    return _joined(text, sorted(kept))


def _line_end(text: str, at: int, near: int) -> int:
    """The end of the line that `at` stands in, if it is so near, else `at`."""
    newline = text.find("\n", at, at + near)
    return newline + 1 if newline >= 0 else at


def _blocks(
    reading: Reading, begin: int, shown: Sequence[Span], most: int
) -> Iterator[tuple[int, int]]:
    """What is to be shown from `begin` on, as tables and passages that are cut at lines' ends."""
    text = reading.text
    for span in shown:
        start = max(begin, span.start)
        for table in reading.tables:
            if table.span.end <= start or table.span.start >= span.end:
                continue
            heading = text.rfind("\n", 0, max(0, table.span.start - _HEADING)) + 1
            heading = min(max(start, heading), span.end)
            yield from _pieces(text, start, heading, _PASSAGE, most)
            end = min(table.span.end, span.end)
            yield from _pieces(text, heading, end, most, most)
            start = max(start, end)
        yield from _pieces(text, start, span.end, _PASSAGE, most)


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
            parts.append(LEFT_OUT)
            left_out += start - done
        parts.append(text[start:end])
        done = end
    return Trimmed("".join(parts), left_out)
