"""So many calls at once, so many waiting behind them, first come first served.

A slot that comes free is handed to the caller who waited longest; nobody can slip in
between. Used under its policy's lock; the waiting itself happens outside of it, on the
waiter's own event.
"""

from __future__ import annotations

import threading
from collections import deque


class Waiter:
    """One caller's place in the queue. `has_slot` is set, once, by whoever hands it over."""

    __slots__ = ("called", "has_slot")

    def __init__(self) -> None:
        self.called = threading.Event()
        self.has_slot = False


class Bulkhead:
    """`at_once` 0: as many as want to."""

    __slots__ = ("_waiting", "at_once", "in_use", "queue")

    def __init__(self, at_once: int, queue: int) -> None:
        self.at_once = at_once
        self.queue = queue
        self.in_use = 0
        self._waiting: deque[Waiter] = deque()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def is_full(self) -> bool:
        """Whether a caller would find neither a slot nor a place to wait for one."""
        return 0 < self.at_once <= self.in_use and len(self._waiting) >= self.queue

    def enter(self) -> bool:
        """Take a slot if one is free and nobody waits for it."""
        in_use = self.in_use
        if (in_use >= self.at_once or self._waiting) and self.at_once:
            return False
        self.in_use = in_use + 1
        return True

    def line_up(self) -> Waiter | None:
        """A place in the queue, None if it is full."""
        if len(self._waiting) >= self.queue:
            return None
        waiter = Waiter()
        self._waiting.append(waiter)
        return waiter

    def give_up(self, waiter: Waiter) -> None:
        """Leave the queue; a slot that was handed over meanwhile goes on to the next."""
        if waiter.has_slot:
            self.leave()
        else:
            self._waiting.remove(waiter)

    def leave(self) -> None:
        """Give a slot back."""
        if self._waiting:
            waiter = self._waiting.popleft()
            waiter.has_slot = True
            waiter.called.set()
        else:
            self.in_use -= 1
