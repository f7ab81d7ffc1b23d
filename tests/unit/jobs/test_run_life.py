"""A run's life in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from jobs.run_life import outlook, told
from storage.ledger import JobRun
from storage.run_lives import RunMove
from storage.states import RUN_MOVES, RunState

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
R = RunState
MOVE = RunMove(1, AT, None, R.DUE, "ex-1", 0, "", "", "", None, "main", "retail-01", 4121, None)
RUN = JobRun(
    *(7, "scan", "2026-11-22T07:00", AT, True, R.DUE, "", "ex-0", AT, None, "ex-1", 1),
    *(None, None, {}, ""),
)


def moved(before: RunState | None, to: RunState, **changes: object) -> str:
    return told(replace(MOVE, from_state=before, to_state=to, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "to", "changes", "words"),
    [
        (None, R.DUE, {"reason": "late by 5 min"},
         "decided to run, by main on retail-01, pid 4121: late by 5 min"),
        (None, R.SKIPPED, {"reason": "too old"}, "decided not to run: too old"),
        (R.DUE, R.SKIPPED, {"reason": "cancelled by ann"}, "skipped: cancelled by ann"),
        (R.DUE, R.RUNNING, {"attempt": 1}, "begun by main on retail-01, pid 4121"),
        (R.ABANDONED, R.RUNNING, {"attempt": 2},
         "taken up again by main on retail-01, pid 4121, attempt 2"),
        (R.RUNNING, R.DEFERRED, {"not_before": AT, "reason": "circuit open"},
         "put off until 2026-11-22 12:00:00 UTC: circuit open"),
        (R.RUNNING, R.ABANDONED, {"error": "its process died"},
         "abandoned: its process died (main on retail-01, pid 4121)"),
        (R.RUNNING, R.SUCCEEDED, {"said": "3 new documents"}, "succeeded: 3 new documents"),
        (R.RUNNING, R.FAILED, {"error": "no disk", "said": "0 of 4"}, "failed: no disk"),
        (R.RUNNING, R.CANCELLED, {"error": "cancelled by ann: too slow", "said": "2 read"},
         "cancelled by ann: too slow: 2 read"),
        (R.FAILED, R.DUE, {"reason": "retried by ann"}, "due again: retried by ann"),
    ],
)  # fmt: skip
def test_moves_in_words(
    before: RunState | None, to: RunState, changes: dict[str, object], words: str
) -> None:
    assert moved(before, to, **changes) == words


def test_every_move_of_the_drawing_has_words() -> None:
    """Also when the process is known by its executor's name alone."""
    for before, tos in RUN_MOVES.items():
        for to in tos:
            where = RunState(before) if before else None
            said = moved(where, RunState(to), instance=None, host=None, pid=None)
            assert said
            assert "None" not in said


@pytest.mark.parametrize(
    ("changes", "is_dead", "daemons", "words"),
    [
        ({"state": R.DUE}, False, 1, "a daemon takes it up within seconds"),
        ({"state": R.DUE}, False, 0, "none runs now"),
        ({"state": R.DEFERRED, "not_before": AT + timedelta(minutes=5)}, False, 1,
         "from 2026-11-22 12:05:00 UTC on"),
        ({"state": R.ABANDONED}, True, 1, "a daemon takes it up within seconds"),
        ({"state": R.RUNNING}, False, 1, "it is being run"),
        ({"state": R.RUNNING}, True, 0, "its process is dead: it is abandoned as soon as"),
        ({"state": R.RUNNING, "cancel_asked": "cancelled by ann"}, True, 0, "it is cancelled as"),
        ({"state": R.RUNNING, "cancel_asked": "cancelled by ann"}, False, 1,
         "told to stop (cancelled by ann)"),
        ({"state": R.FAILED}, False, 1, "python main.py runs retry 7"),
        ({"state": R.CANCELLED}, False, 1, "python main.py runs retry 7"),
        ({"state": R.ABANDONED, "scheduled": False, "error": "its process died"}, True, 1,
         "asked for by hand, its process died; nobody takes it up: python main.py runs retry 7"),
        ({"state": R.DUE, "scheduled": False}, True, 1, "nobody takes it up"),
        ({"state": R.DUE, "scheduled": False}, False, 1, "about to begin"),
    ],
)  # fmt: skip
def test_what_is_to_come(
    changes: dict[str, object], is_dead: bool, daemons: int, words: str
) -> None:
    run = replace(RUN, **changes)  # type: ignore[arg-type]
    assert words in outlook(run, is_dead=is_dead, daemons=daemons)


def test_nothing_is_to_come_of_what_succeeded() -> None:
    assert outlook(replace(RUN, state=R.SUCCEEDED), is_dead=True, daemons=0) == ""
