"""What was found out about an object is kept with it, and goes with it."""

from __future__ import annotations

import gc
import weakref
from dataclasses import dataclass, replace

from earnings.reading.known import known

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


def test_it_looks_like_what_it_asks() -> None:
    assert (shout.__name__, shout.__doc__) == ("shout", "The docstring stays.")
