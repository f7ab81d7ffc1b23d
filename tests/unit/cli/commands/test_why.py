"""`why`: as it is typed and read."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cli.slot_views import SlotView, WhyView
from tests.unit.cli.fakes import FakeDesk, typed

DUE = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def desk(*slots: SlotView) -> FakeDesk:
    view = WhyView("quota_check", "23:00 America/New_York", True, "catch_up none", slots)
    return FakeDesk(why_view=view)


def a_slot(verdict: str, *, is_bad: bool = False) -> SlotView:
    return SlotView(
        "2026-11-22T23:00",
        DUE,
        verdict,
        why="missed by 8 h",
        is_bad=is_bad,
        clock_change="clocks skip 23:00",
        next="it is taken up",
        run_id=7,
    )


def test_a_slot_is_told_in_words() -> None:
    asked = desk(a_slot("skipped", is_bad=True))
    shown = typed("why quota_check 2026-11-22", asked)
    assert asked.calls == [("why", "quota_check", date(2026, 11, 22))]
    assert "2026-11-22T23:00  #7  ▲ skipped: missed by 8 h" in shown.out
    assert "clocks skip 23:00" in shown.out
    assert "it is taken up" in shown.out


@pytest.mark.parametrize(("is_bad", "code"), [(False, 0), (True, 1)])
def test_the_exit_code_says_whether_what_should_have_run_has(is_bad: bool, code: int) -> None:
    assert typed("why quota_check", desk(a_slot("ran"), a_slot("x", is_bad=is_bad))).code == code


def test_as_json() -> None:
    shown = typed("why quota_check --json", desk(a_slot("ran late")))
    assert shown.json["slots"][0]["verdict"] == "ran late"
    assert shown.json["slots"][0]["due_at"] == "2026-11-22T12:00:00Z"


def test_a_misspelt_job_is_hinted_at() -> None:
    shown = typed("why qouta_check")
    assert shown.code == 4
    assert "did you mean quota_check?" in shown.err


@pytest.mark.parametrize(
    "line", ["why", "why quota_check 22.11.2026", "why quota_check 2026-02-30"]
)
def test_a_wrong_line_is_refused(line: str) -> None:
    assert typed(line).code == 2
