"""SOURCES: every source there is, one row each.

A row says what the source needs and how it is made; the values come from the composition
root, which alone knows the settings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from earnings.sources.base import Source
from earnings.sources.edgar import Edgar
from earnings.sources.feeds import Feeds
from earnings.sources.inbox import Inbox
from earnings.sources.news_parts import NewsParts
from earnings.sources.tavily import Tavily
from earnings.sources.x_posts import XPosts
from earnings.sources.youtube import Youtube
from outside.http import HttpDoor
from resilience.clock import Clock


@dataclass(frozen=True)
class YoutubeParts:
    """`channels`: by ticker, "@handle" or a channel's id."""

    api_key: str | None = field(default=None, repr=False)
    channels: Mapping[str, str] = field(default_factory=dict)
    enabled: bool = True
    transcripts: bool = True
    searches: bool = False
    languages: tuple[str, ...] = ("en",)
    patience: timedelta = timedelta(days=3)
    max_document_bytes: int = 25_000_000
    api_url: str = "https://youtube.googleapis.com"
    watch_url: str = "https://www.youtube.com"


@dataclass(frozen=True)
class SourceParts:
    """What sources are made of. `samples` None: the bundled samples are not read."""

    door: HttpDoor
    clock: Clock
    version: str
    sec_contact: str | None
    inbox: Path
    samples: Path | None = None
    inbox_enabled: bool = True
    inbox_max_bytes: int = 10_000_000
    edgar_enabled: bool = True
    edgar_facts: bool = True
    edgar_max_document_bytes: int = 25_000_000
    sec_www_url: str = "https://www.sec.gov"
    sec_data_url: str = "https://data.sec.gov"
    youtube: YoutubeParts = field(default_factory=lambda: YoutubeParts())
    news: NewsParts = field(default_factory=NewsParts)


@dataclass(frozen=True)
class SourceRow:
    name: str
    needs: str  # in a person's words
    make: Callable[[SourceParts], Source]
    only_headlines: bool = False  # it has no documents


def _edgar(parts: SourceParts) -> Source:
    return Edgar(
        parts.door,
        parts.clock,
        contact=parts.sec_contact,
        version=parts.version,
        www_url=parts.sec_www_url,
        data_url=parts.sec_data_url,
        enabled=parts.edgar_enabled,
        facts=parts.edgar_facts,
        max_document_bytes=parts.edgar_max_document_bytes,
    )


def _inbox(parts: SourceParts) -> Source:
    return Inbox(
        parts.inbox,
        parts.samples,
        parts.inbox_max_bytes,
        parts.clock,
        enabled=parts.inbox_enabled,
    )


def _youtube(parts: SourceParts) -> Source:
    given = parts.youtube
    return Youtube(
        parts.door,
        parts.clock,
        api_key=given.api_key,
        channels=given.channels,
        api_url=given.api_url,
        watch_url=given.watch_url,
        languages=given.languages,
        enabled=given.enabled,
        with_transcripts=given.transcripts,
        searches=given.searches,
        patience=given.patience,
        max_document_bytes=given.max_document_bytes,
    )


def _feeds(parts: SourceParts) -> Source:
    news = parts.news
    return Feeds(
        parts.door,
        parts.clock,
        news.feeds,
        enabled=news.feeds_enabled,
        max_bytes=news.feeds_max_bytes,
        aliases=news.aliases,
    )


def _tavily(parts: SourceParts) -> Source:
    news = parts.news
    return Tavily(
        parts.door,
        parts.clock,
        api_key=news.tavily_key,
        base_url=news.tavily_url,
        days=news.tavily_days,
        max_results=news.tavily_results,
        aliases=news.aliases,
    )


def _x(parts: SourceParts) -> Source:
    news = parts.news
    return XPosts(
        parts.door,
        parts.clock,
        enabled=news.x_enabled,
        token=news.x_token,
        base_url=news.x_url,
        max_pages=news.x_pages,
        handles=news.handles,
    )


SOURCES: tuple[SourceRow, ...] = (
    SourceRow("edgar", "a contact for the SEC (SEC_CONTACT); no key, no cost", _edgar),
    SourceRow("inbox", "nothing: files dropped into its folder", _inbox),
    SourceRow("youtube", "a free key (YOUTUBE_API_KEY) and the companies' channels", _youtube),
    SourceRow(
        "feeds", "nothing: [feeds] switched on; no key, no cost", _feeds, only_headlines=True
    ),
    SourceRow(
        "tavily",
        "a key (TAVILY_API_KEY); a credit for each company and scan",
        _tavily,
        only_headlines=True,
    ),
    SourceRow("x", "[x] switched on and a token (X_BEARER_TOKEN)", _x, only_headlines=True),
)


def make_sources(parts: SourceParts) -> tuple[Source, ...]:
    """Every source, also those that are switched off: they say themselves why."""
    return tuple(row.make(parts) for row in SOURCES)
