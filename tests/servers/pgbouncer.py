"""A real PgBouncer before a real PostgreSQL.

with Bouncer(folder, dsn, "transaction") as bouncer:
    psycopg2.connect(bouncer.dsn)
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg2
import pytest

from resilience.clock import SystemClock
from storage.dsn import parse
from tests.servers.http import closed_port

_FOUND = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
_PATIENCE_S = 10.0


def needs_pgbouncer() -> str:
    """Where it lies: CI fails without it, a laptop skips."""
    if _FOUND is not None:
        return _FOUND
    if os.environ.get("CI") == "true":
        pytest.fail("CI must have pgbouncer: make ci-deps")
    pytest.skip("pgbouncer is not installed")


class Bouncer:
    """`dsn` is the server's, over TCP; `mode` is PgBouncer's pool_mode."""

    def __init__(self, folder: Path, dsn: str, mode: str, **settings: object) -> None:
        self._program = needs_pgbouncer()
        self._folder = folder
        self._server = dict(parse(dsn).parts)
        self.port = closed_port()
        self._settings: Mapping[str, object] = {
            "listen_addr": "127.0.0.1",
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "any",
            "pool_mode": mode,
            "ignore_startup_parameters": "options,extra_float_digits",
            **settings,
        }
        self.dsn = f"postgresql://anybody@127.0.0.1:{self.port}/{self._server['dbname']}"

    def __enter__(self) -> Self:
        where = " ".join(f"{name}={self._server[name]}" for name in ("host", "port", "user"))
        lines = ["[databases]", f"* = {where}", "[pgbouncer]"]  # each under its own name
        lines += [f"{name} = {value}" for name, value in self._settings.items()]
        path = self._folder / f"pgbouncer-{self.port}.ini"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        as_whom = ["-u", "nobody"] if os.geteuid() == 0 else []
        self._said = (self._folder / f"pgbouncer-{self.port}.log").open("wb")
        self._process = subprocess.Popen(
            [self._program, *as_whom, str(path)], stdout=self._said, stderr=self._said
        )
        self._await()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait(10)
        self._said.close()

    def _await(self) -> None:
        clock = SystemClock()
        give_up_at = clock.monotonic() + _PATIENCE_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                if self._process.poll() is not None or clock.monotonic() >= give_up_at:
                    said = Path(self._said.name).read_text(encoding="utf-8", errors="replace")
                    raise AssertionError(f"pgbouncer did not start: {said}") from None
                clock.wait(0.02)
            else:
                return


def tell(dsn: str, *statements: str) -> list[tuple[object, ...]]:
    """The rows of the last of some statements, on a connection of their own."""
    connection = psycopg2.connect(dsn)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
