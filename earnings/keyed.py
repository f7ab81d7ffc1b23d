"""Patterns that are asked only where one of their words stands.

A rule asks dozens of patterns about every sentence, and most sentences hold no word of most of
them. Whether one of a few words stands in a text is told in a fraction of the time that a
pattern of many alternatives takes to find nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from earnings.regexes import lazy_regex

# What a pattern without regard to case takes for an "i" or an "s", and small letters do not.
_ODD = (("ı", "i"), ("ſ", "s"), ("\N{COMBINING DOT ABOVE}", ""))


class Keyed:
    """`pattern` without regard to case. `keys`: words, or parts of them, of which every match
    holds at least one, in small letters (tests/unit/earnings/test_keyed.py holds that)."""

    def __init__(self, keys: str, pattern: str, flags: int = 0) -> None:
        self.pattern = lazy_regex(pattern, re.IGNORECASE | flags)
        self._keys = tuple(keys.split())

    def may_match(self, text: str) -> bool:
        return self.is_named_in(lowered(text))

    def is_named_in(self, lower: str) -> bool:
        """Whether a text that is in small letters already holds a key."""
        return holds_any(lower, self._keys)

    def search(self, text: str) -> re.Match[str] | None:
        return self.pattern.search(text) if self.may_match(text) else None

    def match(self, text: str) -> re.Match[str] | None:
        return self.pattern.match(text) if self.may_match(text) else None

    def sub(self, filler: str, text: str) -> str:
        return self.pattern.sub(filler, text) if self.may_match(text) else text

    def finditer(
        self, text: str, start: int = 0, end: int | None = None
    ) -> Iterator[re.Match[str]]:
        """The matches within text[start:end]."""
        stop = len(text) if end is None else end
        return (
            self.pattern.finditer(text, start, stop)
            if self.may_match(text[start:stop])
            else iter(())
        )


def holds_any(text: str, words: Iterable[str]) -> bool:
    """Whether one of the words stands in the text, also as part of another."""
    for word in words:  # noqa: SIM110  thousands of times a document: a generator is half of it
        if word in text:
            return True
    return False


def lowered(text: str) -> str:
    """In small letters; every letter that a pattern without regard to case would take for one
    of the alphabet is that one."""
    lower = text.lower()
    if not text.isascii():
        for odd, plain in _ODD:
            if odd in lower:
                lower = lower.replace(odd, plain)
    return lower
