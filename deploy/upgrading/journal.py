"""How far an upgrade has come, written down before and after each step that cannot be undone by
not going on. Whoever finds one goes on from there, or undoes it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from deploy.failures import CONFIGURATION, Failure
from deploy.machine import files


class Phase(StrEnum):
    """What is certain. The next step may have been begun."""

    BEGUN = "begun"  # the new release is being laid beside the old one, which runs
    LAID = "laid"  # it is complete; a backup is being made
    SAVED = "saved"  # a verified backup is there; the schema is being migrated, the old one runs
    MIGRATED = "migrated"  # both can work on the schema; the switch is being made
    SWITCHED = "switched"  # the new one is current; it is started and looked at
    UNDOING = "undoing"  # it was not well, or a person said so: the old one is put back


ORDER = tuple(Phase)


@dataclass(frozen=True)
class Journal:
    was: str
    to: str
    former: str | None  # where a rollback led before
    phase: Phase = Phase.BEGUN
    backup: str = ""

    def has(self, phase: Phase) -> bool:
        return ORDER.index(self.phase) >= ORDER.index(phase)


@dataclass(frozen=True)
class JournalFile:
    path: Path

    def read(self) -> Journal | None:
        if not self.path.exists():
            return None
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            return Journal(**{**found, "phase": Phase(found["phase"])})
        except (ValueError, KeyError, TypeError) as error:
            raise Failure(
                f"{self.path} cannot be read: {error}",
                "look which release `current` leads to; if it works, remove the file",
                CONFIGURATION,
            ) from None

    def write(self, journal: Journal) -> Journal:
        files.write(self.path, json.dumps(asdict(journal), indent=1).encode(), 0o600)
        return journal

    def move(self, journal: Journal, phase: Phase, backup: str = "") -> Journal:
        return self.write(replace(journal, phase=phase, backup=backup or journal.backup))

    def close(self) -> None:
        files.remove(self.path)
