"""`db upgrade`: the embedded database from one major version of PostgreSQL to another."""

from __future__ import annotations

from pathlib import Path

from cli.archive_views import UpgradeView, UpgradeWish
from cli.commands.db_backup import show_rotten, size
from cli.exit_codes import ExitCode
from cli.output import Output, Piece, took
from cli.passphrase import to_encrypt
from cli.session import Session


def upgrade(session: Session) -> int:
    settings, args = session.settings(), session.args
    wish = UpgradeWish(
        old_binaries=None if args.old_binaries is None else Path(args.old_binaries),
        leave_others=args.leave_others,
        drop_old=args.drop_old,
        passphrase=to_encrypt(session, settings),
    )
    with session.progress() as progress:
        done = session.door.upgrade_database(settings, wish, progress.step)
    if session.output.as_json:
        session.output.document(done)
    else:
        show(session.output, done)
    return ExitCode.DONE


def show(output: Output, done: UpgradeView) -> None:
    if done.backup is None:
        output.text(Piece(done.folder, "name"), f": is of PostgreSQL {done.after} already.")
    else:
        proof = done.backup
        output.text(
            Piece(done.folder, "name"),
            f": from PostgreSQL {done.before} to {done.after}, in {took(proof.took_s)}.",
        )
        output.text(
            f"{proof.documents:,} documents ({size(proof.document_bytes)}), {proof.rows:,} rows of "
            f"{proof.tables} tables, each read back and compared; {proof.file} is a backup.",
            indent=2,
        )
        show_rotten(output, proof)
    for path in done.dropped:
        output.text(f"Removed {path}.", indent=2)
    for path in done.kept:
        output.text(f"Kept: {path}; `python main.py db upgrade --drop-old` removes it.", indent=2)
