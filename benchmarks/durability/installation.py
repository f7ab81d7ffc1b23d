"""One installation in a folder of its own, with the shipped configuration."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from resilience.clock import SystemClock
from settings import Settings, load

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "retailxai.toml"
READY = "Ready in"
START_WITHIN_S = 120.0
STOP_WITHIN_S = 60.0
CONTACT = "Bench Reading Room bench@reading-room.org"
ADDRESSES = (
    "RETAILXAI_SEC_WWW_URL",
    "RETAILXAI_SEC_DATA_URL",
    "RETAILXAI_CLAUDE_BASE_URL",
)
CAPS = ("RETAILXAI_CLAUDE_DAILY_CAP_USD", "RETAILXAI_CLAUDE_MONTHLY_CAP_USD")
KEY = "sk-ant-api03-invented-for-benchmarks"


class NotStarted(Exception):
    """A process of the installation did not come up; the message holds what it said."""


@dataclass
class Installation:
    """`service`: the address at which the SEC and Claude are pretended to be, "" for none.
    `stub`: no rules and no model read the documents, but an analyst that knows its answer."""

    folder: Path
    service: str = ""
    instance: str = "bench"
    service_pid: int = 0
    stub: bool = False
    clock: SystemClock = field(default_factory=SystemClock)

    def environment(self, instance: str | None = None) -> dict[str, str]:
        name = instance or self.instance
        given = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(self.folder),
            "RETAILXAI_CONFIG": str(self._config()),
            "RETAILXAI_INSTANCE": name,
            "RETAILXAI_DATA_DIR": str(self.folder / "data"),
            "RETAILXAI_LOG_DIR": str(self.folder / f"logs-{name}"),
            "RETAILXAI_REPORTS_DIR": str(self.folder / "reports"),
            "RETAILXAI_WEB_PORT": str(_free_port()),
        }
        if self.service:
            given |= {"SEC_CONTACT": CONTACT} | ({} if self.stub else {"ANTHROPIC_API_KEY": KEY})
            given |= dict.fromkeys(ADDRESSES, self.service) | dict.fromkeys(CAPS, "100000")
        return given

    def settings(self, instance: str) -> Settings:
        """As `main.py` would read them, but for the pace of the SEC, whose server it is not."""
        settings = load(self.environment(instance))
        sec = settings.sec.model_copy(update={"requests_per_s": 1e6})
        return settings.model_copy(update={"sec": sec})

    @contextmanager
    def daemon(self) -> Iterator[subprocess.Popen[bytes]]:
        """`python main.py`, ready."""
        with self.begun([sys.executable, "main.py"]) as process:
            yield process

    @contextmanager
    def begun(
        self, command: Sequence[str], ready: str = READY
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A process that has said `ready`, ended in good order afterwards."""
        said = self.folder / f"said-{self.clock.monotonic():.6f}"
        process = self.start(command, said)
        try:
            self.until_said(process, said, ready)
            yield process
        finally:
            stop(process)

    def start(self, command: Sequence[str], said: Path) -> subprocess.Popen[bytes]:
        with said.open("wb") as out:
            return subprocess.Popen(
                list(command), cwd=ROOT, env=self.environment(), stdout=out, stderr=out
            )

    def until_said(self, process: subprocess.Popen[bytes], said: Path, words: str) -> None:
        give_up_at = self.clock.monotonic() + START_WITHIN_S
        while words not in said.read_text(encoding="utf-8", errors="replace"):
            if process.poll() is not None or self.clock.monotonic() > give_up_at:
                stop(process)
                raise NotStarted(said.read_text(encoding="utf-8", errors="replace")[-3000:])
            self.clock.wait(0.01)

    def _config(self) -> Path:
        path = self.folder / "retailxai.toml"
        if not path.exists():
            shipped = SHIPPED.read_text(encoding="utf-8")
            path.write_text(_unhurried(shipped) if self.service else shipped, encoding="utf-8")
        return path


def stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def kill(process: subprocess.Popen[bytes]) -> None:
    """As a power cut would end it."""
    process.kill()
    process.wait()


def _unhurried(shipped: str) -> str:
    """The shipped file, but for the rate at which the smallest account may ask Claude."""
    tables = re.split(r"^(?=\[)", shipped, flags=re.MULTILINE)
    kept = [table for table in tables if not table.startswith("[[policies.claude.rates]]")]
    return "".join(kept) + "\n[[policies.claude.rates]]\nrate = 100000\nper_s = 1\nshared = true\n"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
