"""What must be there before a release can be laid: an account, and folders with their owners."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from deploy.failures import REFUSED, Failure
from deploy.machine import account, files
from deploy.machine.places import NAME, Places
from deploy.steps.base import Look

ROOT, SERVICE, BOTH = "root", "service", "root:service"


@dataclass(frozen=True)
class AccountStep:
    places: Places
    name: ClassVar[str] = "account"

    def look(self) -> Look:
        if not self.places.is_machine:
            return Look("none is made below --root")
        if account.find(self.places) is None:
            return Look("missing", f"system account {NAME}, no shell")
        return Look(NAME)

    def apply(self) -> None:
        account.make()


@dataclass(frozen=True)
class FoldersStep:
    """The program's folders are root's: the service can read its own program and not change it."""

    places: Places
    name: ClassVar[str] = "folders"

    def wanted(self) -> list[tuple[Path, int, str]]:
        places = self.places
        return [
            (places.program, 0o755, ROOT),
            (places.releases, 0o755, ROOT),
            (places.settings, 0o750, BOTH),
            (places.credentials, 0o700, ROOT),
            (places.state, 0o700, SERVICE),
            (places.backups, 0o700, SERVICE),
            (places.logs, 0o750, SERVICE),
        ]

    def look(self) -> Look:
        if (self.places.program / "main.py").exists():
            raise Failure(
                f"{self.places.program} holds an installation by hand",
                f"stop it and move it away (mv {self.places.program} {self.places.program}.old); "
                "its data lies elsewhere and is taken over",
                REFUSED,
            )
        wrong = [
            str(path) for path, mode, whose in self.wanted() if not self._is(path, mode, whose)
        ]
        if not wrong:
            return Look(f"{len(self.wanted())} folders")
        return Look(f"{len(self.wanted()) - len(wrong)} folders", ", ".join(wrong))

    def apply(self) -> None:
        for path, mode, whose in self.wanted():
            try:
                path.mkdir(mode=mode, parents=True, exist_ok=True)
                files.grant(path, mode, self._owner(whose))
            except OSError as error:
                raise Failure(
                    f"{path}: {error.strerror}", "a folder should be there, and no link", REFUSED
                ) from None

    def _is(self, path: Path, mode: int, whose: str) -> bool:
        if path.is_symlink() or not path.is_dir():
            return False
        found, owner = path.stat(), self._owner(whose)
        fits = owner is None or owner == (found.st_uid, found.st_gid)
        return fits and found.st_mode & 0o7777 == mode

    def _owner(self, whose: str) -> tuple[int, int] | None:
        owner = account.find(self.places)
        if owner is None:
            return None
        return {ROOT: (0, 0), BOTH: (0, owner.gid), SERVICE: (owner.uid, owner.gid)}[whose]
