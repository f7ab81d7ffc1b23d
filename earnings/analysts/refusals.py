"""What a provider of a model turned away before any work, and for whom that holds.

A refusal that meets every question alike (a wrong key, no credit, a model that is gone) is
remembered: asking for each of forty documents would be forty refusals.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from resilience.clock import Clock
from resilience.outcomes import CallFailed, Outcome, Rejected

# A little later it is tried again, because a person may have put it right.
PAUSE_S = 3600.0


class ModelRefusal(CallFailed):
    """Turned away before any work, so nothing is billed. `meets_all`: whatever document it is
    about."""

    def __init__(
        self,
        service: str,
        what: str,
        *,
        meets_all: bool,
        retryable: bool = False,
        outcome: Outcome = Outcome.NEUTRAL,
        retry_after_s: float | None = None,
        fix: str | None = None,
        retry_at: datetime | None = None,
    ) -> None:
        super().__init__(
            service,
            what,
            retryable=retryable,
            accepted=False,
            outcome=outcome,
            retry_after_s=retry_after_s,
            fix=fix,
            retry_at=retry_at,
        )
        self.meets_all = meets_all


class Pauses:
    """Lets nothing be sent for a while after a refusal that meets every question."""

    def __init__(self, service: str, clock: Clock, pause_s: float = PAUSE_S) -> None:
        self._service = service
        self._clock = clock
        self._pause_s = pause_s
        self._paused: tuple[float, ModelRefusal] | None = None  # until when (monotonic), and why

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Round what is sent. Raises Rejected while nothing is to be asked."""
        refused = self.refused()
        if refused is not None:
            raise refused
        try:
            yield
        except ModelRefusal as refusal:
            if refusal.meets_all:
                self._pause(refusal)
            raise

    def refused(self) -> Rejected | None:
        """What whoever asks now is told; None if he may ask."""
        if self._paused is None:
            return None
        until, refusal = self._paused
        left_s = until - self._clock.monotonic()
        if left_s <= 0:
            return None
        return Rejected(
            self._service,
            f"not asked again yet: {refusal.what}",
            retry_at=self._clock.now() + timedelta(seconds=left_s),
            fix=refusal.fix,
        )

    def _pause(self, refusal: ModelRefusal) -> None:
        pause_s = self._pause_s
        if refusal.retry_at is not None:
            pause_s = min(pause_s, (refusal.retry_at - self._clock.now()).total_seconds())
        self._paused = (self._clock.monotonic() + pause_s, refusal)
