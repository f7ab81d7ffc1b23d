"""How long the work of a killed daemon stays marked as its own: seen from outside, in a thread."""

from __future__ import annotations

import threading

from resilience.clock import Clock
from resilience.outcomes import CallError
from storage.aftermath import Aftermath

_POLL_S = 0.1
_LONGEST_S = 60.0


class RequeueWatch:
    def __init__(self, aftermath: Aftermath, clock: Clock) -> None:
        self._aftermath = aftermath
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, float] = {}  # executor -> when it was killed
        self._times: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="requeues", daemon=True)
        self._thread.start()

    def killed(self, executor: str) -> None:
        with self._lock:
            self._open[executor] = self._clock.monotonic()

    def forget_open(self) -> None:
        """The database is being hit: what is open now would measure that instead."""
        with self._lock:
            self._open.clear()

    def times_s(self) -> list[float]:
        with self._lock:
            return list(self._times)

    def close(self) -> None:
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._clock.wait(_POLL_S, self._stop):
            with self._lock:
                executors = list(self._open)
            if not executors:
                continue
            try:
                held = self._aftermath.holds(executors)
            except CallError:
                continue  # a fault of the server is under way
            now = self._clock.monotonic()
            with self._lock:
                for executor in executors:
                    since = self._open.get(executor)
                    is_over = executor not in held or (since or now) < now - _LONGEST_S
                    if since is not None and is_over:
                        self._times.append(now - since)
                        del self._open[executor]
