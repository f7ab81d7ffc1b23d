"""`policy backtest SERVICE`: what other numbers would have done with the calls of last week."""

from __future__ import annotations

from collections.abc import Callable

from cli.exit_codes import ExitCode
from cli.failures import Failure, unknown
from cli.output import Cell, Output, Piece, took
from cli.session import Session
from resilience.backtest import BackTest, BadChange
from resilience.replay import Played

_ROWS: tuple[tuple[str, Callable[[Played], str]], ...] = (
    ("let through", lambda one: f"{one.let_through:,}"),
    ("rejected", lambda one: _rejected(one)),
    ("failures met", lambda one: f"{one.failures_met:,}"),
    ("failures avoided", lambda one: f"{one.failures_avoided:,}"),
    ("successes lost", lambda one: f"{one.successes_lost:,}"),
    ("times opened", lambda one: f"{one.opened:,}" + (", open at the end" * one.is_open)),
    ("time open", lambda one: took(one.open_s)),
    ("recovery noticed late", lambda one: _late(one)),
)


def execute(session: Session) -> int:
    args = session.args
    with session.desk() as desk:
        if args.service not in (known := desk.services()):
            raise unknown("service", args.service, known, "python main.py breakers lists them")
        try:
            found = desk.back_test(args.service, args.days, args.set or [])
        except BadChange as wrong:
            hint = "python main.py policy backtest SERVICE --set open_s=120 failure_threshold=3"
            raise Failure(ExitCode.USAGE, "bad_number", str(wrong), hint) from wrong
    if session.output.as_json:
        session.output.document(found)
    else:
        show(session.output, found, args.days)
    return ExitCode.DONE


def show(output: Output, found: BackTest, days: float) -> None:
    if not found.calls:
        output.text(f"No call to {found.service} is recorded of the last {days:g} days.")
        return
    span = f"{output.when(found.since)} to {output.when(found.until)}"
    output.text(Piece(found.service, "name"), f"  {found.calls:,} calls, {span}")
    for change in found.changes:
        output.text(f"{change.name}  {change.before:g} → {change.after:g}", indent=2)
    output.gap()
    rows: list[list[Cell]] = [
        [name, said(found.present), *([said(found.changed)] if found.changes else [])]
        for name, said in _ROWS
    ]
    heads = ("", "PRESENT", *(["CHANGED"] if found.changes else []))
    output.table(heads, rows, right=tuple(range(1, len(heads))), indent=2)
    output.gap()
    unknown_then = f" {found.unknown:,} such are recorded." if found.unknown else ""
    output.text(Piece(f"{found.limits}{unknown_then}", "quiet"))


def _rejected(one: Played) -> str:
    total = sum(one.rejected.values())
    gates = ", ".join(f"{count:,} {gate}" for gate, count in sorted(one.rejected.items()))
    return f"{total:,} ({gates})" if len(one.rejected) else "0"


def _late(one: Played) -> str:
    if not one.recoveries:
        return "–"
    longest = f", longest {took(one.latest_s)}" if one.recoveries > 1 else ""
    return f"{took(one.late_s / one.recoveries)} on average{longest}"
