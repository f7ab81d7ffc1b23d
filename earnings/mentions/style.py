"""A title as words: which are there, what stands between them, how it uses capitals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from earnings.regexes import lazy_regex

_WORD = lazy_regex(r"[^\W_]+(?:['&.\-][^\W_]+)*")
_SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "but",
        "by",
        "for",
        "from",
        "in",
        "into",
        "is",
        "of",
        "on",
        "or",
        "the",
        "to",
        "up",
        "vs",
        "via",
        "with",
    ]
)


class Style(StrEnum):
    """How capitals are used; only in a SENTENCE does one in the middle say "a name"."""

    SENTENCE = "sentence"
    TITLE = "title"
    UPPER = "upper"


@dataclass(frozen=True)
class Word:
    """`gap` is what stands between it and the word before, "and" included. `base` has no 's."""

    text: str
    gap: str

    @property
    def key(self) -> str:
        return self.text.casefold()

    @property
    def is_possessive(self) -> bool:
        return self.key.endswith("'s")

    @property
    def base(self) -> str:
        return self.key.removesuffix("'s")

    @property
    def is_capital(self) -> bool:
        return self.text[:1].isupper() or self.text[:1].isdigit()


def words_of(text: str) -> list[Word]:
    """With "and" taken as "&": it joins names and parts of names."""
    plain = re.sub(r"[\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}`]", "'", text)
    words: list[Word] = []
    gap_from = 0
    for found in _WORD.finditer(plain):
        if found.group().casefold() == "and":
            continue
        words.append(Word(found.group(), plain[gap_from : found.start()]))
        gap_from = found.end()
    return words


def style_of(words: Sequence[Word]) -> Style:
    """By the words that a sentence would write small."""
    letters = [word.text for word in words if word.text[:1].isalpha()]
    if letters and sum(text.isupper() for text in letters) > 0.7 * len(letters) >= 2:
        return Style.UPPER
    inner = [word for word in words[1:] if word.text[:1].isalpha() and word.key not in _SMALL]
    capitals = sum(word.is_capital for word in inner)
    return Style.TITLE if inner and capitals > 0.6 * len(inner) else Style.SENTENCE


def joins(gap: str) -> bool:
    """Whether it stands between two of a list."""
    return bool(re.fullmatch(r"\s*(?:,|&|/|and|,\s*and|,\s*&)\s*", gap, re.IGNORECASE))


def breaks(gap: str) -> bool:
    """Whether something new begins behind it."""
    return bool(re.search(r"[^\s'&-]|\s-\s|\band\b|&", gap, re.IGNORECASE))


def is_inside_name(gap: str) -> bool:
    """Whether it may stand between two words of one name."""
    return bool(re.fullmatch(r"'?\s+|\s*-\s*|\s*(?:&|and)\s*", gap, re.IGNORECASE))
