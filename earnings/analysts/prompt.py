"""What a language model is told about one document.

The fixed part is a versioned file (a provider may cache it); what differs comes after it,
the document last. A document is data: it stands between markers whose code it cannot hold,
so nothing in it can close them. That and the rules are courtesy to the model; what guards
the reader is that every claim is verified against the text afterwards.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from earnings.analysts.base import Question
from earnings.analysts.trimming import trim
from earnings.regexes import lazy_regex
from earnings.vocabulary import Guidance, GuidanceAction

# Stored with every answer: a changed prompt is a new version in a new file, because answers
# are paid for and kept per version.
VERSION = "release-2"

# Newest of the issuer's earlier expectations are enough to judge a move.
MAX_PREVIOUS = 20

# Control characters, and halves of surrogate pairs, which cannot be sent at all.
_CONTROL = lazy_regex(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Prompt:
    """`rules` are the same for every document of a version; `about` and `document` are not."""

    version: str
    rules: str
    about: str
    document: str
    notes: tuple[str, ...] = ()
    left_out: int = 0  # characters of the document that are not shown

    @property
    def characters(self) -> int:
        return len(self.rules) + len(self.about) + len(self.document)


@cache
def rules(version: str = VERSION) -> str:
    """The fixed part of prompt `version`."""
    return (files("earnings.analysts") / "prompts" / f"{version}.md").read_text(encoding="utf-8")


def build(question: Question, max_characters: int) -> Prompt:
    """The prompt for one document, which is trimmed if it is longer than `max_characters`."""
    trimmed = trim(question.reading, max_characters)
    notes: tuple[str, ...] = ()
    if trimmed.left_out:
        notes = (
            f"the document has {len(question.reading.text):,} characters; {trimmed.left_out:,} "
            "away from results, guidance and tables were not shown to the model",
        )
    return Prompt(
        version=VERSION,
        rules=rules(),
        about=_about(question),
        document=_enclosed(trimmed.text),
        notes=notes,
        left_out=trimmed.left_out,
    )


def _enclosed(text: str) -> str:
    """The text between markers that do not occur in it."""
    code = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    while code in text:
        code = hashlib.sha256(code.encode()).hexdigest()[:24]
    return f"<document-{code}>\n{_CONTROL.sub(' ', text)}\n</document-{code}>"


def _about(question: Question) -> str:
    """What is known before reading: the company, the date, its previous expectations."""
    lines = []
    if question.company is not None:
        lines.append(f"Watched company: {_line(question.company.name)}.")
    if question.published_at is not None:
        lines.append(f"Published: {question.published_at:%Y-%m-%d}.")
    previous = question.previous_guidance[-MAX_PREVIOUS:]
    if previous:
        lines.append("Its previous guidance, from earlier documents, in whole units:")
        lines.extend(f"- {_previous(guidance)}" for guidance in previous)
    lines.append("Report what the document says.")
    return "\n".join(lines)


def _previous(guidance: Guidance) -> str:
    period = guidance.period.label or guidance.period.kind.value
    if guidance.period.end is not None:
        period += f" ending {guidance.period.end.isoformat()}"
    if guidance.action is GuidanceAction.WITHDRAWN:
        expected = "withdrawn"
    else:
        ends = ("" if end is None else f"{end:f}" for end in (guidance.low, guidance.high))
        expected = " to ".join(ends)
    return _line(f"{guidance.metric} ({guidance.basis}), {period}: {expected} {guidance.unit}")


def _line(text: str) -> str:
    """One harmless line: names and labels come from documents and lists too."""
    return " ".join(_CONTROL.sub(" ", text).replace("<", " ").split())[:200]
