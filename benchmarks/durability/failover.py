"""How long the work of a killed process lies: `python -m benchmarks.durability.failover [--short]`.

A daemon and a worker live; a second worker takes documents that are slow to come and is killed
(kill -9). Measured is the time from the kill until none of its work is marked as its own any
more: it is fenced, and all of it is back in the queue or with somebody else. All processes are
`main.py` as it is shipped; the SEC is a server here that never answers.

Exit codes: 0 met, 1 missed, 2 it could not be measured.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from benchmarks.durability.table import Row, as_text, at_most, exit_code
from bootstrap.application import open_application
from earnings.vocabulary import Lead
from resilience.clock import SystemClock
from settings import load
from storage.dsn import parse
from storage.embedded import EmbeddedServer

ROOT = Path(__file__).resolve().parents[2]
REACH_S = 3.0
TRIALS, FEW_TRIALS = 12, 4
DOCUMENTS = 40
WITHIN_S = 120.0
LOOK_S = 0.01
SEED = "--seed"

CONFIG = """
[policies.edgar]
timeout_s = 900
deadline_s = 3600

[[companies]]
ticker = "NONE"
name = "Nobody Stores"
cik = 1990001
"""
_PENDING = Path(__file__).with_suffix(".sql")


class NotMeasured(Exception):
    """What was to be seen did not happen."""


def measure(short: bool) -> list[Row]:
    """Raises NotMeasured."""
    took = sorted(_Bench().run(FEW_TRIALS if short else TRIALS))
    note = f"median of {len(took)} kills, {took[0]:.2f} to {took[-1]:.2f} s"
    return [at_most("killed process: its work is queued again", median(took), REACH_S, "s", note)]


class _Bench:
    def __init__(self) -> None:
        self._clock = SystemClock()
        self._held = ExitStack()
        self._folder = Path(tempfile.mkdtemp(prefix="retailxai-failover-"))
        self._folder.chmod(0o711)  # the database's own account passes through

    def run(self, trials: int) -> list[float]:
        with self._held:
            self._held.callback(shutil.rmtree, self._folder, ignore_errors=True)
            self._begin()
            self._start("RETAILXAI_INSTANCE=bench")
            self._start("RETAILXAI_INSTANCE=bench", "worker")
            return [self._trial() for _ in range(trials)]

    def _begin(self) -> None:
        silent = self._held.enter_context(socket.create_server(("127.0.0.1", 0), backlog=1000))
        server = EmbeddedServer(self._folder / "server")
        self._held.callback(server.leave)
        dsn = server.start()
        (self._folder / "retailxai.toml").write_text(CONFIG, encoding="utf-8")
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        self._environ = {
            "PATH": os.defpath,
            "HOME": str(self._folder),
            "DATABASE_URL": dsn,
            "SEC_CONTACT": "Bench Reading Room bench@reading-room.org",
            "RETAILXAI_CONFIG": str(self._folder / "retailxai.toml"),
            "RETAILXAI_DATA_DIR": str(self._folder / "data"),
            "RETAILXAI_LOG_DIR": str(self._folder / "logs"),
            "RETAILXAI_REPORTS_DIR": str(self._folder / "reports"),
            "RETAILXAI_SEC_WWW_URL": url,
            "RETAILXAI_SEC_DATA_URL": url,
        }
        seed = [sys.executable, "-m", "benchmarks.durability.failover", SEED]
        done = subprocess.run(
            seed, cwd=ROOT, env=self._environ, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise NotMeasured(f"no documents could be queued: {done.stderr[-2000:]}")
        self._connection = parse(dsn).connect(application="failover")
        self._held.callback(self._connection.close)
        self._connection.autocommit = True

    def _start(self, setting: str, *arguments: str) -> subprocess.Popen[bytes]:
        name, _, value = setting.partition("=")
        said = self._folder / f"said-{self._clock.monotonic():.6f}"
        with said.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, str(ROOT / "main.py"), *arguments],
                cwd=self._folder,
                env={**self._environ, name: value},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        self._held.callback(_kill, process)
        self._until(lambda: "Ready in" in said.read_text(errors="replace"), "a process is ready")
        return process

    def _trial(self) -> float:
        victim = self._start("RETAILXAI_INSTANCE=bench", "worker")
        self._until(lambda: self._pending(victim.pid) > 0, "it takes work")
        _kill(victim)
        began = self._clock.monotonic()
        self._until(lambda: self._pending(victim.pid) == 0, "its work is queued again")
        return self._clock.monotonic() - began

    def _pending(self, pid: int) -> int:
        with self._connection.cursor() as cursor:
            cursor.execute(_PENDING.read_text(encoding="utf-8"), (pid,))
            row = cursor.fetchone()
        return int(row[0]) if row else 0

    def _until(self, look: Callable[[], bool], what: str) -> None:
        give_up_at = self._clock.monotonic() + WITHIN_S
        while not look():
            if self._clock.monotonic() >= give_up_at:
                raise NotMeasured(f"not within {WITHIN_S:g} s: {what}")
            self._clock.wait(LOOK_S)


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _seed() -> None:
    """Queue documents, as a scan that is killed at once leaves them."""
    application = open_application(load(), kind="command")
    application.begin_work()
    leads = [
        Lead(
            source="edgar",
            external_id=f"0001990001-26-{number:06d}",
            title=f"release {number}",
            url="",
            published_at=None,
            ticker="NONE",
            is_sample=False,
            details={"cik": "1990001", "company": "Nobody Stores", "form": "8-K"},
        )
        for number in range(DOCUMENTS)
    ]
    documents = application.context.documents
    for document in documents.record("edgar", "bench", leads, None, None):
        application.engine.enqueue("document", f"doc:edgar:{document}:0", document)
    os._exit(0)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="failover", description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer kills")
    parser.add_argument(SEED, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.seed:
        _seed()
    try:
        rows = measure(options.short)
    except NotMeasured as problem:
        sys.stderr.write(f"failover: {problem}\n")
        return 2
    print(as_text(rows, {}))
    return exit_code(rows)


if __name__ == "__main__":
    sys.exit(main())
