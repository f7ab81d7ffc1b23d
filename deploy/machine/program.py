"""The installed program, run as its unit runs it: as its user, in its folders, with its
environment and its credentials, which are in no environment and on no command line."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.failures import Failure
from deploy.machine import account, unit_file
from deploy.machine.places import Places

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LENT = "retailxai-deploy-"


@dataclass(frozen=True)
class Program:
    """`release`: the folder it lies in. `handed`: descriptors that its processes inherit. `alone`:
    a folder in which it has no settings, no credentials and no data but its own."""

    places: Places
    release: Path
    handed: tuple[int, ...] = ()
    alone: Path | None = None

    def run(
        self, *arguments: str, within_s: float = 3600.0, feed: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """`main.py` with these arguments; or `-m MODULE`, `-c CODE` beside it."""
        beside = arguments[0] in ("-m", "-c")
        command = [self.python, *(arguments if beside else ("main.py", *arguments))]
        with self._lent() as environ:
            return subprocess.run(
                command,
                input=feed,
                stdin=subprocess.DEVNULL if feed is None else None,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=within_s,
                cwd=self.release,
                env=environ,
                pass_fds=self.handed,
                umask=0o027,
                **self._identity(),
            )

    def pass_on(self, *arguments: str) -> int:
        """`main.py` for whoever sits at this terminal; answers its exit code."""
        with self._lent() as environ:
            done = subprocess.run(
                [self.python, "main.py", *arguments],
                check=False,
                cwd=self.release,
                env=environ,
                umask=0o027,
                **self._identity(),
            )
            return done.returncode

    def json(self, *arguments: str) -> Any:
        """What it says with --json, whatever its exit code. None if that is no JSON."""
        done = self.run(*arguments, "--json")
        with contextlib.suppress(ValueError):
            return json.loads(done.stdout)
        return None

    def must(self, *arguments: str, fix: str) -> str:
        done = self.run(*arguments)
        if done.returncode:
            raise Failure(f"main.py {' '.join(arguments)}: exit {done.returncode}: "
                          f"{last(done)}", fix)  # fmt: skip
        return done.stdout

    @property
    def python(self) -> str:
        return str(self.release / ".venv/bin/python")

    def environ(self) -> dict[str, str]:
        """Without credentials."""
        if self.alone is not None:
            return _bare(self.alone)
        made = unit_file.environ(self.release / "retailxai.service", self.places)
        made |= environment_of(self.places.environment)
        folders = {"STATE_DIRECTORY": self.places.state, "LOGS_DIRECTORY": self.places.logs}
        named = {name: str(path) for name, path in folders.items()}
        return {"PATH": PATH, "LANG": "C.UTF-8", **made, **named}

    @contextmanager
    def _lent(self) -> Iterator[dict[str, str]]:
        """The environment, with a folder of credentials that is gone afterwards."""
        if self.alone is not None:
            yield self.environ()
            return
        sweep(self.places)
        above = self.places.at("/run")
        folder = Path(tempfile.mkdtemp(prefix=LENT, dir=above if above.is_dir() else None))
        try:
            self.lend(folder)
            yield {**self.environ(), "CREDENTIALS_DIRECTORY": str(folder)}
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def lend(self, folder: Path) -> None:
        """The credentials, as systemd lays them out: by the names of their settings."""
        owner = account.find(self.places)
        for file in sorted(self.places.credentials.glob("retailxai.*")):
            copy = folder / file.name.partition(".")[2]
            handle = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
            with os.fdopen(handle, "wb") as out:
                out.write(file.read_bytes())
            if owner is not None:
                os.chown(copy, owner.uid, owner.gid)
        if owner is not None:
            os.chown(folder, owner.uid, owner.gid)

    def _identity(self) -> dict[str, Any]:
        owner = account.find(self.places)
        if owner is None:
            return {}
        return {"user": owner.uid, "group": owner.gid, "extra_groups": []}


def sweep(places: Places) -> None:
    """Credentials that a killed deploy had lent; the lock says that none lives."""
    for folder in places.at("/run").glob(f"{LENT}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _bare(folder: Path) -> dict[str, str]:
    named = {"DATA": folder, "LOG": folder / "logs", "REPORTS": folder / "reports"}
    own = {f"RETAILXAI_{name}_DIR": str(path) for name, path in named.items()}
    fixed = {"RETAILXAI_ENV_FILE": "", "PYTHONDONTWRITEBYTECODE": "1"}
    return {"PATH": PATH, "LANG": "C.UTF-8", "HOME": str(folder), **fixed, **own}


def environment_of(file: Path) -> dict[str, str]:
    """As systemd reads an EnvironmentFile, without its line continuations."""
    found = {}
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    for line in text.splitlines():
        match = re.fullmatch(r"\s*([A-Za-z_]\w*)=(.*?)\s*", line)
        if match:
            value = match[2]
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
            found[match[1]] = value[1:-1] if quoted else value
    return found


def last(done: subprocess.CompletedProcess[str]) -> str:
    """What a program said at its end, for a person."""
    lines = [line for line in (done.stderr or done.stdout).strip().splitlines() if line.strip()]
    return "\n    ".join(lines[-6:]) or "it said nothing"
