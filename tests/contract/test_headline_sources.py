"""What every source of headlines promises, asked of each one in the table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest

from earnings.headlines import clean_link
from earnings.sources.base import ByChoice, Discovery, NotResults, Source
from earnings.sources.feeds import FeedAddress
from earnings.sources.news_parts import NewsParts
from earnings.sources.table import SOURCES, SourceParts, make_sources
from earnings.vocabulary import Company, Headline, Lead
from outside.http import HttpDoor
from resilience.clock import SystemClock
from resilience.outcomes import CallError, Rejected
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.testing import FakeClock
from tests.servers import feeds, tavily, x
from tests.servers.feeds import Article
from tests.servers.http import LoopbackServer, Reply
from tests.servers.tavily import TavilyServer
from tests.servers.x import Post, XServer

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BRW = Company("BRW", "Brightwater", 1990001)
NAMES = [row.name for row in SOURCES if row.only_headlines]
LIMIT = 20_000
TITLE = "Brightwater raises its full-year forecast"


class Rig(Protocol):
    """One source and the situations it can be put into."""

    source: Source

    def good(self, *titles: str) -> None: ...
    def empty(self) -> None: ...
    def paginated(self) -> int: ...
    def throttled(self) -> None: ...
    def refused(self) -> None: ...
    def garbled(self) -> None: ...
    def changed(self) -> None: ...
    def oversized(self) -> None: ...
    def slow(self) -> None: ...
    def asked(self) -> int: ...


class Served:
    """What the three have in common: one path that answers."""

    def __init__(self, source: Source, server: LoopbackServer, method: str, path: str) -> None:
        self.source, self.server = source, server
        self._method, self._path = method, path

    def _reply(self, *replies: Reply) -> None:
        self.server.route(self._method, self._path, *replies)

    def garbled(self) -> None:
        self._reply(Reply(headers={"content-type": "application/json"}, body=b'{"data": [{"te'))

    def slow(self) -> None:
        self._reply(Reply(wait_s=60))

    def oversized(self) -> None:
        self._reply(Reply(body=b" " * 3_000_000))

    def asked(self) -> int:
        return len(self.server.requests)


class FeedsRig(Served):
    def good(self, *titles: str) -> None:
        articles = [
            Article(title, f"https://trade.example/{number}")
            for number, title in enumerate(titles or (TITLE,))
        ]
        self._reply(feeds.served(articles))

    def empty(self) -> None:
        self._reply(feeds.reply(feeds.rss()))

    def paginated(self) -> int:
        self.good(*(f"{TITLE} number {number}" for number in range(150)))
        return 150

    def throttled(self) -> None:
        self._reply(Reply(status=429, headers={"retry-after": "600"}))

    def refused(self) -> None:
        self._reply(Reply.html("<title>Forbidden</title>", 403))

    def changed(self) -> None:
        self._reply(Reply.json({"articles": []}))


class TavilyRig(Served):
    server: TavilyServer

    def good(self, *titles: str) -> None:
        self.server.answers(
            tavily.found(
                [
                    tavily.result(title, f"https://trade.example/{number}")
                    for number, title in enumerate(titles or (TITLE,))
                ]
            )
        )

    def empty(self) -> None:
        self.server.answers(tavily.found([]))

    def paginated(self) -> int:
        """It has no pages: what is asked for at most comes."""
        self.good(*(f"{TITLE} number {number}" for number in range(20)))
        return 20

    def throttled(self) -> None:
        self.server.answers(tavily.refusal(429, retry_after="600"))

    def refused(self) -> None:
        self._reply(tavily.refusal(401))

    def changed(self) -> None:
        self._reply(Reply.json({"hits": []}))


class XRig(Served):
    server: XServer

    def good(self, *titles: str) -> None:
        self.server.posts = [
            Post(100 + number, title) for number, title in enumerate(titles or (TITLE,))
        ]

    def empty(self) -> None:
        self.server.posts = []

    def paginated(self) -> int:
        self.good(*(f"{TITLE} number {number}" for number in range(250)))
        return 250

    def throttled(self) -> None:
        reset = str(int(NOW.timestamp()) + 600)
        self._reply(
            x.refusal(429, "Too Many Requests", "Too Many Requests", x_rate_limit_reset=reset)
        )

    def refused(self) -> None:
        self._reply(x.refusal(401, "Unauthorized", "Unauthorized"))

    def changed(self) -> None:
        self._reply(Reply.json({"statuses": []}))


@pytest.fixture(params=NAMES)
def rig(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
        ) -> Iterator[Rig]:  # fmt: skip
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    clock = FakeClock(NOW)
    spec = PolicySpec(attempts=1, timeout_s=1.5)
    policies = Policies(dict.fromkeys(("feeds.trade", "tavily", "x"), spec), clock)
    with LoopbackServer() as press, TavilyServer() as search, XServer() as posts:
        door = HttpDoor(policies, clock, "RetailXAI/test")
        news = NewsParts(
            feeds=(FeedAddress("trade", f"{press.url}/feed"),),
            feeds_enabled=True,
            feeds_max_bytes=100_000,
            tavily_key=tavily.KEY,
            tavily_url=search.url,
            tavily_results=20,
            x_enabled=True,
            x_token=x.TOKEN,
            x_url=posts.url,
            handles={"BRW": "@Brightwater"},
        )
        parts = SourceParts(door, clock, "1", None, tmp_path / "inbox", news=news)
        made = {source.name: source for source in make_sources(parts)}
        rigs: dict[str, Rig] = {
            "feeds": FeedsRig(made["feeds"], press, "GET", "/feed"),
            "tavily": TavilyRig(made["tavily"], search, "POST", "/search"),
            "x": XRig(made["x"], posts, "GET", "/2/tweets/search/recent"),
        }
        yield rigs[request.param]
        door.close()


def discover(rig: Rig, cursor: str | None = None) -> Discovery:
    (scope,) = rig.source.scopes([BRW])
    assert scope.is_aside
    return rig.source.discover(scope, cursor)


def titles(found: Discovery) -> list[str]:
    return [one.title for one in found.headlines]


def test_each_is_off_until_it_is_asked_for(tmp_path: Path) -> None:
    """And says how it is switched on; its absence is nobody's fault."""
    clock = SystemClock()
    door = HttpDoor(Policies({}, clock), clock, "x")
    made = make_sources(SourceParts(door, clock, "1", None, tmp_path / "inbox"))
    off = {source.name: source.switched_off() for source in made if source.name in NAMES}
    assert set(off) == {"feeds", "tavily", "x"}
    assert all(isinstance(why, ByChoice) and "set " in why for why in off.values())
    door.close()


