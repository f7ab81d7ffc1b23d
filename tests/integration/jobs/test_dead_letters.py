"""What an outage stopped goes on by itself, over real stores and real policies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from earnings.analysts.base import Begin, PaidAnswer
from earnings.vocabulary import Company, DocumentState, Lead, RawDocument
from jobs.daily_earnings_scan import daily_earnings_scan
from jobs.dead_letters import DOCUMENT, OURS, ask_again
from jobs.job import Run, Summary
from jobs.replays import Replays
from jobs.work import WorkState
from resilience.breaker import BreakerState
from resilience.dead_letters import HEALTHY_FAILURES, MOST_AT_ONCE, PAUSES_S
from resilience.outcomes import CallFailed, Outcome
from resilience.quota import QuotaRule
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.testing import START
from storage.call_budget import Caps
from storage.dead_letters import DeadLetter, DeadLetters
from storage.paid_calls import PaidCallLedger
from storage.states import LetterState
from tests.integration.jobs.house import House, Model
from tests.integration.jobs.releases import HARBOR, PINE, release
from tests.unit.jobs.fakes import FakeSource, Published

pytestmark = pytest.mark.database

OPEN_S = 60.0
SPEC = PolicySpec(attempts=1, failure_threshold=3, failure_rate_pct=0, open_s=OPEN_S)
MANY = [Company(f"C{n:02}", f"Company {n}, Inc.") for n in range(20)]
DOWN = CallFailed("shelf", "connection refused", retryable=True, accepted=False)


class Server(FakeSource):
    """A shelf behind a policy. `trouble`: what it answers to everything, `broken`: to some;
    `has_list`: each document is looked up in its list first, which is always there."""

    def __init__(self, house: House) -> None:
        super().__init__(clock=house.clock)
        self.house = house
        self.trouble: CallFailed | None = None
        self.broken: dict[str, Exception] = {}
        self.has_list = False
        self.cost: dict[str, float] = {}
        self.calls: list[str] = []  # that reached it

    def fetch(self, lead: Lead) -> RawDocument:
        policy = self.house.context.policies.of(self.name)
        if self.has_list:
            policy.call(lambda: None)
        return policy.call(self._answer, lead, cost=self.cost)

    def _answer(self, lead: Lead) -> RawDocument:
        self.calls.append(lead.external_id)
        error = self.trouble or self.broken.get(lead.external_id)
        if error is not None:
            raise error
        return super().fetch(lead)


class Shop:
    """A house whose source and model stand behind policies, with dead letters."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.letters = DeadLetters(house.database)
        self.server = Server(house)
        self.policies = Policies({"shelf": SPEC, "model": SPEC, "default": SPEC}, house.clock)
        house.source = self.server
        house.use(
            replace(
                house.context,
                sources={"shelf": self.server},
                policies=self.policies,
                dead_letters=self.letters,
            )
        )

    def publish(self, *companies: Company) -> None:
        self.house.watch(*companies)
        for number, company in enumerate(companies):
            content = release(company, sales=f"1,2{number:02}.0")
            self.server.put(company, f"{company.ticker}-q3", Published(content, "text/html", 18))

    def scan(self) -> Summary:
        run = Run("daily_earnings_scan", "manual:test", self.house.clock.monotonic() + 600, {})
        return daily_earnings_scan(self.house.context, run)

    def tick(self) -> int:
        return Replays(self.house.context, self.letters).tick()

    def state(self, company: Company) -> DocumentState:
        return self.house.state(f"{company.ticker}-q3")

    def states(self) -> dict[DocumentState, int]:
        found = self.house.context.documents.by_state()
        return {state: count for state, count in found.items() if count}

    def letter(self, company: Company) -> DeadLetter:
        document = self.house.document(f"{company.ticker}-q3")
        found = self.letters.find(DOCUMENT, str(document.id))
        assert found is not None
        return found

    def others_are_served(self) -> None:
        self.policies.of("shelf").call(lambda: None)

    def wait_over(self) -> None:
        self.house.clock.wait(self.policies.of("shelf").spec.max_open_s)


@pytest.fixture
def shop(house: House) -> Shop:
    return Shop(house)


# ---- an outage --------------------------------------------------------------------------


