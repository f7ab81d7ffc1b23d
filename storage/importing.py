"""An exported database into an empty one: everything in one transaction, or nothing.

The tables are made as they were when it was exported, filled, compared with what the file says
of itself, and only then brought to this program's schema.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import sqlalchemy as sa
from psycopg2 import extensions, sql

from storage import schema_objects
from storage.archive_errors import Damaged, InUse, NotEmpty, TooNew
from storage.archive_file import ArchiveReader, Manifest, TableEntry
from storage.archive_tables import ENGINE, Catalog, identifier, listed
from storage.dsn import parse
from storage.errors import translate
from storage.exporting import OnTable, connect
from storage.migrations.run import one_transaction, upgrade_in
from storage.poolers import refuse_lent
from storage.schema import expected

# Rows of these say nothing of an installation's work: a look at a fresh one leaves them.
_FURNITURE = frozenset({"allowed_move", "company", "instance", "backup", "installation"})
_PIECE = 1 << 18
Further = Callable[[Catalog, Manifest], None]


def _nothing(catalog: Catalog, manifest: Manifest) -> None:
    """Nobody looks."""


@dataclass(frozen=True)
class Imported:
    path: Path
    manifest: Manifest
    schema: str  # after it


@dataclass(frozen=True)
class EngineSchema:
    """How the durable engine makes its tables: one step for each of its revisions."""

    steps: Sequence[str]

    @property
    def newest(self) -> int:
        return len(self.steps)


def load(
    dsn: str,
    path: Path,
    *,
    engine: EngineSchema,
    on_table: OnTable,
    passphrase: str | None = None,
    filled: Further = _nothing,
    brought: Further = _nothing,
) -> Imported:
    """`filled` looks at the tables as they were exported, `brought` at this program's; both in
    the same transaction. Raises ArchiveError, DatabaseError, and what those raise; then the
    database is as it was."""
    with contextlib.closing(ArchiveReader(path, passphrase)) as reader:
        _check_versions(path, reader.manifest, engine)
        address = parse(dsn)
        refuse_lent(address)
        connection = connect(address, "retailxai-import")
        try:
            catalog = Catalog(connection)
            catalog.settle()
            _be_patient(connection)
            catalog.rows("schema.lock")  # nobody migrates meanwhile
            connection.commit()
            with one_transaction(connection) as bound:
                work = _Import(connection, bound, catalog, reader, engine, on_table)
                work.run()
                filled(catalog, reader.manifest)
                work.bring()
                brought(catalog, reader.manifest)
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("analyze")
        except psycopg2.Error as error:
            raise translate(error, address.place, "import") from error
        finally:
            connection.close()
        return Imported(path, reader.manifest, expected())


def _be_patient(connection: extensions.connection) -> None:
    """Somebody who sits in an open transaction is not waited for without end."""
    with connection.cursor() as cursor:
        cursor.execute("set lock_timeout = '15s'")


def _check_versions(path: Path, manifest: Manifest, engine: EngineSchema) -> None:
    fix = "Import it with the version that wrote it, or a newer one."
    if manifest.schema > expected():
        raise TooNew(
            f"{path} is at schema {manifest.schema}, this program knows up to {expected()}", fix
        )
    if (manifest.engine or 0) > engine.newest:
        raise TooNew(
            f"{path} holds work of engine schema {manifest.engine}, this program knows up to "
            f"{engine.newest}",
            fix,
        )


class _Import:
    """One import, inside its transaction."""

    def __init__(
        self,
        connection: extensions.connection,
        bound: sa.Connection,
        catalog: Catalog,
        reader: ArchiveReader,
        engine: EngineSchema,
        on_table: OnTable,
    ) -> None:
        self._connection = connection
        self._bound = bound
        self._catalog = catalog
        self._reader = reader
        self._manifest = reader.manifest
        self._engine = engine
        self._on_table = on_table

    def run(self) -> None:
        self._refuse_company()
        self._clear()
        upgrade_in(self._bound, self._manifest.schema)
        self._make_engine()
        entries = self._entries()
        for name in entries:
            self._ddl("alter table {} disable trigger user", name)
            self._ddl("delete from {}", name)
        for place, name in enumerate(self._catalog.filling_order(list(entries))):
            self._on_table(place, len(entries), name)
            self._fill(entries[name])
        self._count_on()
        self._catalog.rows("archive.all_constraints")
        for name in entries:
            self._ddl("alter table {} enable trigger user", name)

    def bring(self) -> None:
        """To this program's schema."""
        upgrade_in(self._bound, expected())
        self._refuse_company()

    # ---- the database that is filled ----------------------------------------------------

    def _refuse_company(self) -> None:
        others = self._catalog.rows("archive.others")
        if others:
            who = ", ".join(f"{one['application']} from {one['host']}" for one in others)
            raise InUse(f"processes run on this database: {who}", "Stop them and import again.")

    def _clear(self) -> None:
        """Away with what a fresh installation holds. Raises NotEmpty if there is more."""
        revision = self._catalog.revision()
        if revision is not None and revision > expected():
            raise TooNew(
                f"the database is at schema {revision}, this program knows up to {expected()}",
                "Import into an empty database.",
            )
        ours = self._catalog.there(schema_objects.tables(revision or expected()))
        self._refuse_rows(ours)
        if self._catalog.engine_revision() is not None:
            (work,) = self._catalog.rows("archive.has_work")
            if work["found"]:
                raise _not_empty(f"{ENGINE}.workflow_status")
        if revision is None and ours:
            raise NotEmpty(
                f"the database holds tables of another program ({', '.join(ours)})",
                "Import into a database of its own.",
            )
        for name in [*ours, *([schema_objects.REVISION_TABLE] if revision else ())]:
            self._ddl("drop table {} cascade", name)
        for name in schema_objects.functions(revision) if revision else ():
            self._ddl("drop function if exists {} cascade", name)
        self._ddl("drop schema if exists {} cascade", ENGINE)

    def _refuse_rows(self, tables: Sequence[str]) -> None:
        for name in tables:
            if name in _FURNITURE:
                continue
            with self._connection.cursor() as cursor:
                cursor.execute(sql.SQL("select from {} limit 1").format(identifier(name)))
                if cursor.rowcount:
                    raise _not_empty(name)

    def _make_engine(self) -> None:
        """As the engine itself does, up to the revision of the file; in our transaction."""
        if self._manifest.engine is None:
            return
        self._ddl("create schema {}", ENGINE)
        self._ddl("create table {} (version bigint not null primary key)", f"{ENGINE}.{_MARK}")
        for number, step in enumerate(self._engine.steps[: self._manifest.engine], 1):
            if step.strip() and number not in _NEEDLESS:
                self._bound.execute(sa.text(step.replace("CONCURRENTLY", "")))
        with self._connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("insert into {} values (%s)").format(identifier(f"{ENGINE}.{_MARK}")),
                (self._manifest.engine,),
            )

    # ---- what is filled in --------------------------------------------------------------

    def _entries(self) -> dict[str, TableEntry]:
        """By table. Raises Damaged if the file has not exactly the tables of its schema."""
        entries = {entry.name: entry for entry in self._manifest.tables}
        names = self._catalog.tables(self._manifest.schema)
        if strange := {*entries} ^ {*names}:
            raise self._damaged(f"it does not fit its schema in {', '.join(sorted(strange))}")
        columns = self._catalog.columns(names)
        for name, entry in entries.items():
            if {*entry.columns} != {*columns[name]}:
                raise self._damaged(f"table {name} has other columns than its schema")
        return entries

    def _fill(self, entry: TableEntry) -> None:
        command = sql.SQL("copy {} ({}) from stdin").format(
            identifier(entry.name), listed(entry.columns)
        )
        with self._reader.table(entry) as source, self._connection.cursor() as cursor:
            try:
                cursor.copy_expert(command, source, _PIECE)
            except psycopg2.Error as error:
                if source.error is not None:  # Ctrl-C, or a file that cannot be read on
                    raise source.error from None
                raise self._unfit(entry, _as_the_server_said(error)) from error
            if cursor.rowcount != entry.rows:
                raise self._damaged(f"table {entry.name}: {cursor.rowcount} rows, not {entry.rows}")

    def _count_on(self) -> None:
        wanted = {(one.table, one.column): one for one in self._manifest.sequences}
        names = [entry.name for entry in self._manifest.tables]
        found = {(row["table"], row["column"]) for row in
                 self._catalog.rows("archive.sequences", tables=names)}  # fmt: skip
        if found != set(wanted):
            raise self._damaged("its counters do not fit its schema")
        for one in wanted.values():
            self._catalog.rows("archive.set_sequence", **vars(one))

    def _unfit(self, entry: TableEntry, error: psycopg2.Error) -> Exception:
        """Rows that do not fit are the file's fault; all else is the server's."""
        what = str(error).strip().splitlines()[0][:200] if str(error).strip() else "refused"
        if (error.pgcode or "").startswith(("22", "23")):
            return self._damaged(f"table {entry.name}: {what}")
        return error

    def _damaged(self, what: str) -> Damaged:
        return Damaged(f"{self._reader.path}: {what}", "Use another copy of the file.")

    def _ddl(self, command: str, name: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(sql.SQL(command).format(identifier(name)))


def _as_the_server_said(error: psycopg2.Error) -> psycopg2.Error:
    """A COPY that the server breaks off ends with a lost connection on our side: the reason (a
    full disk) stands behind it."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, psycopg2.Error) and seen.pgcode is not None:
            return seen
        seen = seen.__cause__ or seen.__context__
    return error


_MARK = "dbos_migrations"
# It adds a primary key that the tables of the engine's first step have already; the engine
# itself looks and leaves it out.
_NEEDLESS = frozenset({10})


def _not_empty(table: str) -> NotEmpty:
    return NotEmpty(
        f"the database is not empty: table {table} holds rows",
        "Import into an empty one (createdb), or, for the embedded one, set another data folder.",
    )
