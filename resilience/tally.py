"""What a policy counts of its calls: for its status, for metrics, for the back-test.

Used under the policy's lock. Durations go into buckets, so that counting costs the same
after a year; the last calls are kept singly, in a ring that forgets the oldest if nobody
fetches them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
KEPT_CALLS = 512


@dataclass(frozen=True)
class Durations:
    """How long calls took. `counts[i]`: calls of at most `BOUNDS_S[i]` and more than the one
    before; the last is of those beyond all bounds."""

    counts: tuple[int, ...]
    total_s: float


# (ended, monotonic; outcome; seconds; attempts; asked to wait, seconds; cost)
Recorded = tuple[float, str, float, int, float | None, Mapping[str, float]]


class Tally:
    __slots__ = (
        *("calls", "durations", "failed", "last_error", "ours", "recent", "records"),
        *("rejected_by", "retries", "shut_out", "total_s"),
    )

    def __init__(self) -> None:
        self.calls = 0  # that were made
        self.failed = 0
        self.ours = 0  # that ended by an error of our own, which says nothing of the service
        self.shut_out = 0  # told at the door that the circuit is open
        self.rejected_by: Counter[str] = Counter()  # by gate, but for those
        self.retries = 0
        self.last_error = ""
        self.durations = [0] * (len(BOUNDS_S) + 1)
        self.total_s = 0.0
        self.records = False  # whether single calls are kept
        self.recent: deque[Recorded] = deque(maxlen=KEPT_CALLS)

    def rejections(self) -> Counter[str]:
        """Calls that were not made, by the gate that said no."""
        return self.rejected_by + Counter(breaker=self.shut_out)

    def ended(self, seconds: float) -> None:
        """A call was made. The caller counts failures and keeps records."""
        self.calls += 1
        self.durations[bisect_left(BOUNDS_S, seconds)] += 1
        self.total_s += seconds

    def fetch(self) -> list[Recorded]:
        fetched = list(self.recent)
        self.recent.clear()
        return fetched

    def seen(self) -> Durations:
        return Durations(tuple(self.durations), self.total_s)
