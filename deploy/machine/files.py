"""Files and links that are there whole or not at all, whenever the machine stops."""

from __future__ import annotations

import os
from pathlib import Path


def write(
    path: Path, content: bytes, mode: int = 0o644, owner: tuple[int, int] | None = None
) -> None:
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        if owner is not None:
            os.fchown(file.fileno(), *owner)
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    settle(path.parent)


def grant(folder: Path, mode: int, owner: tuple[int, int] | None) -> None:
    """Mode and owner of a folder that may lie within one of the service's: where the service
    has put a link in its place, nothing that the link leads to is given away."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if owner is not None:
            os.fchown(handle, *owner)
        os.fchmod(handle, mode)
    finally:
        os.close(handle)


def point(link: Path, target: str) -> None:
    """Make `link` lead to `target`; whoever follows it meanwhile gets the one or the other."""
    part = link.with_name(f".{link.name}.part")
    part.unlink(missing_ok=True)
    part.symlink_to(target)
    part.replace(link)
    settle(link.parent)


def remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    settle(path.parent)


def settle(folder: Path) -> None:
    """The names in `folder` outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
