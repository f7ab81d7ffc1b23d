"""Quotas counted in this process alone: for policies without a store, and for replays.

The windows are the calendar's in the quota's own zone, daylight saving included: a day of
America/Los_Angeles begins at its midnight, whether it has 23, 24 or 25 hours. Once begun, a
window lasts its time by the monotonic clock: a wall clock that is changed opens no new one.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from resilience.clock import Clock
from resilience.state import Lease, QuotaKey

ROUNDING_S = 0.001  # what seconds lose on their way between two clocks


def window_of(now: datetime, per: str, zone: str) -> tuple[datetime, datetime]:
    """Begin and end (aware UTC) of the window that holds `now`. Raises ValueError."""
    local = now.astimezone(ZoneInfo(zone)).replace(fold=0)
    if per in ("minute", "hour"):  # the same in every zone, but for their offset's minutes
        size = timedelta(minutes=1) if per == "minute" else timedelta(hours=1)
        offset = local.utcoffset() or timedelta()
        since = (now - datetime(1970, 1, 1, tzinfo=UTC) + offset) % size
        return (now - since).astimezone(UTC), (now - since + size).astimezone(UTC)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if per == "day":
        following = midnight + timedelta(days=1)
    elif per == "month":
        midnight = midnight.replace(day=1)
        following = (midnight + timedelta(days=32)).replace(day=1)
    else:
        raise ValueError(f"a quota is per minute, hour, day or month, not per {per!r}")
    return midnight.astimezone(UTC), following.astimezone(UTC)


@dataclass
class _Window:
    name: str
    ends_at: float  # monotonic
    taken: float = 0.0


class LocalQuotas:
    """Leases as a PolicyStore gives them, out of this process's memory. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[QuotaKey, _Window] = {}

    def lease(self, quota: QuotaKey, amount: float) -> Lease:
        with self._lock:
            now = self._clock.monotonic()
            window = self._running(quota, now)
            granted = max(0.0, min(amount, quota.limit - window.taken))
            window.taken += granted
            return Lease(granted, window.name, window.ends_at - now, window.taken)

    def give_back(self, quota: QuotaKey, window: str, amount: float) -> None:
        with self._lock:
            known = self._windows.get(quota)
            if known is not None and known.name == window:
                known.taken = max(0.0, known.taken - amount)

    def tighten(self, quota: QuotaKey, remaining: float) -> None:
        with self._lock:
            window = self._running(quota, self._clock.monotonic())
            window.taken = max(window.taken, quota.limit - remaining)

    def _running(self, quota: QuotaKey, now: float) -> _Window:
        """The lock is held."""
        known = self._windows.get(quota)
        if known is not None and now < known.ends_at - ROUNDING_S:
            return known
        wall = self._clock.now()
        begins, ends = window_of(wall, quota.per, quota.zone)
        window = _Window(begins.isoformat(), now + (ends - wall).total_seconds())
        if known is not None and known.name == window.name:
            window.taken = known.taken
        self._windows[quota] = window
        return window
