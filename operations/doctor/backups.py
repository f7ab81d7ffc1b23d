"""How old the last verified backup is, and whether it is anywhere else than what it is of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from operations.checks.base import duration, megabytes
from operations.doctor.findings import Row, bad, not_applicable, ok, warn
from storage.backups import LastBackup, Restoration

OLD = timedelta(days=2)
TOO_OLD = timedelta(days=8)
FIX = "python main.py db backup FOLDER, on another disk or machine, every night"


def age(
    last: LastBackup | None,
    documents: int,
    now: datetime,
    is_production: bool,
) -> Row:
    """Nobody owes one of a trial on a laptop, nor of a database that holds nothing."""
    if last is None:
        said = f"there is none, of {documents} documents"
        if documents and is_production:
            return bad(said, FIX)
        return not_applicable(said, FIX if documents else "")
    old = now - last.taken_at
    sealed = ", encrypted" if last.is_sealed else ""
    said = (
        f"the last good one is {duration(old.total_seconds())} old: {last.file} on {last.host}, "
        f"{last.documents} documents, {megabytes(last.bytes)}{sealed}"
    )
    if old > TOO_OLD and is_production:
        return bad(said, FIX)
    return warn(said, FIX) if old > OLD else ok(said)


def place(
    last: LastBackup | None,
    here: str,
    data_dir: Path,
    device: Callable[[Path], int] = lambda path: path.stat().st_dev,
) -> list[Row]:
    """Only of one that was written on this machine; `data_dir` is on the disk of the database."""
    if last is None or last.host != here:
        return []
    path = Path(last.file)
    try:
        same = device(path) == device(data_dir)
    except FileNotFoundError:
        moved = "if it was moved elsewhere, all is well; if not: "
        return [not_applicable(f"{path} is not there any more", f"{moved}{FIX}")]
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return [not_applicable(f"{path} cannot be looked at: {reason}")]
    if same:
        return [
            warn(
                f"{path} lies on the disk of the database: one failure takes both",
                "copy it to another machine, and python main.py db verify FILE there",
            )
        ]
    return []


def restored(found: Restoration | None, now: datetime) -> list[Row]:
    if found is None:
        return []
    ago = duration((now - found.restored_at).total_seconds())
    return [
        ok(
            f"this database was restored {ago} ago from {found.file}, as of "
            f"{found.taken_at:%Y-%m-%d %H:%M} UTC"
        )
    ]
