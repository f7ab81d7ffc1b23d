"""The checks before a start, given what they look at: `check`, and every start of the daemon."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime

from bootstrap.database import BESIDE_POOL, embedded_server
from bootstrap.health import analysts_off, sources_missing, sources_off
from bootstrap.services import Services, build_policies, build_services
from earnings.analysts.model_ends import ending
from operations import preflight as checks
from operations.preflight import Finding
from resilience.clock import Clock
from resilience.outcomes import CallError
from settings import Settings
from settings.shapes import is_here
from storage.budget import fit
from storage.database import Database, Server
from storage.errors import SchemaTooNew
from storage.pool import PoolSettings
from storage.poolers import is_pooled
from storage.schema import schema_standing
from storage.server_errors import EmbeddedServerError

DATABASE_FIX = "check DATABASE_URL and that the server runs, or unset it for the embedded one"


def preflight(settings: Settings, clock: Clock, *, online: bool) -> list[Finding]:
    """Everything that can be said without changing anything but making empty folders and, if
    it does not run, starting the embedded database."""
    services = build_services(settings, clock, build_policies(settings, clock, threading.Event()))
    found = [
        checks.python_version(),
        checks.folder("data", settings.data_dir),
        checks.folder("log", settings.log_dir),
        checks.folder("reports", settings.reports_dir),
        checks.free_disk(settings.data_dir),
        checks.time_zone(settings.schedule.zone, clock.now()),
        *_database(settings, clock),
        checks.sources(sources_missing(services), sources_off(services)),
        checks.analysts(analysts_off(services)),
    ]
    found += [checks.warning("models", *said) for said in models(settings, services, clock)]
    found += _online(services, settings, everybody=online)
    services.door.close()
    return found


def _database(settings: Settings, clock: Clock) -> Iterator[Finding]:
    embedded = embedded_server(settings, clock)
    try:
        dsn = embedded.start() if embedded is not None else _dsn(settings)
    except EmbeddedServerError as error:
        yield checks.embedded(error)
        return
    try:
        yield from _at(dsn, settings, clock)
    finally:
        if embedded is not None:
            embedded.leave()


def _at(dsn: str, settings: Settings, clock: Clock) -> Iterator[Finding]:
    database = Database(dsn, PoolSettings(size=1, overflow=0, timeout_s=10), clock=clock)
    seen: list[tuple[Server, datetime]] = []

    def ask() -> str:
        took = database.ping()
        server = database.server()
        seen.append((server, database.now()))
        return answered(server, database.place, took)

    try:
        yield checks.database(ask, DATABASE_FIX)
        if seen:
            server, database_now = seen[0]
            if settings.database.url is not None:
                yield from checks.pooler(lambda: is_pooled(dsn))
            yield checks.system_clock(clock.now(), database_now)
            yield _schema(dsn)
            yield connection_budget(settings, server)
    finally:
        database.close()


def _schema(dsn: str) -> Finding:
    try:
        found = schema_standing(dsn)
        return checks.schema(found.current, found.expected, found.is_fit)
    except SchemaTooNew as error:
        return checks.error("schema", str(error), "run the newer version of the program")
    except CallError as error:
        return checks.refused("schema", error, "see the server's log")


def answered(server: Server, place: str, took_s: float) -> str:
    return f"PostgreSQL {server.version} at {place}, {1000 * took_s:.0f} ms"


def connection_budget(settings: Settings, server: Server) -> Finding:
    wanted = settings.database
    budget = fit(
        wanted.pool_size,
        wanted.max_overflow,
        processes=wanted.processes,
        beside_pool=BESIDE_POOL,
        allowed=server.max_connections,
        reserved=server.reserved_connections,
    )
    return checks.connection_budget(
        budget.warning, server.max_connections, budget.limit, wanted.processes
    )


def _online(services: Services, settings: Settings, *, everybody: bool) -> Iterator[Finding]:
    """Who is on this machine is asked in any case: nothing leaves it."""
    for name, source in services.sources.items():
        if everybody and source.switched_off() is None:
            yield checks.online(name, source.greet)
    near = {"ollama"} if is_here(settings.ollama.base_url) else set()
    for name, greet in services.panel.greet():
        if everybody or name in near:
            yield checks.online(name, greet)


def models(settings: Settings, services: Services, clock: Clock) -> Iterator[tuple[str, str]]:
    """Those that are asked and end soon, or are gone: what is to be said of each, and the fix."""
    asked = {"claude": settings.claude.model, "groq": settings.groq.model}
    for name, model in asked.items():
        said = ending(name, model, clock.now().date()) if name in services.panel.asks() else None
        if said is not None:
            yield said


def _dsn(settings: Settings) -> str:
    assert settings.database.url is not None
    return settings.database.url.get_secret_value()
