"""Chapters of a video: the lines of its description that begin with a time.

0:00 Opening remarks
(12:30) Financial results
1:02:07 - Questions and answers
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from earnings.regexes import lazy_regex

_LINE = lazy_regex(
    r"^\s*[-–•*]?\s*[\[(]?(?:(?P<h>\d{1,2}):)?(?P<m>\d{1,2}):(?P<s>[0-5]\d)[\])]?"
    r"\s*(?:[-–—:|]\s*)?(?P<title>\S.*)$"
)


@dataclass(frozen=True)
class Chapter:
    second: int
    title: str


def chapter_of(line: str) -> Chapter | None:
    """The chapter that a line of a description names. "9:00 a.m. Eastern" is a time of day."""
    found = _LINE.match(line)
    if found is None or re.match(r"[ap]\.?m\b", found["title"], re.IGNORECASE):
        return None
    minutes = int(found["m"])
    if found["h"] and minutes > 59:
        return None
    second = int(found["h"] or 0) * 3600 + minutes * 60 + int(found["s"])
    return Chapter(second, found["title"].strip())


def chapters(description: str, duration_s: int | None = None) -> tuple[Chapter, ...]:
    """In order; () if the times do not run forward from the beginning, as those of chapters
    do, or run beyond the end."""
    found = [one for line in description.splitlines() if (one := chapter_of(line)) is not None]
    seconds = [one.second for one in found]
    runs_on = seconds == sorted(set(seconds)) and len(seconds) > 1 and seconds[0] == 0
    ends = duration_s is None or not seconds or seconds[-1] <= duration_s
    return tuple(found) if runs_on and ends else ()
