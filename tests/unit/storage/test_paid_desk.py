"""storage.paid_desk: a person's word on a call in doubt, once, and never over an answer."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest

from earnings.analysts.base import CallInDoubt, CallKey, PaidAnswer, Usage
from resilience.outcomes import CallFailed
from resilience.testing import FakeClock
from storage.call_budget import BudgetExhausted, Caps
from storage.database import Database
from storage.insights import Insights
from storage.paid_calls import PaidCallLedger
from storage.paid_desk import OPEN, PaidDesk
from storage.states import CallState
from tests.unit.storage.paying import paying, unasked

pytestmark = pytest.mark.database

SHA = "a" * 64
KEY = CallKey("claude", "model-x", "7", SHA)
OTHER = CallKey("claude", "model-x", "7", "b" * 64)
CENT = Decimal("0.01")
ANSWER = PaidAnswer({"text": "ok"}, Usage(10, 1, 2, 5, Decimal("0.004")))
_DOCUMENT = """
insert into company (ticker, name) values ('ACME', 'Acme');
insert into document (source, external_id, ticker, title, sha256)
    values ('inbox', 'd1', 'ACME', 'Third quarter', repeat('a', 64));
insert into document_text (document_id, reader, text) values (1, 'html-1', 'Net sales rose.');
insert into analysis (document_id, text_id, analyst, model, prompt_version, is_current,
                      is_results, degraded)
    values (1, 1, 'local', 'rules-1', '1', true, true, true);
