"""A thread that is told of new orders, so that nobody at a terminal waits for the next tick."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from resilience.outcomes import CallError

log = logging.getLogger("jobs.listening")

AT_LEAST_EVERY_S = 30.0


class Notified(Protocol):
    """storage.notifications.Notifications."""

    def wait(self, timeout_s: float) -> bool:
        """True: something came, or may have. False: the time is over, or it was closed."""
        ...

    def close(self) -> None: ...


class Listener:
    """Calls `run` whenever `notified` says so. A database that is away is the tick's affair."""

    def __init__(self, notified: Notified, run: Callable[[], object]) -> None:
        self._notified = notified
        self._run = run
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="commands", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Safe to call twice."""
        self._stopping.set()
        self._notified.close()
        self._thread.join(timeout=5)

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._notified.wait(AT_LEAST_EVERY_S) and not self._stopping.is_set():
                    self._run()
            except CallError as away:
                log.debug("an order was told that cannot be read yet: %s", away)
            except Exception:
                log.exception("listening for orders broke; the tick goes on finding them")
                return
