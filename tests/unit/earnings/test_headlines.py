"""earnings.headlines: when two headlines are one, and which links may be shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnings.headlines import LONGEST_TITLE, clean_link, clean_title, link_key, text_key


def key(url: str) -> str:
    link = clean_link(url)
    assert link is not None
    return link_key(link)


@pytest.mark.parametrize(
    "other",
    [
        "http://www.retaildive.com/news/target-q3/1",
        "https://retaildive.com/news/target-q3/1/",
        "https://www.retaildive.com/news/target-q3/1/?utm_source=rss&utm_medium=feed",
        "https://WWW.RetailDive.com:443/news/target-q3/1#comments",
        "https://m.retaildive.com/news/target-q3/1/amp/",
        "https://www.retaildive.com/news/target-q3/1?fbclid=Zz&gclid=1&mc_cid=7",
    ],
)
def test_ways_to_one_page_are_one_link(other: str) -> None:
    """Where somebody came from is not part of what it is."""
    assert key(other) == key("https://www.retaildive.com/news/target-q3/1/")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/story?id=1", "https://a.example/story?id=2"),
        ("https://a.example/Story", "https://a.example/story"),
        ("https://a.example/a", "https://b.example/a"),
        ("https://a.example:8443/a", "https://a.example/a"),
        ("https://news.example/a", "https://example/a"),
    ],
)
def test_two_pages_are_two_links(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_the_order_of_parameters_says_nothing() -> None:
    assert key("https://a.example/s?b=2&a=1") == key("https://a.example/s?a=1&b=2")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,<b>x",
        "ftp://a.example/x",
        "//a.example/x",
        "/only/a/path",
        "https://",
        "https://user:secret@a.example/x",
        "https://a.example/a b",
        'https://a.example/"onmouseover="x',
        "https://a.example/<script>",
        "https://a.example/\u202egpj.exe",
        "https://a.example:99999/x",
        "https://[::1/x",
        "https://a.example\\@b.example/",
        "https://a.example/" + "x" * 2_000,
        "",
    ],
)
def test_what_is_no_plain_web_address_is_no_link(url: str) -> None:
    """A link in a report must not run, hide or open anything else."""
    assert clean_link(url) is None


@given(st.text(max_size=80))
def test_a_clean_link_is_clean(tail: str) -> None:
    """Cleaning again changes nothing, and the key needs nothing but the link."""
    link = clean_link(f"https://a.example/{tail}")
    if link is not None:
        assert clean_link(link) == link
        assert link_key(link).startswith("a.example")


@pytest.mark.parametrize(
    "other",
    [
        "TARGET RAISES FULL-YEAR FORECAST",
        "Target raises full year forecast - Retail Dive",
        "Target raises full-year forecast | Reuters",
        "Target raises full\N{EN DASH}year forecast!",
    ],
)
def test_the_same_words_are_one_text(other: str) -> None:
    """Case, punctuation and the publisher's name behind it say nothing."""
    assert text_key(other) == text_key("Target raises full-year forecast")


def test_other_words_are_another_text() -> None:
    """Also where only what stands behind the dash differs, and is no name."""
    assert text_key("Macy's beats; shares fall again") != text_key("Macy's beats; shares rise")
    assert text_key("Kohl's Q3 results are out - shares fall") != text_key(
        "Kohl's Q3 results are out - shares rise"
    )


def test_accents_and_apostrophes_are_written_in_many_ways() -> None:
    assert text_key("Macy\N{RIGHT SINGLE QUOTATION MARK}s opens a café store") == text_key(
        "Macy's opens a cafe\u0301 store"
    )


def test_a_title_of_a_few_words_tells_nothing_apart() -> None:
    """ "Weekly update" is the title of many things: only their links tell."""
    assert text_key("Weekly update") == ""


@given(st.text(max_size=1_000))
def test_a_title_is_one_line_and_not_long(text: str) -> None:
    title = clean_title(text)
    assert len(title) <= LONGEST_TITLE + 2
    assert "\n" not in title
    assert "\u202e" not in title
