"""One installation in a folder of its own: the shipped configuration, with a few things changed.

Changed are addresses (database, providers, folders, ports), the schedule (every daily job
comes due in the minute that is set), and size (an invented watch list, caps on money that a
storm does not reach). Everything else is what `retailxai.toml` says as it is shipped.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from chaos.papers import Shop
from resilience.outcomes import CallFailed

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "retailxai.toml"
MAIN = (sys.executable, str(ROOT / "main.py"))
_DAILY = re.compile(r'^(\w+) = \{ at = "\d\d:\d\d"', re.MULTILINE)
_ZONE = re.compile(r'^zone = "[\w/+-]+"', re.MULTILINE)
_COMPANIES = "[[companies]]"
_WATCH_LIST = re.compile(r"^\[\[companies\]\]", re.MULTILINE)


def jobs_in(shipped: str) -> list[str]:
    """Those with a time of day, which a storm moves to the minute it wants."""
    return _DAILY.findall(shipped)


def configuration(shipped: str, at: datetime, shops: int) -> str:
    """The shipped text with another zone, other times and other companies."""
    before = _WATCH_LIST.split(shipped, maxsplit=1)[0]
    text = _ZONE.sub('zone = "UTC"', before, count=1)
    text = _DAILY.sub(lambda found: f'{found.group(1)} = {{ at = "{at:%H:%M}"', text)
    listed = [
        f'{_COMPANIES}\nticker = "{shop.ticker}"\nname = "{shop.name}"\ncik = {shop.cik}\n'
        for shop in map(Shop, range(shops))
    ]
    return text + "\n".join(listed)


class House:
    """`program` is what is started: the shipped one unless a test puts a broken one there."""

    def __init__(
        self, folder: Path, providers: Mapping[str, str], program: Sequence[str] = MAIN
    ) -> None:
        self.folder = folder
        self._program = tuple(program)
        self._config = folder / "retailxai.toml"
        self._starts = 0
        self._said = folder / "processes"
        self._said.mkdir()
        self._environ = {
            "PATH": os.defpath,
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "RETAILXAI_CONFIG": str(self._config),
            "RETAILXAI_ENV_FILE": "",  # nothing of the person who runs this
            "RETAILXAI_REPORTS_DIR": str(folder / "reports"),
            "RETAILXAI_CLAUDE_DAILY_CAP_USD": "1000",
            "RETAILXAI_CLAUDE_MONTHLY_CAP_USD": "1000",
            "SEC_CONTACT": "Storm Reading Room reader@storm-reading.org",
            "RETAILXAI_SEC_WWW_URL": providers["sec"],
            "RETAILXAI_SEC_DATA_URL": providers["sec"],
            # A part of the schedule: a run that watches all day is never settled.
            "RETAILXAI_EDGAR_WATCH": "never",
            "ANTHROPIC_API_KEY": "sk-ant-api03-" + "invented-for-the-storm-" * 4,
            "RETAILXAI_CLAUDE_BASE_URL": providers["claude"],
        }

    def configure(self, at: datetime, shops: int) -> None:
        """Whoever starts from now on is due at that minute (UTC)."""
        text = configuration(SHIPPED.read_text(encoding="utf-8"), at, shops)
        fresh = self._config.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self._config)  # a process that starts just now reads one or the other

    def start(
        self, name: str, database: str, arguments: Sequence[str] = ()
    ) -> tuple[subprocess.Popen[bytes], Path]:
        """A process of the product; and where its stderr goes."""
        self._starts += 1
        notes = self._said / f"{self._starts:04}-{name}.err"
        with notes.open("wb") as said:
            process = subprocess.Popen(
                [*self._program, *arguments],
                cwd=self.folder,
                env=self._environ_of(name, database),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )
        return process, notes

    def listed_doubts(self, database: str) -> frozenset[int]:
        """The documents whose calls the product itself lists as in doubt."""
        done = subprocess.run(
            [*self._program, "paid", "list", "--json"],
            cwd=self.folder,
            env=self._environ_of("storm-hand", database),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
        )
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip()[-500:]
            raise CallFailed("chaos", f"paid list ended with {done.returncode}: {said}")
        calls = json.loads(done.stdout)["calls"]
        return frozenset(each["document_id"] for each in calls if each["document_id"] is not None)

    def _environ_of(self, name: str, database: str) -> dict[str, str]:
        return self._environ | {
            "DATABASE_URL": database,
            "RETAILXAI_INSTANCE": name,
            "RETAILXAI_DATA_DIR": str(self.folder / name / "data"),
            "RETAILXAI_LOG_DIR": str(self.folder / name / "logs"),
            "RETAILXAI_WEB_PORT": str(_free_port()),
        }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
