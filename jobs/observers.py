"""Whom the jobs tell what they did: metrics today, alerts tomorrow.

An observer that fails is counted and never breaks the work it was told about.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from earnings.analysts.base import Usage


class Observer(Protocol):
    def run_finished(self, job: str, outcome: str, took_s: float) -> None: ...

    def document_finished(
        self, state: str, verified: Mapping[str, int], withheld: Mapping[str, int]
    ) -> None:
        """`verified`: how many claims by kind; `withheld`: how many by reason."""
        ...

    def model_answered(self, provider: str, model: str, usage: Usage) -> None: ...

    def document_read(self, suspicions: Mapping[str, int]) -> None:
        """`suspicions`: what it holds for programs alone, by kind; empty for most."""
        ...


class Observers:
    def __init__(self, observers: Iterable[Observer] = ()) -> None:
        self._observers = tuple(observers)
        self._lock = threading.Lock()
        self.failures = 0

    def subscribe(self, observer: Observer) -> None:
        with self._lock:
            self._observers = (*self._observers, observer)

    def run_finished(self, job: str, outcome: str, took_s: float) -> None:
        self._tell(lambda one: one.run_finished(job, outcome, took_s))

    def document_finished(
        self,
        state: str,
        verified: Mapping[str, int] | None = None,
        withheld: Mapping[str, int] | None = None,
    ) -> None:
        self._tell(lambda one: one.document_finished(state, verified or {}, withheld or {}))

    def model_answered(self, provider: str, model: str, usage: Usage) -> None:
        self._tell(lambda one: one.model_answered(provider, model, usage))

    def document_read(self, suspicions: Mapping[str, int]) -> None:
        self._tell(lambda one: one.document_read(suspicions))

    def _tell(self, tell: Callable[[Observer], None]) -> None:
        for observer in self._observers:
            try:
                tell(observer)
            except Exception:  # noqa: BLE001  a hook: counted, never fatal
                with self._lock:
                    self.failures += 1
