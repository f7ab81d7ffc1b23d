"""Pages put together: a paragraph that a page break cuts is one paragraph again.

Between its halves may stand a page number. Anything else at the break (a table, a heading,
a running title) keeps the halves apart, because what belongs together is then not sure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from earnings.reading.blocks import Block, Paragraph
from earnings.regexes import lazy_regex

_NUMBER = lazy_regex(r"^\W*(?:page\s+)?\d{1,3}(?:\s*(?:of|/)\s*\d{1,3})?\W*$", re.IGNORECASE)
_ENDS = lazy_regex(r"[.!?:;][\"”’)\]]*\s*$")
_RUNS_ON = lazy_regex(r"^\s*(?:[a-z(]|[$\d][\d.,]*\s*(?:%|percent|[a-z]))")
_LEAST = 40  # characters: shorter lines are headings


def joined(before: Sequence[Block], page: Sequence[Block]) -> list[Block]:
    """`before` with the blocks of the next page behind it."""
    head, tail = _without_number(list(before), -1), _without_number(list(page), 0)
    if not head or not tail:
        return [*before, *page]
    last, first = head[-1], tail[0]
    if isinstance(last, Paragraph) and isinstance(first, Paragraph) and _one(last.text, first.text):
        return [*head[:-1], Paragraph(f"{last.text.rstrip()} {first.text.lstrip()}"), *tail[1:]]
    return [*before, *page]


def _without_number(blocks: list[Block], at: int) -> list[Block]:
    if blocks and isinstance(blocks[at], Paragraph) and _NUMBER.match(_text(blocks[at])):
        blocks.pop(at)
    return blocks


def _text(block: Block) -> str:
    return block.text if isinstance(block, Paragraph) else ""


def _one(last: str, first: str) -> bool:
    """Whether a sentence runs on from the last line of a page to the first of the next."""
    return len(last) >= _LEAST and not _ENDS.search(last) and _RUNS_ON.match(first) is not None
