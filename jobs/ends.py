"""How work ended, written for all that ended meanwhile in one go.

Whoever did the work does not wait for it: while one batch is on its way to the disk the next
gathers. What is not written yet when a process dies was never ended, and is begun again by
others; so a function's effects must be safe to repeat, as they must be anyway.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from operations.progress import Loop
from resilience.outcomes import CallFailed, Rejected
from storage.engine_work import Ended

log = logging.getLogger("jobs.ends")

MOST_AT_ONCE = 500
AGAIN_S = 0.5  # to a database that is away

Write = Callable[[Sequence[Ended]], None]


class Ends:
    """`write` writes several at once. `on_written` is told how many were."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._open: list[Ended] = []
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="ends", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def loop(self) -> Loop:
        """It comes round when there is something to write; that it lives is what counts."""
        return Loop("the writer of how work ended", 0.0, 0.0, lives=self._thread.is_alive())

    def add(self, ended: Ended) -> None:
        with self._changed:
            self._open.append(ended)
            self._changed.notify_all()

    def waiting(self) -> set[str]:
        """The ids of what ended and is not written yet."""
        with self._changed:
            return {each.id for each in self._open}

    def wait_until_written(self, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._open, timeout_s)

    def stop(self) -> None:
        """What is not written now never is, but for a batch that is on its way."""
        with self._changed:
            self._stopping.set()
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(AGAIN_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._open or self._stopping.is_set())
                batch = self._open[:MOST_AT_ONCE]
            if not batch or not self._written(batch):
                continue
            with self._changed:
                del self._open[: len(batch)]
                self._changed.notify_all()

    def _written(self, batch: Sequence[Ended]) -> bool:
        """True when nothing of it is left to do."""
        try:
            self._write(batch)
        except (CallFailed, Rejected) as error:
            if isinstance(error, Rejected) or error.retryable:
                self._tell(error)
                self._stopping.wait(AGAIN_S)
                return False
            self._each(batch)
        if self._failing:
            log.info("how work ended is written down again")
        self._failing = False
        return True

    def _each(self, batch: Sequence[Ended]) -> None:
        """One of them cannot be written; it must not keep the others. It is begun again when
        somebody finds that nobody does it."""
        for ended in batch:
            try:
                self._write([ended])
            except (CallFailed, Rejected) as error:
                log.warning("how %s ended cannot be written: %s", ended.id, error)

    def _tell(self, error: Exception) -> None:
        if not self._failing:
            said = str(error).partition("\n")[0]
            log.warning("how work ended cannot be written yet: %s", said)
        self._failing = True
