"""`chaos`: a storm on a scratch database, and the table of what was reached."""

from __future__ import annotations

import secrets
import shlex

from chaos.options import DatabaseInUse, Options, Report
from chaos.plan import Fault
from cli.exit_codes import ExitCode
from cli.failures import Failure
from cli.output import Cell, Output, Piece
from cli.session import Session

_VERDICTS = {
    True: Piece("met", "ok"),
    False: Piece("BREACH", "fail"),
    None: Piece("–", "quiet"),
}
_SHOWN = 12  # breaches of one line; --json has them all
_SEEDS = 1_000_000


def execute(session: Session) -> int:
    """0 all met, 1 a breach, 130 interrupted."""
    args, output = session.args, session.output
    options = Options(
        seed=secrets.randbelow(_SEEDS) if args.seed is None else args.seed,
        minutes=args.minutes,
        daemons=args.daemons,
        documents=args.documents,
        faults=tuple(Fault(name) for name in args.faults) if args.faults else tuple(Fault),
        database=args.database,
    )
    try:
        report = session.door.chaos(options, output.note)
    except DatabaseInUse as used:
        message, _, hint = str(used).partition(". ")
        raise Failure(ExitCode.REFUSED, "database_in_use", message, hint) from used
    if output.as_json:
        output.document(_document(report))
    else:
        show(output, report, options)
    if report.interrupted:
        return ExitCode.INTERRUPTED
    return ExitCode.DONE if report.met else ExitCode.BAD_OUTCOME


def show(output: Output, report: Report, options: Options) -> None:
    rows: list[list[Cell]] = [
        [check.name, check.reach, check.got, _VERDICTS[check.met]] for check in report.checks
    ]
    if rows:
        output.table(("", "REACH", "GOT", "VERDICT"), rows, wraps=(2,))
        output.gap()
    for check in report.checks:
        for breach in check.breaches[:_SHOWN]:
            output.text(Piece(f"{check.name}: ", "fail"), breach)
        if len(check.breaches) > _SHOWN:
            output.text(f"{check.name}: and {len(check.breaches) - _SHOWN} more (--json)")
    output.text(_said(report))
    if report.kept is not None:
        output.text(f"All logs are kept in {report.kept}")
    output.text(Piece(f"the same again: {_command(options)}", "quiet"))


def _said(report: Report) -> str:
    lasted = f"{report.took_s / 60:.1f} minutes, {report.daemons} daemons, seed {report.seed}"
    if report.interrupted:
        return f"Interrupted after {lasted}; the table tells what was seen until then."
    return f"{'All met' if report.met else 'NOT met'}: {lasted}."


def _command(options: Options) -> str:
    """The database's address may hold a password, and is left to whoever knows it."""
    words = ["python", "main.py", "chaos", "--seed", str(options.seed)]
    words += ["--minutes", f"{options.minutes:g}", "--daemons", str(options.daemons)]
    if options.documents is not None:
        words += ["--documents", str(options.documents)]
    if tuple(options.faults) != tuple(Fault):
        words += ["--faults", ",".join(options.faults)]
    return shlex.join(words) + (" --database URL" if options.database else "")


def _document(report: Report) -> dict[str, object]:
    return {"met": report.met, **vars(report)}
