"""What `db` shows, as plain values; also what --json prints, key for key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class ExportView:
    """`running`: processes that went on working meanwhile; what they did since is not in it."""

    file: str
    bytes: int
    database: str
    schema: str
    engine: int | None
    tables: int
    rows: int
    documents: int
    took_s: float
    running: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportView:
    """`schema` is what the file had, `schema_now` what the database has after it."""

    file: str
    database: str
    exported_at: str
    schema: str
    schema_now: str
    tables: int
    rows: int
    documents: int
    took_s: float


@dataclass(frozen=True)
class MigrateView:
    """`program`: the schema that this program was written for; `works_from`: the oldest program
    that works on the schema that is there now."""

    database: str
    schema: str
    schema_after: str
    program: str
    works_from: str | None


@dataclass(frozen=True)
class BackupWish:
    """`target`: a file, or a folder in which the backup gets a name of its own; None: the one of
    the settings. `keep`: how many stay in the folder, 0: all."""

    target: Path | None = None
    is_folder: bool = False
    force: bool = False
    keep: int | None = None
    passphrase: str | None = None


@dataclass(frozen=True)
class ProofView:
    """What a database that was filled from a backup holds. `rotten`: documents that are not what
    they were when they were fetched, in the database that was backed up already."""

    file: str
    taken_at: datetime
    schema: str
    tables: int
    rows: int
    documents: int
    document_bytes: int
    rotten: int
    took_s: float


@dataclass(frozen=True)
class BackupView:
    """`not_recorded`: why the database does not know of it."""

    backup: ProofView
    bytes: int
    is_sealed: bool
    database: str
    removed: tuple[str, ...] = ()
    not_recorded: str = ""


@dataclass(frozen=True)
class RestoreView:
    """`calls_open`: paid questions that were on their way at the backup's instant; `queued`: that
    waited to be sent."""

    backup: ProofView
    database: str
    schema_now: str
    restored_at: datetime
    queued: int = 0
    calls_open: int = 0


@dataclass(frozen=True)
class UpgradeWish:
    """`old_binaries`: a folder with the programs that made the database; None: the system's."""

    old_binaries: Path | None = None
    leave_others: bool = False
    drop_old: bool = False
    passphrase: str | None = None


@dataclass(frozen=True)
class UpgradeView:
    """`before` and `after`: major versions of PostgreSQL; the same if there was nothing to do.
    `kept`: folders that were replaced."""

    folder: str
    before: int
    after: int
    backup: ProofView | None = None
    kept: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
