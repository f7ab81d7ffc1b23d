"""A PostgreSQL to be ill-treated: a throw-away server of one's own, with a switch for each fault.

It is made from the same programs as the embedded one, and listens on the loopback interface
too, because only a connection over TCP can be cut. Whoever connects that way needs the
password; the socket in the closed folder asks for none.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psycopg2

from resilience.clock import Clock
from storage import server_process
from storage.cluster import PreparedCluster, prepare
from storage.server_address import DATABASE, ROLE, socket_folder
from storage.server_errors import StartFailed

Stop = Literal["fast", "immediate"]
_SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}
_POLL_S = 0.05
_WITHIN_S = 60.0
_WHO_MAY = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


class ScratchServer:
    """One user, one thread. `folder` is its own and may be thrown away after `close`."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.cluster = folder.absolute() / "postgres"
        self.log = self.cluster / "server.log"
        self.port = _free_port()
        self._password = secrets.token_hex(16)
        self._clock = clock
        self._prepared: PreparedCluster | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def dsn(self) -> str:
        """By the socket: no network between."""
        return self._by_socket(DATABASE)

    def url(self, port: int) -> str:
        """By TCP through `port`: its own, or a proxy's before it."""
        return f"postgresql://{ROLE}:{self._password}@127.0.0.1:{port}/{DATABASE}"

    # ---- life ---------------------------------------------------------------------------

    def make(self) -> None:
        """The database, and the server started. Raises EmbeddedServerError."""
        self._prepared = prepare(self.cluster)
        (self.cluster / "pg_hba.conf").write_text(_WHO_MAY, encoding="utf-8")
        self.start("postgres")
        connection = psycopg2.connect(self._by_socket("postgres"))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:  # the password is of our own making: hex digits
                cursor.execute(f"alter role {ROLE} password '{self._password}'")
                cursor.execute(f'create database "{DATABASE}"')
        finally:
            connection.close()

    def start(self, database: str = DATABASE) -> None:
        """Returns when it answers. Raises StartFailed."""
        give_up_at = self._clock.monotonic() + _WITHIN_S
        while True:
            if self._process is None or self._process.poll() is not None:
                self._launch()
            try:
                psycopg2.connect(self._by_socket(database), connect_timeout=5).close()
            except psycopg2.OperationalError as refusal:
                if self._clock.monotonic() > give_up_at:
                    said = server_process.log_tail(self.log)
                    raise StartFailed(
                        f"the scratch server did not start within {_WITHIN_S:.0f} s; "
                        f"{self.log} ends with:\n{said}\n",
                        "See its log; a folder in memory or on a local disk works best.",
                    ) from refusal
            else:
                return
            self._clock.wait(_POLL_S)

    def stop(self, how: Stop) -> None:
        """`fast`: transactions are rolled back; `immediate`: as if the power failed."""
        process = self._process
        if process is not None and process.poll() is None:
            os.kill(process.pid, _SIGNALS[how])
            process.wait(_WITHIN_S)

    def kill(self) -> None:
        """SIGKILL to all its processes, as the kernel does when memory runs out."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        os.kill(process.pid, signal.SIGSTOP)  # so that it makes no more of them
        for pid in [*_children(process.pid), process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait(_WITHIN_S)
        server_process.remove_stale_files(self.cluster)

    def freeze(self) -> None:
        self._tell_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._tell_all(signal.SIGCONT)

    def close(self) -> None:
        """Ended for good, however it stands. Safe to call twice."""
        if self._process is not None:
            self.kill()
            self._process = None

    # ---- within -------------------------------------------------------------------------

    def _by_socket(self, database: str) -> str:
        host = quote(str(socket_folder(self.cluster)), safe="")
        return f"postgresql://{ROLE}@/{database}?host={host}&port={self.port}"

    def _launch(self) -> None:
        assert self._prepared is not None, "make() comes first"
        made = self._prepared
        command = [made.binaries.program("postgres"), "-D", str(self.cluster), "-k", "."]
        wanted = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "max_connections": "300",
            "shared_buffers": "64MB",
            "jit": "off",
            "log_min_error_statement": "panic",  # statements hold documents
        }
        for name, value in (wanted | made.settings).items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*made.account.prefix, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **made.account.popen_options(),
            )

    def _tell_all(self, number: signal.Signals) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        for pid in [self._process.pid, *_children(self._process.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


def _children(pid: int) -> list[int]:
    """Those of a postmaster: one process for each connection, and its helpers."""
    said = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="],  # noqa: S607 (every system has it)
        capture_output=True,
        text=True,
        timeout=10,
        check=True,
    ).stdout
    pairs = [line.split() for line in said.splitlines()]
    return [int(child) for child, parent in pairs if int(parent) == pid]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
