"""What the service is told: its environment file, its credentials, its unit files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from deploy.machine import account, files
from deploy.machine.places import UNITS, Places
from deploy.machine.service import Service
from deploy.steps.base import Look

TEMPLATE = """\
# What RetailXAI is told, one NAME=value a line; docs/configuration.md has every name.
# Secrets are better kept as credentials: python3 -m deploy install --credential NAME=FILE
# Read at each start: systemctl restart retailxai
{embedded}
#SEC_CONTACT=Your Company you@your-company.com
"""
EMBEDDED = "RETAILXAI_ALLOW_EMBEDDED=1"


@dataclass(frozen=True)
class EnvironmentStep:
    """Written once: what somebody has changed in it since is never touched."""

    places: Places
    embedded: bool
    name: ClassVar[str] = "environment"

    def look(self) -> Look:
        file = self.places.environment
        if file.exists():
            return Look(f"{file}, left as it is")
        return Look("missing", f"{file}, 0640")

    def apply(self) -> None:
        chosen = EMBEDDED if self.embedded else f"#{EMBEDDED}"
        owner = account.find(self.places)
        files.write(
            self.places.environment,
            TEMPLATE.format(embedded=chosen).encode(),
            0o640,
            None if owner is None else (0, owner.gid),
        )


@dataclass(frozen=True)
class CredentialsStep:
    """Secrets in files that root alone reads. Their values are never shown."""

    places: Places
    given: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    name: ClassVar[str] = "credentials"

    def look(self) -> Look:
        there = sorted(path.name.partition(".")[2] for path in self._files())
        found = ", ".join(there) or "none"
        changed = [name for name, value in self.given.items() if not self._holds(name, value)]
        loose = [path.name for path in self._files() if path.stat().st_mode & 0o077]
        wanted = [f"{name} as given" for name in changed] + [f"{name} 0600" for name in loose]
        return Look(found, ", ".join(wanted))

    def apply(self) -> None:
        for path in self._files():
            path.chmod(0o600)
        for name, value in self.given.items():
            if not self._holds(name, value):
                files.write(self.places.credential(name), value, 0o600)

    def _files(self) -> list[Path]:
        return sorted(self.places.credentials.glob("retailxai.*"))

    def _holds(self, name: str, value: bytes) -> bool:
        path = self.places.credential(name)
        return path.exists() and path.read_bytes() == value


@dataclass(frozen=True)
class UnitsStep:
    """The unit files of the release in `folder`."""

    places: Places
    folder: Path
    service: Service
    name: ClassVar[str] = "units"

    def look(self) -> Look:
        changed = [name for name in UNITS if not self._is_as_shipped(name)]
        if not changed:
            return Look(f"{len(UNITS)} unit files")
        return Look(f"{len(UNITS) - len(changed)} unit files", ", ".join(changed))

    def apply(self) -> None:
        self.places.units.mkdir(parents=True, exist_ok=True)
        for name in UNITS:
            shipped = self.shipped(name)
            if shipped.exists() and not self._is_as_shipped(name):
                files.write(self.places.units / name, shipped.read_bytes(), 0o644)
        self.service.reread()

    def shipped(self, name: str) -> Path:
        beside = self.folder / name
        return beside if beside.exists() else self.folder / "deploy" / name

    def _is_as_shipped(self, name: str) -> bool:
        laid, shipped = self.places.units / name, self.shipped(name)
        if not shipped.exists():
            return self.folder.exists()
        return laid.exists() and laid.read_bytes() == shipped.read_bytes()
