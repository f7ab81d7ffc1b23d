"""Captions to turns of speech: who speaks, what is said, and when.

Captions are cut to fit a screen, not to fit a sentence. They are put together again; a change
of speaker is where they say so (">>", "- ", "JANE DOE:", "[Operator]"). Sounds ("[Music]",
"(applause)") are no words. What a machine wrote without full stops is cut where the speaker
paused, or where a clause is likely to begin, never in the middle of a caption.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from earnings.reading.characters import clean, squeeze
from earnings.recording import Caption
from earnings.regexes import lazy_regex

_SOUND = lazy_regex(
    r"[\[(]\s*(?:music|applause|laughter|laughs|silence|inaudible|indiscernible|crosstalk|"
    r"background\s+\w+|foreign|no\s+audio|audio\s+\w+|technical\s+\w+|cheering|__+)"
    r"(?:\s+\w+){0,2}\s*[\])]|[♪♫]+",
    re.IGNORECASE,
)
_CHANGE = lazy_regex(r">>+|»|(?:^|\n)\s*[-–—]\s+(?=\S)")
_WORD = r"[A-Z][\w.’'-]*"
_NAME = lazy_regex(
    rf"^\s*(?:\[(?P<boxed>{_WORD}(?:\s+{_WORD}){{0,4}})\]\s*:?"
    rf"|(?P<name>{_WORD}(?:\s+{_WORD}){{0,4}}(?:\s+\d{{1,2}})?)\s*(?:[,(–—-]\s*[^:\n]{{2,60}}?)?\)?\s*:)\s*",
)
_ROLES = lazy_regex(
    r"^(?:operator|moderator|host|speaker\s*\d*|analyst|ceo|cfo|coo|chair\w*|president|presenter|"
    r"unidentified\s+\w+|interviewer|q|a)$",
    re.IGNORECASE,
)
_STOPPED = lazy_regex(r"[.!?][\"”’')\]]*(?:\s|$)")
_MOST_WORDS_UNSTOPPED = 60  # per full stop: a speaker's sentences are shorter than that
_LONGEST_PARAGRAPH = 600  # characters, cut at a sentence's end
_BLOCK_WORDS, _LONGEST_BLOCK = 28, 60  # of words without full stops
_PAUSE_S = 1.2
_WORDS_A_SECOND = 2.2  # a slow speaker
_CLAUSE = lazy_regex(
    r"^(?:and|but|so|now|then|also|turning|moving|looking|as|in|for|we|our|this|that|these|the|"
    r"with|while|overall|finally|first|second|third|next|let)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Piece:
    """Words of one caption."""

    text: str
    second: int


@dataclass
class Spoken:
    """A speaker's turn; each paragraph is the pieces it is made of."""

    speaker: str
    paragraphs: list[list[Piece]] = field(default_factory=list)


def turns(captions: Sequence[Caption]) -> list[Spoken]:
    """In order; a turn without words is left out."""
    said = list(_said(captions))
    words = sum(len(piece.text.split()) for _, piece, _ in said)
    stops = sum(len(_STOPPED.findall(piece.text)) for _, piece, _ in said)
    is_stopped = stops * _MOST_WORDS_UNSTOPPED >= words
    found: list[Spoken] = []
    for speaker, piece, began_s in said:
        if speaker is not None or not found:
            found.append(Spoken(speaker or "", [[]]))
        turn = found[-1]
        if turn.paragraphs[-1] and _ends(turn.paragraphs[-1], piece, began_s, is_stopped):
            turn.paragraphs.append([])
        turn.paragraphs[-1].append(piece)
    return [turn for turn in found if any(turn.paragraphs)]


def joined(pieces: Sequence[Piece]) -> Iterator[tuple[str, int]]:
    """The words of a paragraph, and the second of each; the first begins as sentences do."""
    for number, piece in enumerate(pieces):
        text = piece.text
        if number == 0:
            text = text[:1].upper() + text[1:]
        yield (text if number == 0 else f" {text}"), piece.second


def _ends(paragraph: list[Piece], piece: Piece, began_s: float, is_stopped: bool) -> bool:
    """Whether `piece` begins another paragraph."""
    text = " ".join(one.text for one in paragraph)
    if is_stopped:
        at_end = re.search(r"[.!?][\"”’')\]]*$", text) is not None
        return at_end and len(text) + len(piece.text) > _LONGEST_PARAGRAPH
    count = len(text.split())
    if count >= _LONGEST_BLOCK:
        return True
    taken_s = len(paragraph[-1].text.split()) / _WORDS_A_SECOND
    paused = began_s - paragraph[-1].second - taken_s > _PAUSE_S
    return count >= _BLOCK_WORDS and (paused or _CLAUSE.match(piece.text) is not None)


def _said(captions: Iterable[Caption]) -> Iterator[tuple[str | None, Piece, float]]:
    """(who begins to speak here: "" somebody, None the same as before; the words; when)."""
    before = ""
    for caption in captions:
        text = _SOUND.sub(" ", clean(caption.text))
        for number, part in enumerate(_CHANGE.split(text)):
            changed = number > 0
            name, words = _named(part, changed)
            words = squeeze(words)
            if not words or (words == before and not changed and name is None):
                continue  # captions that a machine writes may repeat a line as it moves up
            before = words
            speaker = name if name is not None else ("" if changed else None)
            yield speaker, Piece(words, int(caption.start_s)), caption.start_s


def _named(part: str, changed: bool) -> tuple[str | None, str]:
    """Who is named at the beginning, and what is said. "Outlook: we expect" names nobody."""
    found = _NAME.match(part)
    if found is None:
        return None, part
    name = squeeze(found["boxed"] or found["name"])
    is_name = (
        changed
        or found["boxed"] is not None
        or _ROLES.match(name) is not None
        or (name.isupper() and len(name) > 3)
        or (len(name.split()) > 1 and all(word[0].isupper() for word in name.split()))
    )
    return (name, part[found.end() :]) if is_name else (None, part)
