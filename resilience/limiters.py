"""Rates, as state machines: no clock, no lock, no sleep; they are told the time.

All have one shape. `earliest(now, weight)` says when a call of that weight may start, and
`book(at, weight)` takes that moment, for good: callers are served in the order they booked,
each sleeps once and wakes at its own turn, and nobody overtakes (the reservation form of
GCRA). What is booked lies never before what was booked earlier. `amend` corrects a weight
that was estimated; it gives back what neither time has given back meanwhile nor the service
has counted (`cap`). Rates below one a second are exact: nothing counts whole seconds.

GCRA           so many at once (`burst`), then evenly spaced: the one to choose
TokenBucket    the same promise kept by counting tokens; takes weights above its burst into debt
LeakyBucket    evenly spaced, nothing at once, and at most `burst` callers waiting
SlidingWindow  never more than so many in any `per_s`: for a service that counts exactly so

Over any span of t seconds the first two let through at most burst + rate·t (weights above the
burst aside), the leaky one rate·t and one call more, and the window at most its limit in any of
its widths: none more. Who polls on a coarse grid instead of booking loses what falls between
two of his looks, unless the burst holds it.
"""

from __future__ import annotations

from collections import deque
from math import inf
from typing import Protocol


class Limiter(Protocol):
    """`rate` per `per_s` seconds; times are monotonic seconds."""

    def earliest(self, now: float, weight: float) -> float:
        """When a call of `weight` may start; inf if it gets no turn now."""
        ...

    def opens(self, now: float, weight: float) -> float:
        """When a call that gets no turn now may ask for one again; inf if never."""
        ...

    def book(self, at: float, weight: float) -> None:
        """Take the turn at `at`, which is no earlier than `earliest` said."""
        ...

    def take(self, now: float, weight: float) -> bool:
        """Book `now` if that is possible; whether it was."""
        ...

    def amend(self, now: float, weight: float, true: float, since: float) -> None:
        """The call that was booked with `weight` and began at `since` weighed `true`."""
        ...

    def available(self, now: float) -> float:
        """The weight that could start at once."""
        ...

    def cap(self, now: float, remaining: float) -> None:
        """No more than `remaining` is available now: the service says so."""
        ...

    def share(self, now: float, parts: int) -> None:
        """From now on the rate belongs to `parts` processes alike: ours is one part of it."""
        ...


class Gcra:
    """The generic cell rate algorithm (ITU-T I.371): one number says when the next is due."""

    __slots__ = ("_burst", "_capped_at", "_full_interval_s", "_interval_s", "_last", "_tat")

    def __init__(self, rate: float, per_s: float = 1.0, burst: float = 1.0) -> None:
        self._full_interval_s = self._interval_s = per_s / rate
        self._burst = burst
        self._tat = -inf  # when everything booked so far would have been due, evenly spaced
        self._last = -inf  # the latest turn that was booked ahead
        self._capped_at = -inf

    def earliest(self, now: float, weight: float) -> float:
        if weight > self._burst:
            return inf
        return max(now, self._last, self._tat - (self._burst - weight) * self._interval_s)

    def opens(self, now: float, weight: float) -> float:
        return inf

    def book(self, at: float, weight: float) -> None:
        tat = self._tat
        self._tat = (tat if tat > at else at) + weight * self._interval_s
        self._last = at

    def take(self, now: float, weight: float) -> bool:
        tat, interval_s = self._tat, self._interval_s
        if tat < now:
            tat = now
        elif self._last > now:
            return False
        if weight > self._burst or tat - (self._burst - weight) * interval_s > now:
            return False
        self._tat = tat + weight * interval_s
        return True

    def amend(self, now: float, weight: float, true: float, since: float) -> None:
        if true > weight:
            self._tat = max(self._tat, now) + (true - weight) * self._interval_s
        elif since >= self._capped_at:
            passed_s = max(now, self._last) - since  # and gave back as much already
            left_s = weight * self._full_interval_s - passed_s
            self._tat -= max(0, min((weight - true) * self._full_interval_s, left_s))

    def available(self, now: float) -> float:
        return max(0, min(self._burst, self._burst - (self._tat - now) / self._interval_s))

    def cap(self, now: float, remaining: float) -> None:
        least = now + (self._burst - max(0, remaining)) * self._interval_s
        if self._tat < least:
            self._tat, self._capped_at = least, now

    def share(self, now: float, parts: int) -> None:
        before, self._interval_s = self._interval_s, self._full_interval_s * max(1, parts)
        start = max(now, self._last)
        if self._tat > start:  # what is due is so many calls, not so many seconds
            self._tat = start + (self._tat - start) * (self._interval_s / before)


