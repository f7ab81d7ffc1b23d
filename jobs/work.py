"""Durable work, in our own words: what the rest of the room knows of the engine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")


class WorkState(StrEnum):
    QUEUED = "queued"  # waits for a free place in its queue
    RUNNING = "running"  # an executor has taken it, which may have died since
    DONE = "done"
    FAILED = "failed"  # its function raised; it is not run again
    CANCELLED = "cancelled"
    GIVEN_UP = "given_up"  # begun too often without an end: it kills its executors


FINISHED = frozenset({WorkState.DONE, WorkState.FAILED, WorkState.CANCELLED, WorkState.GIVEN_UP})


@dataclass(frozen=True)
class WorkStatus:
    id: str
    name: str
    state: WorkState
    executor: str  # who took it last, "" if nobody did
    attempts: int
    result: Any = None  # JSON
    error: str = ""

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED


class Interrupted(BaseException):
    """The process stops: this work is left as it is, for whoever recovers it.

    Not an Exception, because the engine records those as the work's final outcome.
    """


@dataclass(frozen=True)
class Work:
    """What a function knows of the work it does. `checkpoint` is the engine's."""

    id: str
    stopping: threading.Event
    checkpoint: Callable[[str, Callable[..., Any], tuple[object, ...]], Any]

    def step(self, name: str, fn: Callable[..., T], *args: object) -> T:
        """`fn(*args)`, done once: if the work is begun again, its recorded result is used.

        The result must be JSON. Raises Interrupted instead of beginning a step while the
        process stops.
        """
        self.go_on()
        result: T = self.checkpoint(name, fn, args)
        return result

    def go_on(self) -> None:
        """Between two parts of work that keeps its own record: raises Interrupted while the
        process stops."""
        if self.stopping.is_set():
            raise Interrupted


WorkFunction = Callable[..., Any]  # (Work, *JSON arguments) -> JSON
