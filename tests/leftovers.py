"""Nothing that a test started outlives the process that ran it, however that ends.

A worker that is interrupted (Ctrl-C, a time limit, `kill -9`) runs no fixture to its end: its
daemons and database servers would stay, and its databases in memory. So each worker has a watcher,
a process of its own that sees the worker's end of a pipe close; then it ends whatever carries
the worker's mark in its environment, which children and theirs inherit, and removes the folders
that carry it in their names.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from contextlib import suppress
from pathlib import Path

import psutil

MARK = "RETAILXAI_TEST_RUN"
MEMORY = Path("/dev/shm")


def watch() -> subprocess.Popen[bytes]:
    """Mark this process and have it watched. The watcher ends when its stdin is closed."""
    os.environ[MARK] = mark = uuid.uuid4().hex[:8]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.leftovers", mark],
        cwd=Path(__file__).resolve().parents[1],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the worker
    )


def marked() -> dict[str, str]:
    """What the environment of a child must hold that is not given all of ours."""
    return {MARK: os.environ[MARK]}


def fresh_folder() -> Path:
    """In memory where there is plenty: making a database's files takes a disk ten times longer."""
    has_memory = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    is_plenty = has_memory and shutil.disk_usage(MEMORY).free > 2e9
    place = MEMORY if is_plenty else None
    return Path(tempfile.mkdtemp(prefix=_prefix(os.environ[MARK]), dir=place))


def _prefix(mark: str) -> str:
    return f"retailxai-{mark}-"


def _clear(mark: str) -> None:
    """More than once: what is ended may just have started another."""
    while left := [process for process in psutil.process_iter() if _carries(process, mark)]:
        _end(left)
    for place in {MEMORY, Path(tempfile.gettempdir())}:
        for folder in place.glob(f"{_prefix(mark)}*"):
            shutil.rmtree(folder, ignore_errors=True)


def _end(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.Error):
            # As a server is ended at once; killed, it would leave a piece of shared memory.
            process.send_signal(
                signal.SIGQUIT if process.name().startswith("postgres") else signal.SIGKILL
            )
    _, alive = psutil.wait_procs(processes, timeout=5)
    for process in alive:
        with suppress(psutil.Error):
            process.kill()


def _carries(process: psutil.Process, mark: str) -> bool:
    try:
        return process.pid != os.getpid() and process.environ().get(MARK) == mark
    except (psutil.Error, OSError):  # somebody else's, or it has ended meanwhile
        return False


if __name__ == "__main__":
    sys.stdin.read()
    _clear(sys.argv[1])
