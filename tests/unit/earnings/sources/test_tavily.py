"""Tavily: a credit a company, and refusals that mean what its documentation says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from earnings.sources.base import Discovery, Scope
from earnings.sources.tavily import Tavily
from earnings.vocabulary import Company
from outside.http import HttpDoor
from resilience.outcomes import CallError, QuotaExhausted, Rejected
from resilience.quota import QuotaRule
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.testing import FakeClock
from tests.servers.http import Reply
from tests.servers.tavily import KEY, TavilyServer, found, refusal, result

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TGT = Company("TGT", "Target")
KR = Company("KR", "Kroger")


@dataclass
class Desk:
    server: TavilyServer
    tavily: Tavily
    clock: FakeClock

    def ask(self, company: Company = TGT, cursor: str | None = None) -> Discovery:
        return self.tavily.discover(Scope(company.ticker, company), cursor)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    clock = FakeClock(NOW)
    spec = PolicySpec(attempts=1, timeout_s=5, quotas=(QuotaRule("credits", 3, "month"),))
    with TavilyServer() as server:
        door = HttpDoor(Policies({"tavily": spec}, clock), clock, "RetailXAI/test")
        yield Desk(server, Tavily(door, clock, api_key=KEY, base_url=server.url), clock)
        door.close()


def test_what_is_asked(desk: Desk) -> None:
    """One basic search of the news of the last days, with the key where it belongs."""
    desk.ask()
    (request,) = desk.server.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    body = request.json()
    assert (body["topic"], body["search_depth"], body["max_results"]) == ("news", "basic", 8)
    assert body["start_date"] == "2026-11-13"
    assert "Target" in body["query"]
    assert KEY not in str(body)


def test_since_a_day(desk: Desk) -> None:
    desk.tavily.discover(Scope("TGT", TGT), None, date(2026, 10, 1))
    assert desk.server.requests[0].json()["start_date"] == "2026-10-01"


def test_what_only_lies_near_is_left_out(desk: Desk) -> None:
    """A search finds more than was asked for: a title must speak of the company."""
    desk.server.answers(
        found(
            [
                result("Target raises its forecast", "https://a.example/1"),
                result("Fed misses its inflation target", "https://a.example/2"),
                result("Walmart raises its forecast", "https://a.example/3"),
                result("Target to open 20 stores", "javascript:alert(1)"),
                {"title": None, "url": 7},
            ]
        )
    )
    assert [one.title for one in desk.ask().headlines] == ["Target raises its forecast"]


@pytest.mark.parametrize(("status", "why"), [(432, "plan"), (433, "pay-as-you-go")])
def test_used_up_credits_end_the_month(desk: Desk, status: int, why: str) -> None:
    """Nobody asks again until it is over, and it is no fault of the service's."""
    desk.server.answers(refusal(status))
    with pytest.raises(Rejected, match=why) as caught:
        desk.ask()
    assert caught.value.retry_at == datetime(2026, 12, 1, tzinfo=UTC)
    assert caught.value.fix
    with pytest.raises(Rejected, match=why):
        desk.ask(KR)
    assert len(desk.server.requests) == 1
    desk.clock.advance(timedelta(days=11).total_seconds())
    desk.server.answers(found([result("Kroger names a finance chief", "https://a.example/k")]))
    assert len(desk.ask(KR).headlines) == 1


def test_a_bad_key_keeps_all_from_asking(desk: Desk) -> None:
    """As a gate, so that a scan of eighty companies says it once; a good key is asked again."""
    desk.server.answers(refusal(401))
    with pytest.raises(Rejected, match="key is refused") as caught:
        desk.ask()
    assert "TAVILY_API_KEY" in str(caught.value)
    assert KEY not in str(caught.value)
    desk.server.answers(found([]))
    assert desk.ask().headlines == ()


def test_our_own_account_of_credits_is_kept(desk: Desk) -> None:
    """What the answer says it took; the quota of the policy says no before Tavily does."""
    desk.server.answers(found([], credits_used=2), found([], credits_used=1))
    desk.ask()
    desk.ask()
    with pytest.raises(QuotaExhausted):
        desk.ask()
    assert len(desk.server.requests) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"results": [7]},
        {"results": {}},
        [],
        {"results": None},
    ],
)
def test_another_shape_is_said(desk: Desk, body: object) -> None:
    desk.server.answers(Reply.json(body))
    with pytest.raises(CallError, match="changed their shape"):
        desk.ask()


def test_a_search_that_failed_is_not_paid_for_twice(desk: Desk) -> None:
    """An answer that broke off may have taken its credit: it is not asked again by itself."""
    desk.server.answers(found([]).truncated(10))
    with pytest.raises(CallError):
        desk.ask()
    assert len(desk.server.requests) == 1


def test_greeting_takes_no_credit(desk: Desk) -> None:
    assert (
        desk.tavily.greet()
        == "the key is good; 150 of 1000 credits are used (asking took no credit)"
    )
    assert desk.server.paths() == ["/usage"]
