"""`runs`: single runs, the whole life of each, and a person's word on it."""

from __future__ import annotations

from datetime import datetime

from cli import runs
from cli.door import Desk
from cli.exit_codes import ExitCode
from cli.failures import Failure, unknown
from cli.output import Output, Piece
from cli.output import took as lasting
from cli.run_views import MoveView, RunLifeView
from cli.session import Session
from cli.times import moment
from storage.states import RunState

SHOWN = 20


def execute(session: Session) -> int:
    verbs = {"list": _list, "show": _show}
    return verbs[session.args.verb](session)


def _list(session: Session) -> int:
    args = session.args
    job, state = getattr(args, "job", None), getattr(args, "state", None)
    since, limit = getattr(args, "since", None), getattr(args, "limit", SHOWN)
    if state is not None and state not in (known := [str(one) for one in RunState]):
        raise _unknown_state(state, known)
    with session.desk() as desk:
        if job is not None:
            _check_job(desk, job)
        found = desk.run_desk.listed(job, state, since, limit)
    if session.output.as_json:
        session.output.document({"runs": found})
    elif found:
        runs.runs_table(session.output, found)
    else:
        asked = job or state or since
        session.output.text("There are no such runs." if asked else "Nothing has run yet.")
    return ExitCode.DONE


def _show(session: Session) -> int:
    with session.desk() as desk:
        which = typed_run(session, desk)
        found = desk.run_desk.life(which, session.args.slot)
    if session.output.as_json:
        session.output.document(found)
    else:
        show(session.output, found, session.door.clock.now())
    return ExitCode.DONE


def typed_run(session: Session, desk: Desk) -> str:
    """The number or the job that was typed. Raises Failure for a job that there is not."""
    which = str(session.args.run).strip().removeprefix("#")
    if which.isascii() and which.isdigit() and len(which) <= 18:
        if session.args.slot is not None:
            hint = "python main.py runs show 12, or runs show JOB SLOT"
            raise Failure(ExitCode.USAGE, "usage", "a run's number needs no slot", hint)
        return which
    _check_job(desk, which)
    return which


def show(output: Output, life: RunLifeView, now: datetime) -> None:
    run = life.run
    job = Piece(run.job, "name")
    output.text(Piece(f"#{run.id}  ", "quiet"), job, f"  {run.slot}  ", runs.outcome(run))
    said = "" if run.outcome in ("due", "deferred") else runs.said(run)
    for name, words in (("said", said), ("error", run.error), ("next", life.next)):
        if words:
            output.text(Piece(f"{name:<8}", "quiet"), words, indent=2)
    output.gap()
    if life.moves:
        _moves(output, life.moves)
    else:
        output.text("It ended before moves were kept; what is known:", indent=2)
        _row_alone(output, life, now)
    if life.documents:
        output.gap()
        output.table(
            ("DOCUMENT", "STATE", "TITLE", "WHY"),
            [[f"#{d.id}", d.state, d.title, d.reason] for d in life.documents],
            wraps=(2, 3),
            indent=2,
        )


def _moves(output: Output, moves: tuple[MoveView, ...]) -> None:
    rows = []
    for place, one in enumerate(moves):
        if place and one.number != moves[place - 1].number + 1:
            lost = one.number - moves[place - 1].number - 1
            rows.append(["", f"… {lost} moves between are not kept"])
        rows.append([_exactly(output, one.at), one.told])
    output.table(("AT", "WHAT"), rows, wraps=(1,), indent=2)


def _exactly(output: Output, at: datetime) -> str:
    """To the second: two moves of one minute are common."""
    return f"{at.astimezone():%d %b %H:%M:%S}" if output.is_terminal else output.when(at)


def _row_alone(output: Output, life: RunLifeView, now: datetime) -> None:
    begun, took = life.run.started_at, life.run.took_s
    why = f": {life.reason}" if life.reason else ""
    output.text(f"decided {moment(output, life.decided_at, now)}{why}", indent=2)
    if begun is not None:
        lasted = f", took {lasting(took)}" if took is not None else ""
        output.text(f"begun {moment(output, begun, now)} by {life.run.by}{lasted}", indent=2)


def _check_job(desk: Desk, job: str) -> None:
    if job not in (known := desk.job_names()):
        raise unknown("job", job, known, "python main.py jobs lists them")


def _unknown_state(state: str, known: list[str]) -> Failure:
    failure = unknown("state", state, known, f"there are {', '.join(known)}")
    return Failure(ExitCode.USAGE, failure.code, failure.message, failure.hint)
