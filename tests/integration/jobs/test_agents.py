"""Agents at work over real stores: what is counted, and what a pause stops and does not lose."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from earnings.analysts.base import (
    Answer,
    Begin,
    CallKey,
    PaidAnswer,
    PaidCalls,
    Question,
    QuoteDraft,
    Usage,
)
from earnings.analysts.local import Local
from earnings.analysts.panel import Panel
from earnings.vocabulary import DocumentState, Theme
from jobs.agents import WRITER
from jobs.job import Summary
from jobs.manual import run_now, scan_now
from resilience.outcomes import CallFailed, CircuitOpen
from storage.agents import Agent, AgentKind
from storage.ledger import Ledger
from storage.states import AgentState, RunState
from tests.integration.jobs.house import House, Model
from tests.integration.jobs.releases import HARBOR, PINE, release
from tests.unit.jobs.fakes import Published

pytestmark = pytest.mark.database
SLOT = "2026-11-23T08:00"


@pytest.fixture
def shop(house: House) -> House:
    """Two companies with a release each."""
    house.watch(PINE, HARBOR)
    house.source.put(PINE, "p3", Published(release(), "text/html", 18))
    house.source.put(HARBOR, "h3", Published(release(HARBOR), "text/html", 17))
    return house


def scan(house: House) -> Summary:
    return dict(scan_now(house.context, house.runner).summary)


def one(house: House, name: str) -> Agent:
    return next(each for each in house.agents.all() if each.name == name)


# ---- at work ----------------------------------------------------------------------------


class Named(Model):
    """A model of another name: `shut` if no gate lets it through, else at work with a look at who
    is said to be."""

    def __init__(self, name: str, house: House, *, shut: bool = False) -> None:
        super().__init__()
        self._own, self._house, self._shut = name, house, shut
        self.seen: set[str] = set()

    @property
    def name(self) -> str:
        return self._own

    def analyse(self, question: Question, paid: PaidCalls) -> Answer:
        key = CallKey(self._own, "m-1", "p-1", question.sha256)
        answer = paid.once(key, Decimal(0), self._asked)
        words = QuoteDraft(Theme.TARIFFS, "Tariffs raised our costs")
        return Answer(self._own, "m-1", "p-1", (words,), usage=answer.usage)

    def _asked(self, begin: Begin) -> PaidAnswer:
        if self._shut:
            raise CircuitOpen(self._own, "circuit open")
        begin()
        analysts = [one for one in self._house.agents.all() if one.kind is AgentKind.ANALYST]
        self.seen |= {one.name for one in analysts if one.state is AgentState.WORKING}
        self._house.clock.wait(3)
        return PaidAnswer({"ok": True}, Usage(10, 0, 0, 5, Decimal(0)))


def test_only_who_is_asked_is_at_work(shop: House) -> None:
    """The first of the order whose gate is shut does nothing, and is not said to; the one that
    answers is, as long as it takes, and the time is its own. What is known already is no work."""
    first, second = Named("model", shop, shut=True), Named("second", shop)
    shop.agents.sync({"second": AgentKind.ANALYST})
    shop.use(replace(shop.context, panel=Panel(Local(), [first, second])))
    scan(shop)
    assert second.seen == {"local", "second"}
    assert (one(shop, "model").state, one(shop, "model").executions) == (AgentState.IDLE, 0)
    assert [round(each.took_s) for each in shop.agents.entries("second")] == [3, 3]


# ---- counting ---------------------------------------------------------------------------


def test_a_scan_is_counted_as_what_each_did(shop: House) -> None:
    """Two questions and two documents; two readings; two answers of the model."""
    shop.with_model()
    scan(shop)
    shelf, local, model = (one(shop, name) for name in ("shelf", "local", "model"))
    assert (shelf.executions, shelf.found, shelf.read, shelf.failures) == (4, 2, 2, 0)
    assert (local.executions, local.read, model.executions, model.read) == (2, 2, 2, 2)
    assert (local.claims > 2, model.claims, model.withheld) == (True, 2, 2)
    assert {entry.what for entry in shop.agents.entries("shelf")} == {
        "PINE",
        "HRBR",
        f"document {shop.document('p3').id}",
        f"document {shop.document('h3').id}",
    }
    assert (shelf.scopes, shelf.state) == (2, AgentState.WORKING)
    shop.context.agents.rest(idle_s=0.0)
    assert {each.state for each in shop.agents.all()} == {AgentState.IDLE}


def test_a_second_scan_counts_its_questions_and_no_document_again(shop: House) -> None:
    shop.with_model()
    scan(shop)
    scan(shop)
    assert one(shop, "shelf").executions == 6
    assert (one(shop, "local").executions, one(shop, "model").executions) == (2, 2)


def test_a_document_without_results_was_read_all_the_same(shop: House) -> None:
    page = b"<html><body><p>Pinewood names a new board member.</p></body></html>"
    shop.source.put(PINE, "p4", Published(page, "text/html", 19))
    scan(shop)
    assert shop.state("p4") is DocumentState.IRRELEVANT
    assert one(shop, "local").read == 3  # and the release before it was looked at instead


def test_trouble_degrades_whose_it_is_and_nobody_else(shop: House) -> None:
    model = shop.with_model()
    shop.source.errors["PINE"] = CallFailed("shelf", "malformed JSON")
    model.trouble = CallFailed("model", "overloaded", accepted=False)
    scan(shop)
    shop.context.agents.rest(idle_s=0.0)
    shelf, asked = one(shop, "shelf"), one(shop, "model")
    assert (shelf.failures, shelf.last_error) == (1, "shelf: malformed JSON")
    assert (asked.state, asked.failures, asked.last_error) == (
        AgentState.DEGRADED,
        1,
        "model: overloaded",
    )
    assert one(shop, "local").failures == 0


def test_a_gate_that_is_shut_is_no_execution(shop: House) -> None:
    shop.source.errors["PINE"] = CircuitOpen("shelf", "open")
    shop.source.errors["HRBR"] = CircuitOpen("shelf", "open")
    scan(shop)
    assert one(shop, "shelf").executions == 0


def test_a_document_that_could_not_be_fetched_is_its_collectors_failure(shop: House) -> None:
    shop.source.shelves["PINE"]["p3"].content = CallFailed("shelf", "reset")
    scan(shop)
    assert [e.what for e in shop.agents.entries("shelf") if not e.is_success] == [
        f"document {shop.document('p3').id}"
    ]


# ---- pausing ----------------------------------------------------------------------------


def test_a_paused_collector_is_not_asked_and_the_scan_says_so(shop: House) -> None:
    shop.agents.pause("shelf", "ann on box", "audit")
    summary = scan(shop)
    assert shop.source.asked == shop.source.fetched == []
    assert summary["paused"]["shelf"].startswith("paused by ann on box since ")
    assert summary["said"].startswith("0 new documents; shelf is paused by ann on box since")
    assert summary["said"].endswith(": audit")
    shop.agents.resume("shelf")
    assert scan(shop)["analysed"] == 2


def test_one_that_is_paused_during_a_scan_is_asked_nothing_more(shop: House) -> None:
    """And what it listed before is fetched after the pause, not lost."""
    discover = shop.source.discover

    def pause_after_the_first(*arguments: object) -> object:
        found = discover(*arguments)  # type: ignore[arg-type]
        shop.agents.pause("shelf", "ann", "")
        return found

    shop.source.discover = pause_after_the_first  # type: ignore[method-assign, assignment]
    summary = scan(shop)
    assert len(shop.source.asked) <= 2  # two are asked at once
    assert shop.source.fetched == []
    assert summary["held_up"] == summary["new"] > 0
    assert summary["reasons"][0].startswith("shelf is paused by ann since")
    shop.source.discover = discover  # type: ignore[method-assign]
    shop.agents.resume("shelf")
    assert scan(shop)["analysed"] == 2


def test_a_paused_analyst_is_left_out_and_makes_up_for_it_later(shop: House) -> None:
    """Local shows meanwhile; nothing is paid; a document is asked about once in the end."""
    model = shop.with_model()
    shop.agents.pause("model", "ann on box", "too dear")
    summary = scan(shop)
    assert (summary["analysed"], summary["degraded"], model.asked) == (2, 2, 0)
    assert "model is paused by ann on box" in summary["said"]
    insights = shop.context.insights
    assert {i.analyst for i in insights.for_document(shop.document("p3").id)} == {"local"}
    scan(shop)
    assert model.asked == 0
    shop.agents.resume("model")
    scan(shop)
    scan(shop)
    assert model.asked == 2
    analyses = insights.analyses(shop.document("p3").id)
    assert (analyses[0].analyst, insights.unanswered()) == ("model", [])


def test_the_paused_writers_run_is_put_off_with_the_reason_in_the_ledger(shop: House) -> None:
    """Nothing is composed meanwhile, and the week is not lost."""
    scan(shop)
    shop.past(4)
    ledger = Ledger(shop.database, shop.clock)
    ledger.decide("weekly_summary", SLOT, shop.clock.now(), "run", "", "us")
    shop.agents.pause(WRITER, "ann on box", "new layout", 7200)
    assert shop.runner.run_slot("weekly_summary", SLOT) is not None
    kept, pause = ledger.get("weekly_summary", SLOT), shop.agents.paused()[WRITER]
    assert kept is not None
    assert (kept.state, kept.not_before) == (RunState.DEFERRED, pause.until)
    assert kept.reason.startswith("weekly: paused by ann on box since ")
    assert shop.context.reports.latest() is None
    by_hand = run_now(shop.context, shop.runner, "weekly_summary", week="2026-W47")
    assert by_hand.outcome is RunState.FAILED
    assert "agent resume weekly" in by_hand.error
    shop.agents.resume(WRITER)
    assert run_now(shop.context, shop.runner, "weekly_summary", week="2026-W47").error == ""
    assert one(shop, WRITER).executions == 1


def test_a_pause_without_an_end_is_looked_at_again_soon(shop: House) -> None:
    shop.past(4)
    ledger = shop.context.ledger
    ledger.decide("weekly_summary", SLOT, shop.clock.now(), "run", "", "us")
    shop.agents.pause(WRITER, "ann", "")
    shop.runner.run_slot("weekly_summary", SLOT)
    assert ledger.ready() == []
    shop.agents.resume(WRITER)
    shop.past(6 / 1440)
    assert [run.slot for run in ledger.ready()] == [SLOT]
    report = shop.runner.run_slot("weekly_summary", SLOT)
    assert report is not None
    assert report.outcome is RunState.SUCCEEDED