def test_twenty_documents_of_an_outage_are_read_without_another_scan(shop: Shop) -> None:
    """Three calls find out, the others do not reach the server. When it is back, and the
    breaker's wait is over, one document is its trial call and the rest follow it."""
    shop.publish(*MANY)
    shop.server.trouble = DOWN
    summary = shop.scan()
    assert len(shop.server.calls) == SPEC.failure_threshold
    assert summary["held_up"] + summary["failed_documents"] == len(MANY)
    assert {one.cause for one in shop.letters.waiting(limit=99)} == {"outage"}
    assert len(shop.letters.waiting(limit=99)) == len(MANY)

    shop.server.trouble = None
    shop.server.calls.clear()
    assert shop.tick() == 0  # the wait is not over
    assert shop.server.calls == []
    shop.house.clock.wait(OPEN_S)
    assert shop.policies.explain("shelf").passes
    assert shop.tick() == len(MANY)
    assert shop.states() == {DocumentState.ANALYSED: len(MANY)}
    assert sorted(shop.server.calls) == sorted(f"{company.ticker}-q3" for company in MANY)
    assert shop.letters.waiting() == []
    assert {shop.letter(company).state for company in MANY} == {LetterState.RESOLVED}
    assert shop.policies.of("shelf").status().state is BreakerState.CLOSED


def test_while_the_service_is_down_one_trial_at_a_time_reaches_it(shop: Shop) -> None:
    """Each wait that is over costs one call, of another document each time; no document is
    blamed for it, and none is given up however long it lasts."""
    shop.publish(*MANY[:6])
    shop.server.trouble = DOWN
    shop.scan()
    shop.server.calls.clear()
    for _ in range(12):
        shop.wait_over()
        before = len(shop.server.calls)
        assert shop.tick() == 1
        assert len(shop.server.calls) == before + 1
    assert len(set(shop.server.calls)) == 6
    assert {one.cause for one in shop.letters.waiting()} == {"outage"}
    attempts = [shop.house.document(f"{one.ticker}-q3").attempts for one in MANY[:6]]
    assert sum(attempts) <= SPEC.failure_threshold  # before it was known to be down
    shop.server.trouble = None
    shop.wait_over()
    shop.tick()
    assert shop.states() == {DocumentState.ANALYSED: 6}


def test_a_document_that_breaks_its_service_is_not_every_trial(shop: Shop) -> None:
    """It fails as a trial; the next one is another document's and closes the circuit. Then it
    fails on, while others are served: it is poison."""
    shop.publish(*MANY[:5])
    shop.server.trouble = DOWN
    shop.scan()
    bad = MANY[3]
    shop.server.trouble = None
    shop.server.broken = {f"{bad.ticker}-q3": CallFailed("shelf", "HTTP 500")}
    for _ in range(3):
        shop.wait_over()
        shop.tick()
    assert [one for one in MANY[:5] if shop.state(one) is not DocumentState.ANALYSED] == [bad]
    for _ in range(HEALTHY_FAILURES):
        shop.wait_over()
        shop.others_are_served()
        shop.tick()
    letter = shop.letter(bad)
    assert (letter.state, letter.cause) == (LetterState.WAITING, "poison")
    assert letter.payload["failed_while_healthy"] == HEALTHY_FAILURES
    assert shop.server.calls.count(f"{bad.ticker}-q3") < HEALTHY_FAILURES + 7


def test_a_gate_that_a_person_shut_keeps_replays_back_as_well(shop: Shop) -> None:
    shop.publish(PINE)
    shop.policies.of("shelf").hold(why="maintenance")
    assert shop.scan()["held_up"] == 1
    assert shop.letter(PINE).cause == "outage"
    assert shop.tick() == 0
    shop.policies.of("shelf").close()
    assert shop.tick() == 1
    assert shop.state(PINE) is DocumentState.ANALYSED


def test_several_replays_begin_together_and_no_more(shop: Shop) -> None:
    """With work that takes a while, so many are under way at most."""
    shop.publish(*MANY)
    shop.policies.of("shelf").hold()
    shop.scan()
    shop.policies.of("shelf").close()
    del shop.house.engine.fns[DOCUMENT]  # what is queued stays queued
    assert shop.tick() == MOST_AT_ONCE
    assert shop.tick() == 0
    replaying = shop.letters.in_state(LetterState.REPLAYING)
    assert len(replaying) == MOST_AT_ONCE


def test_a_circuit_that_a_person_switched_off_lets_no_replay_storm_through(shop: Shop) -> None:
    """Nothing holds replays back then but their own pauses, which grow."""
    shop.publish(*MANY[:5])
    shop.policies.of("shelf").disable()
    shop.server.trouble = DOWN
    shop.scan()
    for _ in range(180):
        shop.tick()
        shop.house.clock.wait(5)
    assert max(shop.server.calls.count(f"{one.ticker}-q3") for one in MANY[:5]) < 9
    assert {one.cause for one in shop.letters.waiting()} == {"outage"}
    shop.server.trouble = None
    shop.house.clock.wait(600)
    shop.tick()
    assert shop.states() == {DocumentState.ANALYSED: 5}


# ---- duplicates and crashes -------------------------------------------------------------