insert into instance (executor, name, kind, pid, host) values ('ex-1', 'main', 'daemon', 7, 'box');
"""


@pytest.fixture
def ledger(database: Database, clock: FakeClock) -> PaidCallLedger:
    return a_ledger(database, clock)


@pytest.fixture
def desk(database: Database, clock: FakeClock) -> PaidDesk:
    return PaidDesk(database, clock)


def a_ledger(database: Database, clock: FakeClock, caps: Caps | None = None) -> PaidCallLedger:
    limits = {"claude": caps} if caps else None
    return PaidCallLedger(database, "ex-1", is_dead=lambda _: False, caps=limits, clock=clock)


def execute(database: Database, sql: str) -> None:
    with database.transaction() as tx:
        tx._connection.cursor().execute(sql)


def doubt(ledger: PaidCallLedger, key: CallKey = KEY) -> None:
    """It times out after it may have been taken."""

    def call() -> PaidAnswer:
        raise CallFailed("claude", "timed out", accepted=True)

    with pytest.raises(CallFailed):
        ledger.once(key, CENT, paying(call))


def test_a_doubt_names_its_document_and_who_asked(
    database: Database, ledger: PaidCallLedger, desk: PaidDesk
) -> None:
    execute(database, _DOCUMENT)
    doubt(ledger)
    doubt(ledger, OTHER)
    first, second = desk.listed([CallState.IN_DOUBT])
    assert (first.title, first.ticker, first.document_id) == ("Third quarter", "ACME", 1)
    assert (first.asker.instance, first.asker.pid, first.asker.host) == ("main", 7, "box")
    assert (first.estimate_usd, first.taken_usd, first.reason) == (
        CENT, CENT, "CallFailed: claude: timed out",
    )  # fmt: skip
    assert second.title is None
    assert desk.get(first.id) == first
    assert desk.get(999) is None
    assert desk.listed([CallState.ANSWERED]) == []
    assert len(desk.listed(OPEN)) == 2


def test_released_it_is_asked_once_more_and_both_count(
    database: Database, clock: FakeClock, desk: PaidDesk
) -> None:
    """What the first asking may have cost stays counted beside what the second did."""
    ledger = a_ledger(database, clock, Caps(daily_usd=Decimal("0.0239")))
    doubt(ledger)
    assert desk.retry(1, "asked again by ann")
    assert ledger.once(KEY, CENT, paying(lambda: ANSWER)) == ANSWER
    (call,) = desk.listed([CallState.ANSWERED])
    assert (call.cost_usd, call.taken_usd, call.asked) == (Decimal("0.004"), Decimal("0.014"), 2)
    with pytest.raises(BudgetExhausted, match=r"0\.0140 spent or open"):
        ledger.once(OTHER, CENT, paying(lambda: ANSWER))


def test_released_and_known_not_to_be_billed_it_counts_nothing(
    ledger: PaidCallLedger, desk: PaidDesk
) -> None:
    doubt(ledger)
    assert desk.retry(1, "not on the invoice", billed=False)
    call = desk.get(1)
    assert call is not None
    assert (call.state, call.taken_usd) == (CallState.REFUSED, Decimal(0))


@pytest.mark.parametrize(("billed", "taken"), [(None, CENT), (True, CENT), (False, Decimal(0))])
def test_dropped_it_is_never_asked_again(
    ledger: PaidCallLedger, desk: PaidDesk, billed: bool | None, taken: Decimal
) -> None:
    """Whatever asks for it; its estimate stays counted unless it is known not to be billed."""
    doubt(ledger)
    assert desk.drop(1, "given up by ann on box", billed=billed)
    with pytest.raises(CallInDoubt, match="is not asked: given up by ann on box"):
        ledger.once(KEY, CENT, unasked)
    assert ledger.recover() == 0
    call = desk.get(1)
    assert call is not None
    assert (call.state, call.taken_usd, call.billed) == (CallState.DROPPED, taken, billed)


def test_the_documents_of_a_dropped_call_wait_no_longer(
    database: Database, ledger: PaidCallLedger, desk: PaidDesk
) -> None:
    """For good: also if the local rules read them once more meanwhile."""
    execute(database, _DOCUMENT)
    doubt(ledger)
    insights = Insights(database)
    assert insights.unanswered(10) == [1]
    assert desk.documents(SHA) == [1]
    assert desk.drop(1, "given up")
    assert insights.unanswered(10) == []
    assert desk.documents(SHA) == []
    execute(database, "update analysis set degraded = true")
    assert insights.unanswered(10) == []


def test_a_call_that_is_not_in_doubt_is_left_alone(ledger: PaidCallLedger, desk: PaidDesk) -> None:
    ledger.once(KEY, CENT, paying(lambda: ANSWER))
    assert not desk.drop(1, "x")
    assert not desk.retry(1, "x")
    assert not desk.retry(2, "x")
    (call,) = desk.listed([CallState.ANSWERED])
    assert (call.reason, call.taken_usd) == ("", Decimal("0.004"))


def test_a_late_answer_wins_over_the_person_who_comes_after_it(
    database: Database, clock: FakeClock, desk: PaidDesk
) -> None:
    """The asker was only slow: its answer is bought, so nothing is left to decide."""
    ledger = a_ledger(database, clock)

    def overtaken() -> PaidAnswer:
        execute(database, "update paid_call set state = 'in_doubt', reason = 'thought dead'")
        return ANSWER

    assert ledger.once(KEY, CENT, paying(overtaken)) == ANSWER
    assert not desk.drop(1, "given up")
    call = desk.get(1)
    assert call is not None
    assert call.state is CallState.ANSWERED


def test_of_many_people_one_decides(
    database: Database, ledger: PaidCallLedger, desk: PaidDesk
) -> None:
    """Two drop and two release at the same instant: one of the four is obeyed."""
    doubt(ledger)
    gate = threading.Barrier(4)
    won: list[str] = []

    def decide(order: str) -> None:
        gate.wait(10)
        if getattr(desk, order)(1, order):
            won.append(order)

    threads = [threading.Thread(target=decide, args=(each,)) for each in ("retry", "drop") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    call = desk.get(1)
    assert call is not None
    assert len(won) == 1
    assert call.state is {"retry": CallState.REFUSED, "drop": CallState.DROPPED}[won[0]]
