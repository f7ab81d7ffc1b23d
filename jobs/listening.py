"""A thread that is told of new orders and new work, so that nothing waits for the next look."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from resilience.outcomes import CallError

log = logging.getLogger("jobs.listening")

AT_LEAST_EVERY_S = 30.0


class Notified(Protocol):
    """storage.notifications.Notifications."""

    def wait(self, timeout_s: float) -> bool:
        """True: something came, or may have. False: the time is over, or it was closed."""
        ...

    def news(self) -> Mapping[str, Collection[str]]:
        """What came, by channel; nothing in particular: there may be anything."""
        ...

    def close(self) -> None: ...


class Listener:
    """Calls what belongs to a channel whenever `notified` says so, with the payloads that
    came. A database that is away is the tick's affair."""

    def __init__(
        self, notified: Notified, hearers: Mapping[str, Callable[[Collection[str]], object]]
    ) -> None:
        self._notified = notified
        self._hearers = dict(hearers)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="listener", daemon=True)

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
                    self._hear()
            except CallError as away:
                log.debug("something was told of that cannot be read yet: %s", away)
            except Exception:
                log.exception("listening broke; the tick goes on finding what there is")
                return

    def _hear(self) -> None:
        for channel, payloads in self._notified.news().items():
            self._hearers[channel](payloads)
