"""`run JOB`: one job, once, now."""

from __future__ import annotations

from cli import runs
from cli.exit_codes import ExitCode
from cli.failures import Failure, unknown
from cli.output import Output, took
from cli.session import Session
from cli.views import RunView

LATER = {"deferred", "skipped", "running"}  # somebody else has it, or a gate is shut


def execute(session: Session) -> int:
    """0 when it succeeded, 75 when it was put off, 1 otherwise."""
    job = session.args.job
    with session.desk() as desk:
        if job not in (known := desk.job_names()):
            raise unknown("job", job, known, "python main.py jobs lists them")
        if session.args.week and job != "weekly_summary":
            raise Failure(ExitCode.USAGE, "usage", f"--week means nothing to {job}")
        with session.progress() as progress:
            run = desk.run_job(job, progress.step, session.args.week)
    if session.output.as_json:
        session.output.document(run)
    else:
        show(session.output, run)
    return exit_code(run)


def show(output: Output, run: RunView) -> None:
    """A run that has just ended."""
    output.text(runs.outcome(run), f"  {run.job}, {took(run.took_s)}")
    for words in (runs.said(run), run.error):
        if words:
            output.text(words, indent=2)


def exit_code(run: RunView) -> int:
    if run.outcome == "succeeded":
        return ExitCode.DONE
    return ExitCode.TRY_LATER if run.outcome in LATER else ExitCode.BAD_OUTCOME
