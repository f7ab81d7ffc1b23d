"""The shipped files as forms: where an installation differs from the one they are written for.

A shipped file is its own template. What differs between installations stands in it as for the
default one, and is replaced; so with default answers the file comes out as it is, and a file
that is changed by hand need be changed nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.failures import USAGE, Failure

ROOT = Path(__file__).resolve().parents[1]
HERE = "{}"  # where the answer stands, in a place


@dataclass(frozen=True)
class Shape:
    """What an answer may look like."""

    pattern: str
    words: str


PATH = Shape(r"/[\w./@+-]*[\w@+-]", "an absolute path without blanks")
NAME = Shape(r"[a-z_][a-z0-9_-]{0,30}", "a name as useradd takes it")
IMAGE = Shape(r"[\w][\w./:@-]*", "an image, as NAME:TAG or NAME@sha256:DIGEST")
PORT = Shape(
    r"[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5]", "a port, 1 to 65535"
)
TARGET = Shape(r"[\w.-]+:\d+", "HOST:PORT")


@dataclass(frozen=True)
class Blank:
    """One thing that differs. `place`: the text round it, found as it is with the default;
    `instead`: what that becomes where it is more than another value."""

    option: str
    default: str
    meaning: str
    shape: Shape
    place: str
    instead: str | None = None


@dataclass(frozen=True)
class Form:
    """A kind of file. `parts`: the shipped files, the one that is printed unasked first."""

    parts: tuple[str, ...]
    blanks: tuple[Blank, ...]

    def filled(self, part: str, answers: Mapping[str, str]) -> str:
        """The shipped file `part` for these answers. Raises Failure."""
        text = (ROOT / part).read_text(encoding="utf-8")
        changes: dict[str, str] = {}
        for blank in self.blanks:
            answer = answers.get(blank.option, blank.default)
            if answer == blank.default:
                continue
            if not re.fullmatch(blank.shape.pattern, answer):
                raise Failure(
                    f"--{blank.option} {answer!r} is not {blank.shape.words}",
                    f"give {blank.shape.words}, such as {blank.default}",
                    USAGE,
                )
            before = blank.place.replace(HERE, blank.default)
            changes[before] = (blank.instead or blank.place).replace(HERE, answer)
        return replaced(text, changes)


def replaced(text: str, changes: Mapping[str, str]) -> str:
    """All changes at once, so that none meets what another wrote."""
    if not changes:
        return text
    longest_first = sorted(changes, key=len, reverse=True)
    either = re.compile("|".join(map(_whole, longest_first)))
    return either.sub(lambda found: changes[found[0]], text)


def _whole(place: str) -> str:
    """Where it ends in a word, that word: /opt/retailxai, and not /opt/retailxai-python."""
    end = r"(?![\w-])" if re.search(r"\w$", place) else ""
    return re.escape(place) + end
