"""Backups of the database that is configured, and a database out of one.

Like moving it (bootstrap/archive.py): the database as it lies there, without an application.
What a backup is restored into for its proof is a database of its own under the data folder.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bootstrap.archive import server, telling
from bootstrap.version import VERSION
from cli.archive_views import BackupView, BackupWish, ProofView, RestoreView
from cli.door import OnStep
from jobs.durable import Engine
from resilience.clock import Clock
from resilience.outcomes import CallError
from settings import Settings
from storage import backing_up
from storage.archive_errors import FileUnusable
from storage.backups import Backups, LastBackup
from storage.database import Database
from storage.dsn import parse
from storage.importing import EngineSchema
from storage.pool import PoolSettings
from storage.proof import Proof, prove
from storage.restoring import restore
from storage.schema import expected, schema_standing

log = logging.getLogger("bootstrap.backup")


def backup_database(
    settings: Settings, wish: BackupWish, on_step: OnStep, clock: Clock
) -> BackupView:
    """Raises ArchiveError, CallError, EmbeddedServerError."""
    began = clock.monotonic()
    names = backing_up.Names(settings.instance)
    folder = _folder(settings, wish)
    if folder is not None:
        name = names.new(clock.now(), is_sealed=wish.passphrase is not None)
        path = folder / name
    else:
        assert wish.target is not None
        path = wish.target
    backing_up.sweep_parts(path.parent, names)
    with server(settings, clock) as dsn:
        made = backing_up.back_up(
            dsn,
            path,
            force=wish.force,
            passphrase=wish.passphrase,
            engine=EngineSchema(Engine.schema_steps()),
            folder=settings.scratch_dir,
            clock=clock,
            version=VERSION,
            on_table=telling(on_step),
        )
        not_recorded = record(dsn, made.entry, clock)
        keep = settings.backup.keep if wish.keep is None else wish.keep
        removed = _remove(names.older(path, keep)) if folder is not None and keep else ()
        return BackupView(
            backup=proof_view(path, made.proof, clock.monotonic() - began),
            bytes=made.entry.bytes,
            is_sealed=made.entry.is_sealed,
            database=parse(dsn).place,
            removed=removed,
            not_recorded=not_recorded,
        )


def verify_backup(
    settings: Settings, path: Path, passphrase: str | None, on_step: OnStep, clock: Clock
) -> ProofView:
    """Raises ArchiveError, CallError, EmbeddedServerError."""
    began = clock.monotonic()
    proof = prove(
        path,
        engine=EngineSchema(Engine.schema_steps()),
        folder=settings.scratch_dir,
        clock=clock,
        on_table=telling(on_step),
        passphrase=passphrase,
    )
    return proof_view(path, proof, clock.monotonic() - began)


def restore_database(
    settings: Settings, path: Path, passphrase: str | None, on_step: OnStep, clock: Clock
) -> RestoreView:
    """Raises ArchiveError, CallError, EmbeddedServerError."""
    began = clock.monotonic()
    with server(settings, clock) as dsn:
        done = restore(
            dsn,
            path,
            engine=EngineSchema(Engine.schema_steps()),
            clock=clock,
            on_table=telling(on_step),
            passphrase=passphrase,
        )
        return RestoreView(
            backup=proof_view(path, done.proof, clock.monotonic() - began),
            database=parse(dsn).place,
            schema_now=expected(),
            restored_at=done.at,
            queued=done.queued,
            calls_open=done.calls_open,
        )


def _folder(settings: Settings, wish: BackupWish) -> Path | None:
    """In which the backup gets a name of its own; None: its name was given."""
    if wish.target is not None and not wish.is_folder:
        return None
    return backup_folder(settings, wish.target)


def backup_folder(settings: Settings, named: Path | None = None) -> Path:
    """Made if it is missing. Raises FileUnusable."""
    folder = settings.backup_dir if named is None else named.expanduser().absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FileUnusable(
            f"{folder}: {error.strerror or error}", "Name another folder (backup.dir)."
        ) from error
    return folder


def record(dsn: str, entry: LastBackup, clock: Clock) -> str:
    """Why not, if it could not be: the backup is there and good all the same."""
    try:
        found = schema_standing(dsn)
        if not found.is_fit:
            return f"its schema is {found.current}, this program's {found.expected}"
        with closing(Database(dsn, PoolSettings(size=1, overflow=0), clock=clock)) as database:
            Backups(database).record(entry)
    except CallError as error:
        log.warning("a backup could not be recorded: %s", error)
        return str(error)
    return ""


def _remove(removed: Sequence[Path]) -> tuple[str, ...]:
    for path in removed:
        path.unlink(missing_ok=True)
    return tuple(str(path) for path in removed)


def proof_view(path: Path, proof: Proof, took_s: float) -> ProofView:
    manifest = proof.manifest
    return ProofView(
        file=str(path),
        taken_at=proof.taken_at,
        schema=manifest.schema,
        tables=len(manifest.tables),
        rows=manifest.rows,
        documents=proof.bodies.count,
        document_bytes=proof.bodies.bytes,
        rotten=proof.bodies.rotten,
        took_s=round(took_s, 3),
    )
