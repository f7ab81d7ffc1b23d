"""Evidence of a storm after which all is well; tests spoil one thing of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chaos.evidence import Billed, Blow, Evidence, Listed
from chaos.papers import accession, sales_millions
from chaos.plan import OF_SERVER, Fault
from chaos.verdict import Check, judge
from storage.aftermath import CallFound, DocumentFound, SlotFound, Unsettled

SHOPS = 2
DOCUMENTS = range(6)
DOUBTFUL = 5  # asked directly, killed before the answer was stored: parked
SLOTS = (("daily_earnings_scan", "2026-11-22T07:00"), ("health_check", "2026-11-22T07:00"))


def sha(number: int) -> str:
    return f"{number:064x}"


def name(number: int) -> str:
    return accession(number, SHOPS)


def billed(number: int, **changes: Any) -> Billed:
    how = "batch" if number < 2 else "direct"
    made = Billed(number, f"digest-{number}", "prompt", "model", how, f"msg_{number}")
    return replace(made, **changes)


def document(number: int, **changes: Any) -> DocumentFound:
    made = DocumentFound(
        external_id=name(number),
        id=number + 1,
        state="analysed",
        reason="",
        sha256=sha(number),
        analyst="local" if number == DOUBTFUL else "claude",
        degraded=number == DOUBTFUL,
        letter=None,
        net_sales=sales_millions(number) * 1_000_000,
    )
    return replace(made, **changes)


def call(number: int, **changes: Any) -> CallFound:
    made = CallFound(sha(number), "model", "release-1", "answered", "", f"msg_{number}")
    if number == DOUBTFUL:
        made = replace(made, state="in_doubt", answer=None, reason="no answer was stored")
    return replace(made, **changes)


def slot(job: str, at: str, **changes: Any) -> SlotFound:
    return replace(SlotFound(job, at, True, "succeeded", "", "", 1), **changes)


def evidence(**changes: Any) -> Evidence:
    """All is well, unless something is changed."""
    good = Evidence(
        listed=Listed(tuple(map(name, DOCUMENTS)), {name(each): sha(each) for each in DOCUMENTS}),
        billed=[billed(each) for each in DOCUMENTS],
        turned_away=1,
        blows=[
            Blow(Fault.KILL, ("storm-1", "storm-2"), work=3),
            Blow(Fault.KILL, ("scan",), by_hand=True),
            *(Blow(fault, ("storm-1",), back_s=2.0) for fault in Fault if fault in OF_SERVER),
            Blow(Fault.FREEZE_DAEMON, ("storm-1",), work=4),
            Blow(Fault.CUT_DAEMON, ("storm-2",), work=4),
        ],
        skipped={},
        requeued_s=[1.0, 2.0, 9.0],
        expected_slots=SLOTS,
        deaths=[],
        documents=[document(each) for each in DOCUMENTS],
        calls=[call(each) for each in DOCUMENTS],
        listed_doubts=frozenset({document(DOUBTFUL).id}),
        slots=[slot(*each) for each in SLOTS],
        unsettled=Unsettled(0, 0, 0, 0),
        fenced=3,
        late=(),
        wanted_kills=2,
        settled_s=12.0,
    )
    return replace(good, **changes)


def checked(found: Evidence) -> dict[str, Check]:
    return {check.name: check for check in judge(found)}


def breached(found: Evidence) -> list[str]:
    """The names of the lines that are not met."""
    return [check.name for check in judge(found) if check.met is False]
