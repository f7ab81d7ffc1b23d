"""Workers side by side (`pytest -n 3`), and tests that measure time by themselves.

A test marked `alone` waits until no other worker runs one, and the others wait for it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOM = Path(__file__)  # locked, never written
_DOOR = _ROOM.parent


def beside_others() -> bool:
    """Whether this process is one of several workers."""
    return "PYTEST_XDIST_WORKER" in os.environ


@contextmanager
def turn(*, alone: bool) -> Iterator[None]:
    """Holds the room: with others, or alone. Who waits to be alone also holds the door, so that
    those who come later do not pass before."""
    if not beside_others():
        yield
        return
    door = _lock(_DOOR, fcntl.LOCK_EX)
    try:
        room = _lock(_ROOM, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
    finally:
        os.close(door)
    try:
        yield
    finally:
        os.close(room)


def _lock(path: Path, how: int) -> int:
    opened = os.open(path, os.O_RDONLY)
    fcntl.flock(opened, how)
    return opened
