"""What something dead left behind: half-made files, dangling links, a server nobody uses.

The lock files are no leftovers: the kernel frees a lock, the file beside it stays and means
nothing. A file that may be under way just now is left alone until it is old, and for as long as
its maker holds a lock on it: to prove a large backup may take hours.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from operations.checks.base import duration
from operations.doctor.findings import Repair, Row, ok, warn
from storage.file_locks import is_held
from storage.scratch_database import HELD

OLD_S = 3600.0


def half_made(patterns: Iterable[tuple[Path, str]], now: float) -> list[Row]:
    """Files of these patterns, in these folders, that nobody has written for an hour."""
    rows = []
    for folder, pattern in patterns:
        for path in sorted(folder.glob(pattern)) if folder.is_dir() else ():
            try:
                age = now - path.lstat().st_mtime
            except OSError:
                continue
            if age > OLD_S and not _is_held(path):
                rows.append(_half_made(path, age))
    return rows


def _half_made(path: Path, age_s: float) -> Row:
    return warn(
        f"{path} was never finished, for {duration(age_s)}: who made it was killed",
        f"remove {path}",
        Repair(f"removed {path}", partial(_remove, path)),
    )


def _is_held(path: Path) -> bool:
    return is_held(path / HELD if path.is_dir() else path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def dangling(links: Path) -> list[Row]:
    """Links of ours in the temporary folder to data folders that are gone."""
    if not links.is_dir():
        return []
    gone = [one for one in sorted(links.iterdir()) if one.is_symlink() and not one.exists()]
    return [
        warn(
            f"{one} leads to a data folder that is gone",
            f"remove {one}",
            Repair(f"removed {one}", partial(_remove, one)),
        )
        for one in gone
    ]


def orphan(serving: int | None, is_used: bool, stop: Callable[[], None]) -> list[Row]:
    """An embedded server whose last user died at the very moment of leaving."""
    if serving is None or is_used:
        return []
    return [
        warn(
            f"the embedded PostgreSQL runs (pid {serving}) and nobody uses it",
            "the next command that ends stops it; or say --fix",
            Repair(f"stopped the embedded PostgreSQL (pid {serving})", stop),
        )
    ]


def together(*found: Sequence[Row]) -> list[Row]:
    rows = [row for each in found for row in each]
    return rows or [ok("nothing")]
