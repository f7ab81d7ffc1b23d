"""Being told to stop: the whole process, or one piece of work in it.

Whoever waits (for a turn, before another try, for others' work) wakes when its process stops.
A piece of work that a person may stop alone is done within `stopped_by`: then the same waits,
in this thread and in those that took its context over, wake for either reason.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LOOK_S = 0.2  # how often a wait for the one looks at the other

_of_this_work: ContextVar[threading.Event | None] = ContextVar("stop_of_this_work", default=None)


class Stop(threading.Event):
    """Is set when it was set itself, or when the `whole` it belongs to is."""

    def __init__(self, whole: threading.Event) -> None:
        super().__init__()
        self._whole = whole

    def is_set(self) -> bool:
        return super().is_set() or self._whole.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        left_s = timeout
        while not self._whole.is_set():
            pause_s = LOOK_S if left_s is None else min(LOOK_S, left_s)
            if super().wait(max(0.0, pause_s)):
                return True
            if left_s is not None:
                left_s -= pause_s
                if left_s <= 0:
                    return self.is_set()
        return True


@contextmanager
def stopped_by(stop: threading.Event) -> Iterator[None]:
    """Waits inside end when `stop` is set; it must belong to the process's own."""
    token = _of_this_work.set(stop)
    try:
        yield
    finally:
        _of_this_work.reset(token)


def stop_of(process: threading.Event | None) -> threading.Event | None:
    """What a wait here has to look at."""
    return _of_this_work.get() or process
