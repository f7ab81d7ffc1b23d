"""A database out of a backup: filled, compared, and told that it is of another day.

What was done after the backup is gone, but for what others know of it. So what was on its way
then may have come to its end since, and paid questions that waited to be sent may have been.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from resilience.clock import Clock
from storage.archive_file import Manifest
from storage.archive_tables import Catalog
from storage.exporting import OnTable
from storage.importing import EngineSchema, load
from storage.proof import Comparison, Proof


@dataclass(frozen=True)
class Restored:
    proof: Proof
    at: datetime
    queued: int
    calls_open: int


def restore(
    dsn: str,
    path: Path,
    *,
    engine: EngineSchema,
    clock: Clock,
    on_table: OnTable,
    passphrase: str | None = None,
) -> Restored:
    """Into an empty database, in one transaction. Raises ArchiveError, DatabaseError; then it is
    as it was."""
    comparison = Comparison(path, on_table)
    at = clock.now()
    counts: dict[str, int] = {}

    def mark(catalog: Catalog, manifest: Manifest) -> None:
        catalog.rows(
            "backups.record_restoration",
            restored_at=at,
            taken_at=manifest.created_at,
            file=str(path),
            host=socket.gethostname(),
        )
        (row,) = catalog.rows("backups.on_their_way")
        counts.update(row)

    loaded = load(
        dsn,
        path,
        engine=engine,
        on_table=lambda done, total, what: on_table(done, total, f"restoring {what}"),
        passphrase=passphrase,
        filled=comparison,
        brought=mark,
    )
    return Restored(Proof(loaded.manifest, comparison.bodies), at, **counts)
