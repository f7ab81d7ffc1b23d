"""One database folder takes another's place, so that a kill at any moment leaves one of the two.

    postgres            the one in use
    postgres.upgrade/   where its successor is made; holds `ready` once that is whole
    postgres.old-15     the former one, kept until somebody drops it

The move of the former one is the decision: before it nothing has happened, after it whoever
starts next ends what was begun. All of it under the lock of whoever starts or stops.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_READY = "ready"


def workshop(data_dir: Path) -> Path:
    """The data folder in which the successor is made."""
    return data_dir / "postgres.upgrade"


def former(data_dir: Path) -> list[Path]:
    """Folders that were replaced and are kept."""
    return sorted(data_dir.glob("postgres.old-*"))


def clear(data_dir: Path) -> None:
    """Away with a successor that was never finished. Not for one that is to take the place."""
    shutil.rmtree(workshop(data_dir), ignore_errors=True)


def switch(cluster: Path, name: str) -> Path:
    """The successor, stopped and whole, takes the place of `cluster`, which is kept as `name`;
    where it is now."""
    data_dir = cluster.parent
    kept = data_dir / name
    number = 1
    while kept.exists():
        number += 1
        kept = data_dir / f"{name}.{number}"
    _write(workshop(data_dir) / _READY, kept.name)
    cluster.rename(kept)
    _sync(data_dir)
    finish(cluster)
    return kept


def finish(cluster: Path) -> bool:
    """End a switch that was decided and then cut short; whether there was one."""
    place = workshop(cluster.parent)
    try:
        kept = (place / _READY).read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    if cluster.exists() or not kept or not (cluster.parent / kept).is_dir():
        return False  # it was not decided
    (place / "postgres").rename(cluster)
    _sync(cluster.parent)
    shutil.rmtree(place, ignore_errors=True)
    return True


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
