"""Who may read and write what belongs to the program: folders, secret files, logs.

What another account owns is judged as far as it can be seen, and never changed: root would
otherwise leave files behind that the service cannot use.
"""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from operations import preflight
from operations.doctor.findings import (
    NotRepaired,
    Repair,
    Row,
    Verdict,
    bad,
    not_applicable,
    of_preflight,
)
from operations.doctor.findings import ok as fine

DATA = "data"  # made by the database that lies in it, which knows for whom
MADE = 0o750
STRANGERS = stat.S_IRWXO
STRANGERS_WRITE = stat.S_IWOTH


@dataclass(frozen=True)
class Folder:
    """`purpose` as in "data folder"."""

    purpose: str
    path: Path


def account(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # a container's user needs no name
        return f"uid {uid}"


def folders(wanted: Iterable[Folder], me: int | None = None) -> list[Row]:
    """A row for each that is not as it should be, or one for all."""
    me = os.geteuid() if me is None else me
    rows = [row for folder in wanted if (row := _folder(folder, me)) is not None]
    return rows or [fine("; ".join(f"{one.purpose}: {one.path}" for one in wanted))]


def _folder(folder: Folder, me: int) -> Row | None:
    path, name = folder.path, f"{folder.purpose} folder"
    try:
        found = path.stat()
    except FileNotFoundError:
        return _missing(folder, me)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return not_applicable(
            f"{name} {path} cannot be looked at: {reason}", "ask as the user who runs the service"
        )
    if not stat.S_ISDIR(found.st_mode):
        return bad(f"{name} {path} is no folder", f"move {path} away: the next start makes it")
    if found.st_mode & STRANGERS_WRITE:
        wanted = stat.S_IMODE(found.st_mode) & ~(STRANGERS_WRITE | stat.S_IWGRP)
        # What another account's database lies in has to let it pass.
        return _too_open(f"{name} {path}: everybody may write to it", path, found, me, wanted)
    if found.st_uid == me:
        return _writable(folder, found)
    if not os.access(path, os.W_OK | os.X_OK):
        owner = account(found.st_uid)
        return not_applicable(f"{name} {path} belongs to {owner}", f"ask as {owner}, or as root")
    return None


def _writable(folder: Folder, found: os.stat_result) -> Row | None:
    if os.geteuid() and found.st_mode & stat.S_IRWXU != stat.S_IRWXU:
        wanted = stat.S_IMODE(found.st_mode) | stat.S_IRWXU
        return bad(
            f"{folder.purpose} folder {folder.path} cannot be written by its owner",
            f"chmod u+rwx {folder.path}",
            change_mode(folder.path, found, wanted),
        )
    probed = preflight.folder(folder.purpose, folder.path)
    return None if probed.severity is preflight.Severity.OK else of_preflight(probed)


def _missing(folder: Folder, me: int) -> Row:
    """A start makes it; only its own user makes it with the right owner."""
    path = folder.path
    said = f"{folder.purpose} folder {path} is not there; the next start makes it"
    above = path.parent
    if folder.purpose == DATA or not above.is_dir() or above.stat().st_uid != me:
        return not_applicable(said)

    def make() -> None:
        path.mkdir(mode=MADE, exist_ok=True)

    return Row(Verdict.NOT_APPLICABLE, said, repair=Repair(f"made {path}, mode {MADE:04o}", make))


def secret_files(
    files: Mapping[Path, str], unreadable: Mapping[Path, str], me: int | None = None
) -> list[Row]:
    """`files`: each with what it holds. `unreadable`: those that are known to be there."""
    me = os.geteuid() if me is None else me
    rows = [row for path, holds in files.items() if (row := _secret(path, holds, me)) is not None]
    rows += [not_applicable(f"{path}: {why}") for path, why in unreadable.items()]
    if rows or not files:
        return rows or [fine("none is kept in a file")]
    return [fine("closed to strangers: " + ", ".join(str(path) for path in files))]


def _secret(path: Path, holds: str, me: int) -> Row | None:
    try:
        found = path.stat()
    except OSError as error:
        return not_applicable(f"{path}: {error.strerror or type(error).__name__}")
    if found.st_mode & STRANGERS:
        return _too_open(f"{path} holds {holds}, and everybody on this machine may read it", path,
                         found, me)  # fmt: skip
    if found.st_mode & stat.S_IWGRP:
        return _too_open(f"{path} holds {holds}, and its group may change it", path, found, me)
    return None


def log_files(folder: Path, name: str, me: int | None = None) -> list[Row]:
    """The log and what was rotated away: documents' titles and addresses stand in them."""
    me = os.geteuid() if me is None else me
    try:
        files = sorted(folder.glob(f"{name}*"))
    except OSError as error:
        return [not_applicable(f"{folder}: {error.strerror or type(error).__name__}")]
    rows = [row for path in files if (row := _log_file(path, me)) is not None]
    if rows:
        return rows
    if not files:
        return [not_applicable(f"nothing was written to {folder} yet")]
    size = sum(path.stat().st_size for path in files)
    return [fine(f"{len(files)} in {folder}, {size / 1e6:,.1f} MB, closed to strangers")]


def _log_file(path: Path, me: int) -> Row | None:
    found = path.stat()
    if found.st_mode & STRANGERS:
        return _too_open(f"everybody on this machine may read {path}", path, found, me)
    return misplaced(path, found.st_uid, path.parent.stat().st_uid)


def misplaced(path: Path, owner: int, owner_of_folder: int) -> Row | None:
    """A command that root typed leaves a log that the service cannot write."""
    if owner == owner_of_folder:
        return None
    name = account(owner_of_folder)
    return bad(
        f"{path} belongs to {account(owner)}, its folder to {name}, who cannot write it",
        f"chown {name} {path}; type commands as {name}",
    )


def _too_open(
    said: str, path: Path, found: os.stat_result, me: int, wanted: int | None = None
) -> Row:
    if wanted is None:
        wanted = stat.S_IMODE(found.st_mode) & ~(STRANGERS | stat.S_IWGRP)
    fix = f"chmod {wanted:04o} {path}"
    if me not in (0, found.st_uid):
        return bad(said, f"{fix} (as {account(found.st_uid)}, who owns it)")
    return bad(said, fix, change_mode(path, found, wanted))


def change_mode(path: Path, found: os.stat_result, wanted: int) -> Repair:
    before = stat.S_IMODE(found.st_mode)
    what = f"set the mode of {path} to {wanted:04o} (it was {before:04o})"
    return Repair(what, partial(_change, path, found, wanted))


def _change(path: Path, found: os.stat_result, wanted: int) -> None:
    """On the very file that was judged: not on what a link put in its place leads to."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        now = os.fstat(descriptor)
        if (now.st_dev, now.st_ino) != (found.st_dev, found.st_ino):
            raise NotRepaired(f"{path} is another file by now")
        os.fchmod(descriptor, wanted)
    finally:
        os.close(descriptor)
