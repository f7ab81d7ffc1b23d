"""News feeds: one broken feed holds up no other, and none is asked more than it needs to be."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from earnings.sources.base import Discovery, Scope
from earnings.sources.feeds import FeedAddress, Feeds
from earnings.vocabulary import Company
from outside.errors import Unreachable
from outside.http import HttpDoor
from resilience.outcomes import CallError
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.testing import FakeClock
from tests.servers.feeds import Article, atom, reply, rss, served
from tests.servers.http import LoopbackServer, Reply, closed_port

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ONE = Article("Target raises its full-year forecast", "https://trade.example/1")
TWO = Article("Shoppers spend less on toys", "https://trade.example/2",
              told="Thu, 19 Nov 2026 12:00:00 GMT")  # fmt: skip


@dataclass
class Press:
    """A feed, and whoever reads it."""

    server: LoopbackServer
    feeds: Feeds
    clock: FakeClock

    def publish(self, *replies: Reply) -> None:
        self.server.route("GET", "/feed", *replies)

    def read(self, cursor: str | None = None, since: date | None = None) -> Discovery:
        list(self.feeds.scopes([Company("TGT", "Target"), Company("KR", "Kroger")]))
        return self.feeds.discover(Scope("trade"), cursor, since)


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch) -> Iterator[Press]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    clock = FakeClock(NOW)
    policies = Policies({"default": PolicySpec(attempts=1, timeout_s=5)}, clock)
    with LoopbackServer() as server:
        door = HttpDoor(policies, clock, "RetailXAI/test")
        address = FeedAddress("trade", f"{server.url}/feed")
        feeds = Feeds(door, clock, [address], enabled=True, max_bytes=50_000)
        yield Press(server, feeds, clock)
        door.close()


def titles(found: Discovery) -> list[str]:
    return [one.title for one in found.headlines]


def test_it_is_asked_whether_anything_changed(press: Press) -> None:
    """With the validators it gave; "no" costs nothing and loses nothing."""
    press.publish(served([ONE]), Reply(status=304), served([TWO, ONE]))
    first = press.read()
    assert (titles(first), first.headlines[0].tickers) == ([ONE.title], ("TGT",))
    unchanged = press.read(first.cursor)
    asked = press.server.requests[1].headers
    assert asked["if-none-match"] == '"1"'
    assert asked["if-modified-since"] == "Wed, 18 Nov 2026 12:00:00 GMT"
    assert (unchanged.headlines, unchanged.notes) == ((), ())
    assert titles(press.read(unchanged.cursor)) == [TWO.title]


def test_what_broke_off_is_read_whole_later(press: Press) -> None:
    """Half a feed is no reason to answer "not changed" to."""
    whole = served([ONE, TWO])
    half = whole.body.index(b"</item>") + len(b"</item>")
    press.publish(Reply(headers=whole.headers, body=whole.body[:half]), whole)
    first = press.read()
    assert titles(first) == [ONE.title]
    assert titles(press.read(first.cursor)) == [TWO.title]
    assert "if-none-match" not in press.server.requests[1].headers


def test_oldest_first(press: Press) -> None:
    press.publish(served([TWO, ONE]))
    assert titles(press.read()) == [ONE.title, TWO.title]


def test_a_page_in_place_of_a_feed_rests_for_itself(press: Press) -> None:
    """It is said every time, asked again a day later, then after longer; a restart (the cursor
    is all that is kept) does not wake it."""
    press.publish(served([ONE]), Reply.html("<html><title>Sign in</title></html>"))
    good = press.read()
    page = press.read(good.cursor)
    assert page.headlines == ()
    assert "paused until 2026-11-21" in page.notes[0]
    assert "a page of HTML" in page.notes[0]
    asked = len(press.server.requests)
    assert press.read(page.cursor).notes == page.notes
    assert len(press.server.requests) == asked
    press.clock.advance(86_400)
    again = press.read(page.cursor)
    assert "paused until 2026-11-23" in again.notes[0]
    press.clock.advance(2 * 86_400)
    press.publish(served([TWO, ONE]))
    assert titles(press.read(again.cursor)) == [TWO.title]


def test_what_is_gone_is_not_asked_for_a_month(press: Press) -> None:
    press.publish(Reply.html("gone", 410))
    found = press.read()
    assert "(410)" in found.notes[0]
    assert "paused until 2026-12-20" in found.notes[0]
    assert "[feeds.list]" in found.notes[0]


def test_another_address_wakes_it(press: Press) -> None:
    """What rested was the old one; what was seen there is still known."""
    press.publish(served([ONE]))
    cursor = json.loads(press.read().cursor or "{}")
    cursor |= {"url": "https://old.example/feed", "rests_until": "2027-01-01T00:00:00+00:00"}
    press.publish(served([TWO, ONE]))
    found = press.read(json.dumps(cursor))
    assert titles(found) == [TWO.title]
    assert "if-none-match" not in press.server.requests[-1].headers


@pytest.mark.parametrize(("status", "is_told"), [(301, True), (308, True), (302, False)])
def test_a_move_for_good_is_told(press: Press, status: int, is_told: bool) -> None:
    """To the same host or another; the feed is read there meanwhile."""
    with LoopbackServer() as other:
        other.route("GET", "/new", served([ONE]))
        press.publish(Reply(status=status, headers={"location": f"{other.url}/new"}))
        found = press.read()
        assert titles(found) == [ONE.title]
        assert [f"moved for good to {other.url}/new" in n for n in found.notes] == [True] * is_told


def test_redirects_in_a_ring_end(press: Press) -> None:
    press.publish(Reply(status=302, headers={"location": "/feed"}))
    with pytest.raises(CallError, match="redirects more than"):
        press.read()


def test_the_open_web_leads_nobody_into_this_machine() -> None:
    """A feed elsewhere that redirects to an address inside is not followed there."""
    from earnings.sources.feeds import _may_lead

    outside = "https://trade.example/feed"
    for inside in (
        "http://127.0.0.1/x",
        "http://localhost:8717/health",
        "http://169.254.169.254/latest",
        "http://[::1]/",
        "http://10.0.0.7/",
        "http://db.internal/",
    ):
        assert not _may_lead(outside, inside)
        assert _may_lead("http://127.0.0.1:9/feed", inside)
    assert _may_lead(outside, "https://www.trade.example/feed")


def test_a_dead_feed_holds_up_no_other(press: Press) -> None:
    """Each has a breaker of its own: one is left alone, the other is read."""
    dead = FeedAddress("dead", f"http://127.0.0.1:{closed_port()}/feed")
    live = FeedAddress("live", f"{press.server.url}/feed")
    specs = {"default": PolicySpec(attempts=1, failure_threshold=2)}
    policies = Policies(specs, press.clock)
    door = HttpDoor(policies, press.clock, "x")
    feeds = Feeds(door, press.clock, [dead, live], enabled=True)
    press.publish(served([ONE]))
    assert [scope.key for scope in feeds.scopes([])] == ["dead", "live"]
    for _ in range(2):
        with pytest.raises(Unreachable, match="dead: "):
            feeds.discover(Scope("dead"), None)
    left = feeds.discover(Scope("dead"), "{}x")
    assert "circuit" in left.notes[-1]
    assert left.cursor == "{}x"
    assert titles(feeds.discover(Scope("live"), None)) == [ONE.title]
    assert "1 of 2 feeds can be read; dead: " in feeds.greet()
    door.close()


def test_an_entry_without_a_date_is_told_as_seen(press: Press) -> None:
    """Once; and of a long first list of them only the newest."""
    undated = [
        Article(f"Undated story number {n}", f"https://t.example/{n}", told="") for n in range(50)
    ]
    press.publish(served(undated))
    found = press.read()
    assert len(found.headlines) == 20
    assert {one.published_at for one in found.headlines} == {None}
    assert press.read(found.cursor).headlines == ()


def test_a_date_in_the_future_is_not_believed(press: Press) -> None:
    """A slip of a day is now, anything beyond is when it was seen."""
    press.publish(
        served(
            [
                Article("Story of next year's plans", "https://t.example/1",
                        told="Wed, 18 Nov 2037 12:00:00 GMT"),
                Article("Story from another time zone", "https://t.example/2",
                        told="Fri, 20 Nov 2026 20:00:00 GMT"),
            ]
        )
    )  # fmt: skip
    assert {one.title: one.published_at for one in press.read().headlines} == {
        "Story of next year's plans": None,
        "Story from another time zone": NOW,
    }


def test_old_stories_are_no_news(press: Press) -> None:
    """Nor are they later, when the feed is rebuilt; `since` asks for them."""
    old = Article("Target opens its first store", "https://t.example/old",
                  told="Tue, 06 Oct 2026 12:00:00 GMT")  # fmt: skip
    press.publish(served([ONE, old]))
    assert titles(press.read()) == [ONE.title]
    assert titles(press.read(None, date(2026, 10, 1))) == [old.title, ONE.title]


def test_two_entries_of_one_guid_are_two_links(press: Press) -> None:
    """Guids are copied by mistake; the link says what it is."""
    one, other = "https://t.example/1", "https://t.example/2"
    press.publish(
        served([Article("First of two", one, guid="7"), Article("Second of two", other, guid="7")])
    )
    assert len(press.read().headlines) == 2


def test_a_bomb_is_not_unpacked(press: Press) -> None:
    """A few kilobytes that become many megabytes end at the limit, and are told."""
    bomb = gzip.compress(rss(Article("x" * 5_000_000, "https://t.example/")))
    assert len(bomb) < 10_000
    press.publish(Reply(headers={"content-encoding": "gzip"}, body=bomb))
    found = press.read()
    assert found.headlines == ()
    assert "holds more than 0.1 MB (feeds.max_bytes)" in found.notes[0]


def test_links_are_made_whole(press: Press) -> None:
    """Relative ones by the feed's own address; what is no web address is no headline."""
    press.publish(
        reply(
            atom(
                Article("A story with a relative link", "/news/7?utm_source=rss"),
                Article("A story with a script for a link", "javascript:alert(1)"),
            )
        )
    )
    (one,) = press.read().headlines
    assert one.link == f"{press.server.url}/news/7"
