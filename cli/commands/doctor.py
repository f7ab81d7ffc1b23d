"""`doctor`: how this installation stands, whether or not it runs, and what was put right."""

from __future__ import annotations

from collections.abc import Sequence

from cli.exit_codes import ExitCode
from cli.output import Output, Piece, took
from cli.session import Session
from operations.doctor.examination import Finding, Repaired, Report
from operations.doctor.findings import Verdict
from settings import Problem, Settings, SettingsError

SIGNS = {
    Verdict.NOT_APPLICABLE: Piece("–", "quiet"),
    Verdict.OK: Piece("✓", "ok"),
    Verdict.WARN: Piece("!", "warn"),
    Verdict.BAD: Piece("✗", "fail"),
}


def execute(session: Session) -> int:
    """0 nothing is bad, 1 something is or a repair failed, 78 wrong configuration."""
    settings: Settings | None = None
    problems: Sequence[Problem]
    try:
        settings = session.door.load_settings()
        problems = settings.warnings
    except SettingsError as error:
        problems = error.problems
    report = session.door.doctor(settings, problems, session.args.fix)
    if session.output.as_json:
        session.output.document(report)
    else:
        show(session.output, report)
    if settings is None:
        return ExitCode.CONFIGURATION
    failed = any(one.problem for one in report.repairs)
    return ExitCode.BAD_OUTCOME if failed or report.verdict is Verdict.BAD else ExitCode.DONE


def show(output: Output, report: Report) -> None:
    """In the table's order, so that a check is found where it was the last time; what was put
    right stands above what is left."""
    for one in report.repairs:
        _repaired(output, one)
    if report.repairs:
        output.gap()
    width = max(len(one.name) for one in report.findings)
    before = ""
    for finding in report.findings:
        _row(output, finding, "" if finding.name == before else finding.name, width)
        before = finding.name
    output.text(summary(report))


def _repaired(output: Output, one: Repaired) -> None:
    if one.problem:
        output.text(Piece("✗ ", "fail"), f"not done: {one.what}: {one.problem}")
    else:
        output.text(Piece("✓ ", "ok"), f"done: {one.what}")


def _row(output: Output, finding: Finding, name: str, width: int) -> None:
    style = "quiet" if finding.verdict is Verdict.NOT_APPLICABLE else ""
    said = Piece(finding.found, style)
    output.text(SIGNS[finding.verdict], Piece(f" {name:<{width}}  ", "name"), said)
    if finding.fix:
        page = f" ({finding.runbook})" if finding.runbook else ""
        output.text(Piece(f"fix: {finding.fix}{page}", "quiet"), indent=4)


def summary(report: Report) -> str:
    count = report.count
    warned = count(Verdict.WARN)
    return (
        f"{count(Verdict.OK)} well, {warned} warning{'' if warned == 1 else 's'}, "
        f"{count(Verdict.BAD)} bad, {count(Verdict.NOT_APPLICABLE)} not applicable, "
        f"in {took(report.took_s)}"
    )
