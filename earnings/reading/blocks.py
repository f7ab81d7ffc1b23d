"""What a format's reader hands on: paragraphs and grids, before offsets exist.

A `Piece` is a cell where it stands: [start, end) on whatever axis the format has (grid
columns in HTML and sheets, points in PDF, characters in plain text). The axis only has to
agree within one grid, because headings are matched to numbers by overlap.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from earnings.reading.amounts import amount, is_year
from earnings.regexes import lazy_regex


@dataclass(frozen=True)
class Piece:
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    text: str


@dataclass(frozen=True)
class Grid:
    rows: tuple[tuple[Piece, ...], ...]


Block = Paragraph | Grid

_PREFIX = lazy_regex(r"^(?:[-–—]?\s*(?:US|C|A)?[$€£]\s*\(?|\()$", re.I)
_STARTS_NUMBER = lazy_regex(r"^[(\-–—]?\s*[$€£]?\s*[(\-–—]?\s*(?:[\d.]|[-–—]|\()")
_SUFFIX = lazy_regex(r"^(?:\)\s*%?|%\s*\)?|\)\s*(?:pts?|bps)\.?|(?:pts?|bps?|pp)\.?\)?)$", re.I)
_ENDS_NUMBER = lazy_regex(r"[\d–—-]\s*%?\)?$")
_GAP = lazy_regex(r"(?<=[(\d$€£%.\-–—])\s+(?=[\d)%($.\-–—])")
_NUMBERISH = lazy_regex(r"^[\s\d$€£().,%\-–—]+$")


def tighten(text: str) -> str:
    """ "$ (17.5 )" as "$(17.5)"; text that is more than one number is left alone."""
    if len(text) > 30 or not _NUMBERISH.match(text):
        return text
    tight = _GAP.sub("", text)
    return tight if amount(tight) is not None else text


def join(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The same row with "$", "(", ")" and "%" cells put to the number they belong to."""
    out: list[Piece] = []
    held: Piece | None = None
    for piece in pieces:
        if held is not None:
            piece, held = _with_prefix(held, piece, out), None
        if _PREFIX.match(piece.text):
            held = piece
        elif out and _SUFFIX.match(piece.text) and _takes_suffix(out[-1].text, piece.text):
            last = out.pop()
            out.append(Piece(last.start, piece.end, tighten(last.text + piece.text)))
        else:
            out.append(Piece(piece.start, piece.end, tighten(piece.text)))
    if held is not None:
        out.append(held)
    return tuple(out)


def _with_prefix(held: Piece, piece: Piece, out: list[Piece]) -> Piece:
    if _STARTS_NUMBER.match(piece.text):
        return Piece(held.start, piece.end, tighten(held.text + piece.text))
    out.append(held)
    return piece


def _takes_suffix(number: str, suffix: str) -> bool:
    """A bracket closes only what is open: "(1" takes ")", "12" does not."""
    if suffix.startswith(")"):
        return number.count("(") > number.count(")")
    if is_year(number) or not _ENDS_NUMBER.search(number):
        return False
    return amount(number) is not None or number.count("(") > number.count(")")
