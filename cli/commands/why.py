"""`why JOB [DATE]`: what became of each slot, or will, and for which reason."""

from __future__ import annotations

from cli.exit_codes import ExitCode
from cli.failures import unknown
from cli.output import Output, Piece, signed
from cli.session import Session
from cli.slot_views import SlotView, WhyView

STYLES = {
    "ran": "ok",
    "ran late": "ok",
    "ran early": "ok",
    "running": "run",
    "to run": "run",
    "put off": "warn",
    "skipped": "warn",
    "failed": "fail",
    "abandoned": "warn",
    "cancelled": "warn",
    "undecided": "fail",
}


def execute(session: Session) -> int:
    """Bad is what should have run and has not, or not to a good end."""
    job, day = session.args.job, session.args.day
    with session.desk() as desk:
        if job not in (known := desk.job_names()):
            raise unknown("job", job, known, "python main.py jobs lists them")
        found = desk.why(job, day)
    if session.output.as_json:
        session.output.document(found)
    else:
        show(session.output, found)
    return ExitCode.BAD_OUTCOME if any(one.is_bad for one in found.slots) else ExitCode.DONE


def show(output: Output, found: WhyView) -> None:
    off = "" if found.enabled else "  switched off: it runs by hand only"
    output.text(Piece(found.job, "name"), f"  {found.schedule}  ", Piece(found.rule + off, "quiet"))
    for slot in found.slots:
        output.gap()
        _slot(output, slot)


def _slot(output: Output, one: SlotView) -> None:
    number = f"  #{one.run_id}" if one.run_id is not None else ""
    verdict = signed(STYLES.get(one.verdict, "quiet"), one.verdict)
    output.text(
        one.slot, Piece(number, "quiet"), "  ", verdict, f"{': ' if one.why else ''}{one.why}"
    )
    output.text(Piece("due     ", "quiet"), output.when(one.due_at), indent=2)
    for name, words in (("clocks", one.clock_change), ("next", one.next)):
        if words:
            output.text(Piece(f"{name:<8}", "quiet"), words, indent=2)
    if one.moves:
        rows = [[output.when(move.at), move.told] for move in one.moves]
        output.table(("AT", "WHAT"), rows, wraps=(1,), indent=2)
