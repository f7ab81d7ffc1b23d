"""That the release which runs could be gone back to: it works on the schema of the next one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from deploy.failures import REFUSED, Failure
from deploy.machine.releases import Releases, schema_of, works_from
from deploy.steps.base import Look


@dataclass(frozen=True)
class WayBackStep:
    """Looks only, and before anything is installed or migrated. `given_up`: a person accepts
    that only the backup leads back."""

    releases: Releases
    was: str
    to: str
    given_up: bool
    name: ClassVar[str] = "way back"

    def look(self) -> Look:
        if self.to not in self.releases.laid():
            return Look("not known before the release is laid", f"{self.was} can be gone back to")
        old, new = self.releases.folder(self.was), self.releases.folder(self.to)
        knows, needs, makes = schema_of(old), works_from(new), schema_of(new)
        if knows >= min(needs, makes):
            return Look(f"{self.was} works on schema {makes}")
        if self.given_up:
            return Look(f"none: {self.was} does not work on schema {makes}")
        raise Failure(
            f"{self.was} (schema {knows}) cannot work on the schema of {self.to} ({makes}), "
            f"which programs from {needs} on can: nothing could go back",
            "upgrade to a release in between first; or --no-return: the old one is stopped before "
            "the migration, and only the backup leads back",
            REFUSED,
        )

    def apply(self) -> None:
        self.look()
