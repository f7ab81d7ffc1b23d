"""What tests share: a real PostgreSQL for the session, a fresh migrated database for each."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psycopg2
import pytest

from jobs.durable import Engine
from resilience.clock import SystemClock
from resilience.testing import FakeClock
from storage.database import Database
from storage.embedded import EmbeddedServer
from storage.pool import PoolSettings
from storage.schema import migrate
from storage.server_address import dsn as dsn_of
from storage.server_binaries import find
from storage.server_errors import BinariesMissing
from tests.leftovers import fresh_folder, watch

_TEMPLATE = "retailxai_template"

# A busy machine is no fault of a strategy: no time limits. CI searches the same examples each
# time, so that what it says of a commit stays true; a laptop searches on.
hypothesis.settings.register_profile(
    "suite",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=os.environ.get("CI") == "true",
)
hypothesis.settings.load_profile("suite")


_WATCHER = pytest.StashKey[object]()


def pytest_configure(config: pytest.Config) -> None:
    """Held as long as this process lives."""
    config.stash[_WATCHER] = watch()


@pytest.fixture
def clock() -> FakeClock:
    """Stands still until the test moves it."""
    return FakeClock()


@pytest.fixture
def fast_path() -> Iterator[Path]:
    """A fresh folder like `tmp_path`, in memory where there is plenty: for databases."""
    folder = fresh_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_binaries() -> None:
    """The embedded server can be started here: CI fails without it, a laptop skips."""
    try:
        find()
    except BinariesMissing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must have it: {missing}")
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def postgres(postgres_binaries: None) -> Iterator[EmbeddedServer]:
    """The embedded server, without fsync, gone with its folder at the end of the session."""
    folder = fresh_folder()
    server = EmbeddedServer(folder / "data", fsync=False)
    server.start()
    try:
        yield server
    finally:
        server.leave()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(postgres: EmbeddedServer) -> str:
    """The name of a migrated database that tests copy, with the engine's tables: to make them
    takes the engine ten times as long as to copy them."""
    _administer(postgres, f'create database "{_TEMPLATE}"')
    dsn = dsn_of(postgres.cluster, _TEMPLATE)
    migrate(dsn)
    make_engine(dsn)
    return _TEMPLATE


@pytest.fixture
def empty_dsn(postgres: EmbeddedServer) -> Iterator[str]:
    """The address of a database with nothing in it."""
    yield from _database_from(postgres, "template1")


@pytest.fixture
def dsn(postgres: EmbeddedServer, template: str) -> Iterator[str]:
    """The address of a fresh database with the current schema."""
    yield from _database_from(postgres, template)


@pytest.fixture(scope="module")
def module_dsn(postgres: EmbeddedServer, template: str) -> Iterator[str]:
    """Like `dsn`, one for all tests of a module: for those that only look at much data."""
    yield from _database_from(postgres, template)


@pytest.fixture
def database(dsn: str) -> Iterator[Database]:
    """A fresh migrated database behind a small pool."""
    opened = Database(dsn, PoolSettings(size=5, overflow=5, timeout_s=10))
    try:
        yield opened
    finally:
        opened.close()


def make_engine(dsn: str) -> None:
    """As the first daemon does."""
    engine = Engine(dsn, "ex-0", queues={"documents": 1}, clock=SystemClock())
    engine.launch()
    engine.close()


def _database_from(postgres: EmbeddedServer, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    _administer(postgres, f'create database "{name}" template "{template}"')
    try:
        yield dsn_of(postgres.cluster, name)
    finally:
        _administer(postgres, f'drop database "{name}" with (force)')


def _administer(postgres: EmbeddedServer, sql: str) -> None:
    connection = psycopg2.connect(dsn_of(postgres.cluster, "postgres"))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
    finally:
        connection.close()
