"""`db`: its schema; the whole of it into a file, and out of one into another database."""

from __future__ import annotations

from pathlib import Path

from cli.archive_views import ExportView, ImportView, MigrateView
from cli.commands import db_backup, db_upgrade
from cli.exit_codes import ExitCode
from cli.output import Output, Piece, took
from cli.session import Session


def execute(session: Session) -> int:
    return VERBS[session.args.verb](session)


def _export(session: Session) -> int:
    settings, path = session.settings(), Path(session.args.file)
    with session.progress() as progress:
        found = session.door.export_database(settings, path, session.args.force, progress.step)
    if session.output.as_json:
        session.output.document(found)
    else:
        exported(session.output, found)
    return ExitCode.DONE


def _import(session: Session) -> int:
    settings, path = session.settings(), Path(session.args.file)
    with session.progress() as progress:
        found = session.door.import_database(settings, path, progress.step)
    if session.output.as_json:
        session.output.document(found)
    else:
        imported(session.output, found)
    return ExitCode.DONE


def _migrate(session: Session) -> int:
    """1 with --dry-run if there is something to do."""
    only_look = session.args.dry_run
    found = session.door.migrate_database(session.settings(), only_look)
    if session.output.as_json:
        session.output.document(found)
    else:
        migrated(session.output, found, only_look)
    is_behind = only_look and found.schema != found.schema_after
    return ExitCode.BAD_OUTCOME if is_behind else ExitCode.DONE


def migrated(output: Output, found: MigrateView, only_look: bool) -> None:
    if found.schema == found.schema_after:
        output.text(Piece(found.database, "name"), f": at schema {found.schema}, nothing to do.")
    else:
        verb = "would be brought" if only_look else "brought"
        way = f"from schema {found.schema} to {found.schema_after}"
        output.text(Piece(found.database, "name"), f": {verb} {way}.")
    if found.schema_after > found.program:
        output.text(f"A newer program's; this one ({found.program}) works on it.", indent=2)
    elif found.works_from and found.works_from < found.schema_after and not only_look:
        output.text(f"Programs from schema {found.works_from} on work on it too.", indent=2)


def exported(output: Output, found: ExportView) -> None:
    output.text(
        Piece(found.file, "name"),
        f": {found.documents:,} documents, {found.rows:,} rows of {found.tables} tables, "
        f"{found.bytes / 1e6:,.1f} MB, in {took(found.took_s)}.",
    )
    snapshot = f"{found.database}, schema {found.schema}, as it was at one instant"
    output.text(f"From {snapshot}.", indent=2)
    for who in found.running:
        output.note(f"warning: {who} runs: what it does from now on is not in the file")
    if found.running:
        output.fix("to move house, stop it, export again, and start on the new database alone")


def imported(output: Output, found: ImportView) -> None:
    output.text(
        Piece(found.database, "name"),
        f": {found.documents:,} documents, {found.rows:,} rows of {found.tables} tables, each as "
        f"exported at {found.exported_at}, in {took(found.took_s)}.",
    )
    if found.schema != found.schema_now:
        output.text(f"Brought from schema {found.schema} to {found.schema_now}.", indent=2)
    output.text("The next daemon that starts on it goes on where the old one was.", indent=2)


VERBS = {
    "migrate": _migrate,
    "backup": db_backup.backup,
    "verify": db_backup.verify,
    "restore": db_backup.restore,
    "upgrade": db_upgrade.upgrade,
    "export": _export,
    "import": _import,
}
