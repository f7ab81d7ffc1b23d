"""A backup: an export that counts only once it was restored and compared; and which ones go."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from resilience.clock import Clock
from storage.archive_errors import Differs
from storage.archive_file import Manifest, sweep
from storage.backups import LastBackup
from storage.exporting import OnTable, export
from storage.importing import EngineSchema
from storage.proof import Proof, prove

SEALED = ".sealed"


@dataclass(frozen=True)
class BackedUp:
    entry: LastBackup
    proof: Proof


@dataclass(frozen=True)
class Names:
    """The names of backups of an installation: retailxai-20261130T023309Z.zip, and .sealed."""

    instance: str

    @property
    def pattern(self) -> re.Pattern[str]:
        instance, sealed = re.escape(self.instance), re.escape(SEALED)
        return re.compile(rf"{instance}-\d{{8}}T\d{{6}}Z\.zip({sealed})?")

    def new(self, now: datetime, *, is_sealed: bool) -> str:
        return f"{self.instance}-{now:%Y%m%dT%H%M%SZ}.zip{SEALED if is_sealed else ''}"

    def older(self, new: Path, keep: int) -> list[Path]:
        """Of the folder of `new` all but that and the latest others, `keep` in all, by the
        instant in their names (a clock may have been ahead). Files of other names are nobody's to
        remove."""
        found = [one for one in new.parent.iterdir() if self.pattern.fullmatch(one.name)]
        return sorted((one for one in found if one != new), reverse=True)[max(0, keep - 1) :]


def back_up(
    dsn: str,
    path: Path,
    *,
    force: bool,
    passphrase: str | None,
    engine: EngineSchema,
    folder: Path,
    clock: Clock,
    version: str,
    on_table: OnTable,
) -> BackedUp:
    """Raises what `export` and `prove` raise; then there is no file. `folder`: for the database
    that it is restored into."""
    proofs: list[Proof] = []

    def check(part: Path, written: Manifest) -> None:
        proof = prove(
            part,
            engine=engine,
            folder=folder,
            clock=clock,
            on_table=on_table,
            passphrase=passphrase,
        )
        if proof.manifest != written:
            raise Differs(f"{path}: its manifest is not the one that was written")
        proofs.append(proof)

    done = export(
        dsn,
        path,
        force=force,
        clock=clock,
        version=version,
        on_table=on_table,
        passphrase=passphrase,
        check=check,
    )
    (proof,) = proofs
    is_sealed = passphrase is not None
    return BackedUp(entry(path, done.bytes, proof, clock, is_sealed=is_sealed), proof)


def entry(
    path: Path, size_bytes: int, proof: Proof, clock: Clock, *, is_sealed: bool
) -> LastBackup:
    """What a database is told of a backup that was just proved here."""
    return LastBackup(
        taken_at=proof.taken_at,
        verified_at=clock.now(),
        file=str(path),
        host=socket.gethostname(),
        bytes=size_bytes,
        documents=proof.bodies.count,
        is_sealed=is_sealed,
    )


def sweep_parts(folder: Path, names: Names) -> None:
    """Away with what backups that were killed left."""
    sweep(folder, names.pattern)
