"""`recovery`: what each start found that the dead had left behind, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cli.exit_codes import ExitCode
from cli.output import Output, Piece, signed
from cli.session import Session
from cli.times import moment
from storage.recovery_reports import Finding, RecoveryReport

SHOWN = 20


def execute(session: Session) -> int:
    args = session.args
    report_id = getattr(args, "id", None)
    with session.desk() as desk:
        if report_id is not None:
            found: Sequence[RecoveryReport] = [desk.agent_desk.recovery(report_id)]
        else:
            found = desk.agent_desk.recoveries(getattr(args, "limit", SHOWN))
    output, now = session.output, session.door.clock.now()
    if output.as_json:
        output.document(found[0] if report_id is not None else {"recoveries": found})
    elif report_id is not None:
        show(output, found[0], now)
    elif found:
        table(output, found, now)
    else:
        output.text("No daemon has started yet.")
    return ExitCode.DONE


def table(output: Output, reports: Sequence[RecoveryReport], now: datetime) -> None:
    output.table(
        ("ID", "AT", "LOOK", "PUT RIGHT", "TOOK", "WHAT"),
        [
            [
                str(one.id),
                moment(output, one.at, now),
                one.occasion,
                _outcome(one),
                _took(one),
                ", ".join(f"{each.count} {each.what}" for each in one.found if each.is_mended),
            ]
            for one in reports
        ],
        right=(0, 4),
        wraps=(5,),
    )


def show(output: Output, report: RecoveryReport, now: datetime) -> None:
    output.text(Piece(f"#{report.id}  ", "quiet"), _outcome(report), f"  {report.occasion}")
    facts = (
        ("at", moment(output, report.at, now)),
        ("by", report.executor),
        ("took", _took(report)),
    )
    for name, words in facts:
        output.text(Piece(f"{name:<6}", "quiet"), words, indent=2)
    for title, is_mended in (("left behind by the dead", True), ("not done yet", False)):
        found = [one for one in report.found if one.is_mended is is_mended]
        if found:
            output.gap()
            _findings(output, title, found)


def _findings(output: Output, title: str, found: Sequence[Finding]) -> None:
    output.table(
        ("", title.upper(), "WHAT BECOMES OF IT"),
        [[str(one.count), one.what, one.done] for one in found],
        right=(0,),
        wraps=(1, 2),
        indent=2,
    )


def _outcome(report: RecoveryReport) -> Piece:
    if report.ended_at is None:
        return signed("fail", "not ended")
    if report.findings:
        return signed("warn", str(report.findings))
    return signed("ok", "nothing")


def _took(report: RecoveryReport) -> str:
    return f"{report.took_s:.3f} s" if report.took_s is not None else "–"
