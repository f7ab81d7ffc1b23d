"""A question does not wait for a batch that cannot be sent while somebody else would answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from earnings.analysts.base import Answer, Begin, CallKey, PaidAnswer, PaidCalls, Question, Usage
from earnings.analysts.local import Local
from earnings.analysts.panel import Panel
from jobs.agents import configured
from resilience.outcomes import CallError, CallFailed, Rejected
from resilience.registry import Policies
from resilience.spec import PolicySpec
from storage.agents import Agents
from storage.call_budget import ALL, Caps
from storage.states import BatchState
from tests.integration.jobs.house import House, Model
from tests.integration.jobs.test_batches import RULES, Shop
from tests.unit.storage.paying import paying

pytestmark = pytest.mark.database

NEXT_DAY = "2026-11-23T07:00"


class Next(Model):
    """The analyst that is asked when the model has no answer; takes no batches."""

    @property
    def name(self) -> str:
        return "next"

    def analyse(self, question: Question, paid: PaidCalls) -> Answer:
        key = CallKey("next", "n-1", "p-1", question.sha256)
        paid.once(key, Decimal(0), self._free)
        said = super().analyse(question, _Answered())
        return replace(said, analyst="next", model="n-1")

    def _free(self, begin: Begin) -> PaidAnswer:
        begin()
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        return PaidAnswer({"ok": True}, Usage(10, 0, 0, 5))


class _Answered:
    """The double's own question to itself, which nobody counts."""

    def once(self, *asked: object, **further: object) -> PaidAnswer:
        return PaidAnswer({"ok": True}, Usage(10, 0, 0, 5))


class Street:
    """A shop, and who is asked next."""

    def __init__(self, house: House) -> None:
        house.policies = Policies({"default": PolicySpec(attempts=1)}, house.clock)
        house.use(replace(house.context, policies=house.policies))
        self.shop = Shop(house)
        self.next = Next()
        self.house = house
        house.agents.sync(configured([house.source.name], ["model", "next"]))
        house.use(replace(house.context, panel=Panel(Local(), [house.model, self.next])))
        self.shop.batcher = self.shop.process("us")
        self.shop.publish("H", "P")

    def reader(self, name: str = "H") -> str:
        document = self.house.document(name)
        return self.house.context.insights.analyses(document.id)[0].analyst

    def waiting(self) -> int:
        return self.shop.store("judge").waiting("model").calls


@pytest.fixture
def street(house: House) -> Street:
    return Street(house)


def open_breaker(street: Street) -> None:
    street.house.policies.of("model").force_open("it was down")


def held(street: Street) -> None:
    street.house.policies.of("model").hold(None, "a person holds it")


def long_pause(street: Street) -> None:
    street.house.policies.of("model").pause(1800)


def key_refused(street: Street) -> None:
    again = street.house.clock.now() + timedelta(hours=1)
    street.shop.provider.refusal = Rejected("model", "refused the key", again)


def paused(street: Street) -> None:
    Agents(street.house.database).pause("model", "anna", "too dear")


def cap_reached(street: Street) -> None:
    street.shop.caps["model"] = Caps(daily_usd=Decimal("0.004"))
    street.shop.batcher = street.shop.process("us")


SHUT = [open_breaker, held, long_pause, key_refused, cap_reached]


@pytest.mark.parametrize("shut", SHUT)
def test_whoever_comes_next_is_asked_at_once(
    street: Street, shut: Callable[[Street], None]
) -> None:
    """In the scan itself: nothing joins a queue that is not sent."""
    shut(street)
    summary = street.shop.scan()
    assert (summary["later"], summary["degraded"], street.next.asked) == (0, 0, 2)
    assert (street.reader("H"), street.reader("P"), street.waiting()) == ("next", "next", 0)
    assert street.shop.paid_singly() == 0


