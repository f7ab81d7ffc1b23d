"""What the sources of headlines are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from earnings.sources.feeds import FeedAddress


@dataclass(frozen=True)
class NewsParts:
    """`aliases` and `handles` (accounts on X) are by ticker. Everything is off by default."""

    feeds: tuple[FeedAddress, ...] = ()
    feeds_enabled: bool = False
    feeds_max_bytes: int = 5_000_000
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tavily_key: str | None = field(default=None, repr=False)
    tavily_url: str = "https://api.tavily.com"
    tavily_days: int = 7
    tavily_results: int = 8
    x_enabled: bool = False
    x_token: str | None = field(default=None, repr=False)
    x_url: str = "https://api.x.com"
    x_pages: int = 3
    handles: Mapping[str, str] = field(default_factory=dict)
