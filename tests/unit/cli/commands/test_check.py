"""`check`: everything that is wrong, at once, each with its fix."""

from __future__ import annotations

import pytest

from cli.exit_codes import ExitCode
from operations.preflight import Finding, Severity
from settings import load
from tests.unit.cli.fakes import FakeDoor, typed

OK = Finding("database", Severity.OK, "PostgreSQL 18.6, 3 ms")
WARNING = Finding("sources", Severity.WARNING, "on: inbox", "edgar is off: set SEC_CONTACT")
AWAY = Finding("database", Severity.ERROR, "nobody listens", "start it", passes=True)
ERROR = Finding("data folder", Severity.ERROR, "/x cannot be written", "give user 7 the right")


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ((OK,), 0),
        ((OK, WARNING), 1),
        ((WARNING, AWAY, OK), 75),
        ((AWAY, ERROR), 78),
        ((WARNING, ERROR, OK), 78),
        ((), 0),
    ],
)
def test_exit_codes(findings: tuple[Finding, ...], code: int) -> None:
    """0 fine, 1 something costs function, 75 it may pass by itself, 78 it cannot work; the same
    with --json."""
    assert typed("check", door=FakeDoor(findings=findings)).code == code
    assert typed("check --json", door=FakeDoor(findings=findings)).code == code


def test_findings_are_shown_gravest_last() -> None:
    """A sign, a name, a sentence, a fix; counted at the end."""
    text = typed("check", door=FakeDoor(findings=(ERROR, OK, WARNING))).out
    lines = text.splitlines()

    assert "✓ database     PostgreSQL 18.6, 3 ms" in lines
    assert lines.index("! sources      on: inbox") < lines.index(
        "✗ data folder  /x cannot be written"
    )
    assert "    fix: give user 7 the right" in lines
    assert lines[-1] == "2 passed, 1 warning, 1 failed"
    assert "companies, 6 jobs" in text


def test_wrong_settings_are_all_listed() -> None:
    """Every problem with its fix on stdout, since it is what was asked for; nothing is opened."""
    door = FakeDoor(
        settings=lambda: load({"RETAILXAI_WEB_PORT": "x", "DATABSE_URL": "hush", "APP_ENV": ""})
    )
    shown = typed("check", door=door)

    assert shown.code == ExitCode.CONFIGURATION
    assert shown.out.count("fix: ") == 3
    assert "did you mean DATABASE_URL?" in shown.out
    assert "hush" not in shown.out
    assert door.online == []
    assert len(typed("check --json", door=door).json["findings"]) == 3


def test_warnings_of_settings_count() -> None:
    """A key of odd length is a warning like any other."""
    door = FakeDoor(settings=lambda: load({"ANTHROPIC_API_KEY": "sk-ant-odd-1f"}))

    assert typed("check", door=door).code == ExitCode.BAD_OUTCOME


def test_online_is_asked_for() -> None:
    """Providers are only asked when told to."""
    door = FakeDoor()
    typed("check", door=door)
    typed("check --online", door=door)

    assert door.online == [False, True]
    assert door.opened == 0
