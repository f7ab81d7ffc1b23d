"""Runs of jobs, as lines and bars."""

from __future__ import annotations

from collections.abc import Sequence

from cli.output import Cell, Output, Piece, signed, took
from cli.views import JobView, RunView

OUTCOMES = {
    "succeeded": "ok",
    "running": "run",
    "failed": "fail",
    "abandoned": "warn",
    "skipped": "quiet",
    "cancelled": "quiet",
    "deferred": "warn",
    "due": "quiet",
}
JOB_STATES = {
    "on time": "ok",
    "running": "run",
    "failed": "fail",
    "late": "warn",
    "never run": "quiet",
    "off": "quiet",
}
BARS = "▁▂▃▄▅▆▇█"
SLOW = 1.5  # times the median


def outcome(run: RunView) -> Piece:
    return signed(OUTCOMES.get(run.outcome, "quiet"), run.outcome)


def state(job: JobView) -> Piece:
    return signed(JOB_STATES.get(job.state, "quiet"), job.state)


def history(job: JobView, places: int = 20) -> tuple[Piece, ...]:
    """A bar a run: as high as it took long, slow ones marked; a cross for one that failed."""
    recent = job.recent[-places:]
    longest = max((run.took_s or 0.0 for run in recent), default=0.0)
    bars = [_bar(run, longest, job.median_s) for run in recent]
    return (*bars, Piece("·" * (places - len(recent)), "quiet"))


def _bar(run: RunView, longest: float, median: float | None) -> Piece:
    if run.outcome == "failed":
        return Piece("✗", "fail")
    if run.outcome == "running":
        return Piece("▄", "run")
    if run.outcome != "succeeded" or run.took_s is None:
        return Piece("·", "quiet")
    share = run.took_s / longest if longest else 0.0
    slow = median is not None and median >= 1.0 and run.took_s > SLOW * median
    return Piece(BARS[round(share * (len(BARS) - 1))], "warn" if slow else "ok")


def jobs_table(output: Output, jobs: Sequence[JobView]) -> None:
    """On a narrow terminal without the columns that a person can do without."""
    rows = [_job(output, job) for job in jobs]
    heads = ("JOB", "STATE", "AT", "LAST", "TOOK", "MEDIAN", "LAST 20", "NEXT")
    if output.is_narrow:
        kept = (0, 1, 3, 4, 7)
        heads_kept = [heads[number] for number in kept]
        output.table(heads_kept, [[row[number] for number in kept] for row in rows], right=(3,))
    else:
        output.table(heads, rows, right=(4, 5))


def _job(output: Output, job: JobView) -> list[Cell]:
    return [
        Piece(job.name, "name"),
        state(job),
        job.schedule,
        output.when_short(job.last.started_at) if job.last else "–",
        took(job.last.took_s) if job.last else "–",
        took(job.median_s),
        history(job),
        output.when_short(job.next_at),
    ]


def runs_table(output: Output, runs: Sequence[RunView]) -> None:
    rows: list[list[Cell]] = [
        [
            Piece(f"#{run.id}", "quiet"),
            Piece(run.job, "name"),
            outcome(run),
            run.slot,
            output.when_short(run.started_at),
            took(run.took_s),
            run.error or said(run),
        ]
        for run in runs
    ]
    heads: tuple[str, ...] = ("#", "JOB", "OUTCOME", "SLOT", "STARTED", "TOOK", "WHAT CAME OF IT")
    if output.is_narrow:  # the slot says little that the start does not
        heads = (*heads[:3], *heads[4:])
        rows = [[*row[:3], *row[4:]] for row in rows]
    output.table(heads, rows, right=(len(heads) - 2,), wraps=(len(heads) - 1,))


def said(run: RunView) -> str:
    """What came of a run, in a line: its own sentence, else its plain values."""
    return run.said or ", ".join(
        f"{key.replace('_', ' ')} {value}"
        for key, value in run.summary.items()
        if isinstance(value, str | int | float) and value not in ("", 0, 0.0)
    )
