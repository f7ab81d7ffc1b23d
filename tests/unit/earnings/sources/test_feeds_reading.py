"""Feeds as they come: every dialect, broken, hostile, wrongly encoded."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earnings.sources.feeds_reading import Feed, NoFeed, read_feed, text_of
from outside.answers import HttpAnswer
from tests.servers import feeds
from tests.servers.feeds import Article

URL = "https://trade.example/feed"
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
ONE = Article("Macy's & Kohl's: <b>what</b> next?", "https://trade.example/1?a=1&b=2")


def read(body: bytes, content_type: str = "application/xml") -> Feed:
    return read_feed(HttpAnswer(200, {"content-type": content_type}, body, URL), URL)


@pytest.mark.parametrize("make", [feeds.rss, feeds.rdf, feeds.atom, feeds.json_feed])
def test_every_dialect_says_the_same(make) -> None:  # type: ignore[no-untyped-def]
    """Title as text, the page's link, the time in UTC, the publisher's name."""
    feed = read(make(ONE))
    (entry,) = feed.entries
    assert feed.title == "Trade Example"
    assert entry.title == "Macy's & Kohl's: what next?"
    assert entry.link == ONE.link
    assert entry.published_at == NOON


def test_the_oldest_dialect_has_no_dates() -> None:
    """And a document type, which is cut away."""
    (entry,) = read(feeds.rss_091(ONE)).entries
    assert (entry.title, entry.published_at) == ("Macy's & Kohl's: what next?", None)


@pytest.mark.parametrize(
    ("told", "body"),
    [
        ("utf-8", feeds.rss(Article("Café Größe 東京 opens", "https://t.example/"))),
        (
            "iso-8859-1 as it says",
            feeds.rss(Article("Café Größe opens", "https://t.example/"))
            .decode()
            .replace("UTF-8", "ISO-8859-1")
            .encode("latin-1"),
        ),
        (
            "windows-1252 that calls itself utf-8",
            feeds.rss(Article("Café Größe opens", "https://t.example/")).decode().encode("cp1252"),
        ),
        (
            "utf-16",
            feeds.rss(Article("Café Größe opens", "https://t.example/"))
            .decode()
            .replace("UTF-8", "UTF-16")
            .encode("utf-16"),
        ),
        (
            "no such encoding",
            feeds.rss(Article("Café Größe opens", "https://t.example/"))
            .decode()
            .replace("UTF-8", "x-unheard-of")
            .encode(),
        ),
    ],
)
def test_encodings_right_and_wrong(told: str, body: bytes) -> None:
    (entry,) = read(body, "application/rss+xml").entries
    assert entry.title.startswith("Café Größe"), told


@pytest.mark.parametrize(
    "body",
    [
        feeds.rss(ONE, Article("Second story of the day", "https://t.example/2"))[:-60],
        feeds.rss(ONE).replace(b"&amp;", b"&"),
        feeds.rss(ONE).replace(b"</description></channel>", b"<br></channel>"),
        feeds.rss(ONE).replace(b"<channel>", b"<channel>\x0b\x00"),
        b"\n\n  " + feeds.rss(ONE),
        b"\xef\xbb\xbf" + feeds.rss(ONE),
    ],
)
def test_broken_xml_gives_what_can_be_read(body: bytes) -> None:
    assert read(body).entries[0].title.startswith("Macy's")


BOMB = (
    "<!DOCTYPE rss [<!ENTITY a '" + "x" * 100 + "'>"
    + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
    + "]>"
)  # fmt: skip


def test_entities_grow_into_nothing() -> None:
    """A billion laughs: it ends at once, and is no title."""
    body = feeds.rss(Article("Laughs", "https://t.example/")).replace(
        b"<title>Laughs</title>", b"<title>Laughs &j;</title>"
    )
    began = time.process_time()
    (entry,) = read(body.replace(b'"?>', b'"?>' + BOMB.encode(), 1)).entries
    assert time.process_time() - began < 2
    assert len(entry.title) < 100


@pytest.mark.parametrize("kind", ["SYSTEM", "PUBLIC 'x'"])
def test_no_file_and_no_address_is_opened(tmp_path: Path, kind: str) -> None:
    """External entities and document types reach for nothing."""
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    declared = f'<!DOCTYPE rss [<!ENTITY e {kind} "file://{secret}">]>'
    body = feeds.rss(Article("Reads", "https://t.example/")).replace(
        b"<title>Reads</title>", b"<title>Reads &e;</title>"
    )
    for text in (body.decode(), body.decode().replace("UTF-8", "UTF-16")):
        whole = text.replace('"?>', f'"?>{declared}', 1)
        encoded = whole.encode("utf-16" if "UTF-16" in text else "utf-8")
        assert "hunter2" not in repr(read(encoded))


def test_bytes_that_look_like_an_address_are_bytes(tmp_path: Path) -> None:
    """The parser's habit of opening what it is given is not used."""
    page = tmp_path / "feed.xml"
    page.write_bytes(feeds.rss(ONE))
    for body in (str(page).encode(), b"http://127.0.0.1:9/", f"file://{page}".encode()):
        with pytest.raises(NoFeed):
            read(body)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "an empty answer"),
        (b"  \n", "an empty answer"),
        (b"\xfe\xff", "an empty answer"),
        (b"<!doctype html><html><title>Sign in</title>", "a page of HTML"),
        (b"<rss><channel><item><title>Half a st", "breaks off before its first whole entry"),
        (b"Not found", "neither RSS nor Atom"),
        (b"<catalog><book/></catalog>", "neither RSS nor Atom"),
        (b'{"articles": []}', "no JSON Feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": 7}', "no JSON Feed"),
        (b'{"version"', "not JSON"),
        (b"\x1f\x8b\x08\x00rubbish", "neither RSS nor Atom"),
        (b"\x00" * 1000, "neither RSS nor Atom"),
    ],
)
def test_what_is_no_feed_is_named(body: bytes, what: str) -> None:
    with pytest.raises(NoFeed, match=what):
        read(body)


def test_nesting_without_end_ends() -> None:
    began = time.process_time()
    with suppress(NoFeed):
        read(b"<rss><channel>" + b"<a>" * 100_000)
    assert time.process_time() - began < 20


def test_an_entry_without_a_title_has_its_first_words() -> None:
    body = feeds.rss(Article("", "https://t.example/1", summary="<p>Word " + "more " * 90 + "</p>"))
    (entry,) = read(body).entries
    assert entry.title.startswith("Word more more")
    assert len(entry.title) <= 162


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("5 &lt; 6 &amp; 7 &gt; 3", "5 < 6 & 7 > 3"),
        ("<b>Target</b>&#8217;s quarter", "Target\N{RIGHT SINGLE QUOTATION MARK}s quarter"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Sale", "Sale"),
        ("<script>alert(1)</script>Sale<!-- x -->", "Sale"),
        ("AT&amp;amp;T", "AT&T"),
        ("a<br/>b", "a b"),
    ],
)
def test_html_becomes_words(markup: str, text: str) -> None:
    assert text_of(markup) == text


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([feeds.rss, feeds.atom, feeds.json_feed]))
def test_any_bytes_are_a_feed_or_none(noise: bytes, make) -> None:  # type: ignore[no-untyped-def]
    """Rubbish in the middle, at the start, alone: an answer of ours, never another error."""
    whole = make(ONE)
    for body in (noise, noise + whole, whole[: len(whole) // 2] + noise + whole[len(whole) // 2 :]):
        with suppress(NoFeed):
            assert all(isinstance(entry.title, str) for entry in read(body).entries)
