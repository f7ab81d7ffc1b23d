"""Sentences of a text, each with its span.

Filings are not prose all through: headings, bullets and table rows end without a full
stop, PDF lines break in the middle of a sentence, and "Inc.", "U.S." and "$1.2" hold full
stops that end nothing. A line break ends a sentence unless the words run on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from earnings.regexes import lazy_regex
from earnings.vocabulary import Span

_ABBREVIATION = lazy_regex(
    r"(?:\b(?:Inc|Corp|Co|Cos|Ltd|LLC|No|Nos|vs|Mr|Mrs|Ms|Dr|Jr|Sr|St|approx|est|incl|excl|Jan|"
    r"Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Fig|Sec|al|a\.m|p\.m|e\.g|i\.e|U\.S|U\.K|"
    r"[A-Z]))\.$"
)
_STATE = lazy_regex(
    r"\b(?:Ala|Ariz|Ark|Calif|Colo|Conn|Del|Fla|Ga|Ill|Ind|Kan|Kans|Ky|La|Mass|Md|Mich|Minn|Miss|Mo|"
    r"Mont|Neb|Nev|Okla|Ore|Pa|Penn|Tenn|Tex|Va|Vt|Wash|Wis|Wyo)\.$"
)  # of a dateline: "FERNVALE, Tenn. – August 28"
_DATELINE = lazy_regex(r"\s*(?:[–—(,-]|[A-Z][a-z]+\.?\s+\d{1,2},)")
_STOP = lazy_regex(r"[.!?][\"”’')\]]{0,3}(?=\s)|\n")
_BULLET = lazy_regex(r"\s*(?:[•·▪◦●■*]|[-–—]\s|\(?[0-9a-z][.)]\s)")
_SURE = lazy_regex(r"(?:Inc|Corp|Co|Ltd|U\.S|a\.m|p\.m)\.$")
LONG_LINE = 60  # a line this long without a stop at its end was broken by layout, not by sense


@lru_cache(512)  # each rule that reads a paragraph asks for the same ones
def sentences(text: str, start: int = 0, end: int | None = None) -> tuple[Span, ...]:
    """The sentences, headings and rows of text[start:end], without surrounding white space."""
    stop = len(text) if end is None else min(end, len(text))
    return tuple(_trimmed(text, part) for part in _parts(text, max(0, start), stop))


@lru_cache(512)
def sentence_at(text: str, span: Span, reach: int = 1500) -> Span:
    """The sentence that holds `span`, looked for within `reach` characters either side."""
    low = _sure_end(text, max(0, span.start - reach), span.start)
    for whole in _parts(text, low, min(len(text), span.end + reach)):
        part = _trimmed(text, whole)
        if part.start <= span.start < part.end:
            return Span(part.start, max(part.end, span.end))
    return span


def _sure_end(text: str, low: int, position: int) -> int:
    """The end of the last line before `position` that ends a sentence however it began, so
    that nothing before it needs to be looked at; `low` if there is none behind it."""
    end = text.rfind("\n", low, position)
    while end >= 0:
        before = text[end - 1 : end] if end > low else ""
        if text[end + 1 : end + 2] == "\n" or (before and before in ".!?:;"):
            return end + 1
        end = text.rfind("\n", low, end)
    return low


def line_at(text: str, position: int) -> Span:
    """The line that holds `position`."""
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    return Span(start, len(text) if end < 0 else end)


def _parts(text: str, start: int, stop: int) -> Iterator[Span]:
    begin = start
    for match in _STOP.finditer(text, start, stop):
        if match.start() < begin or not _ends(text, begin, match):
            continue
        if text[begin : match.end()].strip():
            yield Span(begin, match.end())
        begin = match.end()
    if text[begin:stop].strip():
        yield Span(begin, stop)


def _ends(text: str, begin: int, match: re.Match[str]) -> bool:
    if match.group() == "\n":
        return _line_ends(text, begin, match.start())
    behind = text[max(begin, match.start() - 12) : match.start() + 1]
    if match.group()[0] == "." and _ABBREVIATION.search(behind):
        # "Inc. The Company": an abbreviation may also end the sentence
        return bool(_SURE.search(behind)) and _starts_anew(text, match.end())
    in_dateline = match.group()[0] == "." and _STATE.search(behind)
    return not (in_dateline and _DATELINE.match(text, match.end(), match.end() + 24))


def _starts_anew(text: str, position: int) -> bool:
    word = re.match(
        r"\s+(?:The|This|We|Our|In|For|It|These|As|At|On|Net|Comparable)\b",
        text[position : position + 24],
    )
    return word is not None


def _line_ends(text: str, begin: int, position: int) -> bool:
    after = position + 1
    if after >= len(text) or text[after : after + 1] == "\n" or _BULLET.match(text, after):
        return True
    line = text[max(begin, text.rfind("\n", 0, position) + 1) : position].rstrip()
    if not line or line[-1] in ".!?:;" or "\t" in line or " | " in line:
        return True
    if line[-1] in ",-–—&" or line.endswith((" and", " of", " to", " the", " in", " for")):
        return False
    return len(line) < LONG_LINE and not re.match(r"[ \t]*[a-z]", text[after : after + 8])


def _trimmed(text: str, span: Span) -> Span:
    start, end = span.start, span.end
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)
