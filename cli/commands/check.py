"""`check`: everything that is wrong, at once, each with its fix."""

from __future__ import annotations

from collections.abc import Sequence

from cli.exit_codes import ExitCode
from cli.output import Output, Piece
from cli.session import Session
from operations.preflight import Finding, Severity, may_pass, worst
from settings import Problem, Settings, SettingsError

SIGNS = {
    Severity.OK: Piece("✓", "ok"),
    Severity.WARNING: Piece("!", "warn"),
    Severity.ERROR: Piece("✗", "fail"),
}
CODES = {
    Severity.OK: ExitCode.DONE,
    Severity.WARNING: ExitCode.BAD_OUTCOME,
    Severity.ERROR: ExitCode.CONFIGURATION,
}


def execute(session: Session) -> int:
    """0 fine, 1 warnings that cost function, 75 what may pass (a database that is away, a full
    disk, a wrong clock), 78 wrong configuration."""
    try:
        settings = session.door.load_settings()
    except SettingsError as error:
        findings = _of_settings(error.problems)
    else:
        findings = [
            *_of_settings(settings.warnings),
            _fine(settings),
            *session.door.preflight(settings, session.args.online),
        ]
    if session.output.as_json:
        session.output.document({"severity": worst(findings), "findings": findings})
    else:
        show(session.output, findings)
    gravest = worst(findings)
    if gravest is Severity.ERROR and may_pass(findings):
        return ExitCode.TRY_LATER
    return CODES[gravest]


def show(output: Output, findings: Sequence[Finding]) -> None:
    """The mended order: what is right first, then what is not, gravest last, nearest the eye."""
    order = list(Severity)
    width = max(len(finding.name) for finding in findings)
    for finding in sorted(findings, key=lambda one: order.index(one.severity)):
        sign = SIGNS[finding.severity]
        output.text((sign, Piece(f" {finding.name:<{width}}  ", "name"), Piece(finding.message)))
        if finding.fix:
            output.text(Piece(f"fix: {finding.fix}", "quiet"), indent=4)
    counts = dict.fromkeys(Severity, 0)
    for finding in findings:
        counts[finding.severity] += 1
    warned = counts[Severity.WARNING]
    output.text(
        f"{counts[Severity.OK]} passed, {warned} warning{'' if warned == 1 else 's'}, "
        f"{counts[Severity.ERROR]} failed"
    )


def _fine(settings: Settings) -> Finding:
    file = settings.config_file or "no retailxai.toml"
    jobs = sum(job.enabled for job in settings.schedule.jobs.values())
    return Finding(
        "settings",
        Severity.OK,
        f"{settings.app_env}, {file}, {len(settings.companies)} companies, {jobs} jobs",
    )


def _of_settings(problems: Sequence[Problem]) -> list[Finding]:
    return [
        Finding(
            "settings",
            Severity(problem.severity),
            f"{problem.where}: {problem.rule}" + (f" (got {problem.got})" if problem.got else ""),
            problem.fix,
        )
        for problem in problems
    ]