def test_a_document_that_is_queued_already_is_not_queued_twice(shop: Shop) -> None:
    """A scan wants it too: the letter waits until that work has ended."""
    shop.publish(PINE)
    shop.policies.of("shelf").hold()
    shop.scan()
    shop.policies.of("shelf").close()
    way = shop.house.engine.fns.pop(DOCUMENT)
    assert shop.tick() == 1
    assert shop.letters.back(shop.letter(PINE).id)  # as after its process died
    queued = [work_id for _, work_id, _ in shop.house.engine.enqueued]
    assert shop.tick() == 0
    assert shop.letter(PINE).state is LetterState.WAITING
    assert [work_id for _, work_id, _ in shop.house.engine.enqueued] == queued
    shop.house.engine.finish(queued[-1], WorkState.GIVEN_UP)
    shop.house.engine.fns[DOCUMENT] = way
    assert shop.tick() == 1
    assert shop.state(PINE) is DocumentState.ANALYSED


def test_a_replay_whose_process_died_is_taken_up_by_another(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It claimed the letter and queued nothing: after a while the letter waits again."""
    shop.publish(PINE)
    shop.policies.of("shelf").hold()
    shop.scan()
    shop.policies.of("shelf").close()
    assert shop.letters.claim_for_replay(1)
    assert shop.tick() == 0
    monkeypatch.setattr("jobs.replays.STALE_S", -1.0)
    assert shop.tick() == 1
    assert shop.state(PINE) is DocumentState.ANALYSED


def test_whoever_reads_it_first_resolves_the_letter(shop: Shop) -> None:
    """Tomorrow's scan, a scan by hand: there is nothing left to replay."""
    shop.publish(PINE)
    shop.policies.of("shelf").hold()
    shop.scan()
    shop.policies.of("shelf").close()
    shop.scan()
    assert shop.letter(PINE).state is LetterState.RESOLVED
    assert shop.tick() == 0


def test_a_letter_of_a_document_that_is_gone_is_resolved(shop: Shop) -> None:
    shop.letters.put("shelf", DOCUMENT, "999", {}, "down", "outage")
    shop.letters.put("shelf", "another kind", "1", {}, "down", "outage")
    assert shop.tick() == 0
    assert [one.kind for one in shop.letters.waiting()] == ["another kind"]


# ---- poison -----------------------------------------------------------------------------


def test_one_that_fails_while_others_are_served_waits_for_a_person(shop: Shop) -> None:
    """Six calls in all, with longer and longer pauses; then it stays where it is."""
    shop.publish(*MANY[:4])
    bad = MANY[0]
    shop.server.broken = {f"{bad.ticker}-q3": CallFailed("shelf", "HTTP 500")}
    shop.server.has_list = True
    shop.scan()
    began = shop.house.clock.monotonic()
    called_at = [0.0]
    while shop.letter(bad).cause == "outage" and called_at[-1] < 2 * sum(PAUSES_S):
        assert shop.state(bad) is DocumentState.DISCOVERED
        if shop.tick():
            called_at.append(shop.house.clock.monotonic() - began)
        shop.house.clock.wait(5)
    assert sum(PAUSES_S) <= called_at[-1] < sum(PAUSES_S) + 5 * HEALTHY_FAILURES
    for _ in range(9):
        assert shop.tick() == 0
        shop.house.clock.wait(600)
    assert shop.server.calls.count(f"{bad.ticker}-q3") == HEALTHY_FAILURES
    assert (shop.letter(bad).state, shop.letter(bad).cause) == (LetterState.WAITING, "poison")
    assert shop.state(bad) is DocumentState.FAILED


def test_a_service_that_is_ill_in_part_gives_no_document_up(shop: Shop) -> None:
    """Its listing answers, its documents do not, for ten minutes: it looks healthy all the time.
    Every document is read once it is well again, and none has used up an attempt."""
    shop.publish(*MANY[:6])
    shop.server.has_list = True
    shop.server.broken = {f"{one.ticker}-q3": DOWN for one in MANY[:6]}
    shop.scan()
    for _ in range(60):
        shop.tick()
        shop.house.clock.wait(10)
    assert {one.cause for one in shop.letters.waiting()} == {"outage"}
    assert {shop.house.document(f"{one.ticker}-q3").attempts for one in MANY[:6]} == {0}
    shop.server.broken = {}
    for _ in range(60):
        shop.tick()
        shop.house.clock.wait(10)
    assert shop.states() == {DocumentState.ANALYSED: 6}


def test_a_mistake_of_our_own_is_poison_at_once(shop: Shop) -> None:
    shop.publish(PINE, HARBOR)
    shop.server.broken = {"PINE-q3": ZeroDivisionError("a bug")}
    summary = shop.scan()
    assert (summary["failed_documents"], summary["analysed"]) == (1, 1)
    letter = shop.letter(PINE)
    assert (letter.service, letter.cause) == (OURS, "poison")
    assert letter.error == "ZeroDivisionError: a bug"
    assert letter.payload["step"] == "fetch"
    assert shop.tick() == 0


def test_a_person_may_have_poison_tried_again(shop: Shop) -> None:
    shop.publish(PINE)
    shop.server.broken = {"PINE-q3": ZeroDivisionError("a bug")}
    shop.scan()
    assert shop.tick() == 0
    shop.server.broken = {}
    ask_again(shop.letters, shop.letter(PINE))
    assert shop.tick() == 1
    assert shop.state(PINE) is DocumentState.ANALYSED
    assert shop.letter(PINE).state is LetterState.RESOLVED


def test_what_the_other_side_refuses_is_no_dead_letter(shop: Shop) -> None:
    """403 for this document is its answer; later scans and the summary have it."""
    shop.publish(PINE)
    refusal = CallFailed("shelf", "403 (Forbidden)", outcome=Outcome.NEUTRAL)
    shop.server.broken = {"PINE-q3": refusal}
    assert shop.scan()["failed_documents"] == 1
    assert shop.letters.waiting() == []


# ---- paid questions ---------------------------------------------------------------------


class GuardedModel(Model):
    """A model whose calls go through its policy."""

    def __init__(self, shop: Shop) -> None:
        super().__init__()
        self._shop = shop

    def _call(self, begin: Begin) -> PaidAnswer:
        return self._shop.policies.of("model").call(super()._call, begin)


@pytest.fixture
def asking(shop: Shop) -> Shop:
    shop.house.model = GuardedModel(shop)
    shop.house.with_model()
    shop.publish(PINE)
    return shop


def test_a_document_whose_analyst_was_down_is_asked_about_when_it_is_back(asking: Shop) -> None:
    model = asking.house.model
    model.trouble = CallFailed("model", "connection refused", accepted=False)
    assert asking.scan()["degraded"] == 1
    letter = asking.letter(PINE)
    assert (letter.service, letter.cause, letter.payload["step"]) == ("model", "outage", "ask")
    model.trouble = None
    assert asking.tick() == 1
    assert asking.letter(PINE).state is LetterState.RESOLVED
    document = asking.house.document("PINE-q3")
    analyses = asking.house.context.insights.analyses(document.id)
    assert [one.analyst for one in analyses] == ["model", "local"]
    assert model.asked == 2
    assert asking.tick() == 0


def test_a_question_that_may_have_been_paid_for_is_never_asked_again(asking: Shop) -> None:
    """Neither as a letter of its own nor by a replay of what stopped earlier."""
    model = asking.house.model
    model.trouble = CallFailed("model", "HTTP 500")  # it may have been taken
    asking.scan()
    assert asking.letters.waiting() == []
    document = asking.house.document("PINE-q3")
    asking.letters.put("model", DOCUMENT, str(document.id), {"step": "ask"}, "down", "outage")
    model.trouble = None
    assert asking.tick() == 1
    assert model.asked == 1
    (doubtful,) = asking.house.context.paid_calls.in_doubt()
    assert doubtful.key.provider == "model"
    assert asking.letter(PINE).state is LetterState.RESOLVED  # a replay can do nothing for it


def test_a_quota_of_what_only_the_call_knows_is_waited_for(shop: Shop) -> None:
    """An account of units: the policy lets through whatever takes none."""
    rule = QuotaRule("units", limit=1)
    spec = replace(SPEC, quotas=(rule,))
    policies = Policies({"shelf": spec, "default": SPEC}, shop.house.clock)
    shop.policies = policies
    shop.house.use(replace(shop.house.context, policies=policies))
    shop.server.cost = {"units": 1.0}
    shop.publish(PINE, HARBOR)
    shop.scan()
    assert len(shop.server.calls) == 1
    assert shop.tick() == 0, "it would be turned away again"
    shop.house.past(days=1)
    assert shop.tick() == 1
    assert shop.states() == {DocumentState.ANALYSED: 2}


def test_a_spent_budget_is_waited_for_and_not_tried_before(asking: Shop) -> None:
    """Its letter knows when the day of the budget ends; no policy does."""
    context = asking.house.context
    ledger = PaidCallLedger(
        asking.house.database,
        "us",
        is_dead=lambda _: False,
        caps={"model": Caps(daily_usd=Decimal("0.001"))},
        clock=asking.house.clock,
    )
    asking.house.use(replace(context, paid_calls=ledger))
    asking.scan()
    letter = asking.letter(PINE)
    assert letter.payload["retry_at"] == (START + timedelta(hours=12)).isoformat()
    assert asking.tick() == 0
    asking.house.use(replace(asking.house.context, paid_calls=context.paid_calls))
    asking.house.clock.wait(12 * 3600)
    assert asking.tick() == 1
    assert asking.house.model.asked == 1
