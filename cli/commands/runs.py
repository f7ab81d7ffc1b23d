"""`runs`: single runs, the whole life of each, and a person's word on it."""

from __future__ import annotations

from datetime import datetime

from cli import runs, stored_scan
from cli.commands import run as run_command
from cli.door import Desk
from cli.exit_codes import ExitCode
from cli.failures import Failure, unknown
from cli.output import Output, Piece
from cli.output import took as lasting
from cli.run_views import CancelView, MoveView, RunLifeView
from cli.session import Session
from cli.times import moment
from cli.views import RunView
from jobs.run_life import AGAIN
from operations.telemetry.rendering import console_line
from storage.states import RunState

SHOWN = 20
KNOWN = ("run", "job", "summary")  # of its log lines: always the same, or shown by `runs show`


def execute(session: Session) -> int:
    verbs = {"list": _list, "show": _show, "log": _log, "cancel": _cancel, "retry": _retry}
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


def _log(session: Session) -> int:
    output = session.output
    with session.desk() as desk:
        which = typed_run(session, desk)
        found = desk.run_desk.log(which, session.args.slot, session.args.tail)
    if output.as_json:
        output.document(found)
        return ExitCode.DONE
    for line in found.lines:
        output.raw(console_line({k: v for k, v in line.items() if k not in KNOWN}, False))
    if found.total > len(found.lines):
        output.note(f"the latest {len(found.lines)} of {found.total} lines; --tail shows more")
    if not found.lines:
        looked = ", ".join(found.files) or "any file here"
        output.note(f"there is no line of run {found.run.id} in {looked}")
    for note in found.notes:
        output.note(note)
    return ExitCode.DONE


def _cancel(session: Session) -> int:
    """0 when it has ended or will not begin, 1 when that is still to come."""
    with session.desk() as desk:
        which = typed_run(session, desk)
        found = desk.run_desk.cancel(which, session.args.slot, session.args.why)
    if session.output.as_json:
        session.output.document(found)
    else:
        session.output.text(_told_of_cancel(found))
    return ExitCode.DONE if found.became in ("skipped", "cancelled") else ExitCode.BAD_OUTCOME


def _retry(session: Session) -> int:
    """A slot: 0 when it is due once more. By hand: as `run` has it."""
    output = session.output
    with session.desk() as desk:
        which = typed_run(session, desk)
        with session.progress() as progress:
            found = desk.run_desk.retry(which, session.args.slot, progress.step)
    if output.as_json:
        output.document(found)
    elif found.by_hand:
        run_command.show(output, found.run)
    else:
        output.text(f"{_name(found.run)} is due again: {found.next}.")
    return run_command.exit_code(found.run) if found.by_hand else ExitCode.DONE


def _told_of_cancel(found: CancelView) -> str:
    run, name = found.run, _name(found.run)
    if found.became == "skipped":
        return f"{name} will not be run. {AGAIN} {run.id} changes that."
    if found.became == "cancelled":
        return f"{name} is cancelled; what it stored is kept. {AGAIN} {run.id} runs it once more."
    if found.became == "told":
        return f"{name}: {found.process} was told and ends it when the step under way has ended."
    return (
        f"{name}: {found.process or 'its process'} has not answered yet. It stops when it hears "
        "of it, and is cancelled if its process dies before."
    )


def _name(run: RunView) -> str:
    return f"Run {run.id} ({run.job} {run.slot})"


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
    met = stored_scan.met(run.summary)
    if met:
        output.gap()
        output.table(("MET", "WHAT"), [[one.what, one.reason] for one in met], wraps=(1,), indent=2)


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
