"""Which backups were made of this database, and which one it was restored from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.database import Database


@dataclass(frozen=True)
class LastBackup:
    """One that was restored into a database of its own and compared before it counted as one.
    `taken_at`: the instant it is of; `is_sealed`: a passphrase is needed to read it."""

    taken_at: datetime
    verified_at: datetime
    file: str
    host: str
    bytes: int
    documents: int
    is_sealed: bool


@dataclass(frozen=True)
class Restoration:
    """What was done between `taken_at` and `restored_at` is not known to this database."""

    restored_at: datetime
    taken_at: datetime
    file: str
    host: str


class Backups:
    def __init__(self, database: Database) -> None:
        self._database = database

    def last(self) -> LastBackup | None:
        """Of the latest instant; None if there never was one."""
        row = self._database.one("backups.last")
        return LastBackup(**row) if row else None

    def record(self, made: LastBackup) -> None:
        with self._database.transaction() as tx:
            tx.run("backups.record", **vars(made))
            tx.run("backups.trim")

    def restored(self) -> Restoration | None:
        """The latest; None if this database was never restored."""
        row = self._database.one("backups.last_restoration")
        return Restoration(**row) if row else None
