"""DBOS Transact, launched over connections of our own and kept still; nobody else imports it.

`jobs.durable` imports this when the engine is launched: to load the library takes a fifth of
the time that a process needs to start, and a command that only looks has no use for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, WorkflowStatus
from dbos._migration import get_dbos_migrations

from jobs.engine_format import STATES, names_of
from jobs.work import WorkState, WorkStatus
from resilience.outcomes import CallFailed
from storage.engine_pool import engine_pool
from storage.engine_work import Owner

SCHEMA = "dbos"


def schema_steps() -> tuple[str, ...]:
    """How the library makes its tables, one step for each of its revisions. Private, but there
    is no public way to an older one."""
    return tuple(get_dbos_migrations(SCHEMA, use_listen_notify=False))


class EngineLibrary:
    """One per process: the library is a singleton. Raises CallFailed if the database cannot be
    reached. `admit` is given every connection that it makes, and may refuse it."""

    def __init__(
        self, dsn: str, owner: Owner, pool_size: int, admit: Callable[[Any], None]
    ) -> None:
        self._pool = engine_pool(dsn, pool_size, admit)
        try:
            self.dbos = DBOS(config=_config(owner, self._pool))
            DBOS.listen_queues([])
            DBOS.launch()
            _still(self.dbos)
        except sa.exc.OperationalError as error:
            self.close()
            what = f"the durable engine cannot start: {error.orig}".strip()
            raise CallFailed("database", what, retryable=True, accepted=False) from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        DBOS.destroy(destroy_registry=True)
        self._pool.dispose()

    def list(self, states: Collection[WorkState], limit: int) -> Sequence[WorkStatus]:
        """Oldest first."""
        rows = DBOS.list_workflows(status=names_of(states), limit=limit, load_input=False)
        return [_status(row) for row in rows]

    def cancel(self, work_id: str) -> None:
        DBOS.cancel_workflow(work_id)

    def forget(self, states: Collection[WorkState], before: datetime, limit: int) -> int:
        """Delete what ended in one of these states before then; returns how much."""
        rows = DBOS.list_workflows(
            status=names_of(states),
            completed_before=before.astimezone(UTC).isoformat(),
            limit=limit,
            load_input=False,
            load_output=False,
        )
        ids = [row.workflow_id for row in rows]
        if ids:
            DBOS.delete_workflows(ids)
        return len(ids)


def _config(owner: Owner, pool: sa.Engine) -> DBOSConfig:
    return {
        "name": owner.application,
        "system_database_engine": pool,
        "dbos_system_schema": SCHEMA,
        "serializer": DBOSPortableJSONSerializer(),
        "application_version": owner.version,
        "executor_id": owner.executor,
        "log_level": "WARNING",
        "enable_otlp": False,
        # We use none of its messages: without LISTEN it keeps no connection for them.
        # The interval bounds how long the end of its poller takes (see `_still`).
        "use_listen_notify": False,
        "notification_listener_polling_interval_sec": 0.1,
        "scheduler_polling_interval_sec": 3600.0,
    }


def _still(library: DBOS) -> None:
    """End the library's own threads: they would ask the database several times a second for
    new work, which our takers do when there is some, and for messages, delays, time limits
    and schedules, of which we use none. Its queue threads need not have begun for that."""
    for event in (*library.background_thread_stop_events, library._background_jobs_stop_event):
        event.set()
    library._sys_db._run_background_processes = False


def _status(row: WorkflowStatus) -> WorkStatus:
    return WorkStatus(
        id=row.workflow_id,
        name=row.name,
        state=STATES[row.status],
        executor=row.executor_id or "",
        attempts=row.recovery_attempts or 0,
        result=row.output,
        error=str(row.error) if row.error is not None else "",
    )
