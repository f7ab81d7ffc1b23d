"""`db backup`, `db verify`, `db restore`: a copy that is known to be good, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cli.archive_views import BackupView, BackupWish, ProofView, RestoreView
from cli.door import OnStep
from cli.exit_codes import ExitCode
from cli.failures import Failure
from cli.output import Output, Piece, took
from cli.passphrase import to_encrypt, to_read
from cli.session import Session
from settings import Settings

T = TypeVar("T")


def backup(session: Session) -> int:
    settings, args = session.settings(), session.args
    target = None if args.target is None else Path(args.target)
    is_folder = target is None or target.is_dir() or args.target.endswith("/")
    if args.keep and not is_folder:
        raise Failure(ExitCode.USAGE, "usage", "--keep goes with a folder", "name one, or no file")
    wish = BackupWish(
        target, is_folder, args.force, args.keep, passphrase=to_encrypt(session, settings)
    )
    with session.progress() as progress:
        made = session.door.backup_database(settings, wish, progress.step)
    if session.output.as_json:
        session.output.document(made)
    else:
        show_backup(session.output, made)
    return ExitCode.DONE


def verify(session: Session) -> int:
    return _read(session, session.door.verify_backup, show_verified)


def restore(session: Session) -> int:
    return _read(session, session.door.restore_database, show_restored)


def _read(
    session: Session,
    ask: Callable[[Settings, Path, str | None, OnStep], T],
    show: Callable[[Output, T], None],
) -> int:
    settings, path = session.settings(), Path(session.args.file)
    with session.progress() as progress:
        found = to_read(session, settings, lambda words: ask(settings, path, words, progress.step))
    if session.output.as_json:
        session.output.document(found)
    else:
        show(session.output, found)
    return ExitCode.DONE


def show_backup(output: Output, made: BackupView) -> None:
    how = ", encrypted" if made.is_sealed else ""
    output.text(
        Piece(made.backup.file, "name"),
        f": {size(made.bytes)}{how}, verified, in {took(made.backup.took_s)}.",
    )
    output.text(f"From {made.database}.", indent=2)
    show_proof(output, made.backup)
    for path in made.removed:
        output.text(f"Removed {path}.", indent=2)
    if made.not_recorded:
        output.note(f"warning: the database does not know of it: {made.not_recorded}")


def show_verified(output: Output, proof: ProofView) -> None:
    output.text(Piece(proof.file, "name"), f": good, in {took(proof.took_s)}.")
    show_proof(output, proof)


def show_proof(output: Output, proof: ProofView) -> None:
    output.text(
        f"{proof.documents:,} documents ({size(proof.document_bytes)}), {proof.rows:,} "
        f"rows of {proof.tables} tables, schema {proof.schema}, as of "
        f"{output.when(proof.taken_at)}: restored into a database of its own and compared.",
        indent=2,
    )
    show_rotten(output, proof)


def show_restored(output: Output, done: RestoreView) -> None:
    proof = done.backup
    output.text(
        Piece(done.database, "name"),
        f": {proof.documents:,} documents ({size(proof.document_bytes)}), {proof.rows:,} "
        f"rows of {proof.tables} tables, each as of {output.when(proof.taken_at)}, in "
        f"{took(proof.took_s)}.",
    )
    if proof.schema != done.schema_now:
        output.text(f"Brought from schema {proof.schema} to {done.schema_now}.", indent=2)
    show_rotten(output, proof)
    output.text(
        "What was done after that instant is not in it: the next daemon does it again. What was "
        "sent in batches since is taken from the provider; single questions are paid for again, "
        "and the caps do not know what they cost.",
        indent=2,
    )
    if done.queued or done.calls_open:
        output.text(
            f"Paid questions then: {done.calls_open} on their way, {done.queued} waiting to be "
            "sent (docs/backup.md says what becomes of them).",
            indent=2,
        )
        output.text("To look first: `python main.py breakers hold claude` before the daemon is "
                    "started.", indent=2)  # fmt: skip
    output.fix("see that nothing works on the old database any more, then start the daemon")


def size(of: int) -> str:
    return f"{of / 1e6:,.1f} MB" if of >= 1e6 else f"{of / 1e3:,.1f} kB"


def show_rotten(output: Output, proof: ProofView) -> None:
    if proof.rotten:
        output.note(
            f"warning: {proof.rotten} document(s) are not what they were when they were fetched; "
            "they were so in the database that this is a copy of"
        )
