"""The runs that this process has under way, each of which a person may stop alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from resilience.stopping import Stop


@dataclass
class Told:
    """How one run hears that it is to stop: `stop` is set then, and when the process stops;
    `words` say by whom and why, "" while nobody has said so."""

    stop: Stop
    words: str = ""


class RunsHere:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: dict[int, Told] = {}

    @contextmanager
    def under_way(self, run_id: int, stopping: threading.Event) -> Iterator[Told]:
        """Can be told inside. `stopping`: the process's own."""
        told = Told(Stop(stopping))
        with self._lock:
            self._told[run_id] = told
        try:
            yield told
        finally:
            with self._lock:
                del self._told[run_id]

    def stop(self, run_id: int, words: str) -> bool:
        """Have it end at its next step; False if it is not under way here (any more). The
        first who says so is kept."""
        with self._lock:
            told = self._told.get(run_id)
            if told is None:
                return False
            told.words = told.words or words
            told.stop.set()
            return True
