"""`quota`: what may be asked of each service, what of it is taken, and when it begins anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from cli.exit_codes import ExitCode
from cli.failures import unknown
from cli.output import Cell, Output, Piece
from cli.policy_views import QuotasView, QuotaView
from cli.session import Session
from cli.times import moment

HEADS = ("SERVICE", "OF", "PER", "LIMIT", "TAKEN", "LEFT", "BEGINS ANEW")


def execute(session: Session) -> int:
    service = getattr(session.args, "service", None)
    with session.desk() as desk:
        if service is not None and service not in (known := desk.services()):
            raise unknown("service", service, known, "python main.py breakers lists them")
        found = desk.quotas()
    chosen = _chosen(found, service)
    if session.output.as_json:
        session.output.document(chosen)
        return ExitCode.DONE
    show(session.output, chosen, session.door.clock.now(), service)
    return ExitCode.DONE


def _chosen(found: QuotasView, service: str | None) -> QuotasView:
    """Of what is off only what a person asks for by name, or what was taken before."""
    if service is not None:
        chosen = [one for one in found.quotas if one.service == service]
        off = {name: why for name, why in found.off.items() if name == service}
        return replace(found, quotas=tuple(chosen), off=off)
    chosen = [one for one in found.quotas if one.service not in found.off or one.taken]
    return replace(found, quotas=tuple(chosen))


def show(output: Output, found: QuotasView, now: datetime, service: str | None) -> None:
    quotas, note = found.quotas, found.note
    if not quotas and not found.off:
        whose = service or "any service"
        output.text(f"No quota is set for {whose}: [[policies.SERVICE.quotas]] in retailxai.toml.")
        return
    if note:
        output.note(f"note: {note}")
    if quotas:
        rows = [_row(output, one, now) for one in quotas]
        output.table(HEADS, rows, right=(3, 4, 5), wraps=(6,))
    for one in quotas:
        for who, amount in sorted(one.in_hand.items()):
            output.text(
                Piece(f"{one.service} {one.resource} per {one.per}: ", "quiet"),
                f"{amount:g} in hand of {who}",
                indent=2,
            )
    for name, why in sorted(found.off.items()):
        output.text(Piece(f"{name} is off: ", "quiet"), why, indent=2)


def _row(output: Output, one: QuotaView, now: datetime) -> list[Cell]:
    if one.open_usd is not None:
        taken = f"{one.used:.4f}" + (f" and {one.open_usd:.4f} open" if one.open_usd else "")
        amounts = [f"{one.limit:.2f}", taken, f"{one.left:.4f}"]
    else:
        amounts = [_number(number) for number in (one.limit, one.used, one.left)]
    return [Piece(one.service, "name"), one.resource, one.per, *amounts, _reset(output, one, now)]


def _number(number: Decimal) -> str:
    digits = f"{number:,f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _reset(output: Output, one: QuotaView, now: datetime) -> str:
    """In local words and, where that is another clock, in the quota's own zone."""
    said = moment(output, one.resets_at, now)
    if not output.is_terminal:
        return said
    there = one.resets_at.astimezone(ZoneInfo(one.zone))
    if there.utcoffset() == one.resets_at.astimezone().utcoffset():
        return said
    return f"{said} ({there:%H:%M} {one.zone})"
