"""Questions that are sent together and answered later: what a provider of batches is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from earnings.analysts.base import Begin, PaidAnswer
from resilience.outcomes import CallError


@dataclass(frozen=True)
class BatchItem:
    """One question of a batch. `custom_id` tells its answer from the others'."""

    custom_id: str
    request: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True)
class RemoteBatch:
    """A batch as its provider has it."""

    id: str
    is_ended: bool
    created_at: datetime | None
    requests: int


@dataclass(frozen=True)
class BatchResult:
    """What became of one question. `answer` None: nothing was made, and nothing is billed,
    `why` says so; without a `why` nobody can tell."""

    custom_id: str
    answer: PaidAnswer | None
    why: str = ""

    @property
    def is_clear(self) -> bool:
        return self.answer is not None or bool(self.why)


class NoSuchBatch(Exception):
    """The provider does not know the batch (any more), or has dropped its results."""


class BatchProvider(Protocol):
    """Every method raises CallError."""

    @property
    def name(self) -> str: ...

    @property
    def asks(self) -> tuple[str, str]:
        """The model and the version of the prompt that new questions are put with."""
        ...

    def switched_off(self) -> str | None:
        """Why it cannot be reached, None if it can."""
        ...

    def refused(self) -> CallError | None:
        """Why it takes no question now whatever it is about (a wrong key), as it said itself."""
        ...

    def submit(self, items: Sequence[BatchItem], begin: Begin) -> RemoteBatch:
        """`begin` is called right before it is sent. A CallFailed with `accepted` False, or a
        Rejected: it was not taken; with `accepted` True it may have been."""
        ...

    def look(self, remote_id: str) -> RemoteBatch:
        """Raises NoSuchBatch."""
        ...

    def since(self, moment: datetime) -> Iterator[RemoteBatch]:
        """All batches of the account that were made after it, newest first. Raises CallError
        if it cannot be sure of all: what it leaves out counts as never taken."""
        ...

    def results(self, remote_id: str) -> Iterator[BatchResult]:
        """Of a batch that has ended. Raises NoSuchBatch."""
        ...

    def cancel(self, remote_id: str) -> None:
        """What has not begun is not done any more; its end has to be awaited all the same."""
        ...
