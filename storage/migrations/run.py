"""Alembic, called as a library: no ini file, no command line.

Imported only when the schema is behind, because the import alone takes longer than a
start may.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg2 import extensions
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from storage import statements

# Programs before it refuse any schema that is newer than their own.
FIRST_TOLERANT = "0015"


def upgrade(connection: extensions.connection, revision: str) -> None:
    """Bring the database of `connection` to `revision`, in one transaction."""
    with one_transaction(connection) as bound:
        upgrade_in(bound, revision)


@contextmanager
def one_transaction(connection: extensions.connection) -> Iterator[Connection]:
    """A transaction on `connection` in which the schema may be moved, and more be done."""
    engine = create_engine(
        "postgresql+psycopg2://", creator=cast("Any", lambda: connection), poolclass=StaticPool
    )
    failed: list[BaseException] = []
    try:
        with engine.connect() as bound, bound.begin():
            try:
                yield bound
            except BaseException as error:
                failed.append(error)
                raise
    except DBAPIError:
        if failed:  # that a lost connection cannot be rolled back says nothing of why
            raise failed[0] from failed[0].__cause__
        raise


def upgrade_in(bound: Connection, revision: str) -> None:
    """Within the transaction that `bound` is in: Alembic sees it, and leaves its end alone.

    The schema then says from which program on it can be worked on, for programs that are older
    than it. A revision that takes away what programs before it need (a column, a table, a value)
    names the oldest that does without as its `works_from`; one that only adds names nothing."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = bound
    command.upgrade(config, revision)
    said = {"said": f"works with programs from schema {works_from(config, revision)} on"}
    cursor = bound.connection.cursor()
    try:
        cursor.execute(statements.get("schema.say_works_from").sql, said)
    finally:
        cursor.close()


def works_from(config: Config, revision: str) -> str:
    """The oldest program that works on the schema of `revision`."""
    chain = ScriptDirectory.from_config(config).iterate_revisions(revision, "base")
    return max(getattr(one.module, "works_from", FIRST_TOLERANT) for one in chain)
