"""The tables of a database that is moved: which there are, and in which order they are filled."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from psycopg2 import extensions, sql

from storage import schema_objects, statements
from storage.archive_file import SequenceEntry

ENGINE = "dbos"  # the schema of the durable engine
_SESSION = {
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "synchronize_seqscans": "off",  # rows in the order they lie in, from the first
}


class Sink(Protocol):
    def write(self, data: bytes, /) -> int: ...


class Catalog:
    """What one connection sees. Within whatever transaction it is in."""

    def __init__(self, connection: extensions.connection) -> None:
        self._connection = connection

    def settle(self) -> None:
        """The same text for the same value, whatever server and role."""
        self._connection.set_client_encoding("UTF8")
        with self._connection.cursor() as cursor:
            for name, value in _SESSION.items():
                cursor.execute(sql.SQL("set {} = {}").format(sql.Identifier(name),
                                                             sql.Literal(value)))  # fmt: skip

    def revision(self) -> str | None:
        (there,) = self.rows("schema.exists")
        if not there["migrated"]:
            return None
        found = self.rows("schema.revision")
        return str(found[0]["revision"]) if found else None

    def engine_revision(self) -> int | None:
        (there,) = self.rows("archive.has_engine")
        found = self.rows("archive.engine_revision") if there["found"] else []
        return int(found[0]["version"]) if found else None

    def tables(self, revision: str) -> list[str]:
        """Ours at a revision, and those of the engine if it ran."""
        ours = schema_objects.tables(revision)
        if self.engine_revision() is None:
            return ours
        return ours + [f"{ENGINE}.{row['name']}" for row in
                       self.rows("archive.engine_tables", schema=ENGINE)]  # fmt: skip

    def there(self, tables: Sequence[str]) -> list[str]:
        return [row["name"] for row in self.rows("archive.is_there", tables=list(tables))]

    def columns(self, tables: Sequence[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {table: [] for table in tables}
        for row in self.rows("archive.columns", tables=list(tables)):
            found[row["table"]].append(row["column"])
        return found

    def sequences(self, tables: Sequence[str]) -> list[SequenceEntry]:
        entries = []
        for row in self.rows("archive.sequences", tables=list(tables)):
            with self._connection.cursor() as cursor:
                name = sql.Identifier(*row["sequence"].replace('"', "").split("."))
                cursor.execute(sql.SQL("select last_value, is_called from {}").format(name))
                last, is_called = cursor.fetchone() or (1, False)
            entries.append(SequenceEntry(row["table"], row["column"], int(last), bool(is_called)))
        return entries

    def copy_out(self, table: str, columns: Sequence[str], sink: Sink) -> None:
        """Its rows as text, in the order they lie in."""
        command = sql.SQL("copy {} ({}) to stdout").format(identifier(table), listed(columns))
        with self._connection.cursor() as cursor:
            cursor.copy_expert(command, sink)

    def filling_order(self, tables: Sequence[str]) -> list[str]:
        """Parents before children."""
        parents: dict[str, set[str]] = {table: set() for table in tables}
        for row in self.rows("archive.leans", tables=list(tables)):
            parents[row["child"]].add(row["parent"])
        return in_order(parents)

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        with self._connection.cursor() as cursor:
            cursor.execute(statements.get(name).sql, parameters)
            if cursor.description is None:
                return []
            columns = [column.name for column in cursor.description]
            return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def in_order(parents: Mapping[str, Collection[str]]) -> list[str]:
    """Each after all it leans on, otherwise as they came. Raises ValueError for a circle."""
    done: dict[str, None] = {}
    while len(done) < len(parents):
        free = [one for one in parents if one not in done and set(parents[one]) <= set(done)]
        if not free:
            raise ValueError(f"tables lean on each other in a circle: {set(parents) - set(done)}")
        done |= dict.fromkeys(free)
    return list(done)


def identifier(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split("."))


def listed(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
