"""Where everything of an installation lies, below `root` as package builders do it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

NAME = "retailxai"
UNITS = ("retailxai.service", "retailxai-failed@.service")


@dataclass(frozen=True)
class Places:
    """`root` other than "/": a tree that only gets files. No account is made, nothing is given
    to anybody, no systemd is spoken to."""

    root: Path = Path("/")

    @property
    def is_machine(self) -> bool:
        return self.root == Path("/")

    def at(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    # ---- the program: root's, the service can read it and not change it -----------------

    @property
    def program(self) -> Path:
        return self.at("/opt/retailxai")

    @property
    def releases(self) -> Path:
        return self.program / "releases"

    @property
    def current(self) -> Path:
        """A link to the release that runs; changed by one rename."""
        return self.program / "current"

    @property
    def former(self) -> Path:
        """A link to the release that `rollback` goes to."""
        return self.program / "former"

    @property
    def journal(self) -> Path:
        """How far an upgrade has come. Not among the data: root acts upon it, and must not be
        told what to do by whoever may write there."""
        return self.program / "upgrade.json"

    @property
    def lock(self) -> Path:
        return self.program / "deploy.lock"

    # ---- what it is told ----------------------------------------------------------------

    @property
    def settings(self) -> Path:
        return self.at("/etc/retailxai")

    @property
    def environment(self) -> Path:
        return self.settings / "environment"

    @property
    def credentials(self) -> Path:
        return self.at("/etc/credstore")

    def credential(self, name: str) -> Path:
        return self.credentials / f"{NAME}.{name}"

    @property
    def units(self) -> Path:
        return self.at("/etc/systemd/system")

    # ---- what it keeps: the service's ---------------------------------------------------

    @property
    def state(self) -> Path:
        return self.at("/var/lib/retailxai")

    @property
    def logs(self) -> Path:
        return self.at("/var/log/retailxai")

    @property
    def backups(self) -> Path:
        return self.state / "backups"
