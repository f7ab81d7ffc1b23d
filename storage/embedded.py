"""The database a fresh installation runs on: a private PostgreSQL under the data folder.

Several processes share one server. Three files beside its folder hold the truth, all as
kernel locks that no crash can leave behind:

    postgres.lock    held while somebody starts or stops it: one at a time
    postgres.users   held shared by every user for as long as it lives: the last one stops it
    postgres.alive   held by the server's own processes: free means none of them lives

So a kill -9 of any user, of the server, or of the machine needs no repair by hand: the
next start finds the locks as they really are. It listens on a socket in its own folder,
which is closed to everybody else, and on no network.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import psycopg2

from resilience.clock import Clock, SystemClock
from storage import server_address, server_process
from storage.cluster import PreparedCluster, prepare
from storage.file_locks import FileLock, LockNotHad, exclusive
from storage.server_binaries import Binaries
from storage.server_errors import EmbeddedServerError, FolderUnusable, StartFailed

_POLL_S = 0.02
_LAUNCHES = 3  # a server that ends at once this often will not come up by trying again
_LOG_KEPT_BYTES = 5_000_000
_MISSING_DATABASE = "does not exist"
_SETTINGS = {
    "listen_addresses": "",  # no network
    "unix_socket_directories": ".",  # relative to the cluster: any length of path will do
    "port": str(server_address.PORT),
    "max_connections": "200",
    "shared_buffers": "64MB",
    "jit": "off",  # compiling costs more than our queries
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",  # statements hold documents: not for the log
}


class EmbeddedServer:
    """One user's hold on the embedded server of `data_dir`.

    `start()` finds or starts it, `leave()` stops it if nobody else uses it.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        clock: Clock | None = None,
        fsync: bool = True,
        max_connections: int = 200,
        start_within_s: float = 120.0,
        stop_within_s: float = 30.0,
        binaries: Binaries | None = None,
        turn: FileLock | None = None,
    ) -> None:
        """`fsync=False` is for tests: a crash of the machine loses the data.
        `start_within_s` bounds the wait for other starters and for a silent server; crash
        recovery of a living server is waited for ten times as long. `binaries`: these programs and
        no others. `turn`: the caller's hold on postgres.lock, for as long as it wants nobody else
        to start or stop it."""
        self.data_dir = Path(data_dir).absolute()
        self.cluster = self.data_dir / "postgres"
        self.log = self.cluster / "server.log"
        self._clock = clock or SystemClock()
        self._settings = _SETTINGS | {"max_connections": str(max_connections)}
        self._syncs = fsync
        if not fsync:
            self._settings |= {"fsync": "off", "full_page_writes": "off"}
        self._binaries = binaries
        self._callers_turn = turn
        self._start_within_s = start_within_s
        self._stop_within_s = stop_within_s
        self._using: FileLock | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """The DSN of the running server, started if need be. Raises EmbeddedServerError."""
        try:
            # Root may have to let another account pass through to the database's own folder.
            mode = 0o711 if os.geteuid() == 0 else 0o700
            self.data_dir.mkdir(mode=mode, parents=True, exist_ok=True)
            self.data_dir = self.data_dir.resolve()
            self.cluster = self.data_dir / "postgres"
            self.log = self.cluster / "server.log"
            turn = self._turn()
        except OSError as error:
            raise self._unusable(error) from error
        with turn:
            try:
                self._join()
                self._until_answering()
            except OSError as error:
                self._abort()
                raise self._unusable(error) from error
            except BaseException:
                self._abort()
                raise
        return server_address.dsn(self.cluster)

    def leave(self) -> bool:
        """Stop using the server; True if that stopped it because nobody else uses it."""
        if self._using is None:
            return False
        try:
            turn = self._turn()
        except (OSError, EmbeddedServerError):
            self._abort()  # our hold is given up all the same; the server stays for the next
            return False
        try:
            with turn:
                self._withdraw()
                with FileLock(self.data_dir / "postgres.users") as others:
                    stopped = others.try_exclusive() and self._stop()
                if stopped:
                    server_address.forget(self.cluster)
                return stopped
        finally:
            self._forget_process()

    # ---- the locks ----------------------------------------------------------------------

    def _turn(self) -> AbstractContextManager[object]:
        if self._callers_turn is not None:
            return nullcontext()  # its owner's to end
        path = self.data_dir / "postgres.lock"
        try:
            return exclusive(path, self._clock, self._start_within_s)
        except LockNotHad as error:
            raise StartFailed(
                f"another process has been starting or stopping it for {self._start_within_s:.0f} s"
                f" (it holds {path})",
                "End that process and start again.",
            ) from error

    def _join(self) -> None:
        if self._using is None:
            self._using = FileLock(self.data_dir / "postgres.users")
            if not self._using.try_shared():  # only a stopper takes it alone, inside its turn
                raise StartFailed(f"{self._using.path} is locked by a stranger", "Remove the lock.")

    def _withdraw(self) -> None:
        if self._using is not None:
            self._using.release()
            self._using = None

    def _abort(self) -> None:
        self._withdraw()
        self._forget_process()

    # ---- starting -----------------------------------------------------------------------

    def _until_answering(self) -> None:
        """Launch the server unless it lives, and wait until it takes connections."""
        if (self.cluster / "postmaster.pid").exists() and self._knock() is None:
            return
        prepared: PreparedCluster | None = None
        launches = 0
        began = self._clock.monotonic()
        while True:
            with FileLock(self.data_dir / "postgres.alive") as alive:
                if alive.try_exclusive():
                    if launches >= _LAUNCHES:
                        raise self._gave_up()
                    prepared = prepared or prepare(
                        self.cluster, sync=self._syncs, binaries=self._binaries
                    )
                    self._launch(prepared, alive)
                    launches += 1
            refusal = self._knock()
            if refusal is None:
                return
            self._give_up_after(began, refusal)
            self._clock.wait(_POLL_S)

    def _launch(self, prepared: PreparedCluster, alive: FileLock) -> None:
        stranger = server_process.serving_pid(self.cluster)
        if stranger is not None:
            raise FolderUnusable(
                f"{self.cluster} is served by a PostgreSQL that this program did not start "
                f"(pid {stranger})",
                f"Stop it with `pg_ctl stop -D {self.cluster}` and start again.",
            )
        server_process.remove_stale_files(self.cluster)
        self._forget_process()
        command = [prepared.binaries.program("postgres"), "-D", str(self.cluster), "-k", "."]
        for name, value in (self._settings | prepared.settings).items():
            command += ["-c", f"{name}={value}"]
        if self.log.exists() and self.log.stat().st_size > _LOG_KEPT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*prepared.account.prefix, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C at our terminal is not for the server
                pass_fds=(alive.fd,),
                **prepared.account.popen_options(),
            )

    def _knock(self) -> psycopg2.OperationalError | None:
        """None if the server takes connections, else how it refused."""
        try:
            psycopg2.connect(server_address.dsn(self.cluster), connect_timeout=5).close()
        except psycopg2.OperationalError as refusal:
            if f'database "{server_address.DATABASE}" {_MISSING_DATABASE}' not in str(refusal):
                return refusal
            self._make_database()
        return None

    def _make_database(self) -> None:
        connection = psycopg2.connect(server_address.dsn(self.cluster, "postgres"))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f'create database "{server_address.DATABASE}"')
        except psycopg2.Error as error:
            raise self._gave_up() from error
        finally:
            connection.close()

    def _give_up_after(self, began: float, refusal: Exception) -> None:
        """A living server may recover for minutes; a silent one is given less."""
        recovering = "starting up" in str(refusal) or "recovery" in str(refusal)
        patience = self._start_within_s * (10 if recovering else 1)
        if self._clock.monotonic() - began > patience:
            raise self._gave_up() from refusal

    def _gave_up(self) -> EmbeddedServerError:
        tail = server_process.log_tail(self.log)
        if "No space left on device" in tail:
            return StartFailed(
                f"the disk that holds {self.cluster} is full",
                "Free some space there (a few hundred MB) and start again.",
            )
        return StartFailed(
            f"the server for {self.cluster} does not start; {self.log} ends with:\n{tail}\n",
            "If the folder is damaged, restore it from a backup or move it away to begin anew; "
            "or set DATABASE_URL to a PostgreSQL of your own.",
        )

    def _unusable(self, error: OSError) -> FolderUnusable:
        place = error.filename or self.data_dir
        fix = (
            "Give the user running this the right to write there, or set another data folder "
            "(RETAILXAI_DATA_DIR)."
        )
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            fix = "Free some space there (a few hundred MB) and start again."
        elif error.errno == errno.ENOTSUP or error.errno == errno.ENOLCK:
            fix = "Its file system cannot lock files: use a data folder on a local disk."
        return FolderUnusable(f"{place}: {error.strerror or error}", fix)

    # ---- stopping -----------------------------------------------------------------------

    def _stop(self) -> bool:
        """Fast shutdown: transactions are rolled back, everything committed is kept."""
        pid = server_process.serving_pid(self.cluster)
        if pid is None:
            return False
        with contextlib.suppress(ProcessLookupError):  # it ended a moment ago by itself
            os.kill(pid, signal.SIGINT)
        give_up_at = self._clock.monotonic() + self._stop_within_s
        with FileLock(self.data_dir / "postgres.alive") as alive:
            while not alive.try_exclusive():
                if self._clock.monotonic() > give_up_at:
                    return False  # it was told, and ends when its disk lets it
                self._clock.wait(_POLL_S)
        return True

    def _forget_process(self) -> None:
        """Reap our child if it ended; if not, it outlives us on purpose."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            try:
                process.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                process.returncode = 0  # or Popen would warn that it still runs
