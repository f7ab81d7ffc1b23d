"""The connections of the durable engine, beside the pool of our own statements.

Handed to the library, so that it neither looks for a database called "postgres" nor keeps
connections when it has ended; with the time limits of all our connections.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from storage.dsn import parse


def engine_pool(dsn: str, size: int, admit: Callable[[Any], None]) -> sa.Engine:
    """Not yet connected; `admit` is given every connection that is made, and may refuse it."""
    options = parse(dsn).options(application="retailxai-engine", statement_timeout_s=0)
    options["prepare_threshold"] = None  # a transaction pooler may stand between
    pool = sa.create_engine(
        sa.make_url(dsn).set(drivername="postgresql+psycopg"),
        pool_size=size,
        max_overflow=0,
        pool_timeout=30,
        pool_recycle=3600,
        pool_pre_ping=True,
    )

    def connect(dialect: Any, record: object, args: object, given: dict[str, Any]) -> Any:
        """Connect, and call a failure by a name the library waits and tries again for.

        It knows the words that psycopg uses for TCP, and not those for a Unix socket: without
        this, work in flight while an embedded server restarts would be dropped.
        """
        driver = dialect.loaded_dbapi
        try:
            connection = dialect.connect(**given | options)
            admit(connection)
        except driver.OperationalError as error:
            raise driver.errors.ConnectionFailure(f"connection failed: {error}") from error
        return connection

    sa.event.listen(pool, "do_connect", connect)
    return pool
