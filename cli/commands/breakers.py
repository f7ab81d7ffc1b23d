"""`breakers`: which services are left alone, since when and why; and a person's word on it."""

from __future__ import annotations

from datetime import datetime

from cli import breaker_tables
from cli.exit_codes import ExitCode
from cli.failures import unknown
from cli.output import Output, Piece, signed
from cli.policy_views import BreakerView, OrderView
from cli.session import Session
from cli.times import moment

SEE = "python main.py breakers lists them"
LASTS = {"hold", "disable", "close"}  # kept for processes that start later
DONE = {
    "hold": "nothing goes through",
    "disable": "everything goes through, whatever it does",
    "close": "asked again, as if nothing had happened",
    "probe": "the next call may try",
    "open": "nothing goes through for its usual wait",
}


def execute(session: Session) -> int:
    """0; of an order that a running process has not confirmed: 1."""
    verb = session.args.verb
    if verb == "list":
        return _list(session)
    if verb == "show":
        return _show(session)
    return _order(session)


def _list(session: Session) -> int:
    with session.desk() as desk:
        found = desk.breakers()
    output = session.output
    if output.as_json:
        output.document(found)
        return ExitCode.DONE
    _noted(output, found.note)
    breaker_tables.table(output, found.breakers, session.door.clock.now())
    return ExitCode.DONE


def _show(session: Session) -> int:
    service = session.args.service
    with session.desk() as desk:
        _check(service, desk.services())
        found = desk.breakers()
        quotas = desk.quotas()
    breakers = [one for one in found.breakers if one.service == service]
    output, now = session.output, session.door.clock.now()
    if output.as_json:
        own = [one for one in quotas.quotas if one.service == service]
        output.document(
            {"source": found.source, "note": found.note, "breakers": breakers, "quotas": own}
        )
        return ExitCode.DONE
    _noted(output, found.note)
    for one in breakers:
        _facts(output, one, now)
    return ExitCode.DONE


def _facts(output: Output, one: BreakerView, now: datetime) -> None:
    said_by = f"  {one.process}" if one.process else ""
    output.text(
        breaker_tables.state(one), Piece(f"  {one.service}", "name"), Piece(said_by, "quiet")
    )
    gates = breaker_tables.gates(one)
    facts = (
        ("since", moment(output, one.since, now) if one.since is not None else ""),
        ("why", breaker_tables.why(output, one, now)),
        (
            "next trial",
            breaker_tables.next_trial(output, one, now) if one.state != "closed" else "",
        ),
        ("calls", f"{one.calls} made, {one.failed} failed, {one.failures} of them in a row"),
        ("rejected", f"{one.rejected}" + (f" ({gates})" if gates else "")),
        ("retries", str(one.retries)),
        ("now", f"{one.under_way} under way, {one.waiting} wait for a slot"),
        ("late", f"{one.late_results} ended too late to count" if one.late_results else ""),
        ("last error", one.last_error),
    )
    for name, words in facts:
        if words:
            output.text(Piece(f"{name:<11}", "quiet"), words, indent=2)


def _order(session: Session) -> int:
    args = session.args
    with session.desk() as desk:
        _check(args.service, desk.services())
        found = desk.order(
            args.verb,
            args.service,
            getattr(args, "seconds", None),
            getattr(args, "why", None) or "",
        )
    if session.output.as_json:
        session.output.document(found)
    else:
        _said(session.output, found, session.door.clock.now())
    return ExitCode.DONE if found.is_confirmed else ExitCode.BAD_OUTCOME


def _said(output: Output, found: OrderView, now: datetime) -> None:
    words = DONE[found.order]
    if found.order in ("hold", "disable"):
        ends = f"ends {moment(output, found.until, now)}" if found.until else "until it is closed"
        words += f", {ends}"
    output.text(Piece(found.service, "name"), f": {words}.")
    for one in found.answers:
        if one.outcome == "done":
            shown = breaker_tables.state(BreakerView(found.service, one.state))
            output.text(shown, f"  {one.process}", indent=2)
        else:
            output.text(signed("fail", one.outcome), f"  {one.process}: {one.why}", indent=2)
    for who in found.silent:
        output.text(signed("warn", "no answer yet"), f"  {who}; it is told when it looks", indent=2)
    if not found.answers and not found.silent:
        output.text(_without_daemon(found), indent=2)
    elif found.changed:
        output.text(f"also for the next start of {', '.join(found.changed)}", indent=2)


def _without_daemon(found: OrderView) -> str:
    if found.order in LASTS or found.changed:
        return "No daemon runs: it holds from the next start."
    return "No daemon runs, and nothing is stored that would keep the next one from asking it."


def _check(service: str, known: list[str]) -> None:
    if service not in known:
        raise unknown("service", service, known, SEE)


def _noted(output: Output, note: str) -> None:
    if note:
        output.note(f"note: {note}")
