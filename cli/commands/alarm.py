"""`alarm UNIT`: that it has failed, to stdout (the journal, under systemd) and to the webhook."""

from __future__ import annotations

from cli.exit_codes import ExitCode
from cli.session import Session


def execute(session: Session) -> int:
    """0 told wherever it should be, 1 the webhook was not reached."""
    args, output = session.args, session.output
    told = session.door.sound_alarm(args.unit, args.result, args.code, args.status)
    if output.as_json:
        output.document(told)
    else:
        output.text(told.text)
        if told.webhook == "told":
            output.text("The webhook was told too.")
    if told.webhook == "failed":
        output.note(f"the webhook was not told: {told.problem}")
        return ExitCode.BAD_OUTCOME
    return ExitCode.DONE
