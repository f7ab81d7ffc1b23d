"""`scan` and `backfill`: read what is new, then show it and where it stands."""

from __future__ import annotations

from collections.abc import Sequence

from cli import readings
from cli.exit_codes import ExitCode
from cli.failures import unknown
from cli.output import Output, Piece, took
from cli.session import Session
from cli.views import ScanView, TroubleView
from earnings.reports import words


def execute(session: Session) -> int:
    """1 when a document or a source failed, although the rest went on."""
    ticker = session.args.ticker
    with session.desk() as desk:
        if ticker is not None:
            known = desk.tickers(watched=True)
            if ticker not in known:
                raise unknown("company", ticker, known, "add it to retailxai.toml: [[companies]]")
        with session.progress() as progress:
            found = desk.scan(ticker, session.args.since, progress.step)
    if session.output.as_json:
        session.output.document(found)
    else:
        show(session.output, found)
    return ExitCode.BAD_OUTCOME if found.failed else ExitCode.DONE


def show(output: Output, found: ScanView) -> None:
    if found.readings:
        readings.overview(output, found.readings)
        readings.guidance(output, found.readings)
        for reading in found.readings:
            readings.places(output, reading)
        output.gap()
    _sum_up(output, found)
    readings.withheld(output, found.readings)
    _troubles(output, "refused", found.refused, "quiet")
    _troubles(output, "failed, tried again by the next scan", found.failed, "warn")
    for note in found.notes:
        output.text(Piece(f"note: {note}", "quiet"))
    for one in found.off:
        output.text(Piece(f"‖ {one.name} is off: ", "quiet"), Piece(one.how))
    if found.readings:
        first = next((one for reading in found.readings for one in reading.figures), None)
        number = first.place.evidence_id if first else "ID"
        output.text(
            Piece(f"Next: python main.py evidence {number}   ", "quiet"),
            Piece(f"python main.py company {found.readings[0].ticker}", "quiet"),
        )


def _sum_up(output: Output, found: ScanView) -> None:
    asked = f"{found.asked} asked, " if found.asked else ""
    cost = f", ${found.cost_usd:.4f}" if found.cost_usd else ""
    foot = Piece(f" ({asked}{took(found.took_s)}{cost})", "quiet")
    if found.headlines:
        told = words.plural(found.headlines, "new headline")
        output.text(f"{found.headlines} {told}: python main.py headlines")
    if found.is_quiet:
        since = f" since {output.when(found.since)}" if found.since else ""
        output.text(f"Nothing new{since}; nothing was repeated.", foot)
        return
    read = len(found.readings)
    parts = [f"{read} {words.plural(read, 'document')} read"]
    if found.after_break:
        parts.append(f"{found.after_break} finished after a break: a scan before was interrupted")
    if found.irrelevant:
        parts.append(f"{found.irrelevant} without results")
    if any(reading.is_sample for reading in found.readings):
        parts.append("those marked sample are of invented companies")
    output.text("; ".join(parts) + ".", foot)


def _troubles(output: Output, what: str, troubles: Sequence[TroubleView], style: str) -> None:
    for one in troubles:
        output.text(Piece(f"▲ {one.what} {what}: ", style), one.reason)
