"""An installation in a tree of its own: filled, upgraded, asked."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deploy.drill.keeper import Keeper, script, until
from deploy.failures import Failure
from deploy.lab.house import JOB, RELEASE
from deploy.machine.places import Places
from deploy.machine.program import Program
from deploy.machine.releases import Releases
from deploy.upgrading.journal import JournalFile, Phase

HOME = Path(__file__).resolve().parents[2]
SETTLED = (1_700_000_000, 1_700_000_000)  # lain there for years
# The embedded server is joined for the question, by the code of the release that is current.
ASK = """
import json, sys
from pathlib import Path
import psycopg2
from storage.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]))
connection = psycopg2.connect(server.start())
cursor = connection.cursor()
cursor.execute(Path(sys.argv[2]).read_text())
print(json.dumps(cursor.fetchone()[0]))
connection.close()
server.leave()
"""


class House:
    def __init__(self, folder: Path, venv: Path) -> None:
        self.root = folder / "machine"
        self.root.mkdir(parents=True)
        self.places, self.releases = Places(self.root), Releases(Places(self.root))
        self.keeper = Keeper(self.root)
        self.digests: set[str] = set()
        self._venv = venv
        self._script = script(self.root, sys.executable, folder / "service")
        self._config = folder / "retailxai.toml"

    # ---- setting up ---------------------------------------------------------------------

    def configure(self, tickers: Iterable[str], due: datetime) -> None:
        """What it is told; a daemon that runs takes it over."""
        lines = ['[schedule]\nzone = "UTC"\ntick_s = 0.5', "[schedule.jobs]"]
        lines += [f'{JOB} = {{ at = "{due:%H:%M}" }}', '[edgar]\nwatch = "never"']
        for ticker in tickers:
            lines += ["[[companies]]", f'ticker = "{ticker}"', f'name = "{ticker.title()} Stores"']
        self._config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.keeper.signal(signal.SIGHUP)

    def prepare(self) -> None:
        self.places.settings.mkdir(parents=True, exist_ok=True)
        self.places.environment.write_text(
            f"RETAILXAI_CONFIG={self._config}\nRETAILXAI_ALLOW_EMBEDDED=1\n"
            f"RETAILXAI_SAMPLES=off\nRETAILXAI_WEB_PORT={_free_port()}\n"
        )

    def drop(self, tickers: Iterable[str]) -> None:
        """A release of each, into the inbox."""
        inbox = self.places.state / "inbox"
        inbox.mkdir(parents=True, exist_ok=True)
        for ticker in tickers:
            content = RELEASE.format(name=f"{ticker.title()} Stores", ticker=ticker).encode()
            file = inbox / f"{ticker}.html"
            file.write_bytes(content)
            os.utime(file, SETTLED)
            self.digests.add(hashlib.sha256(content).hexdigest())

    # ---- deploying ----------------------------------------------------------------------

    def start(self, verb: str, *arguments: str) -> subprocess.Popen[str]:
        venv = ("--venv", str(self._venv)) if verb in ("install", "upgrade") else ()
        return subprocess.Popen(
            [sys.executable, "-m", "deploy", verb, "--root", str(self.root), "--no-systemd",
             "--service", str(self._script), *venv, *arguments],
            cwd=HOME, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True,
        )  # fmt: skip

    def do(self, verb: str, *arguments: str) -> tuple[int, str]:
        process = self.start(verb, *arguments)
        said, _ = process.communicate(timeout=900)
        return process.returncode, said

    def killed(self, phase: Phase, alone: bool) -> tuple[bool, str]:
        """An upgrade that is killed as soon as it has come so far: `alone`, or with all that it
        has started. Whether it was, and what it said."""
        going, journal = self.start("upgrade"), JournalFile(self.places.journal)

        def has_come() -> bool:
            found = journal.read()
            return going.poll() is not None or (found is not None and found.has(phase))

        came = until(has_come, 600, 0.002) and going.poll() is None
        (os.kill if alone else os.killpg)(going.pid, signal.SIGKILL)
        said = _read(going) if not alone else ""
        going.wait()
        return came and going.returncode == -signal.SIGKILL, said

    # ---- asking -------------------------------------------------------------------------

    def running(self) -> str:
        """The release whose daemon runs; "" if none does."""
        pid = self.keeper.pid()
        try:
            return Path(f"/proc/{pid}/cwd").readlink().name if pid else ""
        except OSError:
            return ""

    @property
    def program(self) -> Program:
        return Program(self.places, self.places.releases / (self.releases.current() or ""))

    def state(self) -> dict[str, Any]:
        question = str(Path(__file__).with_name("state.sql"))
        done = self.program.run("-c", ASK, str(self.places.state), question)
        if done.returncode:
            raise Failure(f"the database cannot be asked: {done.stderr[-500:]}", "see above")
        found: dict[str, Any] = json.loads(done.stdout)
        return found


def due_in(least_s: float) -> datetime:
    """A whole minute, at least so far away."""
    return (datetime.now(UTC) + timedelta(seconds=least_s + 59)).replace(second=0, microsecond=0)


def _read(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate(timeout=60)
    return said


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def now() -> float:
    return time.monotonic()
