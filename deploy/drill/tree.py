"""A tree that is deployed into as a person does it, its daemon kept by the keeper."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import ClassVar

from deploy.drill.keeper import Keeper, script
from deploy.machine.places import Places
from deploy.machine.releases import Releases

HOME = Path(__file__).resolve().parents[2]


class Tree:
    """`venv`: an environment that has the requirements."""

    verb_s: ClassVar[float] = 900.0  # what one may take

    def __init__(self, folder: Path, venv: Path) -> None:
        self.root = folder / "machine"
        self.root.mkdir(parents=True)
        self.places, self.releases = Places(self.root), Releases(Places(self.root))
        self.keeper = Keeper(self.root)
        self._venv = venv
        self._script = script(self.root, sys.executable, folder / "service")

    def start(self, verb: str, *arguments: str) -> subprocess.Popen[str]:
        venv = ("--venv", str(self._venv)) if verb in ("plan", "install", "upgrade") else ()
        return subprocess.Popen(
            [sys.executable, "-m", "deploy", verb, "--root", str(self.root), "--no-systemd",
             "--service", str(self._script), *venv, *arguments],
            cwd=HOME, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True,
        )  # fmt: skip

    def do(self, verb: str, *arguments: str) -> tuple[int, str]:
        """Its exit code and what it said."""
        process = self.start(verb, *arguments)
        said, _ = process.communicate(timeout=self.verb_s)
        return process.returncode, said

    def running(self) -> str:
        """The release whose daemon runs, by the folder it works in; "" if none does."""
        pid = self.keeper.pid()
        try:
            return Path(f"/proc/{pid}/cwd").readlink().name if pid else ""
        except OSError:
            return ""