@pytest.mark.parametrize("shut", [*SHUT, paused])
def test_what_waits_already_is_taken_back(street: Street, shut: Callable[[Street], None]) -> None:
    """Within one tick, and asked of whoever comes next; nothing is sent later."""
    assert street.shop.scan()["later"] == 2
    shut(street)
    street.house.model.trouble = CallFailed("model", "down", accepted=False)
    street.shop.gathered()
    street.shop.batcher.tick()
    assert (street.waiting(), street.shop.provider.taken) == (0, {})
    assert (street.reader("H"), street.reader("P"), street.next.asked) == ("next", "next", 2)
    assert street.shop.scan(NEXT_DAY)["later"] == 0
    assert street.house.context.paid_calls.in_doubt() == ()


@pytest.mark.parametrize(
    "trouble",
    [
        CallFailed("model", "overloaded", retryable=True, accepted=False),
        Rejected("model", "refused the key"),
    ],
)
def test_a_batch_that_was_turned_away_gives_way(street: Street, trouble: CallError) -> None:
    street.shop.scan()
    street.shop.provider.trouble = trouble
    street.house.model.trouble = trouble
    assert street.shop.send().state is BatchState.REFUSED
    street.shop.batcher.tick()
    assert (street.waiting(), street.reader("H"), street.reader("P")) == (0, "next", "next")


def test_what_was_sent_is_never_taken_back(street: Street) -> None:
    """Whatever happens to its provider: it may be paid for, and is asked of nobody else."""
    street.shop.scan()
    assert street.shop.send().state is BatchState.SENT
    for shut in SHUT:
        shut(street)
        street.shop.looked()
        street.shop.batcher.tick()
    assert (street.shop.batch().state, street.next.asked) == (BatchState.SENT, 0)
    assert (street.reader("H"), street.shop.scan(NEXT_DAY)["later"]) == ("local", 0)
    street.shop.answer()
    assert (street.reader("H"), street.next.asked) == ("model", 0)
    assert list(street.shop.provider.billed.values()) == [1, 1]


def test_a_batch_that_may_have_been_taken_is_not_taken_back(street: Street) -> None:
    street.shop.scan()
    street.shop.provider.trouble_after = CallFailed("model", "timed out", accepted=True)
    assert street.shop.send().state is BatchState.INTENT
    street.shop.provider.trouble_after = None
    held(street)
    street.shop.batcher.tick()
    assert (street.next.asked, street.reader("H")) == (0, "local")
    street.shop.answer()
    street.shop.batcher.tick()
    assert (street.reader("H"), len(street.shop.provider.taken)) == ("model", 1)


def test_only_what_the_cap_has_no_room_for_gives_way(street: Street) -> None:
    street.shop.scan()
    street.shop.caps["model"] = Caps(daily_usd=Decimal("0.006"))
    ledger = street.house.context.paid_calls
    ledger._caps["model"] = street.shop.caps["model"]
    street.shop.batcher = street.shop.process("us")
    assert street.shop.send().requests == 1
    street.shop.batcher.tick()
    assert (street.waiting(), street.next.asked) == (0, 1)
    street.shop.answer()
    assert {street.reader("H"), street.reader("P")} == {"model", "next"}
    assert sum(street.shop.provider.billed.values()) == 1


def test_the_cap_over_all_holds_for_batches_too(street: Street) -> None:
    """What another provider took leaves room for one of two questions; the other gives way."""
    took = CallKey("paid", "x", "p", "c" * 64)
    usage = Usage(1, 0, 0, 1, Decimal("0.094"))
    ledger = street.house.context.paid_calls
    ledger.once(took, Decimal("0.01"), paying(lambda: PaidAnswer({}, usage)))
    street.shop.scan()
    ledger._caps[ALL] = street.shop.caps[ALL] = Caps(monthly_usd=Decimal("0.1"))
    street.shop.batcher = street.shop.process("us")
    assert street.shop.send().requests == 1
    street.shop.batcher.tick()
    assert (street.waiting(), street.next.asked, street.shop.paid_singly()) == (0, 1, 0)


def test_a_question_that_somebody_else_answered_meanwhile_is_not_sent(street: Street) -> None:
    """A scan by hand met a shut door before it could take the question out of the queue."""
    street.shop.scan()
    open_breaker(street)
    street.house.model.trouble = Rejected("model", "the circuit is open")
    street.shop.scan_by_hand()
    assert street.reader("H") == "next"
    street.house.policies.of("model").close()
    street.shop.gathered()
    street.shop.batcher.tick()
    assert (street.waiting(), street.shop.provider.taken) == (0, {})


