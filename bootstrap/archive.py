"""Moving a whole database: the one that is configured, as it lies there, without an application.

Neither the schema nor the watch list is touched before an export or an import: what is there
is what is moved, and an empty database stays empty until it is filled.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bootstrap.database import embedded_server
from bootstrap.version import VERSION
from cli.archive_views import ExportView, ImportView
from cli.door import OnStep, Step
from jobs.durable import Engine
from resilience.clock import Clock
from settings import Settings
from storage.archive_file import Manifest
from storage.database import Database
from storage.dsn import parse
from storage.exporting import OnTable, export
from storage.importing import EngineSchema, load
from storage.leases import Instances
from storage.pool import PoolSettings
from storage.schema import schema_standing


def export_database(
    settings: Settings, path: Path, force: bool, on_step: OnStep, clock: Clock
) -> ExportView:
    """Raises ArchiveError, CallError, EmbeddedServerError."""
    began = clock.monotonic()
    with server(settings, clock) as dsn:
        running = _running(dsn, clock)
        done = export(
            dsn, path, force=force, clock=clock, version=VERSION, on_table=telling(on_step)
        )
        return ExportView(
            file=str(path),
            bytes=done.bytes,
            database=parse(dsn).place,
            schema=done.manifest.schema,
            engine=done.manifest.engine,
            tables=len(done.manifest.tables),
            rows=done.manifest.rows,
            documents=_documents(done.manifest),
            took_s=round(clock.monotonic() - began, 3),
            running=running,
        )


def import_database(settings: Settings, path: Path, on_step: OnStep, clock: Clock) -> ImportView:
    """Raises ArchiveError, CallError, EmbeddedServerError."""
    began = clock.monotonic()
    with server(settings, clock) as dsn:
        engine = EngineSchema(Engine.schema_steps())
        done = load(dsn, path, engine=engine, on_table=telling(on_step))
        return ImportView(
            file=str(path),
            database=parse(dsn).place,
            exported_at=done.manifest.created_at,
            schema=done.manifest.schema,
            schema_now=done.schema,
            tables=len(done.manifest.tables),
            rows=done.manifest.rows,
            documents=_documents(done.manifest),
            took_s=round(clock.monotonic() - began, 3),
        )


@contextmanager
def server(settings: Settings, clock: Clock) -> Iterator[str]:
    """Its DSN; the embedded one runs at least as long as this is held."""
    embedded = embedded_server(settings, clock)
    if embedded is None:
        assert settings.database.url is not None
        yield settings.database.url.get_secret_value()
        return
    try:
        yield embedded.start()
    finally:
        embedded.leave()


def _running(dsn: str, clock: Clock) -> tuple[str, ...]:
    """Processes at work. An older schema may not know how to say so: its export is complete all
    the same."""
    standing = schema_standing(dsn)
    if standing.current != standing.expected:
        return ()
    database = Database(dsn, PoolSettings(size=1, overflow=0), clock=clock)
    with closing(database):
        return tuple(
            f"{one.name} on {one.host}, pid {one.pid}" for one in Instances(database).running()
        )


def _documents(manifest: Manifest) -> int:
    return next((table.rows for table in manifest.tables if table.name == "document"), 0)


def telling(on_step: OnStep) -> OnTable:
    return lambda done, total, what: on_step(Step(done, total, what))
