"""What scheduling needs of the ledger and the engine, said here and implemented below.

The real ones are storage/ledger.py and jobs/durable.py; tests use small ones in memory.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from jobs.work import WorkStatus


class LedgerRun(Protocol):
    """A row of the ledger."""

    @property
    def job(self) -> str: ...
    @property
    def slot(self) -> str: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def scheduled(self) -> bool: ...
    @property
    def state(self) -> str: ...
    @property
    def decided_at(self) -> datetime: ...
    @property
    def started_at(self) -> datetime | None: ...
    @property
    def executor(self) -> str | None: ...
    @property
    def attempts(self) -> int: ...
    @property
    def retries(self) -> int: ...
    @property
    def summary(self) -> Mapping[str, Any]: ...


class Ledger(Protocol):
    def decide(
        self,
        job: str,
        slot: str,
        due_at: datetime,
        decision: str,
        reason: str,
        by: str,
        *,
        options: Mapping[str, Any] | None = None,
        at: datetime | None = None,
    ) -> bool:
        """`at`: the time that was gone by, now if none is given."""
        ...

    def decide_again(
        self,
        job: str,
        slot: str,
        due_at: datetime,
        decision: str,
        reason: str,
        by: str,
        *,
        at: datetime,
    ) -> bool:
        """About a slot that a clock that was ahead had skipped."""
        ...

    def last_slot(self, job: str, until: datetime) -> str | None:
        """The newest slot of the schedule that was decided, of those due by `until`."""
        ...

    def first_slot(self, job: str) -> str | None:
        """The oldest slot of the schedule that was decided."""
        ...

    def skipped_ahead(self, now: datetime) -> Sequence[LedgerRun]:
        """Slots due by now that were skipped at a time that has not come yet."""
        ...

    def claim(
        self, job: str, slot: str, executor: str, at: datetime | None = None
    ) -> int | None: ...

    def finish(
        self,
        run_id: int,
        outcome: str,
        summary: Mapping[str, object] | None = None,
        error: str = "",
        *,
        executor: str | None = None,
    ) -> bool: ...

    def defer(
        self,
        job: str,
        slot: str,
        not_before: datetime | None,
        reason: str,
        summary: Mapping[str, Any] | None = None,
    ) -> bool: ...

    def skip(self, job: str, slot: str, reason: str, *, attempts: int | None = None) -> bool:
        """Give up on a slot that waits; with `attempts` only if it was not begun since."""
        ...

    def abandon_of(self, executors: Iterable[str]) -> int: ...

    def history(self, job: str, limit: int) -> Sequence[LedgerRun]:
        """Newest first."""
        ...

    def running(self) -> Sequence[LedgerRun]: ...

    def ready(self) -> Sequence[LedgerRun]:
        """Due, abandoned, or deferred until now."""
        ...


class Engine(Protocol):
    @property
    def executor_id(self) -> str: ...

    def enqueue(self, name: str, work_id: str, *args: object) -> None: ...

    def enqueue_all(self, name: str, work: Mapping[str, Sequence[object]]) -> None: ...

    def statuses(self, work_ids: Collection[str]) -> dict[str, WorkStatus]: ...

    def wait(
        self,
        work_ids: Collection[str],
        timeout_s: float,
        on_finished: Callable[[WorkStatus], None] = ...,
        stop: threading.Event | None = ...,
    ) -> dict[str, WorkStatus]: ...

    def cancel(self, work_id: str) -> None: ...

    def recover(self, is_dead: Callable[[str], bool]) -> int: ...

    def forget(self, before: datetime) -> int: ...
