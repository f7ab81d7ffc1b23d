"""Releases beside each other in /opt/retailxai/releases, and which of them is the current one."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.failures import CONFIGURATION, Failure
from deploy.machine import files
from deploy.machine.commands import bytes_of
from deploy.machine.places import Places

MARK = ".release"
# What lies in a folder that was worked in and belongs to no release.
LEFT_OUT = {".git", ".venv", ".venv-bench", ".env", "__pycache__", ".mypy_cache", ".pytest_cache",
            ".ruff_cache", ".hypothesis", MARK}  # fmt: skip
LEFT_OUT_ABOVE = {"data", "logs", "reports"}  # what the program makes where it is started
VERSION_FILE = "bootstrap/version.py"
_VERSIONS = "storage/migrations/versions"
# Programs before it work on no newer schema than their own; storage/migrations/run.py has the rule.
FIRST_TOLERANT = "0015"


@dataclass(frozen=True)
class Source:
    """A checkout (of which HEAD is taken) or a folder with the program in it."""

    folder: Path

    def name(self) -> str:
        """VERSION-COMMIT, or VERSION-DIGEST of a folder that git does not know."""
        mark = self.folder / MARK
        if mark.exists():
            return str(json.loads(mark.read_text(encoding="utf-8"))["name"])
        commit = self._git("rev-parse", "HEAD") if self._is_checkout() else None
        which = commit.decode().strip()[:12] if commit else self._digest()
        return f"{self._version()}-{which}"

    def changes(self) -> int:
        """How many files differ from HEAD, and would not be installed as they are."""
        said = self._git("status", "--porcelain") if self._is_checkout() else b""
        return len((said or b"").splitlines())

    def lay(self, folder: Path) -> None:
        archive = self._git("archive", "--format=tar", "HEAD") if self._is_checkout() else None
        pieces = _of_tar(archive) if archive is not None else self._of_folder()
        for name, content, may_run in pieces:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            target.chmod(0o755 if may_run else 0o644)
        for made in (folder, *folder.rglob("*/")):
            made.chmod(0o755)

    def _is_checkout(self) -> bool:
        top = self._git("rev-parse", "--show-toplevel")
        return top is not None and Path(top.decode().strip()).samefile(self.folder)

    def _git(self, *arguments: str) -> bytes | None:
        # A clone of another user is not trusted by git unless it is told to.
        safe = ("-c", f"safe.directory={self.folder.resolve()}")
        return bytes_of("git", *safe, "-C", str(self.folder), *arguments)

    def _version(self) -> str:
        text = (self.folder / VERSION_FILE).read_text(encoding="utf-8")
        found = re.search(r'^VERSION = "([\w.]+)"', text, re.MULTILINE)
        return found[1] if found else "0"

    def _digest(self) -> str:
        digest = hashlib.sha256()
        for name, content, may_run in self._of_folder():
            head = f"{name}\0{len(content)}\0{may_run}\0"
            digest.update(head.encode() + content)
        return digest.hexdigest()[:12]

    def _of_folder(self) -> Iterator[tuple[str, bytes, bool]]:
        for above, folders, names in os.walk(self.folder):
            made = LEFT_OUT_ABOVE if Path(above) == self.folder else set()
            folders[:] = sorted(set(folders) - LEFT_OUT - made)
            for name in sorted(set(names) - LEFT_OUT):
                path = Path(above) / name
                if path.is_file() and not path.is_symlink():
                    inside = path.relative_to(self.folder).as_posix()
                    yield inside, path.read_bytes(), os.access(path, os.X_OK)


def source(folder: Path) -> Source:
    if not (folder / VERSION_FILE).exists():
        raise Failure(
            f"{folder} does not hold the program", "--source FOLDER: a clone of it", CONFIGURATION
        )
    return Source(folder.resolve())


@dataclass(frozen=True)
class Releases:
    places: Places

    def folder(self, name: str) -> Path:
        return self.places.releases / name

    def laid(self) -> list[str]:
        found = self.places.releases.glob(f"*/{MARK}")
        return sorted(path.parent.name for path in found if path.parent.name[0] != ".")

    def lay(self, code: Source, name: str) -> None:
        """Whole or not at all: it gets its name when all is there."""
        part = self.places.releases / f".{name}.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        code.lay(part)
        mark = {"name": name, "schema": schema_of(part), "works_from": works_from(part)}
        files.write(part / MARK, json.dumps(mark).encode())
        os.sync()
        part.rename(self.folder(name))
        files.settle(self.places.releases)

    def current(self) -> str | None:
        return _target(self.places.current)

    def former(self) -> str | None:
        """Where a rollback goes; None if there is no such release (any more)."""
        name = _target(self.places.former)
        return name if name is not None and self.folder(name).is_dir() else None

    def switch(self, name: str) -> None:
        files.point(self.places.current, f"releases/{name}")

    def remember(self, former: str | None) -> None:
        if former is None:
            files.remove(self.places.former)
        else:
            files.point(self.places.former, f"releases/{former}")

    def with_newest_schema(self, rather: str) -> str:
        """The complete release that knows most schemas; of equals `rather`. After a rollback the
        database may be at a schema that only the release gone back from can back up."""
        whole = [name for name in self.laid() if (self.folder(name) / ".venv/bin/python").exists()]
        return max(
            {rather, *whole}, key=lambda name: (schema_of(self.folder(name)), name == rather)
        )

    def prune(self) -> list[str]:
        """Away with what is neither the current release nor the former one, nor the only one that
        knows the schema."""
        current = self.current() or ""
        kept = {current, self.former(), self.with_newest_schema(current)}
        gone = [name for name in self.laid() if name not in kept]
        for name in gone:
            shutil.rmtree(self.folder(name))
        return gone


def schema_of(folder: Path) -> str:
    """The schema that a release was written for."""
    found = (re.match(r"rev_(\d{4})_", path.name) for path in (folder / _VERSIONS).glob("rev_*.py"))
    return max((match[1] for match in found if match), default="0000")


def works_from(folder: Path) -> str:
    """The oldest program that works on the schema of the release in `folder`."""
    texts = (path.read_text(encoding="utf-8") for path in (folder / _VERSIONS).glob("rev_*.py"))
    named = (re.search(r"""^works_from = ["'](\d{4})""", text, re.MULTILINE) for text in texts)
    return max((match[1] for match in named if match), default=FIRST_TOLERANT)


def _target(link: Path) -> str | None:
    return link.readlink().name if link.is_symlink() else None


def _of_tar(archive: bytes) -> Iterator[tuple[str, bytes, bool]]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None
            if content is not None:
                yield member.name, content.read(), bool(member.mode & 0o100)
