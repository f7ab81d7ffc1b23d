"""One deploy at a time. The kernel holds the lock, so a kill -9 leaves none behind; programs that
a deploy has started inherit it, so the next waits until the last of a dead one has ended."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.failures import TRY_LATER, Failure
from deploy.waiting import until

_POLL_S = 0.2


@contextmanager
def held(path: Path, within_s: float = 60.0) -> Iterator[int]:
    """The descriptor to hand to children. Raises Failure (75) if another has it for so long."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not until(lambda: _is_taken(handle), within_s, _POLL_S):
            raise Failure(
                f"another deploy, or a program it started, is at work (it holds {path})",
                "wait for its end and try again",
                TRY_LATER,
            )
        yield handle
    finally:
        os.close(handle)


def _is_taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
