"""Headlines: what others write about companies, each once, with its link.

They are leads for a person. Nothing that is claimed refers to one: an analysis rests on the
text of a document, and no headline is a document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from earnings.headlines import link_key, text_key
from earnings.vocabulary import Headline
from storage.database import Database, Tx
from storage.lock_keys import lock_key

_LOCK = lock_key("headlines")


@dataclass(frozen=True)
class StoredHeadline:
    """`told_at` is published_at, or seen_at where nobody said."""

    id: int
    title: str
    link: str
    source: str
    publisher: str
    published_at: datetime | None
    seen_at: datetime
    told_at: datetime
    tickers: tuple[str, ...]


class Headlines:
    def __init__(self, database: Database) -> None:
        self._database = database

    def recent(
        self,
        ticker: str | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        linked: bool = False,
        limit: int = 50,
    ) -> list[StoredHeadline]:
        """Newest first. `linked`: only those that are about a company."""
        with self._database.transaction() as tx:
            rows = tx.all(
                "headlines.list",
                ticker=ticker.upper() if ticker else None,
                since=since,
                until=until,
                linked=linked,
                limit=limit,
            )
        return [StoredHeadline(**{**row, "tickers": tuple(row["tickers"])}) for row in rows]

    def forget(self, seconds: float) -> int:
        """Drop what was seen longer ago; how many that were."""
        with self._database.transaction() as tx:
            return tx.run("headlines.forget", seconds=seconds)


def add_headlines(tx: Tx, headlines: Sequence[Headline]) -> int:
    """Store them in the caller's transaction; how many nobody had brought before.

    One that is known by its link or its words gains the companies it is about.
    """
    if not headlines:
        return 0
    tx.one("headlines.one_at_a_time", key=_LOCK)
    return sum(_add(tx, headline) for headline in headlines)


def _add(tx: Tx, headline: Headline) -> bool:
    keys = {"link_key": link_key(headline.link), "text_key": text_key(headline.title)}
    known = tx.one("headlines.same", **keys, published_at=headline.published_at)
    row = known or tx.one(
        "headlines.add",
        **keys,
        title=headline.title,
        link=headline.link,
        source=headline.source,
        publisher=headline.publisher,
        published_at=headline.published_at,
    )
    assert row is not None
    for ticker in sorted({ticker.upper() for ticker in headline.tickers}):
        tx.run("companies.add_unknown", ticker=ticker, name=ticker, is_sample=False)
        tx.run("headlines.is_about", id=row["id"], ticker=ticker)
    return known is None