def test_a_short_pause_is_worth_half_the_price(street: Street) -> None:
    street.house.policies.of("model").pause(60)
    assert (street.shop.scan()["later"], street.next.asked) == (2, 0)


def test_where_nobody_comes_next_it_waits(street: Street) -> None:
    """Until the door opens, and is then sent for half the price."""
    Agents(street.house.database).pause("next", "anna", "away")
    street.house.policies.of("model").hold(60, "a person holds it")
    assert (street.shop.scan()["later"], street.waiting()) == (2, 2)
    street.shop.gathered()
    street.shop.provider.away = Rejected("model", "held", None)
    street.shop.batcher.tick()
    assert street.waiting() == 2
    street.shop.provider.away = None
    street.house.clock.wait(3600)
    street.shop.batcher.tick()
    assert street.shop.batch().state is BatchState.SENT


# ---- when the door opens again -----------------------------------------------------------


def read_by_the_next(street: Street) -> None:
    open_breaker(street)
    assert street.shop.scan()["degraded"] == 0
    assert street.reader("H") == "next"
    street.house.policies.of("model").close()


def test_who_answered_for_whom_is_told(street: Street) -> None:
    """In the summary, in a sentence, and beside the analysis; nothing is degraded silently."""
    open_breaker(street)
    summary = street.shop.scan()
    ((said, count),) = summary["instead"].items()
    assert (said.startswith("next instead of model: "), count) == (True, 2)
    assert "2 read by next instead of model: " in summary["said"]
    since = street.house.clock.now() - timedelta(days=1)
    (stand_in,) = street.house.context.insights.stand_ins(since)
    assert (stand_in.analyst, stand_in.instead_of, stand_in.documents) == ("next", "model", 2)
    assert "it was down" in stand_in.why


def test_what_somebody_else_answered_is_not_paid_for_again(street: Street) -> None:
    """By no later scan, unless that is configured."""
    read_by_the_next(street)
    for slot in (NEXT_DAY, "manual:1"):
        assert street.shop.scan(slot)["later"] == 0
    assert (street.shop.paid_singly(), street.waiting()) == (0, 0)


@pytest.mark.parametrize("slot", [NEXT_DAY, "manual:1"])
def test_an_upgrade_is_asked_for_once(street: Street, slot: str) -> None:
    """In a batch by a scheduled scan, at once by hand; then it is the model's turn no more."""
    read_by_the_next(street)
    street.house.use(replace(street.house.context, upgrades=True))
    street.shop.batcher = street.shop.process("us", replace(RULES, upgrades=True))
    street.shop.scan(slot)
    if slot == NEXT_DAY:
        assert (street.waiting(), street.reader("H")) == (2, "next")
        assert street.shop.send().requests == 2
        street.shop.answer()
    assert (street.reader("H"), street.reader("P"), street.next.asked) == ("model", "model", 2)
    assert sum(street.shop.provider.billed.values()) + street.shop.paid_singly() == 2
    assert street.shop.scan("manual:2")["instead"] == {}
    assert sum(street.shop.provider.billed.values()) + street.shop.paid_singly() == 2


def test_an_upgrade_waits_for_the_budget(street: Street) -> None:
    read_by_the_next(street)
    street.house.use(replace(street.house.context, upgrades=True))
    street.house.context.paid_calls._caps["model"] = Caps(daily_usd=Decimal("0.004"))
    street.shop.scan("manual:1")
    assert (street.shop.paid_singly(), street.reader("H"), street.next.asked) == (0, "next", 2)


def test_a_useless_upgrade_is_not_asked_for_again(street: Street) -> None:
    """It was paid for, and would be no other."""
    read_by_the_next(street)
    street.house.use(replace(street.house.context, upgrades=True))
    street.house.model.no_answer = "cut off"
    street.shop.scan("manual:1")
    assert (street.shop.paid_singly(), street.reader("H")) == (2, "next")
    assert street.house.context.insights.unanswered(10, upgrade=True) == []
