"""The last calls, or the calls of the last seconds: how many there were, failed, were slow.

Two kinds with one shape. `add` answers with a token by which the same call may be corrected
later (`amend`): a call is counted as failed as soon as its first attempt failed, and that is
taken back if a later attempt succeeds.

Neither keeps anything per call beyond a number, and neither has a lock: the breaker they
belong to is used under its policy's.
"""

from __future__ import annotations

from typing import Protocol

_FAILED, _SLOW, _NONE = 1, 2, 4  # bits of one call; _NONE: an empty place


class Window(Protocol):
    calls: int
    failures: int
    slow: int

    def add(self, now: float, *, failed: bool, slow: bool) -> int:
        """Count one call; its token. `now` is monotonic."""
        ...

    def add_good(self, now: float) -> None:
        """Count a call that was neither: what nearly all are."""
        ...

    def amend(self, token: int, *, failed: bool, slow: bool) -> None:
        """The call of `token` was counted as failed and is this. Forgotten calls stay so."""
        ...

    def forget(self, now: float) -> None:
        """Drop what is too old."""
        ...

    def clear(self) -> None: ...


class CountWindow:
    """The last `size` calls."""

    __slots__ = ("_at", "_places", "_size", "calls", "failures", "slow")

    def __init__(self, size: int) -> None:
        self._size = size
        self.clear()

    def clear(self) -> None:
        self._places = [_NONE] * self._size
        self._at = 0  # of all calls ever; the place is what is left over
        self.calls = self.failures = self.slow = 0

    def add(self, now: float, *, failed: bool, slow: bool) -> int:
        token = self._at
        place = token % self._size
        old = self._places[place]
        new = (_FAILED if failed else 0) | (_SLOW if slow else 0)
        if old != new:
            self._places[place] = new
            self._replace(old, new)
        self._at = token + 1
        return token

    def add_good(self, now: float) -> None:
        token = self._at
        place = token % self._size
        if self._places[place]:
            self._replace(self._places[place], 0)
            self._places[place] = 0
        self._at = token + 1

    def amend(self, token: int, *, failed: bool, slow: bool) -> None:
        if not 0 <= self._at - token - 1 < self._size:
            return
        place = token % self._size
        new = (_FAILED if failed else 0) | (_SLOW if slow else 0)
        self._replace(self._places[place], new)
        self._places[place] = new

    def forget(self, now: float) -> None:
        """Calls do not age here; only newer ones push them out."""

    def _replace(self, old: int, new: int) -> None:
        if old & _NONE:
            self.calls += 1
            old = 0
        self.failures += (new & _FAILED) - (old & _FAILED)
        self.slow += ((new & _SLOW) - (old & _SLOW)) // _SLOW


class TimeWindow:
    """The calls of the last `seconds`, in slices of a tenth: a slice is forgotten whole, so
    what is counted reaches back between `seconds` less a tenth and `seconds`."""

    __slots__ = ("_newest", "_slice_s", "_slices", "calls", "failures", "slow")

    SLICES = 10

    def __init__(self, seconds: float) -> None:
        self._slice_s = seconds / self.SLICES
        self.clear()

    def clear(self) -> None:
        self._slices = [[0, 0, 0] for _ in range(self.SLICES)]
        self._newest = -1
        self.calls = self.failures = self.slow = 0

    def add(self, now: float, *, failed: bool, slow: bool) -> int:
        token = self._to(now)
        self._count(self._slices[token % self.SLICES], 1, int(failed), int(slow))
        return token

    def add_good(self, now: float) -> None:
        self.add(now, failed=False, slow=False)

    def amend(self, token: int, *, failed: bool, slow: bool) -> None:
        if token > self._newest - self.SLICES:
            self._count(self._slices[token % self.SLICES], 0, int(failed) - 1, int(slow))

    def forget(self, now: float) -> None:
        self._to(now)

    def _to(self, now: float) -> int:
        number = int(now // self._slice_s)
        if number > self._newest:
            if number - self._newest >= self.SLICES:
                self.clear()
            else:
                for passed in range(self._newest + 1, number + 1):
                    slice_ = self._slices[passed % self.SLICES]
                    self._count(slice_, -slice_[0], -slice_[1], -slice_[2])
            self._newest = number
        return self._newest

    def _count(self, slice_: list[int], calls: int, failures: int, slow: int) -> None:
        slice_[0] += calls
        slice_[1] += failures
        slice_[2] += slow
        self.calls += calls
        self.failures += failures
        self.slow += slow
