"""storage.headlines: each once, by link or by words, with all the companies it is about."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from earnings.vocabulary import Headline, Lead
from storage.database import Database
from storage.documents import Documents, Recorded
from storage.errors import Conflict
from storage.executions import Execution
from storage.headlines import Headlines
from storage.insights import Insights

pytestmark = pytest.mark.database

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ONE = Headline(
    source="feeds",
    title="Target raises its full-year forecast",
    link="https://www.trade.example/news/target-q3/?id=7",
    publisher="Trade Example",
    published_at=NOON,
    tickers=("TGT",),
)


class Shelf:
    """Stores what is found, as a scan does."""

    def __init__(self, database: Database) -> None:
        self.documents = Documents(database)
        self.headlines = Headlines(database)

    def add(self, *headlines: Headline, scope: str = "trade") -> int:
        found = self.documents.record_found("feeds", scope, (), headlines, "1", None)
        assert found.documents == ()
        return found.headlines


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


def test_a_headline_comes_back_as_it_was_found(shelf: Shelf) -> None:
    assert shelf.add(ONE) == 1
    (stored,) = shelf.headlines.recent()
    assert (stored.title, stored.link, stored.publisher) == (ONE.title, ONE.link, ONE.publisher)
    assert (stored.told_at, stored.tickers, stored.source) == (NOON, ("TGT",), "feeds")


@pytest.mark.parametrize(
    "other",
    [
        replace(ONE, title="Something else entirely about it", source="tavily"),
        replace(ONE, link="http://trade.example/news/target-q3?utm_source=x&id=7"),
        replace(ONE, link="https://else.example/1", published_at=NOON + timedelta(days=3)),
        replace(ONE, link="https://else.example/1", title=f"{ONE.title.upper()} - Else"),
    ],
)
def test_found_again_it_is_one_headline(shelf: Shelf, other: Headline) -> None:
    """By its link or by its words, from whichever source; what it is about is put together."""
    assert shelf.add(ONE) == 1
    assert shelf.add(replace(other, tickers=("WMT",)), scope="other") == 0
    (stored,) = shelf.headlines.recent()
    assert stored.title == ONE.title
    assert stored.tickers == ("TGT", "WMT")


def test_one_question_may_bring_it_twice(shelf: Shelf) -> None:
    assert shelf.add(ONE, replace(ONE, link="https://trade.example/other")) == 1


def test_the_same_words_a_quarter_later_are_news(shelf: Shelf) -> None:
    """ "X reports third quarter results" comes every year."""
    later = replace(ONE, link="https://trade.example/2", published_at=NOON + timedelta(days=91))
    assert shelf.add(ONE, later) == 2


def test_short_titles_are_told_apart_by_their_links(shelf: Shelf) -> None:
    first = replace(ONE, title="Weekly update")
    assert shelf.add(first, replace(first, link="https://trade.example/2")) == 2


def test_it_is_stored_with_its_cursor_or_not_at_all(shelf: Shelf, database: Database) -> None:
    """A cursor that moved over headlines nobody has would lose them for ever."""
    nobody = Execution("nobody", "ex-1")
    with pytest.raises(Conflict):
        shelf.documents.record_found("feeds", "trade", (), (ONE,), "1", None, nobody)
    assert shelf.headlines.recent() == []
    assert shelf.documents.cursor("feeds", "trade") is None
    shelf.add(ONE)
    assert shelf.documents.cursor("feeds", "trade") == "1"


def test_two_sources_at_once_bring_it_once(shelf: Shelf) -> None:
    """Each asks whether it is known before the other has committed."""
    counts: list[int] = []
    barrier = threading.Barrier(4)

    def bring(number: int) -> None:
        barrier.wait(10)
        link = f"https://site-{number}.example/"
        counts.append(shelf.add(replace(ONE, link=link), scope=f"s{number}"))

    threads = [threading.Thread(target=bring, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(counts) == [0, 0, 0, 1]


def test_one_is_never_a_document(shelf: Shelf, database: Database) -> None:
    """Nothing to fetch, read or analyse comes of it, and no claim."""
    lead = Lead("feeds", "d1", "Results", "https://x.example/", NOON, "TGT")
    found = shelf.documents.record_found("feeds", "trade", (lead,), (ONE,), "1", None)
    assert found == Recorded((found.documents[0],), 1)
    assert shelf.documents.pending() == list(found.documents)
    assert Insights(database).for_company("TGT") == []


def test_they_are_listed_by_company_and_time(shelf: Shelf) -> None:
    trade = replace(ONE, title="Shoppers spend less on toys", link="https://t.example/2",
                    tickers=(), published_at=NOON + timedelta(hours=1))  # fmt: skip
    undated = replace(ONE, title="Kroger opens a store in Ohio", link="https://t.example/3",
                      tickers=("KR",), published_at=None)  # fmt: skip
    shelf.add(ONE, trade, undated)
    listed = shelf.headlines
    assert {one.title for one in listed.recent()} == {ONE.title, trade.title, undated.title}
    assert [one.title for one in listed.recent("tgt")] == [ONE.title]
    assert [one.title for one in listed.recent(until=NOON + timedelta(hours=1))] == [ONE.title]
    assert trade.title not in {one.title for one in listed.recent(linked=True)}
    (kroger,) = listed.recent("KR")
    assert kroger.told_at == kroger.seen_at


def test_old_ones_are_dropped(shelf: Shelf, database: Database) -> None:
    """By when they were seen; the companies stay."""
    shelf.add(ONE)
    assert shelf.headlines.forget(3600) == 0
    assert shelf.headlines.forget(-1) == 1
    assert shelf.headlines.recent() == []
