"""`paid`: calls that may have been paid for without an answer, and a person's word on them."""

from __future__ import annotations

from datetime import datetime

from cli.exit_codes import ExitCode
from cli.output import Cell, Output, Piece, signed
from cli.paid_views import BatchesView, PaidCallView, PaidDecision, PaidListView
from cli.session import Session
from cli.times import distance, moment

SIGNS = {"intent": "run", "answered": "ok", "in_doubt": "warn"}  # the others: quiet
BATCH_SIGNS = {"intent": "run", "sent": "run", "cancelling": "warn", "ended": "run", "done": "ok",
               "refused": "quiet", "lost": "fail"}  # fmt: skip
IN_DOUBT = "in_doubt"
TYPE = (
    ("python main.py paid retry ID", "asks again: it may be paid a second time"),
    ("python main.py paid drop ID", "never asks again: the local reading stands"),
)


def execute(session: Session) -> int:
    verbs = {"list": _list, "retry": _decide, "drop": _decide, "batches": _batches}
    return verbs[session.args.verb](session)


def _list(session: Session) -> int:
    word = getattr(session.args, "state", IN_DOUBT)
    with session.desk() as desk:
        found = desk.paid_calls(word)
    if session.output.as_json:
        session.output.document(found)
    else:
        show(session.output, found, word, session.door.clock.now())
    return ExitCode.DONE


def _decide(session: Session) -> int:
    args = session.args
    with session.desk() as desk:
        if args.verb == "retry":
            found = desk.retry_paid(args.ids, args.reason, args.billed)
        else:
            found = desk.drop_paid(args.ids, args.reason, args.billed)
    if session.output.as_json:
        session.output.document(found)
    else:
        told(session.output, found)
    return ExitCode.DONE if all(one.done for one in found.outcomes) else ExitCode.REFUSED


def _batches(session: Session) -> int:
    with session.desk() as desk:
        found = desk.batches()
    if session.output.as_json:
        session.output.document(found)
    else:
        show_batches(session.output, found, session.door.clock.now())
    return ExitCode.DONE


def show_batches(output: Output, found: BatchesView, now: datetime) -> None:
    if not found.batches:
        output.text("No batch was sent yet.")
        return
    output.table(
        ("BATCH", "STATE", "QUESTIONS", "SENT", "ANSWERS BY", "ENDED", "NAME THERE", "WHY"),
        [
            [
                str(one.id),
                signed(BATCH_SIGNS[one.state], one.state),
                str(one.requests),
                moment(output, one.sent_at, now),
                moment(output, one.deadline_at, now),
                "–" if one.ended_at is None else moment(output, one.ended_at, now),
                f"{one.provider} {one.remote_id}".strip(),
                one.why,
            ]
            for one in found.batches
        ],
        right=(0, 2),
        wraps=(6, 7),
    )


def show(output: Output, found: PaidListView, word: str, now: datetime) -> None:
    state = word.replace("_", " ")
    if not found.calls:
        output.text(f"No paid call is {state}." if word != "all" else "There are no paid calls.")
        return
    output.table(
        ("ID", "STATE", "DOCUMENT", "MODEL", "ASKED", "ABOUT USD", "BY", "WHY"),
        [_row(output, one, now) for one in found.calls],
        right=(0, 5),
        wraps=(2, 6, 7),
    )
    count = len(found.calls)
    output.gap()
    about = f"about {found.estimate_usd:.4f} USD"
    if word == IN_DOUBT:
        calls = "1 call" if count == 1 else f"{count} calls"
        output.text(f"{calls} may have been paid for without an answer: {about} at stake.")
        for command, meaning in TYPE:
            output.text(Piece(f"{command:<29}", "name"), meaning, indent=2)
    else:
        output.text(f"{count} listed, estimated at {about}.")


def _row(output: Output, one: PaidCallView, now: datetime) -> list[Cell]:
    title = (Piece(f"{one.ticker} ", "name"), Piece(one.title)) if one.ticker else one.title
    return [
        str(one.id),
        signed(SIGNS.get(one.state, "quiet"), one.state.replace("_", " ")),
        title,
        f"{one.provider} {one.model}",
        moment(output, one.asked_at, now) if output.is_terminal else _old(output, one, now),
        f"{one.estimate_usd:.4f}",
        _process(one),
        one.why,
    ]


def _old(output: Output, one: PaidCallView, now: datetime) -> str:
    return f"{moment(output, one.asked_at, now)} ({distance(one.asked_at, now)})"


def _process(one: PaidCallView) -> str:
    lives = {True: "lives", False: "gone", None: "unknown"}[one.process_lives]
    return f"{one.process}{' on ' + one.host if one.host else ''} ({lives})"


def told(output: Output, found: PaidDecision) -> None:
    for one in found.outcomes:
        call = one.call
        name = f"#{one.id} {call.ticker + ' ' if call.ticker else ''}{call.title}"
        if not one.done:
            output.text(signed("fail", "refused"), f"  {name}: {one.why}")
        elif found.order == "drop":
            output.text(signed("ok", "dropped"), f"  {name}: never asked again; {_counts(call)}")
        else:
            output.text(signed("ok", "released"), f"  {name}: may be paid a second time")
    if found.order == "retry" and any(one.done for one in found.outcomes):
        output.text(_when(found))


def _counts(call: PaidCallView) -> str:
    about = f"its {call.estimate_usd:.4f} USD"
    return f"{about} {'no longer count' if call.billed is False else 'stay counted'}"


def _when(found: PaidDecision) -> str:
    if found.taken_up_by:
        return f"Asked again at once, by {found.taken_up_by}."
    if not found.documents:
        return "No document waits for it: it is asked when one does."
    return f"Asked again by the next scan ({found.note})."
