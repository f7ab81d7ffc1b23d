"""RetailXAI installed in a guest by `python3 -m deploy install`, and asked how it does."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from deploy.lab.guest import Guest, LabError
from deploy.lab.retailers import release, settings, tickers
from deploy.waiting import until

ROOT = Path(__file__).resolve().parents[2]
OPT, STATE, UNIT = "/opt/retailxai/current", "/var/lib/retailxai", "retailxai.service"
SOURCE, VENV = "/usr/src/retailxai", "/opt/retailxai-venv"
BASE_PYTHON = "/opt/retailxai-python"  # the interpreter that runs this, where no home hides it
CONFIG = "/etc/retailxai/retailxai.toml"
SECRET = "gsk_" + "Lab0nly" * 8  # shaped as a key, known to nobody
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
# The embedded server is joined for the question: its folder, a file with one select.
ASK = """
import json, sys
from pathlib import Path
import psycopg2
from storage.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]))
connection = psycopg2.connect(server.start())
cursor = connection.cursor()
cursor.execute(Path(sys.argv[2]).read_text())
print(json.dumps(cursor.fetchone(), default=str))
connection.close()
server.leave()
"""


def shown() -> list[tuple[Path, str]]:
    """What a guest sees of this machine: the interpreter, and what is installed in .venv."""
    packages = next((ROOT / ".venv").resolve().glob("lib/python3*/site-packages"), None)
    if packages is None:
        raise LabError("there is no .venv: `make runtime` makes it")
    theirs = f"{VENV}/lib/{packages.parent.name}/site-packages"
    return [(Path(sys.base_prefix), BASE_PYTHON), (packages, theirs)]


def program_files() -> list[str]:
    """What git knows of, as a clone would have it; files that were changed, as they are."""
    named = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = filter(None, named.stdout.split("\0"))
    return [name for name in names if not name.startswith("tests/") and (ROOT / name).is_file()]


class Counts(NamedTuple):
    documents: int  # that were analysed
    analyses: int  # as many, if none was read twice
    runs: list[str]  # of the scan, oldest first


class House:
    def __init__(self, guest: Guest, companies: int) -> None:
        self.guest = guest
        # The same whenever it is asked: a later one would be a slot of yesterday that is caught up.
        self._far = datetime.now(UTC) + timedelta(hours=12)
        self.tickers = tickers("Q", companies)

    # ---- installing ---------------------------------------------------------------------

    def install(self) -> None:
        """As a person would, with what is installed on this machine as its requirements."""
        self._copy_program()
        self._make_venv()
        lines = f"RETAILXAI_CONFIG={CONFIG}\nRETAILXAI_ALLOW_EMBEDDED=1\nRETAILXAI_SAMPLES=off\n"
        self.guest.write("/etc/retailxai/environment", lines, 0o640)
        self.configure()
        self.guest.write("/run/lab/key", SECRET + "\n", 0o600)
        self.deploy("install", "--credential", "GROQ_API_KEY=/run/lab/key")
        self.guest.must("systemctl", "stop", UNIT)

    def deploy(self, verb: str, *arguments: str) -> str:
        """Its output; a failure ends the lab."""
        done = self.deployed(verb, *arguments)
        if done.returncode:
            raise LabError(f"deploy {verb}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def deployed(self, verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`python3 -m deploy`, whatever comes of it."""
        python = f"{BASE_PYTHON}/bin/python{VERSION}"
        where = ("--venv", VENV) if verb in ("install", "upgrade") else ()
        return self.guest.run("env", "-C", SOURCE, python, "-m", "deploy", verb, *where, *arguments)

    def next_version(self, version: str, broken: bool = False) -> None:
        """What the next `deploy upgrade` finds in the folder that it is run in."""
        self.guest.write(f"{SOURCE}/bootstrap/version.py", f'"""Lab."""\n\nVERSION = "{version}"\n')
        if broken:  # its commands work, so that it is found out by its start
            self.guest.write(f"{SOURCE}/bootstrap/daemon.py", "raise SystemExit(3)\n")

    def running(self) -> str:
        """The release whose daemon runs."""
        return self.guest.must("readlink", f"/proc/{self.pid()}/cwd").strip().rpartition("/")[2]

    def _copy_program(self) -> None:
        for name in program_files():
            target = Path(f"/proc/{self.guest._leader}/root{SOURCE}") / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)

    def _make_venv(self) -> None:
        home = f"home = {BASE_PYTHON}/bin\nversion = {VERSION}\n"
        self.guest.write(f"{VENV}/pyvenv.cfg", home)
        self.guest.must("mkdir", "-p", f"{VENV}/bin")
        self.guest.must("ln", "-s", f"{BASE_PYTHON}/bin/python{VERSION}", f"{VENV}/bin/python")
        # One that is built with a library of its own looks for it where it was built.
        self.guest.write("/etc/ld.so.conf.d/lab.conf", f"{BASE_PYTHON}/lib\n")
        self.guest.must("ldconfig")

    def configure(self, *, at: datetime | None = None, more: str = "") -> None:
        """`at`: when the scan is due; None: in twelve hours."""
        self.guest.write(CONFIG, settings(self.tickers, at or self._far, more))

    def credential(self, name: str, value: str) -> None:
        self.guest.write(f"/etc/credstore/retailxai.{name}", value + "\n", 0o600)

    def drop_in(self, text: str) -> None:
        """Beside the unit, until the next boot; "" takes it away."""
        folder = f"/run/systemd/system/{UNIT}.d"
        if text:
            self.guest.write(f"{folder}/lab.conf", text)
        else:
            self.guest.run("rm", "-rf", folder)
        self.guest.must("systemctl", "daemon-reload")

    def fill_inbox(self) -> None:
        """A release of each company, lain there for a while."""
        for ticker in self.tickers:
            self.guest.write(f"{STATE}/inbox/{ticker}.html", release(ticker))
        self.guest.must("chown", "-R", "retailxai:retailxai", STATE)
        self.guest.must("sh", "-c", f"touch -d '2 hours ago' {STATE}/inbox/*.html")

    # ---- asking -------------------------------------------------------------------------

    def property(self, name: str) -> str:
        return self.guest.must("systemctl", "show", UNIT, "-p", name, "--value").strip()

    def pid(self) -> int:
        """Its main process; 0 while there is none."""
        return int(self.property("MainPID") or 0)

    def signal(self, name: str) -> int:
        """To the main process, never to 0, which is us; which process that was."""
        pid = self.pid()
        if pid <= 1:
            raise LabError(f"{UNIT} has no main process: {self.property('ActiveState')}")
        self.guest.must("kill", f"-{name}", str(pid))
        return pid

    def is_active(self) -> bool:
        return self.property("ActiveState") == "active"

    def comes_back(self, after: int, within_s: float) -> bool:
        return until(lambda: self.pid() not in (0, after) and self.is_active(), within_s)

    def journal(self, *more: str) -> str:
        return self.guest.must("journalctl", "--no-pager", "-o", "cat", "-u", UNIT, *more)

    def cursor(self) -> str:
        """For `journal(f"--after-cursor=...")`."""
        shown = self.guest.must("journalctl", "--no-pager", "-n", "0", "--show-cursor")
        return shown.partition("-- cursor: ")[2].strip()

    def doctor(self, *more: str) -> Any:
        """What `doctor` says to root, of the service's folders."""
        reports = f"RETAILXAI_REPORTS_DIR={STATE}/reports"
        environ = [f"STATE_DIRECTORY={STATE}", "LOGS_DIRECTORY=/var/log/retailxai", reports,
                   "PYTHONDONTWRITEBYTECODE=1"]  # fmt: skip
        asked = self.guest.run(
            "env", "-C", OPT, *environ, f"{OPT}/.venv/bin/python", "main.py", "doctor", "--json",
            *more,
        )  # fmt: skip
        return json.loads(asked.stdout)

    def counts(self) -> Counts:
        return Counts(*json.loads(self._python("-c", ASK, STATE, "deploy/lab/counts.sql")))

    def _python(self, *arguments: str) -> str:
        """As the service's user, in its folders."""
        environ = [f"STATE_DIRECTORY={STATE}", "LOGS_DIRECTORY=/var/log/retailxai",
                   "HOME=/tmp", f"PYTHONPATH={OPT}", "PYTHONDONTWRITEBYTECODE=1"]  # fmt: skip
        return self.guest.must(
            "runuser", "-u", "retailxai", "--", "env", "-C", OPT, *environ,
            f"{OPT}/.venv/bin/python", *arguments,
        )  # fmt: skip
