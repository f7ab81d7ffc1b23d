"""The bytes of a feed as entries: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed; broken ones too.

The bytes were fetched already and are handed over as such: the parser opens no address and no
file. What a document type declares is cut away before it is read, so that no entity can grow
or reach for anything.
"""

from __future__ import annotations

import calendar
import codecs
import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

from earnings.regexes import lazy_regex
from earnings.sources.moments import in_utc
from outside.answers import HttpAnswer, NotJson, parse_json

MOST_ENTRIES = 500
_TITLE_CHARS = 160  # of an entry that has a text and no title
_MARKUP = lazy_regex(
    r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|</?[a-zA-Z][^<>]*>", re.IGNORECASE | re.DOTALL
)
_INLINE = lazy_regex(r"</?(?:a|b|i|u|em|strong|span|font|sup|sub|small|mark|code|cite|q)\b[^<>]*>",
                     re.IGNORECASE)  # fmt: skip
_DOCTYPE = lazy_regex(
    rb"<!DOCTYPE\b(?:[^\[>]|\[(?:[^\]\"']|\"[^\"]*\"|'[^']*')*\])*>", re.IGNORECASE
)
_ENCODING = lazy_regex(rb"(<\?xml[^>]*?)\s+encoding\s*=\s*[\"'][^\"']*[\"']")
_HEAD_BYTES = 200_000  # in which declarations stand
_DECLARED = lazy_regex(rb"<!(?:DOCTYPE|ENTITY)\b", re.IGNORECASE)
_WIDE = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
         (b"<\x00?\x00", "utf-16-le"), (b"\x00<\x00?", "utf-16-be"))  # fmt: skip


class NoFeed(ValueError):
    """The bytes are no feed; the message says what they are."""


@dataclass(frozen=True)
class Entry:
    """`title` is text; `link` is whole, or as it came where it cannot be made so."""

    title: str
    link: str
    summary: str
    published_at: datetime | None


@dataclass(frozen=True)
class Feed:
    title: str
    entries: tuple[Entry, ...]  # as they came
    is_torn: bool = False  # there is more in it than could be read


def read_feed(answer: HttpAnswer, url: str) -> Feed:
    """Raises NoFeed."""
    body = answer.body
    if not body.strip():
        raise NoFeed("an empty answer")
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json_feed(body, url)
    if answer.is_html():
        raise NoFeed("a page of HTML")
    return _xml_feed(_without_declarations(body), answer.headers, url)


def text_of(markup: str) -> str:
    """HTML as words, however often it was escaped; "5 < 6" stays."""
    plain = markup
    for _ in range(2):
        plain = html.unescape(_MARKUP.sub(" ", _INLINE.sub("", plain)))
    return " ".join(_MARKUP.sub(" ", _INLINE.sub("", plain)).split())


def _xml_feed(body: bytes, headers: Mapping[str, str], url: str) -> Feed:
    import feedparser  # type: ignore[import-untyped]  # loaded when there is a feed to read

    if not body.strip():
        raise NoFeed("an empty answer")
    named = {"content-location": url}
    if "content-type" in headers:
        named["content-type"] = headers["content-type"]
    try:
        parsed = feedparser.parse(
            BytesIO(body), response_headers=named, sanitize_html=False, resolve_relative_uris=False
        )
    except (ValueError, LookupError, RecursionError, AssertionError, TypeError) as odd:
        raise NoFeed(f"XML that cannot be read ({type(odd).__name__})") from odd
    if not parsed.entries and not parsed.version:
        raise NoFeed("neither RSS nor Atom")
    is_torn = "SAX" in type(parsed.get("bozo_exception")).__name__
    base = str(parsed.feed.get("link") or url)
    entries = [_entry(entry, urljoin(url, base)) for entry in parsed.entries[:MOST_ENTRIES]]
    if is_torn and not any(entry.title and entry.link for entry in entries):
        raise NoFeed("XML that breaks off before its first whole entry")
    return Feed(text_of(str(parsed.feed.get("title") or "")), tuple(entries), is_torn)


def _entry(entry: Any, base: str) -> Entry:
    summary = text_of(str(entry.get("summary") or _content(entry)))
    return Entry(
        title=text_of(str(entry.get("title") or "")) or _beginning(summary),
        link=_whole(base, _link(entry)),
        summary=summary,
        published_at=next(
            (
                when
                for name in ("published_parsed", "updated_parsed", "created_parsed")
                if (when := _moment(entry.get(name))) is not None
            ),
            None,
        ),
    )


def _link(entry: Any) -> str:
    links = [one for one in entry.get("links", ()) if one.get("href")]
    page = next((one["href"] for one in links if one.get("rel", "alternate") == "alternate"), "")
    named = str(entry.get("id") or "")
    return str(entry.get("link") or page or (named if named.startswith("http") else ""))


def _content(entry: Any) -> str:
    return next((str(one.get("value") or "") for one in entry.get("content", ())), "")


def _moment(parsed: Any) -> datetime | None:
    """The parser's times are UTC."""
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _json_feed(body: bytes, url: str) -> Feed:
    try:
        feed = parse_json(body)
    except NotJson as wrong:
        raise NoFeed(str(wrong)) from wrong
    version = feed.get("version") if isinstance(feed, dict) else None
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(version, str) or "jsonfeed.org" not in version or not isinstance(items, list):
        raise NoFeed("JSON that is no JSON Feed")
    entries = [_item(item, url) for item in items[:MOST_ENTRIES] if isinstance(item, dict)]
    return Feed(text_of(_text(feed, ("title",))), tuple(entries))


def _item(item: Mapping[str, Any], base: str) -> Entry:
    summary = text_of(_text(item, ("summary", "content_text", "content_html")))
    told = _text(item, ("date_published", "date_modified"))
    return Entry(
        title=text_of(_text(item, ("title",))) or _beginning(summary),
        link=_whole(base, _text(item, ("url", "external_url", "id"))),
        summary=summary,
        published_at=_iso(told),
    )


def _text(table: Mapping[str, Any], names: Iterable[str]) -> str:
    return next((v for name in names if isinstance(v := table.get(name), str) and v.strip()), "")


def _iso(told: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(told.strip())
    except ValueError:
        try:
            moment = parsedate_to_datetime(told)
        except (ValueError, TypeError, IndexError):
            return None
    return in_utc(moment)


def _whole(base: str, link: str) -> str:
    try:
        return urljoin(base, link.strip()) if link.strip() else ""
    except ValueError:
        return link


def _beginning(text: str) -> str:
    if len(text) <= _TITLE_CHARS:
        return text
    return text[:_TITLE_CHARS].rsplit(" ", 1)[0] + " …"


def _without_declarations(body: bytes) -> bytes:
    """Without a document type. What is left of one that is broken is not read at all."""
    for mark, codec in _WIDE:
        if body.startswith(mark):
            body = body.decode(codec, "replace").lstrip("\ufeff").encode()
            body = _ENCODING.sub(rb"\1", body, count=1)
            break
    head = _DOCTYPE.sub(b"", body[:_HEAD_BYTES], count=1)
    if _DECLARED.search(head.partition(b"<item")[0].partition(b"<entry")[0]):
        raise NoFeed("XML with declarations of its own")
    return head + body[_HEAD_BYTES:]
