"""`policy explain SERVICE`: what would become of a call now, gate for gate, without making it."""

from __future__ import annotations

from datetime import datetime

from cli.commands import policy_backtest
from cli.exit_codes import ExitCode
from cli.failures import unknown
from cli.output import Output, Piece, signed, took
from cli.policy_views import ExplainView, GateView
from cli.session import Session
from cli.times import moment


def execute(session: Session) -> int:
    """0 if a call would be made, 75 if a gate is in the way."""
    args = session.args
    if args.verb == "backtest":
        return policy_backtest.execute(session)
    with session.desk() as desk:
        if args.service not in (known := desk.services()):
            raise unknown("service", args.service, known, "python main.py breakers lists them")
        found = desk.explain(args.service, args.cost or {})
    if session.output.as_json:
        session.output.document(found)
    else:
        show(session.output, found, session.door.clock.now())
    return ExitCode.DONE if found.passes else ExitCode.TRY_LATER


def show(output: Output, found: ExplainView, now: datetime) -> None:
    if found.note:
        output.note(f"note: {found.note}")
    cost = ", ".join(f"{amount:g} {resource}" for resource, amount in sorted(found.cost.items()))
    call = f"a call to {found.service}" + (f" of {cost}" if cost else "")
    output.text(_verdict(found), f"  {call}{_when(output, found, now)}")
    output.table(
        ("", "GATE", "SAYS", "OPENS"),
        [
            [_sign(one), Piece(one.gate, "name"), one.why, _opens(output, one, now)]
            for one in found.gates
        ],
        wraps=(2,),
        indent=2,
    )
    if found.process:
        output.text(Piece(f"as {found.process} says", "quiet"), indent=2)


def _verdict(found: ExplainView) -> Piece:
    if not found.passes:
        return signed("warn", "would be rejected")
    return signed("run", "would wait") if found.wait_s else signed("ok", "would go through")


def _when(output: Output, found: ExplainView, now: datetime) -> str:
    if found.passes:
        return f", {took(found.wait_s)} from now" if found.wait_s else ""
    if found.retry_at is not None:
        return f"; it is worth trying {moment(output, found.retry_at, now)}"
    return "; nobody knows when that ends"


def _sign(one: GateView) -> Piece:
    if one.is_binding:
        return signed("fail", "binding")
    return signed("ok", "open") if one.is_open else signed("warn", "shut")


def _opens(output: Output, one: GateView, now: datetime) -> str:
    if one.is_open:
        return ""
    return moment(output, one.opens_at, now) if one.opens_at else "nobody knows"
