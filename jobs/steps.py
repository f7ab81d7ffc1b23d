"""Checkpoints of one piece of work: a step's recorded result is used when it is begun again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from jobs.work import Interrupted
from resilience.clock import Clock
from storage.engine_work import Claimed, Recorded


class Store(Protocol):
    """storage.engine_work.EngineWork, whose calls the engine repeats while the database is away."""

    def is_ours(self, work: Claimed) -> bool: ...

    def steps(self, work: Claimed) -> dict[int, Recorded]: ...

    def record_step(
        self, work: Claimed, number: int, name: str, output: str, began_ms: int
    ) -> bool: ...


class Json(Protocol):
    def serialize(self, value: Any) -> str: ...

    def deserialize(self, text: str | None) -> Any: ...


class Lost(Interrupted):
    """The work was cancelled, or given to another: what it comes to is nobody's business."""


class Steps:
    """`insist` repeats a call until the database answers. `json`: the engine's way with it."""

    def __init__(
        self,
        store: Store,
        work: Claimed,
        clock: Clock,
        insist: Callable[[Callable[[], Any]], Any],
        json: Json,
    ) -> None:
        self._store = store
        self._work = work
        self._clock = clock
        self._insist = insist
        self._json = json
        self._number = 0
        self._recorded: dict[int, Recorded] | None = {} if work.attempts <= 1 else None

    def __call__(self, name: str, fn: Callable[..., Any], args: tuple[object, ...]) -> Any:
        """Raises Lost, and what `fn` raises; that is not recorded."""
        self._number += 1
        known = self._earlier().get(self._number)
        if known is not None:
            if known.name != name:
                raise RuntimeError(
                    f"{self._work.id}: step {self._number} was {known.name!r} when it was begun "
                    f"before, and is {name!r} now"
                )
            return self._json.deserialize(known.output)
        if not self._insist(lambda: self._store.is_ours(self._work)):
            raise Lost
        began_ms = int(1000 * self._clock.now().timestamp())
        result = fn(*args)
        output, number = self._json.serialize(result), self._number
        if not self._insist(
            lambda: self._store.record_step(self._work, number, name, output, began_ms)
        ):
            raise Lost
        return self._json.deserialize(output)

    def _earlier(self) -> dict[int, Recorded]:
        """What was recorded before; of work that is begun for the first time, nothing."""
        if self._recorded is None:
            self._recorded = self._insist(lambda: self._store.steps(self._work))
        return self._recorded
