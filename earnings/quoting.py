"""Where a quote stands in a text.

First exactly. Then with one spelling for white space, quotation marks and dashes. Then, for
table rows only, without the marks an analyst may have put between the cells; such a match
must lie within one line. Never approximately: a quote put together from two places, or with
one word changed, stands nowhere. A match never begins or ends inside a word or a number.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from earnings.regexes import lazy_regex
from earnings.sentences import line_at
from earnings.vocabulary import Span

MOST_PLACES = 40  # of one quote; a bare "$ 1" stands everywhere and proves nothing
_SPELLING = {
    **dict.fromkeys(map(ord, "‘’‚‛′`´"), "'"),
    **dict.fromkeys(map(ord, "“”„‟″«»"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"),
}
_SPACE = lazy_regex(r"\s{2,}|[^\S ]")  # a single space is itself
_DROPPED = lazy_regex(r"[\s|·•\t]+")
_LEAST_NEAR = 12


@dataclass(frozen=True)
class _Folded:
    """A text in one spelling, and the pieces that it is put together from: where each begins
    in it, and where each stood."""

    text: str
    begins: list[int]
    stood: list[int]

    def place(self, index: int) -> int:
        """Where its character `index` stood."""
        piece = bisect_right(self.begins, index) - 1
        return self.stood[piece] + index - self.begins[piece]

    def span(self, start: int, end: int) -> Span:
        return Span(self.place(start), self.place(end - 1) + 1)


class Places:
    """Finds quotes in one text; what is folded is folded once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._folds: dict[str, _Folded] = {}

    def of(self, quote: str) -> Iterator[Span]:
        """The places of `quote`, each once: exact ones first, then those in another spelling,
        then rows with other marks between their cells; at most MOST_PLACES of each kind."""
        wanted = quote.strip()
        seen: set[Span] = set()
        for find in (self._exact, self._spelled, self._as_cells):
            for span in find(wanted) if wanted else ():
                if span not in seen and is_whole(self.text, span):
                    seen.add(span)
                    yield span

    def near(self, quote: str) -> Span | None:
        """The line where the longest beginning or end of `quote` stands, if any does."""
        folded = self._fold("spelling", fold_text)
        wanted = fold_text(quote.strip()[:2000]).text
        size = len(wanted)
        while size >= _LEAST_NEAR:
            for part in (wanted[:size], wanted[-size:]):
                at = folded.text.find(part)
                if at >= 0:
                    return line_at(self.text, folded.place(at))
            size = size * 2 // 3
        return None

    def _exact(self, wanted: str) -> Iterator[Span]:
        for at in _positions(self.text, wanted):
            yield Span(at, at + len(wanted))

    def _spelled(self, wanted: str) -> Iterator[Span]:
        return self._folded("spelling", fold_text, wanted)

    def _as_cells(self, wanted: str) -> Iterator[Span]:
        for span in self._folded("cells", _cells, wanted):
            if "\n" not in self.text[span.start : span.end]:
                yield span

    def _folded(self, name: str, fold: Callable[[str], _Folded], wanted: str) -> Iterator[Span]:
        folded, needle = self._fold(name, fold), fold(wanted).text
        if needle.strip():
            for at in _positions(folded.text, needle):
                yield folded.span(at, at + len(needle))

    def _fold(self, name: str, fold: Callable[[str], _Folded]) -> _Folded:
        if name not in self._folds:
            self._folds[name] = fold(self.text)
        return self._folds[name]


def is_whole(text: str, span: Span) -> bool:
    """Whether `span` begins and ends between words and numbers, not inside one."""
    return not (_inside(text, span.start) or _inside(text, span.end))


def same_words(text: str, quote: str) -> bool:
    """Equal but for white space and the spelling of quotation marks and dashes."""
    return text == quote or fold_text(text.strip()).text == fold_text(quote.strip()).text


def fold_text(text: str) -> _Folded:
    """One space for each run of white space, one spelling for quotes and dashes."""
    return _fold_with(text, _SPACE, " ")


def _cells(text: str) -> _Folded:
    return _fold_with(text, _DROPPED, "")


def _fold_with(text: str, gaps: re.Pattern[str], filler: str) -> _Folded:
    plain = text.translate(_SPELLING)  # one character for one: offsets stay
    parts: list[str] = []
    begins, stood = [0], [0]
    at = length = 0
    for match in gaps.finditer(plain):
        parts += (plain[at : match.start()], filler)  # the filler stands where the gap began
        length += match.start() - at + len(filler)
        at = match.end()
        begins.append(length)
        stood.append(at)
    parts.append(plain[at:])
    return _Folded("".join(parts), begins, stood)


def _positions(text: str, wanted: str) -> Iterator[int]:
    at = text.find(wanted)
    for _ in range(MOST_PLACES):
        if at < 0:
            return
        yield at
        at = text.find(wanted, at + 1)


def _inside(text: str, position: int) -> bool:
    """Whether the characters either side of `position` belong to one word or number."""
    if not 0 < position < len(text):
        return False
    left, right = text[position - 1], text[position]
    if left.isalnum() and right.isalnum():
        return True
    if left in ".," and right.isdigit():
        return position > 1 and text[position - 2].isdigit()
    return left.isdigit() and right in ".," and text[position + 1 : position + 2].isdigit()
