"""Everything a database of ours holds, into one file: one snapshot, whatever goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2 import extensions

from resilience.clock import Clock
from storage.archive_errors import NothingToExport, TooNew
from storage.archive_file import ArchiveWriter, Manifest, TableEntry, new_file
from storage.archive_tables import Catalog
from storage.dsn import Address, parse
from storage.errors import translate, unreachable
from storage.schema import expected
from storage.sealing import sealed

# A disk that writes slowly makes the other side wait: that is no lost connection.
PATIENT = {"tcp_user_timeout": "120000"}
OnTable = Callable[[int, int, str], None]  # done, of how many, what


@dataclass(frozen=True)
class Exported:
    path: Path
    bytes: int  # of the file
    manifest: Manifest


def export(
    dsn: str,
    path: Path,
    *,
    force: bool,
    clock: Clock,
    version: str,
    on_table: OnTable,
    passphrase: str | None = None,
    check: Callable[[Path, Manifest], None] = lambda part, manifest: None,
) -> Exported:
    """`check` judges the file before it has its name. Raises ArchiveError, DatabaseError, and
    what `check` raises. Whatever it raises, there is no half file."""
    written: list[Manifest] = []
    address = parse(dsn)
    connection = connect(address, "retailxai-export")
    try:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with new_file(path, force=force, check=lambda part: check(part, *written)) as stream:
            with sealed(stream, passphrase) as sink, ArchiveWriter(sink) as writer:
                manifest = _write(Catalog(connection), writer, clock, version, on_table)
                writer.finish(manifest)
            written.append(manifest)
            connection.close()  # a check takes long, and a snapshot keeps old rows from going
    except psycopg2.Error as error:
        raise translate(error, address.place, "export") from error
    finally:
        connection.close()
    return Exported(path, path.stat().st_size, manifest)


def connect(address: Address, application: str) -> extensions.connection:
    try:
        return address.connect(
            application=application, statement_timeout_s=0, client=PATIENT, server=PATIENT
        )
    except psycopg2.Error as error:
        raise unreachable(address.place, error) from error


def _write(
    catalog: Catalog,
    writer: ArchiveWriter,
    clock: Clock,
    version: str,
    on_table: OnTable,
) -> Manifest:
    catalog.settle()
    instant = clock.now()
    revision = catalog.revision()
    if revision is None:
        raise NothingToExport("this database is empty: the program never ran on it")
    if revision > expected():
        raise TooNew(
            f"the database is at schema {revision}, this program knows up to {expected()}",
            "Export it with the version that used it.",
        )
    names = catalog.tables(revision)
    columns = catalog.columns(names)
    entries = []
    for place, name in enumerate(names):
        on_table(place, len(names), name)
        with writer.table(name) as sink:
            catalog.copy_out(name, columns[name], sink)
        entries.append(TableEntry(name, tuple(columns[name]), sink.rows, sink.bytes, sink.sha256))
    (server,) = catalog.rows("archive.server")
    return Manifest(
        version=version,
        created_at=instant.isoformat(timespec="seconds"),
        schema=revision,
        engine=catalog.engine_revision(),
        server=server["version"],
        tables=tuple(entries),
        sequences=tuple(catalog.sequences(names)),  # after the rows: never behind them
    )
