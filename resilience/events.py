"""What policies tell the rest of the house: value objects handed to hooks.

A hook that fails is counted and never breaks the call it was told about. What happens
thousands of times a second is not told one by one: rejections and, to hooks that do not ask
for them, successes; the policy counts them, and whoever shows figures reads its status.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    CALL_SUCCEEDED = "call_succeeded"
    CALL_FAILED = "call_failed"  # after all its attempts
    RETRY = "retry"  # an attempt failed; another follows
    CIRCUIT_OPENED = "circuit_opened"
    CIRCUIT_HALF_OPENED = "circuit_half_opened"
    CIRCUIT_CLOSED = "circuit_closed"
    CIRCUIT_HELD = "circuit_held"  # by a person
    CIRCUIT_DISABLED = "circuit_disabled"  # by a person
    PAUSED = "paused"  # the service asked to be left alone until `retry_at`
    QUOTA_EXHAUSTED = "quota_exhausted"  # until `retry_at`


@dataclass(frozen=True)
class PolicyEvent:
    kind: EventKind
    service: str
    at: datetime
    what: str = ""  # a sentence for a person
    duration_s: float = 0.0  # of a finished call, its waits included
    attempts: int = 0
    retry_at: datetime | None = None


Hook = Callable[[PolicyEvent], None]


class Hooks:
    """Who is told. Hooks run in the thread that made the call, so they must be quick; they
    run without any lock and may use the policy that told them."""

    def __init__(self, *hooks: Hook) -> None:
        self._hooks = hooks
        self.of_successes: tuple[Hook, ...] = ()
        self._lock = threading.Lock()
        self._failures = 0
        self._last_failure = ""

    def subscribe(self, hook: Hook, *, successes: bool = False) -> None:
        """`successes`: it is told of every call that succeeds, too, which costs each a little."""
        with self._lock:
            self._hooks = (*self._hooks, hook)
            if successes:
                self.of_successes = (*self.of_successes, hook)

    @property
    def failures(self) -> int:
        """How often a hook raised."""
        return self._failures

    @property
    def last_failure(self) -> str:
        return self._last_failure

    def emit(self, event: PolicyEvent) -> None:
        told = self.of_successes if event.kind is EventKind.CALL_SUCCEEDED else self._hooks
        for hook in told:
            try:
                hook(event)
            except Exception as error:  # noqa: BLE001 - a failing hook is counted, never fatal
                self.failed(hook, error)

    def failed(self, hook: object, error: Exception) -> None:
        """Count what somebody who was only to be told did wrong."""
        with self._lock:
            self._failures += 1
            self._last_failure = f"{hook!r}: {type(error).__name__}: {error}"
