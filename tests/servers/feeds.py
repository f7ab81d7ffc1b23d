"""Feeds as they are published, of an invented trade press, in every dialect."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from tests.servers.http import Reply


@dataclass(frozen=True)
class Article:
    title: str
    link: str
    told: str = "Wed, 18 Nov 2026 12:00:00 GMT"  # RFC 2822; "" for none
    iso: str = "2026-11-18T12:00:00Z"
    guid: str = ""
    summary: str = ""


def rss(*articles: Article, title: str = "Trade Example", head: str = "") -> bytes:
    """RSS 2.0."""
    items = "".join(
        f"<item><title>{escape(one.title)}</title><link>{escape(one.link)}</link>"
        f"<guid isPermaLink='false'>{escape(one.guid or one.link)}</guid>"
        f"<description>{escape(one.summary)}</description>"
        + (f"<pubDate>{one.told}</pubDate>" if one.told else "")
        + "</item>"
        for one in articles
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<rss version="2.0"><channel>'
        f"<title>{escape(title)}</title><link>https://trade.example/</link>"
        f"<description>News</description>{items}</channel></rss>"
    ).encode()


def rss_091(*articles: Article) -> bytes:
    """RSS 0.91 with its document type, and no dates."""
    items = "".join(
        f"<item><title>{escape(a.title)}</title><link>{escape(a.link)}</link></item>"
        for a in articles
    )
    return (
        '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
        '"http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel>'
        f"<title>Trade Example</title><link>https://trade.example/</link>{items}</channel></rss>"
    ).encode()


def rdf(*articles: Article) -> bytes:
    """RSS 1.0."""
    items = "".join(
        f'<item rdf:about="{escape(a.link)}"><title>{escape(a.title)}</title>'
        f"<link>{escape(a.link)}</link><dc:date>{a.iso}</dc:date></item>"
        for a in articles
    )
    return (
        '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<channel rdf:about="https://trade.example/"><title>Trade Example</title>'
        f"<link>https://trade.example/</link></channel>{items}</rdf:RDF>"
    ).encode()


def atom(*articles: Article) -> bytes:
    entries = "".join(
        f"<entry><id>tag:trade.example,2026:{number}</id>"
        f"<title type='html'>{escape(a.title)}</title>"
        f"<link rel='enclosure' href='https://cdn.example/a.mp3'/>"
        f"<link rel='alternate' href='{escape(a.link)}'/><updated>{a.iso}</updated></entry>"
        for number, a in enumerate(articles)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<title>Trade Example</title><id>tag:trade.example,2026:0</id>{entries}</feed>"
    ).encode()


def json_feed(*articles: Article) -> bytes:
    items = [
        {"id": a.guid or a.link, "url": a.link, "title": a.title, "date_published": a.iso}
        for a in articles
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Trade Example", "items": items}
    return json.dumps(feed).encode()


def reply(body: bytes, content_type: str = "application/rss+xml", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(headers={"content-type": content_type, **named}, body=body)


def served(articles: Sequence[Article]) -> Reply:
    return reply(rss(*articles), etag='"1"', last_modified="Wed, 18 Nov 2026 12:00:00 GMT")
