"""Time, passed in: the one place that reads the machine's clocks.

Slots and stamps use `now()`, aware UTC. Intervals, deadlines and breakers use
`monotonic()`, which a changed wall clock cannot move. Nobody else reads either, so a
test moves time by hand (`resilience.testing.FakeClock`) instead of sleeping.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The wall clock, aware UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        ...

    def wait(self, seconds: float, wake: threading.Event | None = None) -> bool:
        """Pause for `seconds`, less if `wake` is set meanwhile; True if it was."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    # The function itself: a policy asks it twice a call.
    monotonic = staticmethod(time.monotonic)

    def wait(self, seconds: float, wake: threading.Event | None = None) -> bool:
        if wake is not None:
            return wake.wait(max(0.0, seconds))
        time.sleep(max(0.0, seconds))
        return False
