"""`runs`: single runs, their lives, and a person's word on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cli.exit_codes import ExitCode
from cli.run_views import (
    CancelView,
    MoveView,
    RetryRunView,
    RunDocumentView,
    RunLifeView,
    RunLogView,
)
from cli.views import RunView
from tests.unit.cli.fakes import NOON, FakeDesk, FakeDoor, typed

RUN = RunView(
    12, "health_check", "failed", "2026-11-20T07:00", NOON, 3.5, "main-1", error="no \x1b[2Jdisk"
)


def move(number: int, state: str, told: str) -> MoveView:
    at = NOON + timedelta(seconds=number)
    return MoveView(
        number, at, "", state, 1, "main-1", "main on r1, pid 7", "r1", "", "", "", None, told
    )


LIFE = RunLifeView(
    run=RUN,
    slot="2026-11-20T07:00",
    due_at=NOON,
    decided_at=NOON,
    reason="late by 5 min",
    attempts=1,
    retries=0,
    cancel_asked="",
    next="it stays so, unless a person asks for it again",
    moves=(move(1, "due", "decided to run"), move(2, "running", "begun by main on r1, pid 7")),
    documents=(RunDocumentView(41, "Third quarter results", "analysed", ""),),
)


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("runs", ("listed", None, None, None, 20)),
        ("runs list -n 5", ("listed", None, None, None, 5)),
        ("runs --job quota_check --state FAILED", ("listed", "quota_check", "failed", None, 20)),
        ("runs --limit 3 list --since 2026-11-01", ("listed", None, None, date(2026, 11, 1), 3)),
    ],
)
def test_the_list_is_what_it_does_without_a_verb(line: str, call: tuple[object, ...]) -> None:
    desk = FakeDesk(runs=(RUN,))
    shown = typed(line, desk)
    assert shown.code == ExitCode.DONE
    assert desk.calls == [call]
    for words in ("#12", "health_check", "failed", "2026-11-20T07:00", "disk"):
        assert words in shown.out
    assert "\x1b" not in shown.out


def test_nothing_to_list_says_so() -> None:
    assert typed("runs").out == "Nothing has run yet.\n"
    assert typed("runs --state failed").out == "There are no such runs.\n"
    assert typed("runs --json").json == {"runs": []}


def test_the_list_as_json_is_that_of_history() -> None:
    """One form for both, so that a program need not know which was asked."""
    desk = FakeDesk(runs=(RUN,))
    assert typed("runs --json", desk).json == typed("history --json", desk).json


@pytest.mark.parametrize(
    ("line", "code", "hint"),
    [
        ("runs lst", ExitCode.USAGE, "did you mean list?"),
        ("runs --state faild", ExitCode.USAGE, "did you mean failed?"),
        ("runs --state zz", ExitCode.USAGE, "there are due, deferred"),
        ("runs --job quota_chek", ExitCode.UNKNOWN, "did you mean quota_check?"),
        ("runs show quota_chek", ExitCode.UNKNOWN, "did you mean quota_check?"),
        ("runs show 404", ExitCode.UNKNOWN, "python main.py runs lists them"),
        ("runs show 12 2026-11-20", ExitCode.USAGE, "runs show JOB SLOT"),
        ("runs --since yesterday", ExitCode.USAGE, "runs --help"),
        ("runs list -n 0", ExitCode.USAGE, "runs list --help"),
    ],
)
def test_what_there_is_not_is_named(line: str, code: int, hint: str) -> None:
    shown = typed(line)
    assert (shown.code, shown.out) == (code, "")
    assert hint in shown.err


def test_a_state_that_there_is_not_opens_nothing() -> None:
    door = FakeDoor()
    typed("runs --state faild", door=door)
    assert door.opened == 0


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("runs show 12", ("life", "12", None)),
        ("runs show #12", ("life", "12", None)),
        ("runs show health_check", ("life", "health_check", None)),
        ("runs show health_check 2026-11-20", ("life", "health_check", "2026-11-20")),
    ],
)
def test_a_life_is_shown_whole(line: str, call: tuple[object, ...]) -> None:
    """Its moves in order, what is to come, and its documents as they stand now."""
    desk = FakeDesk(life_view=LIFE)
    shown = typed(line, desk)
    assert shown.code == ExitCode.DONE
    assert desk.calls == [call]
    for words in ("#12", "■ failed", "decided to run", "begun by main on r1, pid 7", "#41",
                  "analysed", "Third quarter results", "unless a person asks"):  # fmt: skip
        assert words in shown.out
    assert shown.out.index("decided to run") < shown.out.index("begun by")
    assert "\x1b" not in shown.out


def test_what_a_scan_met_is_shown() -> None:
    """Also of one that was put off: what it could do by then is known."""
    summary = {
        "problems": [{"source": "edgar", "scope": "WMT", "what": "edgar: answered 503"}],
        "held_up": 2,
        "reasons": ["edgar: circuit open"],
        "notes": ["trade has moved for good"],
    }
    run = replace(RUN, outcome="deferred", summary=summary)
    shown = typed("runs show 12", FakeDesk(life_view=replace(LIFE, run=run))).out
    for words in ("edgar WMT", "edgar: answered 503", "2 documents", "edgar: circuit open",
                  "trade has moved for good"):  # fmt: skip
        assert words in shown


def test_a_gap_in_a_long_life_is_told() -> None:
    moves = (move(100, "deferred", "put off"), move(502, "running", "begun"))
    shown = typed("runs show 12", FakeDesk(life_view=replace(LIFE, moves=moves)))
    assert "401 moves between are not kept" in shown.out


def test_a_life_from_before_moves_were_kept() -> None:
    """What the row itself knows, and not a made-up story."""
    shown = typed("runs show 12", FakeDesk(life_view=replace(LIFE, moves=())))
    assert "before moves were kept" in shown.out
    assert "decided 2026-11-20T12:00:00Z: late by 5 min" in shown.out
    assert "begun 2026-11-20T12:00:00Z by main-1, took 3.5 s" in shown.out


def test_a_life_as_json_has_every_key() -> None:
    found = typed("runs show 12 --json", FakeDesk(life_view=LIFE)).json
    assert found["run"]["id"] == 12
    assert [(one["number"], one["state"]) for one in found["moves"]] == [(1, "due"), (2, "running")]
    assert found["documents"] == [
        {"id": 41, "title": "Third quarter results", "state": "analysed", "reason": ""}
    ]


# ---- log ---------------------------------------------------------------------------------

LINES: tuple[dict[str, object], ...] = (
    {"timestamp": "2026-11-20T12:00:01.000+00:00", "level": "info", "logger": "jobs.document",
     "event": "document 41 analysed", "run": 12, "job": "scan", "document": 41},
    {"timestamp": "2026-11-20T12:00:02.000+00:00", "level": "warning", "logger": "outside",
     "event": "it said \x1b[2J", "run": 12, "job": "scan"},
)  # fmt: skip


def test_the_log_of_a_run() -> None:
    """As a person reads it; what is the same in every line is left out."""
    log = RunLogView(RUN, LINES, 2, ("/var/log/retailxai.log",))
    desk = FakeDesk(log_view=log)
    shown = typed("runs log 12 --tail 50", desk)
    assert (shown.code, shown.err) == (ExitCode.DONE, "")
    assert desk.calls == [("log", "12", None, 50)]
    first, second = shown.out.splitlines()
    assert first.split() == ["2026-11-20", "12:00:01Z", "INFO", "document", "41", "analysed",
                             "document=41", "[jobs.document]"]  # fmt: skip
    assert "WARNING" in second
    assert "\x1b" not in shown.out


def test_what_is_not_shown_of_the_log_is_said() -> None:
    """On stderr, so that a pipe gets the lines alone."""
    note = "attempt 1 ran on retail-02 (main): its lines are in retail-02:/var/log/retailxai.log"
    log = RunLogView(RUN, LINES[:1], 7, ("/var/log/retailxai.log",), (note,))
    shown = typed("runs log 12", FakeDesk(log_view=log))
    assert "the latest 1 of 7 lines" in shown.err
    assert note in shown.err
    assert len(shown.out.splitlines()) == 1


def test_no_line_is_said_with_where_was_looked() -> None:
    shown = typed("runs log 12", FakeDesk(log_view=RunLogView(RUN, (), 0, ("/a.log", "/a.log.1"))))
    assert (shown.code, shown.out) == (ExitCode.DONE, "")
    assert "no line of run 12 in /a.log, /a.log.1" in shown.err


def test_the_log_as_json_has_every_field() -> None:
    log = RunLogView(RUN, LINES, 2, ("/a.log",))
    found = typed("runs log 12 --json", FakeDesk(log_view=log)).json
    assert [one["document"] for one in found["lines"] if "document" in one] == [41]
    assert (found["total"], found["files"]) == (2, ["/a.log"])


# ---- cancel, retry -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("became", "code", "words"),
    [
        ("skipped", ExitCode.DONE, "Run 12 (health_check 2026-11-20T07:00) will not be run."),
        ("cancelled", ExitCode.DONE, "is cancelled; what it stored is kept."),
        ("told", ExitCode.BAD_OUTCOME, "main on r1, pid 7 was told and ends it when the step"),
        ("silent", ExitCode.BAD_OUTCOME, "main on r1, pid 7 has not answered yet."),
    ],
)
def test_what_became_of_a_cancel_is_said_as_it_is(became: str, code: int, words: str) -> None:
    """0 only when it has ended or will not begin."""
    process = "main on r1, pid 7" if became in ("told", "silent") else ""
    desk = FakeDesk(cancel_view=CancelView(RUN, became, process))
    shown = typed("runs cancel 12 --why too-slow", desk)
    assert (shown.code, shown.err) == (code, "")
    assert desk.calls == [("cancel", "12", None, "too-slow")]
    assert words in shown.out
    assert typed("runs cancel 12 --json", desk).json["became"] == became


def test_a_retried_slot_is_due_again() -> None:
    again = RetryRunView(RUN, by_hand=False, next="a daemon takes it up within seconds")
    desk = FakeDesk(retry_view=again)
    shown = typed("runs retry health_check 2026-11-20", desk)
    assert shown.code == ExitCode.DONE
    assert desk.calls == [("retry", "health_check", "2026-11-20")]
    assert "is due again: a daemon takes it up within seconds." in shown.out


@pytest.mark.parametrize(
    ("outcome", "code"),
    [("succeeded", ExitCode.DONE), ("failed", ExitCode.BAD_OUTCOME)],
)
def test_a_retried_run_by_hand_ends_as_run_does(outcome: str, code: int) -> None:
    desk = FakeDesk(retry_view=RetryRunView(replace(RUN, outcome=outcome), by_hand=True))
    shown = typed("runs retry 12", desk)
    assert shown.code == code
    assert outcome in shown.out
    assert typed("runs retry 12 --json", desk).json["by_hand"] is True


@pytest.mark.parametrize("verb", ["log", "cancel", "retry"])
def test_a_run_must_be_named(verb: str) -> None:
    door = FakeDoor()
    assert typed(f"runs {verb}", door=door).code == ExitCode.USAGE
    assert door.opened == 0
