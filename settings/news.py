"""What others write: the tables [feeds], [tavily] and [x] of retailxai.toml. All are off until
switched on, or until their key is set."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr, StringConstraints, field_validator

from settings import shapes
from settings.sections import BaseUrl, Section, Whole, over

FeedUrl = Annotated[str, BeforeValidator(shapes.feed_url)]
FeedName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
TavilyKey = Annotated[SecretStr, BeforeValidator(shapes.tavily_key)]
XToken = Annotated[SecretStr, BeforeValidator(shapes.x_token)]

# What the retail trade reads. None is asked before [feeds] is switched on.
DEFAULT_FEEDS: dict[str, dict[str, object]] = {
    "retaildive": {"url": "https://www.retaildive.com/feeds/news/"},
    "grocerydive": {"url": "https://www.grocerydive.com/feeds/news/"},
    "supplychaindive": {"url": "https://www.supplychaindive.com/feeds/news/"},
    "chainstoreage": {"url": "https://chainstoreage.com/rss.xml"},
    "modernretail": {"url": "https://www.modernretail.co/feed/"},
    "retailgazette": {"url": "https://www.retailgazette.co.uk/feed/"},
    "pymnts": {"url": "https://www.pymnts.com/category/retail/feed/"},
}


class FeedEntry(Section):
    """One feed."""

    url: FeedUrl = Field(description="of the feed itself: RSS, Atom or JSON Feed")
    enabled: bool = Field(default=True, description="false: this one is not read")


class FeedsSettings(Section):
    enabled: bool = Field(default=False, description="read news feeds; headlines come of them")
    max_bytes: Whole = Field(
        default=5_000_000, ge=10_000, le=50_000_000, description="a larger feed is not read"
    )
    list: dict[FeedName, FeedEntry] = Field(default_factory=dict, validate_default=True)

    @field_validator("list", mode="before")
    @classmethod
    def _over_defaults(cls, value: object) -> object:
        return over(DEFAULT_FEEDS, value)


class TavilySettings(Section):
    api_key: TavilyKey | None = Field(
        default=None, description="unset: nothing is searched for; one search per company and scan"
    )
    base_url: BaseUrl = Field(
        default="https://api.tavily.com", description="where searches are made"
    )
    days: Whole = Field(default=7, ge=1, le=60, description="how far back a search looks")
    max_results: Whole = Field(
        default=8, ge=1, le=20, description="headlines a search brings at most"
    )


class XSettings(Section):
    enabled: bool = Field(
        default=False, description="read the companies' own posts (needs X_BEARER_TOKEN)"
    )
    bearer_token: XToken | None = Field(default=None, description="of an app on X; unset: X is off")
    base_url: BaseUrl = Field(default="https://api.x.com", description="where posts are searched")
    max_pages: Whole = Field(
        default=3, ge=1, le=20, description="pages of 100 posts read of a company at a time"
    )
