"""X: the companies' own accounts, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from earnings.sources.base import ByChoice, Discovery, Scope
from earnings.sources.x_posts import XPosts
from earnings.vocabulary import Company
from outside.http import HttpDoor
from resilience.outcomes import CallError, Rejected
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.testing import FakeClock
from tests.servers.http import RecordedRequest, Reply
from tests.servers.x import TOKEN, Post, XServer, refusal

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BRW = Company("BRW", "Brightwater")
SEARCH = "/2/tweets/search/recent"


@dataclass
class Desk:
    server: XServer
    x: XPosts
    clock: FakeClock

    def ask(self, cursor: str | None = None, since: date | None = None) -> Discovery:
        (scope,) = self.x.scopes([BRW, Company("KR", "Kroger")])
        return self.x.discover(scope, cursor, since)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    clock = FakeClock(NOW)
    with XServer() as server:
        door = HttpDoor(
            Policies({"x": PolicySpec(attempts=1, timeout_s=5)}, clock), clock, "RetailXAI/test"
        )
        handles = {"BRW": "@Brightwater"}
        made = XPosts(door, clock, enabled=True, token=TOKEN, base_url=server.url, handles=handles)
        yield Desk(server, made, clock)
        door.close()


def test_only_companies_with_an_account_are_asked_for(desk: Desk) -> None:
    """By its own name, without replies and reposts; the newest id is the cursor."""
    desk.server.posts = [Post(7, "We opened a store in Ohio"), Post(9, "Results are out today")]
    found = desk.ask()
    assert [one.title for one in found.headlines] == [
        "We opened a store in Ohio",
        "Results are out today",
    ]
    assert found.cursor == "9"
    assert found.headlines[0].link == "https://x.com/Brightwater/status/7"
    query = desk.server.requests[0].query
    assert query["query"] == ["from:Brightwater -is:retweet -is:reply"]
    assert "since_id" not in query
    desk.ask(found.cursor)
    assert desk.server.requests[-1].query["since_id"] == ["9"]


def test_posts_of_others_are_left_out(desk: Desk) -> None:
    """Whatever the search says: the author in the answer counts, also an impostor's like name."""
    desk.server.posts = [Post(7, "Our own words about the quarter")]
    desk.server.strangers = [
        Post(8, "Brightwater is bankrupt, sell now", author="brightwater_"),
        Post(9, "Brightwater EPS $99", author="someone"),
    ]
    found = desk.ask()
    assert [one.title for one in found.headlines] == ["Our own words about the quarter"]
    assert "2 posts of others" in found.notes[0]


def test_an_author_who_is_not_in_the_answer_is_nobody(desk: Desk) -> None:
    """Without `includes` no post can be held against its author."""
    post = {"id": "7", "text": "Trust me, I am Brightwater", "author_id": "1"}
    desk.server.route(
        "GET", SEARCH, Reply.json({"data": [post], "meta": {"newest_id": "7", "result_count": 1}})
    )
    assert desk.ask().headlines == ()


def test_more_pages_than_are_read_are_told(desk: Desk) -> None:
    desk.server.page = 2
    desk.server.posts = [Post(n, f"Post number {n} of many") for n in range(1, 12)]
    found = desk.ask()
    assert [one.title for one in found.headlines][-1] == "Post number 11 of many"
    assert len(found.headlines) == 6
    assert "more posts than 3 pages" in found.notes[0]
    assert found.cursor == "11"


def test_an_id_older_than_the_search_begins_anew(desk: Desk) -> None:
    """After a fortnight off `since_id` is refused: what can be searched is, from the beginning."""
    desk.server.posts = [Post(900, "We are back with a new store")]
    serve = desk.server.search

    def answer(request: RecordedRequest) -> Reply:
        if "since_id" in request.query:
            detail = "'since_id' must be a tweet id created after 2026-11-13T12:00Z."
            return refusal(400, "Invalid Request", detail)
        return serve(request)

    desk.server.route("GET", SEARCH, answer)
    found = desk.ask("5")
    assert [one.title for one in found.headlines] == ["We are back with a new store"]
    assert found.cursor == "900"


def test_partial_errors_are_told_and_the_rest_is_kept(desk: Desk) -> None:
    desk.server.posts = [Post(7, "Our own words about the quarter")]
    desk.server.errors = [{"title": "Not Found Error", "detail": "Could not find user 42"}]
    found = desk.ask()
    assert len(found.headlines) == 1
    assert found.notes == ("@Brightwater: Could not find user 42",)


@pytest.mark.parametrize(("status", "what"), [(401, "token is refused"), (403, "may not search")])
def test_a_refused_token_keeps_all_from_asking(desk: Desk, status: int, what: str) -> None:
    """Said once for all companies, as a gate; never with the token."""
    desk.server.route("GET", SEARCH, refusal(status, "No", "No"))
    with pytest.raises(Rejected, match=what) as caught:
        desk.ask()
    assert TOKEN not in str(caught.value)
    assert caught.value.fix


def test_the_window_of_its_limit_is_waited_for(desk: Desk) -> None:
    """x-rate-limit-reset is when; nothing is asked before, and nothing was lost then."""
    reset = str(int(NOW.timestamp()) + 700)
    desk.server.route("GET", SEARCH, refusal(429, "Too Many", "", x_rate_limit_reset=reset))
    with pytest.raises(CallError, match="429"):
        desk.ask("5")
    with pytest.raises(Rejected) as caught:
        desk.ask("5")
    assert caught.value.retry_at == datetime(2026, 11, 20, 12, 11, 40, tzinfo=UTC)
    assert len(desk.server.requests) == 1
    desk.server.route("GET", SEARCH, desk.server.search)
    desk.server.posts = [Post(7, "Our own words about the quarter")]
    desk.clock.advance(701)
    assert len(desk.ask("5").headlines) == 1


def test_since_reaches_as_far_back_as_can_be_searched(desk: Desk) -> None:
    desk.ask(None, date(2026, 1, 1))
    assert desk.server.requests[0].query["start_time"] == ["2026-11-13T12:10:00Z"]


def test_what_is_wanted_and_cannot_is_no_choice() -> None:
    """Off by itself it is a choice; switched on without a token it is a shortcoming."""
    clock, none = FakeClock(NOW), Policies({}, FakeClock(NOW))
    door = HttpDoor(none, clock, "x")
    assert isinstance(XPosts(door, clock).switched_off(), ByChoice)
    without = XPosts(door, clock, enabled=True).switched_off()
    assert without is not None
    assert not isinstance(without, ByChoice)
    nobody = XPosts(door, clock, enabled=True, token=TOKEN).switched_off()
    assert nobody is not None
    assert "@handle" in nobody
    door.close()
    assert Scope("x").is_aside is False
