"""An empty database for a look, on a server of its own that nobody else reaches; gone afterwards.

It listens on a socket in its own closed folder and on no network. A kill -9 of its user is
noticed by a small process beside it, which stops the server; what that leaves, or a loss of
power, is swept by the next look.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from resilience.clock import Clock
from storage import server_process
from storage.embedded import EmbeddedServer
from storage.file_locks import FileLock, LockNotHad, exclusive

_PREFIX = "look-"
HELD = "held"  # a file in its folder, locked as long as its maker lives
_GONE_WITHIN_S = 30.0
# Reads until the pipe from its maker is closed, by whatever end; then the server is told.
_WATCH = 'read -r _; kill -QUIT "$(head -n 1 "$1/postmaster.pid")" 2>/dev/null'


@contextmanager
def scratch_database(folder: Path, clock: Clock) -> Iterator[str]:
    """The address of an empty database whose files lie under `folder`. Raises
    EmbeddedServerError, OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    # Nobody sweeps what another is just making.
    with exclusive(folder / "look.lock", clock, _GONE_WITHIN_S * 2):
        _sweep(folder, clock)
        place = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
        held = FileLock(place / HELD)
        held.try_shared()
    server = EmbeddedServer(place, clock=clock, fsync=False, max_connections=10, stop_within_s=5.0)
    try:
        if os.geteuid() == 0:
            place.chmod(0o711)  # the server's account passes through to its own folder
        dsn = server.start()
        watcher = _watch(server.cluster)
        try:
            yield dsn
        finally:
            watcher.kill()
            watcher.communicate()
    finally:
        if not server.leave():  # its disk is full, say: nothing of it is wanted any more
            _is_stopped(place, clock)
        shutil.rmtree(place, ignore_errors=True)
        held.release()


def _watch(cluster: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["/bin/sh", "-c", _WATCH, "sh", str(cluster)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C at our terminal is for us
    )


def _sweep(folder: Path, clock: Clock) -> None:
    """Away with what killed users left: their hold on the server is a lock that died with them."""
    for place in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError), FileLock(place / HELD) as held:
            if held.try_exclusive() and _is_stopped(place, clock):
                shutil.rmtree(place)


def _is_stopped(place: Path, clock: Clock) -> bool:
    pid = server_process.serving_pid(place / "postgres")
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
    try:
        exclusive(place / "postgres.alive", clock, _GONE_WITHIN_S).release()
    except LockNotHad:
        return False
    return True
