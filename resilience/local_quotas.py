"""Quotas counted in this process alone: for policies without a store, and for replays.

The windows are the calendar's in the quota's own zone, daylight saving included: a day of
America/Los_Angeles begins at its midnight, whether it has 23, 24 or 25 hours.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from resilience.clock import Clock
from resilience.state import Lease, QuotaKey


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


class LocalQuotas:
    """Leases as a PolicyStore gives them, out of this process's memory. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._taken: dict[QuotaKey, tuple[str, float]] = {}

    def lease(self, quota: QuotaKey, amount: float) -> Lease:
        now = self._clock.now()
        begins, ends = window_of(now, quota.per, quota.zone)
        window = begins.isoformat()
        with self._lock:
            known, taken = self._taken.get(quota, (window, 0.0))
            if known != window:
                taken = 0.0
            granted = max(0.0, min(amount, quota.limit - taken))
            self._taken[quota] = (window, taken + granted)
        return Lease(granted, window, (ends - now).total_seconds(), taken + granted)

    def give_back(self, quota: QuotaKey, window: str, amount: float) -> None:
        with self._lock:
            known, taken = self._taken.get(quota, ("", 0.0))
            if known == window:
                self._taken[quota] = (window, max(0.0, taken - amount))

    def tighten(self, quota: QuotaKey, remaining: float) -> None:
        window = window_of(self._clock.now(), quota.per, quota.zone)[0].isoformat()
        with self._lock:
            known, taken = self._taken.get(quota, (window, 0.0))
            taken = taken if known == window else 0.0
            self._taken[quota] = (window, max(taken, quota.limit - remaining))
