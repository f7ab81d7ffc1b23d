"""The database as `doctor` reaches it: as it lies there. Nothing is migrated, no folder is made,
and the embedded server is started only where it is this user's.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from operations.doctor.findings import NotLooked
from operations.doctor.modes import account
from resilience.clock import Clock
from resilience.outcomes import CallError
from settings import Settings, revealed
from storage.database import Database
from storage.embedded import EmbeddedServer
from storage.pool import PoolSettings
from storage.schema import Standing, schema_standing
from storage.server_address import dsn as dsn_of
from storage.server_errors import EmbeddedServerError
from storage.server_process import serving_pid

PATIENCE_S = 20.0  # a server that starts takes one, one that recovers longer than anybody waits
BRIEF_S = 8.0
SEE = "see `database`"


class Reach:
    """Opened once, by a thread of its own that nobody has to wait for."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._done = threading.Event()
        self._begun = threading.Lock()
        self._asking = threading.Lock()
        self._thread: threading.Thread | None = None
        self._embedded: EmbeddedServer | None = None
        self._database: Database | None = None
        self._standing: Standing | None = None
        self._failed: Exception | None = None

    @property
    def is_embedded(self) -> bool:
        return self._settings.database.url is None

    def database(self, within_s: float = PATIENCE_S) -> Database:
        """One that answered. Raises CallError, EmbeddedServerError, OSError, NotLooked."""
        with self._begun:
            if self._thread is None:
                self._thread = threading.Thread(target=self._open, name="reach", daemon=True)
                self._thread.start()
        if not self._done.wait(within_s):
            raise NotLooked(f"it did not answer within {within_s:g} s")
        if self._failed is not None:
            raise self._failed
        assert self._database is not None
        return self._database

    def maybe(self) -> Database | None:
        """For those who can say something without it."""
        try:
            return self.database(BRIEF_S)
        except (NotLooked, CallError, EmbeddedServerError, OSError):
            return None

    def schema(self) -> Standing:
        """Asked once, though a dozen looks want to know: each time is a connection of its own.
        Raises what `database` raises."""
        database = self.database()
        with self._asking:
            if self._standing is None:
                self._standing = schema_standing(database.dsn)
            return self._standing

    def needs_database(self) -> None:
        """Raises NotLooked where it cannot be asked: one row tells of that, not ten."""
        try:
            self.database()
        except NotLooked as nothing:
            raise NotLooked(f"{SEE}: {nothing}") from nothing
        except (CallError, EmbeddedServerError, OSError) as error:
            raise NotLooked(f"{SEE}: it cannot be asked") from error

    def needs_tables(self) -> None:
        self.needs_database()
        found = self.schema()
        if not found.is_fit:
            raise NotLooked(f"see `schema`: it is {found.current}, and not {found.expected}")

    def close(self) -> None:
        """Raises nothing; a server that still starts is left to the next who uses it."""
        if self._done.is_set():
            if self._database is not None:
                self._database.close()
            if self._embedded is not None:
                self._embedded.leave()

    def _open(self) -> None:
        try:
            database = Database(
                self._dsn(),
                PoolSettings(size=4, overflow=0, timeout_s=5.0, statement_timeout_s=10.0),
                clock=self._clock,
                application="retailxai-doctor",
            )
            database.ping()
            self._database = database
        except Exception as error:  # noqa: BLE001  handed to whoever asks
            self._failed = error
        finally:
            self._done.set()

    def _dsn(self) -> str:
        url = revealed(self._settings.database.url)
        if url is not None:
            return url
        data = self._settings.data_dir
        cluster = (data / "postgres").resolve()
        self._refuse_strange(data, cluster)
        if serving_pid(cluster) is not None:
            return dsn_of(cluster)
        self._embedded = EmbeddedServer(data, clock=self._clock)
        return self._embedded.start()

    def _refuse_strange(self, data: Path, cluster: Path) -> None:
        try:
            if not (cluster / "PG_VERSION").exists():
                raise NotLooked("there is none yet")
            owner = data.stat().st_uid
        except PermissionError as error:
            owner = data.stat().st_uid
            name = account(owner)
            raise NotLooked(f"{cluster} is {name}'s: ask as {name}, or as root") from error
        if owner != os.geteuid() and serving_pid(cluster) is None:
            name = account(owner)
            raise NotLooked(f"it does not run, and is {name}'s to start: ask as {name}")
