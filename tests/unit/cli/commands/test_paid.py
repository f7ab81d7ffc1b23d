"""`paid`: what may have been paid for, and a person's word on it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from cli.exit_codes import ExitCode
from cli.paid_views import (
    BatchesView,
    BatchView,
    PaidCallView,
    PaidDecision,
    PaidListView,
    PaidOutcome,
)
from tests.unit.cli.fakes import NOON, FakeDesk, typed

DOUBT = PaidCallView(
    id=12,
    state="in_doubt",
    provider="claude",
    model="claude-test-1",
    prompt_version="7",
    document_id=41,
    ticker="BBY",
    title="Third quarter \x1b[2Jresults",
    asked_at=NOON,
    age_s=3600.0,
    times_asked=1,
    estimate_usd=Decimal("0.1234"),
    cost_usd=None,
    taken_usd=Decimal("0.1234"),
    process="retailxai, pid 7",
    host="retail-01",
    process_lives=False,
    why="no answer was stored by the process that asked",
)


def desk(*outcomes: PaidOutcome, order: str = "retry", taken_up_by: str = "") -> FakeDesk:
    decision = PaidDecision(order, outcomes, (41,), taken_up_by, "no daemon runs")
    return FakeDesk(paid=PaidListView((DOUBT,), Decimal("0.1234")), decision=decision)


def outcome(done: bool, why: str = "", **changes: object) -> PaidOutcome:
    return PaidOutcome(12, done, why, replace(DOUBT, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("paid", "in_doubt"),
        ("paid list", "in_doubt"),
        ("paid list --state open", "open"),
        ("paid list --state in-doubt", "in_doubt"),
        ("paid list --state ANSWERED", "answered"),
    ],
)
def test_the_list_is_what_it_does_without_a_verb(line: str, word: str) -> None:
    house = desk()
    shown = typed(line, house)
    assert shown.code == ExitCode.DONE
    assert house.calls == [("paid_calls", word)]
    for words in ("12", "BBY", "Third quarter", "claude-test-1", "0.1234", "(gone)", "retail-01"):
        assert words in shown.out
    assert "\x1b" not in shown.out


def test_the_list_says_what_is_at_stake_and_what_to_type() -> None:
    text = typed("paid", desk()).out
    assert "1 call may have been paid for without an answer: about 0.1234 USD at stake." in text
    assert "python main.py paid retry ID" in text
    assert "python main.py paid drop ID" in text
    assert typed("paid --json", desk()).json["calls"][0]["estimate_usd"] == "0.1234"


def test_nothing_in_doubt_says_so() -> None:
    assert typed("paid").out == "No paid call is in doubt.\n"
    assert typed("paid list --state all").out == "There are no paid calls.\n"
    assert typed("paid --json").json == {"calls": [], "estimate_usd": "0"}


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("retry 12", ("retry_paid", [12], "", None)),
        ("retry 12 #13 --reason late", ("retry_paid", [12, 13], "late", None)),
        ("retry 12 --not-billed", ("retry_paid", [12], "", False)),
        ("drop 12", ("drop_paid", [12], "", None)),
        ("drop 12 --billed", ("drop_paid", [12], "", True)),
        ("drop 12 --not-billed --reason invoice", ("drop_paid", [12], "invoice", False)),
    ],
)
def test_what_was_decided_is_handed_on(line: str, call: tuple[object, ...]) -> None:
    house = desk(outcome(True, state="refused"))
    assert typed(f"paid {line}", house).code == ExitCode.DONE
    assert house.calls == [call]


def test_who_asks_again() -> None:
    text = typed("paid retry 12", desk(outcome(True), taken_up_by="retailxai on box, pid 7")).out
    assert "may be paid a second time" in text
    assert "Asked again at once, by retailxai on box, pid 7." in text
    text = typed("paid retry 12", desk(outcome(True))).out
    assert "Asked again by the next scan (no daemon runs)." in text


def test_a_dropped_one_says_whether_it_counts() -> None:
    kept = typed("paid drop 12", desk(outcome(True, billed=None), order="drop")).out
    assert "never asked again; its 0.1234 USD stay counted" in kept
    free = typed("paid drop 12", desk(outcome(True, billed=False), order="drop")).out
    assert "its 0.1234 USD no longer count" in free


def test_what_could_not_be_done_is_named_and_exits_5() -> None:
    """Also if others could."""
    why = "its answer came: it is paid for and used, nothing is in doubt"
    house = desk(outcome(True), outcome(False, why))
    shown = typed("paid retry 12 13", house)
    assert shown.code == ExitCode.REFUSED
    assert why in shown.out
    shown = typed("paid retry 12 13 --json", house)
    assert shown.code == ExitCode.REFUSED
    assert [one["done"] for one in shown.json["outcomes"]] == [True, False]


@pytest.mark.parametrize(
    "line",
    ["retry", "drop", "drop 0", "drop x", "drop 12 --billed --not-billed", "list --state limbo",
     "release 12", "retry --all"],
)  # fmt: skip
def test_wrong_command_lines(line: str) -> None:
    """Nothing is opened for them."""
    house = desk()
    assert typed(f"paid {line}", house).code == ExitCode.USAGE
    assert house.calls == []


def test_batches_say_where_they_stand_and_why() -> None:
    assert typed("paid batches").out == "No batch was sent yet.\n"
    one = BatchView(
        id=3,
        provider="claude",
        state="cancelling",
        requests=41,
        remote_id="msgbatch_01",
        sent_at=NOON,
        deadline_at=NOON,
        ended_at=None,
        why="no answers by then",
    )
    house = FakeDesk(batches_view=BatchesView((one,)))
    shown = typed("paid batches", house)
    assert shown.code == ExitCode.DONE
    for words in ("3", "cancelling", "41", "claude msgbatch_01", "no answers by then"):
        assert words in shown.out
    assert typed("paid batches --json", house).json["batches"][0]["requests"] == 41
