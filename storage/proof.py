"""Is what a database was filled with what the file says? Every table is read back and compared."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from resilience.clock import Clock
from storage.archive_errors import Differs
from storage.archive_file import Manifest, TableEntry
from storage.archive_tables import Catalog
from storage.exporting import OnTable
from storage.importing import EngineSchema, load
from storage.scratch_database import scratch_database

_FIX = "Make another backup; if it happens again, the disk or the memory of this machine is ill."


@dataclass(frozen=True)
class Bodies:
    """Documents as they came. `rotten`: how many are not what they were when they were fetched,
    in the database that the file was made of already."""

    count: int
    bytes: int
    rotten: int


@dataclass(frozen=True)
class Proof:
    manifest: Manifest
    bodies: Bodies

    @property
    def taken_at(self) -> datetime:
        """The instant that the file is of."""
        return datetime.fromisoformat(self.manifest.created_at)


class Comparison:
    """Of a database with a file, within the transaction that fills it: `storage.importing`'s
    `filled`. Rows come back in the order in which they were put in."""

    def __init__(self, path: Path, on_table: OnTable = lambda *_: None) -> None:
        self._path = path
        self._on_table = on_table
        self.bodies = Bodies(0, 0, 0)

    def __call__(self, catalog: Catalog, manifest: Manifest) -> None:
        """Raises Differs."""
        for place, entry in enumerate(manifest.tables):
            self._on_table(place, len(manifest.tables), f"comparing {entry.name}")
            self._compare(catalog, entry)
        names = [entry.name for entry in manifest.tables]
        if tuple(catalog.sequences(names)) != manifest.sequences:
            raise self._differs("counters")
        (row,) = catalog.rows("backups.bodies")
        self.bodies = Bodies(row["bodies"], row["bytes"], row["rotten"])

    def _compare(self, catalog: Catalog, entry: TableEntry) -> None:
        digest = _Digest()
        catalog.copy_out(entry.name, entry.columns, digest)
        if (digest.rows, digest.sha256) != (entry.rows, entry.sha256):
            raise self._differs(f"table {entry.name}")

    def _differs(self, what: str) -> Differs:
        return Differs(f"{self._path}: read back, its {what} is not what was written", _FIX)


def prove(
    path: Path,
    *,
    engine: EngineSchema,
    folder: Path,
    clock: Clock,
    on_table: OnTable,
    passphrase: str | None = None,
) -> Proof:
    """Fill a database of its own from a file, its files under `folder`, and compare; no other
    database is touched. Raises ArchiveError, DatabaseError, EmbeddedServerError, OSError."""
    comparison = Comparison(path, on_table)
    with scratch_database(folder, clock) as dsn:
        loaded = load(
            dsn,
            path,
            engine=engine,
            passphrase=passphrase,
            on_table=lambda done, total, what: on_table(done, total, f"restoring {what}"),
            filled=comparison,
        )
    return Proof(loaded.manifest, comparison.bodies)


class _Digest:
    """What COPY writes to."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self.rows = 0

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    def write(self, data: bytes) -> int:
        self._sha256.update(data)
        self.rows += data.count(b"\n")
        return len(data)
