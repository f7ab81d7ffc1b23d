"""A recorded call to a `Reading`: what its publisher wrote, then what was said.

The written part is the title and the description. Speech follows, a speaker's name on a line
of its own, paragraphs parted by an empty line. Marks lead from every caption, and from every
chapter's line, to its second.
"""

from __future__ import annotations

import re

from earnings.chapters import chapter_of, chapters
from earnings.reading.base import Mark, Reading, Speech, Turn, UnreadableDocument
from earnings.reading.characters import clean, squeeze
from earnings.reading.turns import Spoken, joined, turns
from earnings.recording import NotARecording, Recording, recording_of
from earnings.regexes import lazy_regex

READER = "call-1"
MAX_CHARACTERS = 2_500_000
_QUESTIONS = lazy_regex(r"\bq\s*(?:&|and)\s*a\b|\bquestions?\b", re.IGNORECASE)
_OPENS_QUESTIONS = lazy_regex(
    r"(?:first|next)\s+question\s+(?:is|comes?|will\s+come|today)|"
    r"(?:begin|start|conduct|open|move\s+(?:on\s+)?to)\b.{0,60}\b(?:question|q\s*(?:&|and)\s*a)|"
    r"(?:take|taking|happy\s+to\s+take)\s+your\s+questions",
    re.IGNORECASE,
)
_EARLIEST = 0.25  # of the speech: before that somebody only says that questions will come


def read_call(content: bytes) -> Reading:
    """Raises UnreadableDocument."""
    try:
        recording = recording_of(content)
    except NotARecording as wrong:
        raise UnreadableDocument(f"it is no recording of a call: {wrong}") from None
    writer = _Writer()
    _written(writer, recording)
    start = writer.length
    spoken = turns(recording.captions)
    found = [_turn(writer, turn) for turn in spoken]
    text = writer.text()
    if not any(char.isalnum() for char in text):
        raise UnreadableDocument("there is no text in it")
    questions = _questions_at(recording, writer, start)
    speech = Speech(start, tuple(found), questions, recording.by_machine)
    return Reading(text, (), READER, _warnings(recording), tuple(writer.marks), speech)


class _Writer:
    def __init__(self) -> None:
        self._parts: list[str] = []
        self.length = 0
        self.marks: list[Mark] = []

    def write(self, text: str) -> None:
        self._parts.append(text)
        self.length += len(text)
        if self.length > MAX_CHARACTERS:
            raise UnreadableDocument(f"more than {MAX_CHARACTERS:,} characters of text")

    def mark(self, second: int) -> None:
        if not self.marks or self.marks[-1].second != second:
            self.marks.append(Mark(self.length, second))

    def text(self) -> str:
        return "".join(self._parts)


def _written(writer: _Writer, recording: Recording) -> None:
    """Title and description. A chapter's line leads to its chapter, any other to the start."""
    are_chapters = bool(chapters(recording.description, recording.duration_s))
    writer.mark(0)
    for raw in (recording.title, *recording.description.splitlines()):
        line = squeeze(clean(raw))
        if not line:
            continue
        chapter = chapter_of(line) if are_chapters else None
        writer.mark(chapter.second if chapter is not None else 0)
        writer.write(f"{line}\n")
    writer.write("\n")


def _turn(writer: _Writer, turn: Spoken) -> Turn:
    began = writer.length
    if turn.speaker:
        writer.mark(turn.paragraphs[0][0].second)
        writer.write(f"{turn.speaker}:\n")
    for paragraph in turn.paragraphs:
        for words, second in joined(paragraph):
            writer.mark(second)
            writer.write(words)
        writer.write("\n\n")
    return Turn(began, turn.speaker)


def _questions_at(recording: Recording, writer: _Writer, start: int) -> int | None:
    """Where the questions begin: by a chapter's title, else by the words that open them."""
    named = [
        chapter.second
        for chapter in chapters(recording.description, recording.duration_s)
        if _QUESTIONS.search(chapter.title)
    ]
    if named:
        later = (m.start for m in writer.marks if m.start >= start and m.second >= named[0])
        return next(later, None)
    text = writer.text()
    earliest = start + int((len(text) - start) * _EARLIEST)
    found = _OPENS_QUESTIONS.search(text, earliest)
    return found.start() if found is not None else None


def _warnings(recording: Recording) -> tuple[str, ...]:
    if not recording.captions:
        why = recording.missing or "there are none"
        return (f"only its description was read, not what was said: no captions ({why})",)
    if recording.by_machine:
        return ("a machine wrote the captions; nobody has read them",)
    return ()
