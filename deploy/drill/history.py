"""The release before this one, out of git's history: the last commit with an older schema."""

from __future__ import annotations

import io
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path

from deploy.failures import CONFIGURATION, Failure
from deploy.machine.commands import bytes_of

VERSIONS = "storage/migrations/versions"
# A release that does not know it cannot be gone back to (docs/decisions/0029).
RULE = ("storage/schema.py", "works_from")


@dataclass(frozen=True)
class Former:
    commit: str
    subject: str
    schema: str

    def lay(self, checkout: Path, folder: Path) -> Path:
        """Its files, without its history."""
        archive = bytes_of("git", "-C", str(checkout), "archive", "--format=tar", self.commit)
        if archive is None:
            raise _missing(f"git archive {self.commit}")
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
        return folder


def former(checkout: Path) -> Former:
    """Raises Failure (78) if the history does not reach back so far, as in a shallow clone."""
    here = _schema(checkout, "HEAD")
    added = _git(
        checkout, "log", "--format=%H", "--diff-filter=A", "--", f"{VERSIONS}/rev_{here}_*.py"
    )
    for commit in added.split():
        before = f"{commit}^"
        found = _schema(checkout, before) if _git(checkout, "rev-parse", "--verify", before) else ""
        if found and found < here:
            break
    else:
        raise _missing(f"no commit before schema {here}")
    named = _git(checkout, "rev-parse", before).strip()
    text = _git(checkout, "show", f"{named}:{RULE[0]}")
    if RULE[1] not in text:
        raise _missing(f"{named[:12]}, the last with schema {found}, is from before the rule of "
                       "decision 29, and")  # fmt: skip
    return Former(named, _git(checkout, "log", "-1", "--format=%s", named).strip(), found)


def _schema(checkout: Path, commit: str) -> str:
    names = _git(checkout, "ls-tree", "--name-only", commit, f"{VERSIONS}/")
    return max(re.findall(r"rev_(\d{4})_\w+\.py", names), default="")


def _git(checkout: Path, *arguments: str) -> str:
    said = bytes_of("git", "-C", str(checkout), *arguments)
    return "" if said is None else said.decode(errors="replace")


def _missing(what: str) -> Failure:
    return Failure(
        f"{what}: the history here holds no release to upgrade from",
        "git fetch --unshallow, or run it in a full clone",
        CONFIGURATION,
    )
