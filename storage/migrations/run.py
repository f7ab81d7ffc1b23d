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
from psycopg2 import extensions
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool


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
    with engine.connect() as bound, bound.begin():
        yield bound


def upgrade_in(bound: Connection, revision: str) -> None:
    """Within the transaction that `bound` is in: Alembic sees it, and leaves its end alone."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = bound
    command.upgrade(config, revision)
