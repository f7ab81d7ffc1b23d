"""An installation in a tree of its own: filled, upgraded, asked."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deploy.drill.tree import Tree
from deploy.failures import Failure
from deploy.lab.house import ASK
from deploy.lab.retailers import release, settings
from deploy.machine.program import Program
from deploy.upgrading.journal import JournalFile, Phase
from deploy.waiting import until

SETTLED = (1_700_000_000, 1_700_000_000)  # lain there for years


class House(Tree):
    def __init__(self, folder: Path, venv: Path) -> None:
        super().__init__(folder, venv)
        self.digests: set[str] = set()
        self._config = folder / "retailxai.toml"

    # ---- setting up ---------------------------------------------------------------------

    def configure(self, tickers: Iterable[str], due: datetime) -> None:
        """What it is told; a daemon that runs takes it over."""
        told = settings(tickers, due, '[edgar]\nwatch = "never"')
        self._config.write_text(told, encoding="utf-8")
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
            content = release(ticker).encode()
            file = inbox / f"{ticker}.html"
            file.write_bytes(content)
            os.utime(file, SETTLED)
            self.digests.add(hashlib.sha256(content).hexdigest())

    # ---- deploying ----------------------------------------------------------------------

    def killed(self, phase: Phase, alone: bool) -> tuple[bool, str]:
        """An upgrade that is killed as soon as it has come so far: `alone`, or with all that it
        has started. Whether it was, and what it said."""
        going, journal = self.start("upgrade"), JournalFile(self.places.journal)

        def has_come() -> bool:
            found = journal.read()
            return going.poll() is not None or (found is not None and found.has(phase))

        came = until(has_come, 600, 0.002) and going.poll() is None
        (os.kill if alone else os.killpg)(going.pid, signal.SIGKILL)
        said = "" if alone else going.communicate(timeout=60)[0]
        going.wait()
        return came and going.returncode == -signal.SIGKILL, said

    # ---- asking -------------------------------------------------------------------------

    @property
    def program(self) -> Program:
        return Program(self.places, self.places.releases / (self.releases.current() or ""))

    def state(self) -> dict[str, Any]:
        question = str(Path(__file__).with_name("state.sql"))
        done = self.program.run("-c", ASK, str(self.places.state), question)
        if done.returncode:
            raise Failure(f"the database cannot be asked: {done.stderr[-500:]}", "see above")
        found: dict[str, Any] = json.loads(done.stdout)[0]
        return found


def due_in(least_s: float) -> datetime:
    """A whole minute, at least so far away."""
    return (datetime.now(UTC) + timedelta(seconds=least_s + 59)).replace(second=0, microsecond=0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
