"""`dead-letters`: what could not be done and is kept, and a person's word on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cli.exit_codes import ExitCode
from cli.failures import Failure
from cli.letter_counter import unknown_letter
from cli.letter_views import LetterView, RetryView
from cli.output import Output, Piece, signed
from cli.session import Session
from cli.times import moment

SIGNS = {"waiting": "warn", "replaying": "run", "resolved": "ok", "dropped": "quiet"}


def execute(session: Session) -> int:
    verbs = {"list": _list, "show": _show, "retry": _retry, "drop": _drop}
    return verbs[session.args.verb](session)


def _list(session: Session) -> int:
    with session.desk() as desk:
        found = desk.dead_letters(ended=getattr(session.args, "all", False))
    if session.output.as_json:
        session.output.document({"dead_letters": found})
    elif found:
        table(session.output, found, session.door.clock.now())
    else:
        session.output.text("There are no dead letters.")
    return ExitCode.DONE


def _show(session: Session) -> int:
    with session.desk() as desk:
        found = desk.dead_letter(session.args.id)
    if found is None:
        raise unknown_letter(session.args.id)
    if session.output.as_json:
        session.output.document(found)
    else:
        show(session.output, found, session.door.clock.now())
    return ExitCode.DONE


def _retry(session: Session) -> int:
    args = session.args
    every = getattr(args, "all", False)
    if every == (args.id is not None):
        hint = "python main.py dead-letters retry 12, or retry --all"
        raise Failure(ExitCode.USAGE, "usage", "name one dead letter, or --all", hint)
    if args.service and not every:
        raise Failure(ExitCode.USAGE, "usage", "--service goes with --all", "")
    with session.desk() as desk:
        found = desk.retry_letters(args.id, args.service)
    if session.output.as_json:
        session.output.document(found)
    else:
        session.output.text(_told(found))
    return ExitCode.DONE


def _drop(session: Session) -> int:
    with session.desk() as desk:
        found = desk.drop_letter(session.args.id)
    if session.output.as_json:
        session.output.document(found)
    else:
        session.output.text(f"Dropped: {found.what}. A later scan may still read it.")
    return ExitCode.DONE


def table(output: Output, letters: Sequence[LetterView], now: datetime) -> None:
    output.table(
        ("ID", "STATE", "CAUSE", "SERVICE", "WHAT", "LAST TRIED", "WHY"),
        [
            [
                str(one.id),
                signed(SIGNS[one.state], one.state),
                one.cause,
                Piece(one.service, "name"),
                one.what,
                moment(output, one.last_at, now),
                one.error,
            ]
            for one in letters
        ],
        right=(0,),
        wraps=(4, 6),
    )


def show(output: Output, one: LetterView, now: datetime) -> None:
    output.text(
        Piece(f"#{one.id}  ", "quiet"), signed(SIGNS[one.state], one.state), f"  {one.what}"
    )
    times = f"{one.attempts} time{'' if one.attempts == 1 else 's'}"
    facts = (
        ("cause", f"{one.cause} of {one.service}"),
        ("why", one.error),
        ("step", one.step),
        ("stopped", f"{times}, first {moment(output, one.first_at, now)}"),
        ("last", moment(output, one.last_at, now)),
        ("next", one.next),
        ("not before", moment(output, one.not_before, now) if one.not_before else ""),
        (one.kind, one.key),
    )
    for name, words in facts:
        if words:
            output.text(Piece(f"{name:<11}", "quiet"), words, indent=2)


def _told(found: RetryView) -> str:
    count = len(found.letters)
    if not count:
        return "There is nothing to try again."
    what = found.letters[0].what if count == 1 else f"{count} dead letters"
    services = ", ".join(sorted({one.service for one in found.letters}))
    when = "within seconds" if found.daemons else "by the next daemon that starts (none runs)"
    return f"{what}: tried again {when}, as soon as nothing stands between us and {services}."
