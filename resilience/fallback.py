"""Ask one after another until somebody answers, and at the very last what was good before.

    steps = [("claude", ask_claude), ("groq", ask_groq)]
    found = first_answer(steps, last_good=kept)
    found.value, found.origin, found.degraded

A call that gave nothing (CallFailed, Rejected) leads to the next origin. Whatever else is
raised is a fault of our own and passes through, unless the caller names it; so does
ShuttingDown, because a process that stops asks nobody. An answer of anybody but the first is
degraded: the caller has one, and should say so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from resilience.clock import Clock
from resilience.outcomes import CallError, ShuttingDown

T = TypeVar("T")

LAST_GOOD = "last good"


@dataclass(frozen=True)
class Tried:
    """An origin that had no answer."""

    origin: str
    error: Exception


@dataclass(frozen=True)
class Answered(Generic[T]):
    """`degraded`: it is not the first origin's. `tried`: who was asked in vain, in order.
    `age_s`: since the value was had, above 0 only for one that was kept."""

    value: T
    origin: str
    degraded: bool = False
    tried: tuple[Tried, ...] = ()
    age_s: float = 0.0

    @property
    def retry_at(self) -> datetime | None:
        """When the first of those that were tried may have an answer, if one of them said."""
        return earliest(one.error for one in self.tried)


class LastGood(Generic[T]):
    """The last answer that came, for at most `max_age_s`. Thread-safe; shared by all calls
    that want the same thing."""

    def __init__(self, clock: Clock, max_age_s: float) -> None:
        if not max_age_s > 0:
            raise ValueError(f"max_age_s must be above 0, got {max_age_s!r}")
        self._clock = clock
        self._max_age_s = max_age_s
        self._lock = threading.Lock()
        self._kept: tuple[float, T] | None = None  # since when (monotonic), what

    def keep(self, value: T) -> None:
        now = self._clock.monotonic()
        with self._lock:
            self._kept = (now, value)

    def recall(self) -> tuple[T, float] | None:
        """The value and its age in seconds; None if there is none, or it is too old."""
        with self._lock:
            kept = self._kept
        if kept is None:
            return None
        since, value = kept
        age_s = self._clock.monotonic() - since
        return (value, age_s) if age_s <= self._max_age_s else None

    def forget(self) -> None:
        with self._lock:
            self._kept = None


def first_answer(
    steps: Iterable[tuple[str, Callable[[], T]]],
    *,
    also: tuple[type[Exception], ...] = (),
    last_good: LastGood[T] | None = None,
) -> Answered[T]:
    """The first answer of `steps` (origin and call, best first). `also`: what leads to the
    next besides a CallError.

    When nobody answers, and nothing good is kept, the last error is raised; a CallError
    then carries the earliest `retry_at` of all. Raises ValueError without any steps.
    """
    leads_on: tuple[type[Exception], ...] = (CallError, *also)
    tried: list[Tried] = []
    for origin, call in steps:
        try:
            value = call()
        except ShuttingDown:
            raise
        except leads_on as error:
            tried.append(Tried(origin, error))
            continue
        if last_good is not None:
            last_good.keep(value)
        return Answered(value, origin, degraded=bool(tried), tried=tuple(tried))
    if not tried:
        raise ValueError("there is nobody to ask")
    kept = last_good.recall() if last_good is not None else None
    if kept is not None:
        value, age_s = kept
        return Answered(value, LAST_GOOD, degraded=True, tried=tuple(tried), age_s=age_s)
    last = tried[-1].error
    if isinstance(last, CallError):
        last.retry_at = earliest(one.error for one in tried)
    raise last


def earliest(errors: Iterable[Exception]) -> datetime | None:
    """The first moment at which one of them says that asking again may help."""
    moments = (error.retry_at for error in errors if isinstance(error, CallError))
    return min((at for at in moments if at is not None), default=None)
