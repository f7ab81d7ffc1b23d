"""Sentences of a document about the themes of retail, at most two for each.

A sentence is worth quoting if it says what happened or what is expected and why; figures and
spoken words count for it. Safe-harbour text, descriptions of the company, definitions and
risk lists are never quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from earnings.analysts.base import QuoteDraft
from earnings.analysts.themes import THEMES
from earnings.keyed import Keyed, lowered
from earnings.number_kinds import NumberKind
from earnings.numbers import find_numbers
from earnings.reading.base import Reading
from earnings.reading.prose import prose_lines
from earnings.regexes import lazy_regex
from earnings.sentences import sentences
from earnings.vocabulary import Span, Theme

MOST_PER_THEME = 2
_THEMES_PER_SENTENCE = 2
_SHORTEST, _LONGEST = 45, 500
_LEAST_WORDS = 8
_LEAST_SCORE = 3.0
_LEFT_OUT = lazy_regex(
    r"^(?:about\b|forward[- ]looking|cautionary|safe\s+harbor|conference\s+call|webcast|"
    r"non-gaap|use\s+of\s+non|contacts?\b|investor|media\s+contact|disclaimer|notes?\b|"
    r"reconciliation|definitions?\b|basis\s+of\s+presentation)",
    re.IGNORECASE,
)
_BOILERPLATE = Keyed(
    "forward private harbor risk uncertaint materially undertak obligation cause securities "
    "form non-gaap generally define www. http dial webcast conference replay retailer chain "
    "operator limited trademark record headquartered believes exclud",
    r"forward[- ]looking|private\s+securities|safe\s+harbor|risks?\s+(?:and|factors?)|uncertaint|"
    r"differ\s+materially|undertakes?\s+no|no\s+obligation|could\s+cause|may\s+cause|"
    r"securities\s+(?:act|and\s+exchange)|form\s+(?:10|8)-[kq]|non-gaap\s+(?:financial\s+)?measures?|"
    r"generally\s+accepted|is\s+defined\s+as|we\s+define|www\.|https?:|dial(?:ing|-in)?\b|webcast|"
    r"conference\s+call|replay|is\s+(?:a|one\s+of|the)\s+(?:\w+\s+){0,4}(?:retailer|chain|operator)|"
    r"includes?,?\s+(?:but\s+(?:is|are)\s+)?not\s+limited|trademarks?\b|stockholders\s+of\s+record|"
    r"shareholders\s+of\s+record|headquartered|"
    r"management\s+believes|exclud\w+\s+the\s+(?:impact|effect)",
)
_WHY = lazy_regex(
    r"\b(?:driven|due\s+to|reflect\w*|offset|impact\w*|pressure\w*|headwinds?|tailwinds?|benefit\w*|"
    r"because|result(?:ed|ing)|improv\w*|higher|lower|declin\w*|increas\w*|decreas\w*|mitigat\w*|"
    r"despite|grew|growth|contribut\w*|continue\w*)\b",
    re.IGNORECASE,
)
_ASIDE = lazy_regex(r"\([^()]{0,120}\)")  # "(stores open 14 months and e-commerce sales)"
_AHEAD = lazy_regex(r"\b(?:expect|anticipate|plan|assume|outlook|guidance)\w*", re.IGNORECASE)
_NAME = r"(?:(?:Mr|Ms|Mrs|Dr)\.\s+)?[A-Z][\w’'-]+(?:\s+(?:[A-Z]\.|[A-Z][\w’'-]+)){0,3}"
_SAID = r"(?:said|commented|stated|added|noted|continued|concluded|remarked|explained)"
_TITLE = r"(?:,\s+[^,.“”\"]{2,70}(?:,\s+[^,.“”\"]{2,40}){0,2}?)?"
_SPEAKER_AFTER = lazy_regex(rf"[,”\"]\s*{_SAID}\s+(?P<who>{_NAME}{_TITLE})(?=[.,;:“\"]|\s+[“\"]|$)")
_SPEAKER_BEFORE = lazy_regex(rf"(?P<who>{_NAME}{_TITLE}),?\s+{_SAID}\s*[,:]?\s*[“\"]")
_SURNAME_AFTER = lazy_regex(rf"[,”\"]\s*(?P<who>{_NAME})\s+{_SAID}\b")
_OPENS, _CLOSES = "“", "”"


@dataclass(frozen=True)
class _Candidate:
    theme: Theme
    span: Span
    score: float
    speaker: str | None


def quote_drafts(reading: Reading) -> tuple[QuoteDraft, ...]:
    """The most informative sentences per theme, in the order of the text."""
    by_theme: dict[Theme, list[_Candidate]] = {}
    for candidate in _candidates(reading):
        by_theme.setdefault(candidate.theme, []).append(candidate)
    chosen = []
    for candidates in by_theme.values():
        best = sorted(candidates, key=lambda c: (-c.score, c.span))
        chosen += _distinct(reading, best)[:MOST_PER_THEME]
    chosen.sort(key=lambda c: (c.span, c.theme))
    return tuple(QuoteDraft(c.theme, reading.quote(c.span), c.speaker, c.span) for c in chosen)


def _distinct(reading: Reading, candidates: list[_Candidate]) -> list[_Candidate]:
    """A sentence that stands twice (highlights and text) is one."""
    seen: set[str] = set()
    kept = []
    for candidate in candidates:
        words = " ".join(reading.quote(candidate.span).lower().split())
        if words not in seen:
            seen.add(words)
            kept.append(candidate)
    return kept


def _candidates(reading: Reading) -> Iterator[_Candidate]:
    left_out, speaker = False, None
    for line in prose_lines(reading):
        words = reading.quote(line).strip()
        if _is_heading(words):
            left_out = _LEFT_OUT.match(words) is not None
            continue
        if left_out or _LEFT_OUT.match(words):
            continue
        continues = words[0] in '“"' and _OPENS in words
        speaker = _speaker(words) or (speaker if continues else None)
        for span in sentences(reading.text, line.start, line.end):
            spoken = _is_spoken(reading.text, line, span)
            bare = _without_lone_mark(reading.text, _without_bullet(reading.text, span))
            yield from _of_sentence(reading, bare, spoken, speaker)


def _is_heading(words: str) -> bool:
    return len(words) <= 90 and words[-1] not in '.;,”"!?' and words[0] not in '•·*-–—“"'


def _without_bullet(text: str, span: Span) -> Span:
    start = span.start
    while start < span.end and (text[start] in "•·▪●■*-–—" or text[start].isspace()):
        start += 1
    return Span(start, span.end)


def _without_lone_mark(text: str, span: Span) -> Span:
    """A sentence in the middle of a speech, without the mark that opens or ends the speech."""
    words = text[span.start : span.end]
    start, end = span.start, span.end
    if '"' in words:
        return span
    if words[:1] == _OPENS and _CLOSES not in words:
        start += 1
    if words[-1:] == _CLOSES and _OPENS not in words:
        end -= 1
    return Span(start, end)


_ENDS = lazy_regex(r"[.!?][”\"’')\]]*$")
_STATES = lazy_regex(
    r"\b(?:is|are|was|were|has|have|had|will|can|increased|decreased|declined|rose|grew|fell|reduced|"
    r"improved|expanded|contracted|remained?|continues?|continued|reflect(?:s|ed)|resulted|drove|"
    r"gained|lost|opened|closed|repurchased|returned|paid|expects?|offset|benefited|helped|hurt)\b",
    re.IGNORECASE,
)


def _is_whole(words: str) -> bool:
    """Whether it is a sentence and not a piece of one: it ends as sentences do, or is a bullet
    that states something; its brackets and quotation marks are its own."""
    if not (
        _ENDS.search(words)
        or (_STATES.search(words) and (words[-1].isalnum() or words[-1] in "%)"))
    ):
        return False
    marks = sum(words.count(mark) for mark in (_OPENS, _CLOSES, '"'))
    return words.count("(") == words.count(")") and marks % 2 == 0


def _of_sentence(
    reading: Reading, span: Span, spoken: bool, speaker: str | None
) -> Iterator[_Candidate]:
    words = reading.quote(span)
    if not _SHORTEST <= len(words) <= _LONGEST or len(words.split()) < _LEAST_WORDS:
        return
    if _BOILERPLATE.search(words) or words.count(";") >= 3:
        return
    if not (_begins(words) and _is_whole(words)):
        return
    counts = _theme_words(_ASIDE.sub(" ", words))
    base = _score(words, spoken) if counts else 0.0
    hits = [(base + 2.0 + 0.5 * min(2, count - 1), theme) for theme, count in counts]
    for score, theme in sorted(hits, key=lambda hit: (-hit[0], hit[1]))[:_THEMES_PER_SENTENCE]:
        if score >= _LEAST_SCORE:
            yield _Candidate(theme, span, score, speaker if spoken else None)


def _theme_words(words: str) -> list[tuple[Theme, int]]:
    """The themes that a sentence speaks of, and how often."""
    lower = lowered(words)
    counts = []
    for theme, lexicon in THEMES.items():
        if not lexicon.strong.is_named_in(lower):
            continue
        clear = lexicon.never.sub(" ", words) if lexicon.never is not None else words
        found = lexicon.strong.pattern.findall(clear)
        if found:
            counts.append((theme, len(found)))
    return counts


def _begins(words: str) -> bool:
    return words[0].isupper() or words[0] in '“"$' or words[0].isdigit()


def _score(words: str, spoken: bool) -> float:
    figures = [t for t in find_numbers(words) if t.is_figure or t.kind is NumberKind.POINTS]
    score = 1.0 if figures else 0.0
    score += 0.5 * min(3, len(_WHY.findall(words)))
    score += 0.5 if _AHEAD.search(words) else 0.0
    score += 1.0 if spoken else 0.0
    return score - (1.0 if len(words) > 350 else 0.0)


def _is_spoken(text: str, line: Span, span: Span) -> bool:
    """Whether the sentence holds words in quotation marks or stands between them."""
    before, own = text[line.start : span.start], text[span.start : span.end]
    if _OPENS in own or before.count(_OPENS) > before.count(_CLOSES):
        return True
    return before.count('"') % 2 == 1 or own.startswith('"') or own.endswith('"')


def _speaker(words: str) -> str | None:
    """The name, and the title where one is given, of who speaks in a paragraph."""
    if "“" not in words and '"' not in words:
        return None
    for pattern in (_SPEAKER_AFTER, _SPEAKER_BEFORE, _SURNAME_AFTER):
        match = pattern.search(words)
        if match is not None:
            return match["who"].strip().rstrip(",")
    return None
