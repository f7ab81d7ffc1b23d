"""The verdict must fail: each thing that a storm looks for, put into evidence that is else good."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from chaos.evidence import Blow, Evidence
from chaos.plan import OF_SERVER, Fault
from chaos.verdict import judge
from storage.aftermath import Unsettled
from tests.unit.chaos.evidence import (
    DOCUMENTS,
    DOUBTFUL,
    SLOTS,
    billed,
    breached,
    call,
    checked,
    document,
    evidence,
    name,
    slot,
)

ALL = tuple(DOCUMENTS)
LOST, TWICE = "documents lost", "paid twice"
DIRECT, BATCHES = "in doubt, asked directly", "in doubt, in batches"
SLOT, NOWHERE = "slots with one decision", "answers from nowhere"


def test_good_evidence_is_met_line_for_line() -> None:
    """Also a call in doubt, if it is parked and listed; every line was judged by something."""
    lines = checked(evidence())
    assert {line.met for line in lines.values()} == {True}
    assert lines[LOST].got == "0 of 6 (5 answered, 1 parked in doubt)"
    assert lines[DIRECT].got == "1 listed, 0 not, of 4"
    assert lines["kill -9 of daemons"].got == "2, and 1 of scans by hand; 1 of 2 blows hit work"


def test_an_early_end_judges_only_what_stands() -> None:
    """What is still on its way is no breach then; a double payment is one."""
    again = billed(3, answer="msg_again")
    found = evidence(
        documents=[],
        unsettled=Unsettled(3, 1, 0, 6),
        billed=[*map(billed, ALL), again],
        wanted_kills=200,
    )
    judged = {line.name: line.met for line in judge(found, interrupted=True)}
    assert [name for name, met in judged.items() if met is False] == [TWICE]
    assert judged[LOST] is None


def test_what_was_not_tried_is_not_met() -> None:
    """Without faults, documents, calls and slots nothing is proven, and nothing says it was."""
    nothing = evidence(
        listed=replace(evidence().listed, accessions=(), sha256={}),
        billed=[],
        blows=[],
        requeued_s=[],
        expected_slots=[],
        documents=[],
        calls=[],
        listed_doubts=frozenset(),
        slots=[],
        fenced=0,
        wanted_kills=0,
    )
    judged = {line.name: line.met for line in checked(nothing).values()}
    settled = {"everything settled": True, "daemons that ended by themselves": True}
    assert judged == dict.fromkeys(judged, None) | settled


# ---- documents --------------------------------------------------------------------------


def without(number: int) -> Evidence:
    return evidence(documents=[document(each) for each in ALL if each != number])


def spoilt(number: int, **changes: object) -> Evidence:
    rest = [document(each) for each in ALL if each != number]
    return evidence(documents=[*rest, document(number, **changes)])


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (without(2), "listed and never written down"),
        (spoilt(2, state="fetched"), "left fetched, and nothing says why"),
        (spoilt(2, state="discovered", letter="resolved"), "left discovered"),
        (spoilt(2, state="failed"), "failed without a reason"),
        (spoilt(2, sha256="0" * 64), "its stored bytes are not those that were served"),
        (spoilt(2, net_sales=Decimal(7)), "which is not what it says"),
        (spoilt(2, net_sales=None), "which is not what it says"),
        (spoilt(2, analyst="local"), "read by the rules only, and nothing says why"),
        (spoilt(2, degraded=True), "read by the rules only, and nothing says why"),
    ],
)
def test_a_document_that_is_lost(found: Evidence, why: str) -> None:
    """Listed by the SEC, and neither read nor explained: named, with what became of it."""
    line = checked(found)[LOST]
    assert line.met is False
    (breach,) = line.breaches
    assert breach.startswith(f"{name(2)}: ")
    assert why in breach
    assert breached(found) == [LOST]


@pytest.mark.parametrize(
    "found",
    [
        spoilt(2, state="refused", reason="it is empty"),
        spoilt(2, state="fetched", letter="waiting"),
        spoilt(2, analyst="local", degraded=True, letter="waiting"),
    ],
)
def test_a_document_that_is_explained_is_not_lost(found: Evidence) -> None:
    """A reason, or a dead letter that is open."""
    line = checked(found)[LOST]
    assert line.met is True
    assert "1 explained" in line.got


# ---- payments ---------------------------------------------------------------------------


def test_a_document_that_is_paid_twice() -> None:
    """Billed again, whichever way it was asked; also the lines of the undead say so."""
    again = billed(3, answer="msg_again", how="batch")
    found = evidence(billed=[*map(billed, ALL), again], calls=[*map(call, ALL)])
    line = checked(found)[TWICE]
    assert line.met is False
    assert line.breaches == ("release 3: billed 2 times (msg_3, msg_again)",)
    assert checked(found)["daemon frozen: repeated"].met is False
    assert checked(found)["daemon cut off: repeated"].met is False


@pytest.mark.parametrize("change", [{"prompt": "another"}, {"model": "another"}])
def test_another_prompt_or_model_is_another_question(change: dict[str, str]) -> None:
    """It may be paid for once too."""
    asked = [*map(billed, ALL), billed(3, answer="msg_other", **change)]
    calls = [*map(call, ALL), call(3, answer="msg_other")]
    assert breached(evidence(billed=asked, calls=calls)) == []


def test_what_bears_no_number_is_known_by_its_digest() -> None:
    """A text of which the mark was lost is still the same document."""
    two = [billed(3, release=-1, answer=answer) for answer in ("msg_3", "msg_b")]
    rest = [billed(each) for each in ALL if each != 3]
    assert TWICE in breached(evidence(billed=[*rest, *two]))


@pytest.mark.parametrize(
    ("state", "why"),
    [("intent", "the product has it as intent"), ("refused", "the product has it as refused")],
)
def test_a_doubt_that_is_not_listed(state: str, why: str) -> None:
    """Billed, no answer stored, and the product does not call it in doubt."""
    rest = [call(each) for each in ALL if each != DOUBTFUL]
    calls = [*rest, call(DOUBTFUL, state=state)]
    found = evidence(calls=calls, listed_doubts=frozenset())
    line = checked(found)[DIRECT]
    assert line.met is False
    assert why in line.breaches[0]


def test_a_doubt_that_only_a_table_knows_of() -> None:
    """In doubt, but `paid list` does not show it: nobody would ever learn of it."""
    found = evidence(listed_doubts=frozenset())
    assert "`paid list` does not show it" in checked(found)[DIRECT].breaches[0]
    assert breached(found) == [LOST, DIRECT]


def test_a_payment_that_the_product_knows_nothing_of() -> None:
    """No intent was written before the call: the worst of them."""
    found = evidence(calls=[call(each) for each in ALL if each != DOUBTFUL])
    assert "the product knows of no call" in checked(found)[DIRECT].breaches[0]


def test_a_batch_may_leave_nothing_in_doubt() -> None:
    """Its results can be had after any crash: parking them is no excuse."""
    rest = [call(each) for each in ALL if each != 1]
    found = evidence(calls=[*rest, call(1, state="in_doubt", answer=None)])
    assert checked(found)[BATCHES].met is False


def test_an_answer_that_nobody_gave() -> None:
    """What is stored must be what was billed."""
    rest = [call(each) for each in ALL if each != 3]
    found = evidence(calls=[*rest, call(3, answer="msg_dreamt")])
    assert checked(found)[NOWHERE].breaches == ("msg_dreamt is stored, but was never billed",)
    assert DIRECT in breached(found), "and what was billed is not stored"


# ---- slots ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ([slot(*SLOTS[0])], "0 decisions"),
        ([slot(*SLOTS[0]), slot(*SLOTS[1]), slot(*SLOTS[1])], "2 decisions"),
        ([slot(*SLOTS[0]), slot(*SLOTS[1], state="running")], "left running"),
        ([slot(*SLOTS[0]), slot(*SLOTS[1], state="due")], "left due"),
        ([slot(*SLOTS[0]), slot(*SLOTS[1], state="skipped")], "skipped without a reason"),
        ([slot(*SLOTS[0]), slot(*SLOTS[1], state="failed")], "failed without an error"),
    ],
)
def test_a_slot_that_is_not_decided_once(found: list[object], why: str) -> None:
    line = checked(evidence(slots=found))[SLOT]
    assert line.breaches == (f"health_check 2026-11-22T07:00: {why}",)
    assert line.met is False


# ---- faults -----------------------------------------------------------------------------


def test_too_few_kills_prove_too_little() -> None:
    assert breached(evidence(wanted_kills=3)) == ["kill -9 of daemons"]


def test_kills_that_never_hit_work_prove_nothing() -> None:
    idle = [replace(blow, work=0) for blow in evidence().blows]
    assert "kill -9 of daemons" in breached(evidence(blows=idle))


def test_work_that_is_queued_again_too_late() -> None:
    """The median counts, not the longest."""
    assert breached(evidence(requeued_s=[1.0, 4.0, 4.1])) == ["work of the killed queued again"]


@pytest.mark.parametrize("back_s", [15.5, None])
@pytest.mark.parametrize("fault", sorted(OF_SERVER))
def test_a_server_that_is_back_and_nobody_works(fault: Fault, back_s: float | None) -> None:
    blows = [*evidence().blows, Blow(fault, ("storm-1",), back_s=back_s)]
    assert breached(evidence(blows=blows)) == [f"{fault}: working again"]


def test_what_is_left_open_and_who_died() -> None:
    found = evidence(unsettled=Unsettled(1, 0, 2, 0), deaths=["storm-1 ended with 1: x.err"])
    lines = checked(found)
    assert lines["everything settled"].breaches == ("1 work still open", "2 paid calls still open")
    assert lines["daemons that ended by themselves"].met is False


def test_a_frozen_daemon_that_had_nothing_in_hand_proves_nothing() -> None:
    idle = [replace(blow, work=0) for blow in evidence().blows if blow.fault is not Fault.KILL]
    lines = checked(evidence(blows=idle))
    assert lines["daemon frozen: repeated"].met is None
    assert lines["daemon cut off: repeated"].met is None


def test_a_result_of_a_process_that_was_shut_out() -> None:
    """It was late, and was stored all the same."""
    found = evidence(late=("doc:edgar:7:1 by storm-2-aa",))
    assert breached(found) == ["late results that stand"]


def test_faults_that_could_not_be_had_say_why() -> None:
    blows = [blow for blow in evidence().blows if blow.fault is not Fault.CRASH]
    line = checked(evidence(blows=blows, skipped={Fault.CRASH: "not ours"}))[
        "pg-kill: working again"
    ]
    assert (line.met, line.got) == (None, "not ours")