def test_what_is_found_is_a_headline_with_a_link(rig: Rig) -> None:
    """Of the company, by name or account; plain text, an openable link, a time in UTC."""
    rig.good()
    found = discover(rig)
    (one,) = found.headlines
    assert found.leads == ()
    assert isinstance(one, Headline)
    assert (one.source, one.title, one.tickers) == (rig.source.name, TITLE, ("BRW",))
    assert clean_link(one.link) == one.link
    assert one.published_at == datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
    assert one.publisher


def test_nothing_is_a_document(rig: Rig) -> None:
    """There is nothing to fetch, and nothing before it."""
    lead = Lead(rig.source.name, "1", "t", "https://trade.example/1", None)
    with pytest.raises(NotResults):
        rig.source.fetch(lead)
    assert rig.source.before(lead) is None


def test_nothing_is_found_twice(rig: Rig) -> None:
    """The cursor says what is known, in this process and the next; what is new is found."""
    rig.good(TITLE)
    first = discover(rig)
    assert first.cursor
    assert discover(rig, first.cursor).headlines == ()
    rig.good(TITLE, "Brightwater names a finance chief")
    assert titles(discover(rig, first.cursor)) == ["Brightwater names a finance chief"]


def test_nothing_there_is_calm(rig: Rig) -> None:
    rig.empty()
    found = discover(rig)
    assert (found.headlines, found.notes) == ((), ())


def test_all_that_was_published_is_found(rig: Rig) -> None:
    """On as many pages as it takes."""
    count = rig.paginated()
    found = discover(rig)
    assert len(found.headlines) == count
    assert discover(rig, found.cursor).headlines == ()


def test_a_throttled_one_is_left_alone_for_as_long_as_it_asks(rig: Rig) -> None:
    """No second request goes out; and once the time is over, nothing was lost."""
    rig.throttled()
    with pytest.raises(CallError) as caught:
        discover(rig)
    assert caught.value.service == rig.source.name
    asked = rig.asked()
    said = ""
    try:
        said = " ".join(discover(rig).notes)
    except Rejected as rejected:
        said = str(rejected)
    assert "2026-11-20 12:10:00" in said
    assert rig.asked() == asked


def test_being_refused_is_said_with_its_fix(rig: Rig) -> None:
    """By the source's own name, without the key."""
    rig.refused()
    with pytest.raises(CallError) as caught:
        discover(rig)
    assert caught.value.service == rig.source.name
    assert caught.value.fix
    assert tavily.KEY not in str(caught.value)
    assert x.TOKEN not in str(caught.value)


@pytest.mark.parametrize("situation", ["garbled", "changed"])
def test_an_answer_of_another_shape_is_a_failed_call(rig: Rig, situation: str) -> None:
    """Nothing is made of it, and the next good answer goes on from the cursor."""
    rig.good(TITLE)
    cursor = discover(rig).cursor
    getattr(rig, situation)()
    with pytest.raises(CallError) as caught:
        discover(rig, cursor)
    assert caught.value.service == rig.source.name


def test_too_much_is_not_read(rig: Rig) -> None:
    rig.oversized()
    said = ""
    try:
        found = discover(rig)
        assert found.headlines == ()
        said = " ".join(found.notes)
    except CallError as error:
        said = str(error)
    assert "0.1 MB" in said or "limit" in said or "more than we take" in said


def test_a_slow_one_holds_nothing_up(rig: Rig) -> None:
    rig.slow()
    with pytest.raises(CallError):
        discover(rig)


def test_a_cursor_that_cannot_be_read_is_begun_anew(rig: Rig) -> None:
    """Whatever stands in its place."""
    rig.good()
    for rubbish in ("{", "[]", json.dumps({"url": 1}), "x" * 50, "null"):
        assert titles(discover(rig, rubbish)) == [TITLE]


def test_it_can_be_greeted(rig: Rig) -> None:
    rig.good()
    assert rig.source.greet()
