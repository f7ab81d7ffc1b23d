"""`doctor`: a row for each finding, what was put right, and an honest exit code."""

from __future__ import annotations

import pytest

from cli.exit_codes import ExitCode
from operations.doctor.examination import Finding, Repaired, Report
from operations.doctor.findings import Verdict
from settings import load
from tests.unit.cli.fakes import FakeDoor, typed

OK = Finding("disk", Verdict.OK, "79 GB free")
NOTHING = Finding("unit", Verdict.NOT_APPLICABLE, "this machine was not booted by systemd")
WARN = Finding("clock", Verdict.WARN, "nobody keeps it", "set it", "docs/runbook.md#clock")
BAD = Finding("database", Verdict.BAD, "no answer", "start it", "docs/runbook.md#database")
DONE = Repaired("secret files", "set the mode of .env to 0600")
NOT_DONE = Repaired("unit", "systemctl daemon-reload", "it did not answer")


def report(*findings: Finding, repairs: tuple[Repaired, ...] = ()) -> Report:
    order = list(Verdict)
    gravest = max((one.verdict for one in findings), key=order.index)
    return Report(gravest, findings, repairs, 1.25)


@pytest.mark.parametrize(
    ("findings", "repairs", "code"),
    [
        ((OK, NOTHING), (), 0),
        ((OK, WARN), (), 0),
        ((BAD, OK), (), 1),
        ((OK,), (DONE,), 0),
        ((OK,), (DONE, NOT_DONE), 1),
    ],
)
def test_exit_codes(
    findings: tuple[Finding, ...], repairs: tuple[Repaired, ...], code: int
) -> None:
    """0 nothing is bad, 1 something is, or a repair failed; the same with --json."""
    door = FakeDoor(report=report(*findings, repairs=repairs))

    assert typed("doctor", door=door).code == code
    assert typed("doctor --json", door=door).code == code


def test_every_finding_is_shown_in_the_order_of_the_table() -> None:
    """A sign, a name once, a sentence; the fix with its page; what was put right above it all."""
    found = report(OK, WARN, BAD, NOTHING, repairs=(DONE, NOT_DONE))
    lines = typed("doctor", door=FakeDoor(report=found)).out.splitlines()

    assert lines[:2] == [
        "✓ done: set the mode of .env to 0600",
        "✗ not done: systemctl daemon-reload: it did not answer",
    ]
    rows = [line for line in lines if line[:1] in ("✓", "!", "✗", "–")][2:]
    assert [row.split()[1] for row in rows] == ["disk", "clock", "database", "unit"]
    assert "    fix: set it (docs/runbook.md#clock)" in lines
    assert lines[-1] == "1 well, 1 warning, 1 bad, 1 not applicable, in 1.2 s"


def test_json_has_a_verdict_a_page_and_what_was_done() -> None:
    """One document, the same words."""
    shown = typed("doctor --json", door=FakeDoor(report=report(BAD, repairs=(NOT_DONE,)))).json

    assert shown["verdict"] == "bad"
    assert shown["findings"][0]["runbook"] == "docs/runbook.md#database"
    assert shown["repairs"][0]["problem"] == "it did not answer"


def test_wrong_settings_do_not_keep_the_rest_from_being_looked_at() -> None:
    """What needs no settings is looked at all the same; the exit code says what comes first."""
    door = FakeDoor(
        settings=lambda: load({"RETAILXAI_WEB_PORT": "x", "DATABSE_URL": "hush"}),
        report=report(OK),
    )
    shown = typed("doctor", door=door)

    assert shown.code == ExitCode.CONFIGURATION
    assert door.examined == [(False, 2, False)]
    assert "hush" not in shown.out


def test_fix_is_asked_for() -> None:
    """Nothing is changed by looking."""
    door = FakeDoor()
    typed("doctor", door=door)
    typed("doctor --fix", door=door)

    assert [fix for _, _, fix in door.examined] == [False, True]
    assert door.opened == 0
