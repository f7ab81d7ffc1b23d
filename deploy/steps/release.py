"""The release: its code, its environment of pinned requirements, and that it is the current one."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from deploy.failures import CONFIGURATION, REFUSED, Failure
from deploy.machine import files
from deploy.machine.commands import run
from deploy.machine.releases import Releases, Source
from deploy.steps.base import Look

HIDDEN = ("/home/", "/root/", "/run/user/")  # by ProtectHome= of the unit
NOT_COMPILED = r"/(\.venv|tests|benchmarks)/"


@dataclass(frozen=True)
class CodeStep:
    releases: Releases
    source: Source
    release: str
    name: ClassVar[str] = "code"

    def look(self) -> Look:
        changes = self.source.changes()
        but = f" ({changes} changed files of {self.source.folder} are not in it)" if changes else ""
        if self.release in self.releases.laid():
            return Look(f"{self.release}{but}")
        laid = ", ".join(self.releases.laid()) or "no release"
        return Look(laid, f"{self.release}{but}")

    def apply(self) -> None:
        self.releases.lay(self.source, self.release)


@dataclass(frozen=True)
class RequirementsStep:
    """`shared`: an environment that is there already, and is linked to instead of made."""

    releases: Releases
    release: str
    shared: Path | None = None
    handed: tuple[int, ...] = ()
    name: ClassVar[str] = "requirements"

    @property
    def folder(self) -> Path:
        return self.releases.folder(self.release)

    @property
    def venv(self) -> Path:
        return self.folder / ".venv"

    def look(self) -> Look:
        self._visible()
        if self.shared is not None:
            fits = self.venv.is_symlink() and self.venv.readlink() == self.shared.resolve()
            found = f".venv -> {self.venv.readlink()}" if self.venv.is_symlink() else "no .venv"
            if fits and self._is_compiled():
                return Look(found)
            return Look(found, f".venv -> {self.shared.resolve()}, compiled")
        if self._is_made() and self._is_compiled():
            return Look("pinned, as requirements.txt has them")
        return Look("missing", "a .venv with the pinned, hashed requirements.txt, compiled")

    def apply(self) -> None:
        if self.shared is not None:
            files.point(self.venv, str(self.shared.resolve()))
        else:
            self._make()
        self._compile()

    def _is_made(self) -> bool:
        stamp, pins = self.venv / "installed-runtime", self.folder / "requirements.txt"
        if not (stamp.exists() and pins.exists() and not self.venv.is_symlink()):
            return False
        return stamp.read_text() == hashlib.sha256(pins.read_bytes()).hexdigest()

    def _make(self) -> None:
        """By the release's own maker of environments, which goes on where it was interrupted."""
        made = subprocess.run(
            [sys.executable, str(self.folder / "deploy/environment.py"), "runtime"],
            check=False,
            pass_fds=self.handed,
            umask=0o022,
        )
        if made.returncode:
            raise Failure(
                f"the requirements of {self.release} could not be installed",
                "see the message above; the same command goes on",
                CONFIGURATION if made.returncode == CONFIGURATION else 1,
            )

    def _is_compiled(self) -> bool:
        return (self.folder / "__pycache__" / "compiled").exists()

    def _compile(self) -> None:
        """The service may not write beside its program, and would compile it at each start."""
        python, stamp = str(self.venv / "bin/python"), self.folder / "__pycache__" / "compiled"
        done = run(python, "-m", "compileall", "-q", "-x", NOT_COMPILED, str(self.folder))
        if done.returncode:
            raise Failure(f"{self.release} does not compile: {done.stdout[-500:]}",
                          f"is {python} Python 3.11 or newer?")  # fmt: skip
        stamp.parent.mkdir(exist_ok=True)
        stamp.touch()

    def _visible(self) -> None:
        base = f"{Path(sys.base_prefix).resolve()}/"
        if self.releases.places.is_machine and self.shared is None and base.startswith(HIDDEN):
            raise Failure(
                f"the service cannot see the Python in {base}: home directories are hidden from it",
                "run this with one that lies elsewhere, as /usr/bin/python3",
                CONFIGURATION,
            )


@dataclass(frozen=True)
class CurrentStep:
    releases: Releases
    release: str
    name: ClassVar[str] = "current"

    def look(self) -> Look:
        current = self.releases.current()
        if current == self.release:
            return Look(current)
        if current is not None:
            raise Failure(f"{current} is installed", f"upgrade takes it to {self.release}", REFUSED)
        return Look("none", self.release)

    def apply(self) -> None:
        self.releases.switch(self.release)
