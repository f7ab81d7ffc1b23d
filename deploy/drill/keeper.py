"""A supervisor for trees without systemd: `python -m deploy.drill.keeper ROOT start|stop|status`.

It starts the current release as its unit would, tells when it is ready, and ends it. The daemon
inherits a lock, so whether it lives is asked of the kernel.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from deploy.machine.places import Places
from deploy.machine.program import Program
from deploy.waiting import until

START_S, STOP_S, POLL_S = 240.0, 40.0, 0.1
READY = "Ready in"


class Keeper:
    def __init__(self, root: Path) -> None:
        self.places = Places(root)
        self._folder = self.places.at("/run/keeper")
        self._folder.mkdir(parents=True, exist_ok=True)
        self.output, self._pid = self._folder / "output", self._folder / "pid"

    def start(self) -> int:
        lock = self._lock()
        if lock is None:
            return 0
        program = Program(self.places, self.places.current)
        credentials = self._folder / "credentials"
        shutil.rmtree(credentials, ignore_errors=True)
        credentials.mkdir(mode=0o700)
        program.lend(credentials)
        with self.output.open("ab") as out:
            begins_at = out.tell()
            daemon = subprocess.Popen(
                [program.python, "main.py"],
                cwd=program.release,
                env={**program.environ(), "CREDENTIALS_DIRECTORY": str(credentials)},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                pass_fds=(lock,),
            )
        os.close(lock)
        self._pid.write_text(str(daemon.pid))
        is_ready = until(
            lambda: daemon.poll() is not None or READY in self.said(begins_at), START_S, POLL_S
        )
        if is_ready and daemon.poll() is None:
            daemon.returncode = 0  # it outlives us on purpose
            return 0
        sys.stderr.write(self.said(begins_at)[-2000:])
        return 1

    def stop(self) -> int:
        if self.pid():
            self.signal(signal.SIGTERM)
            if not until(lambda: not self.pid(), STOP_S, POLL_S):
                self.signal(signal.SIGKILL)
        return 0 if until(lambda: not self.pid(), 10, POLL_S) else 1

    def status(self) -> int:
        return 0 if self.pid() else 3

    def pid(self) -> int:
        """Of the daemon, 0 if none lives."""
        lock = self._lock()
        if lock is not None:
            os.close(lock)
            return 0
        return int(self._pid.read_text() or 0) if self._pid.exists() else 0

    def signal(self, number: signal.Signals) -> None:
        pid = self.pid()
        if pid:
            os.kill(pid, number)

    def said(self, since: int = 0) -> str:
        with self.output.open("rb") as out:
            out.seek(since)
            return out.read().decode(errors="replace")

    def _lock(self) -> int | None:
        """None while a daemon holds it."""
        handle = os.open(self._folder / "alive", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        return handle


def script(root: Path, python: str, file: Path) -> Path:
    """What --service is given."""
    home = Path(__file__).resolve().parents[2]
    file.write_text(
        f'#!/bin/sh\ncd "{home}" && exec "{python}" -m deploy.drill.keeper "{root}" "$1"\n'
    )
    file.chmod(0o755)
    return file


def main(arguments: list[str]) -> int:
    verbs = {"start": Keeper.start, "stop": Keeper.stop, "status": Keeper.status}
    if len(arguments) != 2 or arguments[1] not in verbs:
        sys.stderr.write(f"usage: keeper ROOT {'|'.join(verbs)}\n")
        return 2
    return verbs[arguments[1]](Keeper(Path(arguments[0])))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
