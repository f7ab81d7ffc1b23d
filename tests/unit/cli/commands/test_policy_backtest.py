"""`policy backtest SERVICE`: last week with other numbers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cli.exit_codes import ExitCode
from resilience.backtest import LIMITS
from resilience.state import RecordedCall
from tests.unit.cli.fakes import NOON, FakeDesk, typed

CALLS = tuple(
    RecordedCall(
        "edgar",
        NOON + timedelta(seconds=10 * n),
        "failure" if 30 <= n < 60 else "success",
        0.5,
        1,
    )
    for n in range(120)
)


def test_both_columns_with_what_was_changed_and_what_it_cannot_know() -> None:
    desk = FakeDesk(recorded=CALLS)
    shown = typed("policy backtest edgar --set open_s=30 failure_threshold=2 --days 3", desk)
    assert shown.code == ExitCode.DONE
    assert desk.calls == [("back_test", "edgar", 3.0, ["open_s=30", "failure_threshold=2"])]
    rows = [" ".join(row.split()) for row in shown.out.splitlines()]
    assert "failure_threshold 5 → 2" in rows
    assert "open_s 60 → 30" in rows
    assert "PRESENT CHANGED" in rows
    for name in ("let through", "rejected", "failures met", "successes lost", "times opened"):
        assert any(row.startswith(name) for row in rows)
    assert LIMITS in shown.out


def test_without_changes_it_shows_the_present_alone() -> None:
    shown = typed("policy backtest edgar", FakeDesk(recorded=CALLS))
    assert shown.code == ExitCode.DONE
    assert "CHANGED" not in shown.out


def test_no_calls() -> None:
    shown = typed("policy backtest edgar --set open_s=30")
    assert shown.out == "No call to edgar is recorded of the last 7 days.\n"


def test_json_has_both() -> None:
    document = typed("policy backtest edgar --json --set open_s=30", FakeDesk(recorded=CALLS)).json
    assert document["changes"] == [{"name": "open_s", "before": 60.0, "after": 30.0}]
    assert document["present"]["rejected"] != document["changed"]["rejected"]
    assert document["limits"] == LIMITS


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("edgar --set opens_s=1", "there is no number 'opens_s'"),
        ("edgar --set open_s=never queue=1.5", "queue must be a whole number, got '1.5'"),
        ("edgar --set timeout_s=1", "timeout_s cannot be tried"),
        ("edgar --set open_s=0", "open_s must be above 0"),
        ("edgar --set open_s", "write it as name=number"),
        ("edgar --days 0", "no number of days"),
        ("edgar --days week", "no number of days"),
        ("edgar --set", "expected at least one argument"),
        ("", "required: SERVICE"),
    ],
)
def test_wrong_numbers_are_refused_by_name(line: str, words: str) -> None:
    shown = typed(f"policy backtest {line}", FakeDesk(recorded=CALLS))
    assert shown.code == ExitCode.USAGE
    assert words in shown.err


def test_an_unknown_service() -> None:
    shown = typed("policy backtest edgra --json")
    assert shown.code == ExitCode.UNKNOWN
    assert "edgar" in shown.error["hint"]
