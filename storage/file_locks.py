"""Locks on files that the kernel frees by itself when their last holder dies.

`flock`, because it belongs to the open file and not to the process: it can be handed to a
child (the server holds one as long as any of its processes lives) and kill -9 frees it.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from resilience.clock import Clock

_POLL_S = 0.02


class LockNotHad(Exception):
    """Somebody else held the lock until the time was up."""


class FileLock:
    """One open lock file. Release it with `release()`, or by the end of a `with`; dying does the
    same."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    @property
    def fd(self) -> int:
        if self._fd is None:
            raise ValueError(f"the lock on {self.path} was released")
        return self._fd

    def try_exclusive(self) -> bool:
        return self._try(fcntl.LOCK_EX)

    def try_shared(self) -> bool:
        return self._try(fcntl.LOCK_SH)

    def release(self) -> None:
        """Close our handle; a child that inherited it keeps the lock."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self.fd, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def is_held(path: Path) -> bool:
    """Whether somebody who lives holds the lock on this file, which is not made. A moment's
    question: whoever locks it first at that moment may be refused."""
    try:
        with path.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def exclusive(path: Path, clock: Clock, within_s: float) -> FileLock:
    """The lock on `path`, waited for. Raises LockNotHad."""
    lock = FileLock(path)
    give_up_at = clock.monotonic() + within_s
    try:
        while not lock.try_exclusive():
            if clock.monotonic() >= give_up_at:
                raise LockNotHad(str(path))
            clock.wait(_POLL_S)
    except BaseException:
        lock.release()
        raise
    return lock
