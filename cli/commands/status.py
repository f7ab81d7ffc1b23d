"""`status`: how it is doing, on one screen."""

from __future__ import annotations

from datetime import datetime

from cli import breaker_tables, runs
from cli.exit_codes import ExitCode
from cli.output import Output, Piece, signed
from cli.session import Session
from cli.views import DaemonView, StatusView
from operations.checks.base import duration

STATES = {"ok": "ok", "degraded": "warn", "stopped": "quiet"}


def execute(session: Session) -> int:
    """0 all good, 1 degraded, 3 no daemon running."""
    with session.desk() as desk:
        status = desk.status()
    if session.output.as_json:
        session.output.document(status)
    else:
        show(session.output, status, session.door.clock.now())
    if not status.daemons:
        return ExitCode.NOT_RUNNING
    return ExitCode.DONE if status.state == "ok" else ExitCode.BAD_OUTCOME


def show(output: Output, status: StatusView, now: datetime) -> None:
    output.text(signed(STATES.get(status.state, "warn"), status.state), f"  {status.summary}")
    for daemon in status.daemons:
        output.text(Piece(_process(output, daemon), "quiet"), indent=2)
    for worker in status.workers:
        output.text(Piece(f"worker {_process(output, worker)}", "quiet"), indent=2)
    if not status.daemons:
        output.text(Piece("start a daemon: python main.py", "quiet"), indent=2)
    known = ", ".join(f"{count} {state}" for state, count in status.documents.items() if count)
    facts = f"{status.companies} companies; documents: {known or 'none yet'}"
    output.text(Piece(facts, "quiet"), indent=2)
    if status.database:
        output.text(Piece(status.database, "quiet"), indent=2)
    if status.jobs:
        output.gap()
        runs.jobs_table(output, status.jobs)
    if status.breakers:
        output.gap()
        breaker_tables.screen(output, status.breakers, now)
    for one in status.off:
        output.text(Piece(f"‖ {one.name} is off: ", "quiet"), Piece(one.how))
    for said in status.instead:
        output.text(Piece("▲ ", "warn"), said)


def _process(output: Output, one: DaemonView) -> str:
    since = f", since {output.when(one.started_at)}" if one.started_at else ""
    url = f", {one.url}" if one.url else ""
    silent = "" if one.silent_s is None else f", not heard of for {duration(one.silent_s)}"
    return f"{one.instance} on {one.host}, pid {one.pid}{since}{url}{silent}"
