"""A service that can be ill, a policy round it, and a crowd of threads that asks all at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

import pytest

from resilience.events import EventKind, Hook, Hooks, PolicyEvent
from resilience.outcomes import CallFailed
from resilience.policy import Policy
from resilience.spec import PolicySpec
from resilience.testing import FakeClock

# Waits are exact, and each rule is the only one that could open the circuit.
SPEC = PolicySpec(
    attempts=3, wait_s=2, jitter="none", failure_threshold=2, failure_rate_pct=0, deadline_s=100
)
PATIENCE_S = 60.0  # for a thread on a busy machine; none of them needs a second


def ill(what: str = "503", retry_after_s: float | None = None) -> CallFailed:
    return CallFailed("shop", what, retryable=True, retry_after_s=retry_after_s)


class Shop:
    """Raises what `errors` holds, one after the other, else `error`, else answers "fine"."""

    def __init__(
        self, spec: PolicySpec = SPEC, clock: FakeClock | None = None, **parts: Any
    ) -> None:
        self.clock = clock or FakeClock()
        self.events: list[PolicyEvent] = []
        self.hooks = Hooks(self.events.append)
        self.policy = Policy("shop", spec, self.clock, self.hooks, **parts)
        self.errors: list[BaseException] = []
        self.error: BaseException | None = None
        self.takes_s = 0.0
        self.asked = 0

    def answer(self) -> str:
        self.asked += 1
        self.clock.advance(self.takes_s)
        error = self.errors.pop(0) if self.errors else self.error
        if error is not None:
            raise error
        return "fine"

    def call(self, **how: Any) -> str:
        answer: str = self.policy.call(self.answer, **how)
        return answer

    def fail(self, times: int = 1) -> None:
        """So many calls fail, with all their attempts."""
        self.error = ill()
        for _ in range(times):
            with pytest.raises(CallFailed):
                self.call()
        self.error = None

    def opened(self) -> Shop:
        self.policy.force_open()
        return self

    def half_opened(self) -> Shop:
        """The next call is a probe."""
        self.policy.force_open()
        self.clock.advance(self.policy.spec.open_s)
        return self

    def subscribe(self, hook: Hook) -> Shop:
        self.hooks.subscribe(hook)
        return self

    @property
    def told(self) -> list[EventKind]:
        return [event.kind for event in self.events]

    @property
    def under_way(self) -> int:
        return self.policy.status().under_way


class Crowd:
    """`size` threads that do the same at the same moment, as often as they are told."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._gate = threading.Barrier(size + 1, timeout=PATIENCE_S)
        self._task: Callable[[int], object] | None = None
        self._found: list[object] = [None] * size
        self._failed: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._work, args=(index,), daemon=True) for index in range(size)
        ]

    def __enter__(self) -> Crowd:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._task = None
        self._gate.wait()
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def do(self, task: Callable[[int], object]) -> list[object]:
        """What each thread's `task(its number)` gave. Raises the first thing that was raised."""
        self._task, self._failed = task, []
        self._gate.wait()
        self._gate.wait()
        if self._failed:
            raise self._failed[0]
        return self._found

    def _work(self, index: int) -> None:
        while True:
            self._gate.wait()
            if self._task is None:
                return
            try:
                self._found[index] = self._task(index)
            except BaseException as error:  # noqa: BLE001 - raised where the test sees it
                self._failed.append(error)
            self._gate.wait()