class TokenBucket:
    """`burst` tokens at most, filled at the rate; a call takes its weight in tokens."""

    __slots__ = ("_at", "_burst", "_capped_at", "_full_rate", "_rate", "_tokens")

    def __init__(self, rate: float, per_s: float = 1.0, burst: float = 1.0) -> None:
        self._full_rate = self._rate = rate / per_s
        self._burst = burst
        self._tokens = burst
        self._at = -inf  # when that many tokens were there
        self._capped_at = -inf

    def earliest(self, now: float, weight: float) -> float:
        start = max(now, self._at)
        # A weight above the burst waits for a full bucket and leaves it in debt: the long run
        # is still the rate's, and it can pass at all.
        missing = min(weight, self._burst) - self._filled(start)
        return start + missing / self._rate if missing > 0 else start

    def opens(self, now: float, weight: float) -> float:
        return inf

    def book(self, at: float, weight: float) -> None:
        self._tokens, self._at = self._filled(at) - weight, at

    def take(self, now: float, weight: float) -> bool:
        if self.earliest(now, weight) > now:
            return False
        self.book(now, weight)
        return True

    def amend(self, now: float, weight: float, true: float, since: float) -> None:
        if true > weight:
            self.book(max(now, self._at), true - weight)
        elif since >= self._capped_at:
            passed_s = max(now, self._at) - since  # and gave back as much already
            self._tokens += max(0, min(weight - true, weight - passed_s * self._full_rate))

    def available(self, now: float) -> float:
        return max(0, self._filled(max(now, self._at)))

    def cap(self, now: float, remaining: float) -> None:
        start = max(now, self._at)
        if self._filled(start) > max(0, remaining):
            self._tokens, self._at, self._capped_at = max(0, remaining), start, now

    def share(self, now: float, parts: int) -> None:
        self.book(max(now, self._at), 0)
        self._rate = self._full_rate / max(1, parts)

    def _filled(self, at: float) -> float:
        if self._at == -inf:
            return self._tokens
        return min(self._burst, self._tokens + (at - self._at) * self._rate)


class LeakyBucket(Gcra):
    """Drops at even distances; `burst` is how many may wait in the bucket."""

    __slots__ = ("_depth",)

    def __init__(self, rate: float, per_s: float = 1.0, burst: float = 1.0) -> None:
        super().__init__(rate, per_s, burst=1)
        self._depth = burst

    def earliest(self, now: float, weight: float) -> float:
        tat = self._tat
        if tat - self._depth * self._interval_s > now:  # as `opens` says
            return inf
        return tat if tat > now else now

    def opens(self, now: float, weight: float) -> float:
        return self._tat - self._depth * self._interval_s

    def take(self, now: float, weight: float) -> bool:
        if self.earliest(now, weight) > now:
            return False
        self.book(now, weight)
        return True

    def available(self, now: float) -> float:
        return 1.0 if self._tat <= now else 0.0


class SlidingWindow:
    """At most `rate` in any `per_s` seconds, exactly: a log of what was let through."""

    __slots__ = ("_capped_at", "_full_limit", "_limit", "_log", "_per_s", "_weight")

    def __init__(self, rate: float, per_s: float = 1.0, burst: float = 1.0) -> None:
        self._full_limit = self._limit = rate
        self._per_s = per_s
        self._log: deque[tuple[float, float]] = deque()  # when, and how heavy
        self._weight = 0.0
        self._capped_at = -inf

    def earliest(self, now: float, weight: float) -> float:
        if weight > self._limit:
            return inf
        self._forget(now)
        start = max(now, self._log[-1][0]) if self._log else now
        inside = self._weight
        for at, each in self._log:
            if at + self._per_s > start:
                if inside + weight <= self._limit:
                    break
                start = at + self._per_s
            inside -= each
        return start

    def opens(self, now: float, weight: float) -> float:
        return inf

    def book(self, at: float, weight: float) -> None:
        self._log.append((at, weight))
        self._weight += weight

    def take(self, now: float, weight: float) -> bool:
        if self.earliest(now, weight) > now:
            return False
        self.book(now, weight)
        return True

    def amend(self, now: float, weight: float, true: float, since: float) -> None:
        self._forget(now)
        if true > weight:
            at, last = self._log.pop() if self._log else (now, 0.0)
            self._log.append((at, last + true - weight))
            self._weight += true - weight
        elif since >= self._capped_at and since + self._per_s > now:  # else it left already
            self._give_back(weight - true)

    def available(self, now: float) -> float:
        self._forget(now)
        return max(0, self._limit - self._weight)

    def cap(self, now: float, remaining: float) -> None:
        more = self.available(now) - max(0, remaining)
        if more > 0:
            self.book(max(now, self._log[-1][0]) if self._log else now, more)
            self._capped_at = now

    def share(self, now: float, parts: int) -> None:
        self._limit = max(1.0, self._full_limit // max(1, parts))

    def _give_back(self, left: float) -> None:
        """From the oldest on: those leave the window first, so that it never holds too little."""
        for index, (at, weight) in enumerate(self._log):
            less = min(weight, left)
            self._log[index] = (at, weight - less)
            self._weight -= less
            left -= less

    def _forget(self, now: float) -> None:
        log = self._log
        while log and log[0][0] + self._per_s <= now:
            self._weight -= log.popleft()[1]
        if not log:
            self._weight = 0.0  # what rounding left over


ALGORITHMS: dict[str, type[Gcra | TokenBucket | LeakyBucket | SlidingWindow]] = {
    "gcra": Gcra,
    "token_bucket": TokenBucket,
    "leaky_bucket": LeakyBucket,
    "sliding_window": SlidingWindow,
}
