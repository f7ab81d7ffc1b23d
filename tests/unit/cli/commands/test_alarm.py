"""`alarm`: what systemd says goes to the door, and what became of it to the terminal."""

from __future__ import annotations

import pytest

from cli.alarm_view import AlarmView
from cli.exit_codes import ExitCode
from tests.unit.cli.fakes import FakeDoor, typed

CALL = "alarm retailxai.service --result=exit-code --code=exited --status=78"
TEXT = "retailxai.service on shop has failed: its configuration is wrong"


@pytest.mark.parametrize(
    ("webhook", "problem", "code"),
    [
        ("unset", "", ExitCode.DONE),
        ("told", "", ExitCode.DONE),
        ("failed", "alarm: POST the webhook: connection refused", ExitCode.BAD_OUTCOME),
    ],
)
def test_it_tells_and_says_whom(webhook: str, problem: str, code: int) -> None:
    """The text in any case; that nobody could be told is a bad outcome."""
    door = FakeDoor()
    door.alarm_view = AlarmView("retailxai.service", TEXT, webhook, problem)  # type: ignore[arg-type]
    shown = typed(CALL, door=door)
    assert shown.code == code
    assert door.alarms == [("retailxai.service", "exit-code", "exited", "78")]
    assert TEXT in shown.out
    assert ("The webhook was told too." in shown.out) == (webhook == "told")
    assert problem in shown.err
    assert typed(f"{CALL} --json", door=door).json["webhook"] == webhook


def test_what_systemd_leaves_out_is_empty() -> None:
    """Before systemd 251 the variables are unset, and each option keeps its place."""
    door = FakeDoor()
    typed("alarm retailxai.service --result= --code= --status=", door=door)
    assert door.alarms == [("retailxai.service", "", "", "")]
