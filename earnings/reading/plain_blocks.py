"""Typewritten text to blocks: pieces are parted by two spaces, tabs or leader dots."""

from __future__ import annotations

from earnings.reading import layout
from earnings.reading.amounts import is_value
from earnings.reading.blocks import Block, Piece
from earnings.regexes import lazy_regex

_RULE = lazy_regex(r"^[\s\-=_*~.+|]+$")
_PIECE = lazy_regex(r"\S+(?: \S+)*")
_LEADER = lazy_regex(r"(?:\s*\.){3,}")
_GLUED = lazy_regex(r"(?<=[\d)%])\s+(?=\$)")  # "$(33,236) $" before the next column's digits
_TAB = 8


def blocks(text: str) -> list[Block]:
    """Paragraphs and grids of `text`, in order; a rule of dashes or signs is no text."""
    return layout.blocks([_pieces(line.expandtabs(_TAB).rstrip()) for line in text.splitlines()])


def _pieces(line: str) -> list[Piece]:
    if not line.strip() or _RULE.match(line):
        return []
    line = _LEADER.sub(lambda match: " " * len(match[0]), line)
    pieces = []
    for match in _PIECE.finditer(line):
        start = match.start()
        for part in _parts(match[0]):
            at = line.index(part, start)
            pieces.append(Piece(at, at + len(part), part))
            start = at + len(part)
    return pieces


def _parts(text: str) -> list[str]:
    """Numbers of two columns that one space parts; prose with amounts is left whole."""
    parts = _GLUED.split(text)
    numbers = all(part == "$" or is_value(part) for part in parts)
    return parts if numbers else [text]
