"""The database of an installation: found or started, migrated, and its pool.

With DATABASE_URL that server is used and nothing is started. Without it the embedded one
under the data folder is, which lives until its last user leaves.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from resilience.clock import Clock
from resilience.outcomes import CallError
from resilience.policy import Policy
from settings import Settings
from storage.database import Database
from storage.embedded import EmbeddedServer
from storage.pool import PoolSettings
from storage.schema import migrate

log = logging.getLogger("bootstrap.database")

ENGINE_CONNECTIONS = 5
BESIDE_POOL = ENGINE_CONNECTIONS + 2  # and the instance lock's and the listener's


@dataclass(frozen=True)
class OpenDatabase:
    database: Database
    embedded: EmbeddedServer | None

    def revive(self, stopping: threading.Event) -> None:
        """Start the embedded server anew if it ended under us (killed, out of memory): while
        processes run that use it, nobody else would. Raises EmbeddedServerError."""
        if self.embedded is None or stopping.is_set():
            return
        try:
            self.database.ping()
        except CallError as error:
            log.warning("the embedded PostgreSQL does not answer, so it is started: %s", error)
            self.embedded.start()
            self.database.try_now()
            log.info("the embedded PostgreSQL answers again")

    def close(self) -> None:
        self.database.close()
        if self.embedded is not None:
            self.embedded.leave()


def embedded_server(settings: Settings, clock: Clock) -> EmbeddedServer | None:
    """The one to start, None where DATABASE_URL names another."""
    if settings.database.url is not None:
        return None
    return EmbeddedServer(settings.data_dir, clock=clock)


def open_database(
    settings: Settings, clock: Clock, application: str, policy: Policy | None = None
) -> OpenDatabase:
    """Raises EmbeddedServerError, DatabaseUnavailable, SchemaTooNew."""
    embedded = embedded_server(settings, clock)
    dsn = embedded.start() if embedded is not None else _configured(settings)
    try:
        before, after = migrate(dsn)
        if before != after:
            log.info("schema brought from revision %s to %s", before, after)
        database = make_database(settings, dsn, clock, application, policy)
        opened = OpenDatabase(database, embedded)
        budget = database.open()
    except BaseException:
        if embedded is not None:
            embedded.leave()
        raise
    if budget.warning:
        log.warning("%s", budget.warning)
    return opened


def make_database(
    settings: Settings, dsn: str, clock: Clock, application: str, policy: Policy | None = None
) -> Database:
    wanted = settings.database
    return Database(
        dsn,
        PoolSettings(
            size=wanted.pool_size,
            overflow=wanted.max_overflow,
            timeout_s=wanted.pool_timeout_s,
            recycle_s=wanted.recycle_s,
            statement_timeout_s=wanted.statement_timeout_s,
        ),
        clock=clock,
        application=application,
        processes=wanted.processes,
        beside_pool=BESIDE_POOL,
        policy=policy,
    )


def _configured(settings: Settings) -> str:
    assert settings.database.url is not None
    return settings.database.url.get_secret_value()
