"""Which schema the database has, which this code expects, and the way from one to the other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2 import extensions

from storage import statements
from storage.dsn import Address, parse
from storage.errors import SchemaTooNew, translate, unreachable
from storage.poolers import refuse_lent

_VERSIONS = Path(__file__).parent / "migrations" / "versions"
_NONE = "none"


def expected() -> str:
    """The newest revision of this code, read from the file names: importing Alembic to ask
    would take longer than everything else at a start."""
    names = (path.name for path in _VERSIONS.glob("rev_*.py"))
    return max(found.group(1) for name in names if (found := re.match(r"rev_(\d{4})_", name)))


@dataclass(frozen=True)
class Standing:
    """How a database's schema and this code stand to each other."""

    current: str  # "none" for an empty database
    expected: str
    works_from: str | None  # the oldest program that works on it, where a migration said so

    @property
    def is_newer(self) -> bool:
        """Than this code."""
        return self.current != _NONE and self.current > self.expected

    @property
    def is_fit(self) -> bool:
        """This code may work on it: it is this code's, or a newer one that leaves all standing
        that this code needs (docs/decisions/0029-releases-side-by-side.md)."""
        if not self.is_newer:
            return self.current == self.expected
        return self.works_from is not None and self.works_from <= self.expected


def schema_standing(dsn: str) -> Standing:
    """Raises DatabaseUnavailable."""
    address = parse(dsn)
    connection = _connect(address)
    try:
        return _standing(connection, address)
    finally:
        connection.close()


def migrate(dsn: str) -> tuple[str, str]:
    """Bring the schema up to this code; returns (before, after), which are equal if there
    was nothing to do, or if a newer program did it and left what this one needs. Any number of
    processes may call it at once.

    Raises DatabaseUnavailable, DatabaseError, SchemaTooNew.
    """
    address, wanted = parse(dsn), expected()
    connection = _connect(address)
    try:
        found = _standing(connection, address)
        if not _is_behind(found):
            return found.current, found.current
        return _upgrade(connection, address, wanted), wanted
    finally:
        connection.close()


def _upgrade(connection: extensions.connection, address: Address, wanted: str) -> str:
    refuse_lent(address)  # the lock would stay behind on a lent session, and keep everybody out
    lock = _connect(address)
    try:
        _ask(lock, "schema.lock", address)
        found = _standing(connection, address)  # another process may have done it meanwhile
        if _is_behind(found):
            from storage.migrations.run import upgrade

            try:
                upgrade(connection, wanted)
            except Exception as error:
                cause = error if isinstance(error, psycopg2.Error) else error.__cause__
                raise translate(cause or error, address.place, f"migration to {wanted}") from error
        return found.current
    finally:
        lock.close()


def _is_behind(found: Standing) -> bool:
    if found.is_newer and not found.is_fit:
        raise SchemaTooNew(found.current, found.expected)
    return found.current == _NONE or found.current < found.expected


def _standing(connection: extensions.connection, address: Address) -> Standing:
    current = _current(connection, address)
    (said,) = _ask(connection, "schema.works_from", address) or (None,)
    named = re.search(r"\d{4}", str(said or ""))
    return Standing(current, expected(), named.group() if named else None)


def _connect(address: Address) -> extensions.connection:
    """Without a time limit: a migration of a grown database may take long."""
    try:
        return address.connect(application="retailxai-migrate", statement_timeout_s=0)
    except psycopg2.Error as error:
        raise unreachable(address.place, error) from error


def _current(connection: extensions.connection, address: Address) -> str:
    (migrated,) = _ask(connection, "schema.exists", address) or (False,)
    row = _ask(connection, "schema.revision", address) if migrated else None
    return str(row[0]) if row else _NONE


def _ask(
    connection: extensions.connection, name: str, address: Address
) -> tuple[object, ...] | None:
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statements.get(name).sql)
            return cursor.fetchone()
    except psycopg2.Error as error:
        raise translate(error, address.place, name) from error
