"""Whether the database hears this process, and what follows when it did not."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from storage.errors import Fenced
from storage.fence import Fence
from storage.leases import InstanceLock, InstanceTaken

log = logging.getLogger("bootstrap")

COMEBACK_S = 6.0  # after a loss of the database: others lost it too, and need as long to return
TROUBLED_S = 60.0  # so long after a loss recovery looks at everything, each time
STALE_S = 3.0  # what was asked over the old way is answered by then, or never


class Pulse:
    """`revive` is tried while nobody answers, `heard_again` is called when somebody does.

    A process whose place was taken is told to stop; `fenced` says that others took over what it
    did, so that all it may still do is end.
    """

    def __init__(
        self,
        lock: InstanceLock,
        fence: Fence,
        stopping: threading.Event,
        *,
        revive: Callable[[], object],
        heard_again: Callable[[], object],
    ) -> None:
        self._lock = lock
        self._fence = fence
        self._stopping = stopping
        self._revive = revive
        self._heard_again = heard_again
        self._cut_for: float | None = None
        self.fenced = False

    def beat(self) -> None:
        held = self._lock.held()
        try:
            if not self._lock.beat():
                if held:
                    log.warning("the database does not hear us: no new work is taken until it does")
                self._revive()
            elif not held:
                log.info("the database hears us again")
                self._heard_again()
        except InstanceTaken as taken:
            log.critical("while we were cut off, another took our place: %s", taken)
            self._stopping.set()
        except Fenced as fenced:
            log.critical("%s", fenced)
            self.fenced = True
            self._stopping.set()
        self._cut_stale()

    def may_judge(self) -> bool:
        """One that is cut off itself must not judge others, nor one that is just back."""
        return self._lock.held() and not self._is_back_since(COMEBACK_S)

    def was_troubled(self) -> bool:
        return self._is_back_since(TROUBLED_S)

    def _cut_stale(self) -> None:
        """Once the database is heard again over a new way: whoever still waits for an answer
        over the old one would wait for ever."""
        unheard_at, held_for_s = self._lock.went_unheard_at(), self._lock.held_for_s()
        if unheard_at is None or held_for_s is None or self._cut_for == unheard_at:
            return
        if self._lock.held() and held_for_s >= STALE_S:
            self._cut_for = unheard_at
            cut = self._fence.cut(opened_before=unheard_at)
            log.info("%d connection(s) of before the loss are cut", cut)

    def _is_back_since(self, limit_s: float) -> bool:
        """Whether it was lost, and has been held again for less than that."""
        held_for_s = self._lock.held_for_s()
        return held_for_s is not None and held_for_s < limit_s
