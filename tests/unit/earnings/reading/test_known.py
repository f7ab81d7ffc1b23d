"""What was found out about an object is kept with it, and goes with it."""

from __future__ import annotations

import gc
import weakref
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from benchmarks.accuracy import NoPaidCalls
from earnings.analysts.base import Question
from earnings.analysts.local import Local
from earnings.evidence import verify
from earnings.reading.base import Reading
from earnings.reading.known import known
from earnings.reading.reader import read
from earnings.vocabulary import RawDocument

SAMPLES = Path(__file__).resolve().parents[4] / "samples"

asked: list[str] = []


@dataclass(frozen=True)
class Page:
    words: str


@known
def shout(page: Page) -> str:
    """The docstring stays."""
    asked.append(page.words)
    return page.words.upper()


def test_it_is_found_out_once_about_each_object() -> None:
    asked.clear()
    page, equal = Page("a"), Page("a")
    assert [shout(page), shout(page), shout(equal)] == ["A", "A", "A"]
    assert asked == ["a", "a"]


def test_it_changes_nothing_about_the_object() -> None:
    """Neither what it equals, nor how it shows, nor what a changed copy knows."""
    page = Page("a")
    shout(page)
    assert page == Page("a")
    assert hash(page) == hash(Page("a"))
    assert repr(page) == "Page(words='a')"
    assert shout(replace(page, words="b")) == "B"


def test_it_keeps_nothing_alive() -> None:
    page = Page("a")
    shout(page)
    gone = weakref.ref(page)
    del page
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ZZOAK-2025-q4-release.html", "text/html"),
        ("ZZLUM-2026-q1-release.pdf", "application/pdf"),
        ("ZZPIP-2026-q2-release.txt", "text/plain"),
    ],
)
def test_a_document_is_free_as_soon_as_nobody_holds_it(name: str, kind: str) -> None:
    """Nothing that is kept with a reading holds the reading: half a megabyte each would wait for
    the search for circles, which is seldom."""
    gc.disable()
    try:
        gone = weakref.ref(_understood((SAMPLES / name).read_bytes(), kind))
        assert gone() is None
    finally:
        gc.enable()


def _understood(content: bytes, kind: str) -> Reading:
    reading = read(RawDocument(content, kind, "https://example.org/release"))
    answer = Local().analyse(Question("0" * 64, reading, None, None), NoPaidCalls())
    assert verify(reading, answer.drafts).claims
    return reading


def test_it_looks_like_what_it_asks() -> None:
    assert (shout.__name__, shout.__doc__) == ("shout", "The docstring stays.")
