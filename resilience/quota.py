"""What may be asked of a service in a day, a month, a minute, counted over all processes.

The count is the store's; what a call spends comes out of a *block* leased from it, so a call
costs no round trip, and a process that is killed loses at most the block in its hand: the
account is never over-spent, whoever dies. Without the store only the block in hand is spent.

A block is refilled before it is empty (`resilience.keeper`), to a full one and no more.
What a provider says of its own count (`cap`) only ever tightens.

No clock, no lock, no store in here: the caller has them. Times are monotonic seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from resilience.state import Lease, QuotaKey

LONGEST_S = {"minute": 60.0, "hour": 3600.0, "day": 25 * 3600.0, "month": (31 * 24 + 1) * 3600.0}
PERIODS = tuple(LONGEST_S)
ASK_AGAIN_S = 60.0  # a window that had nothing left is asked again so often


@dataclass(frozen=True)
class QuotaRule:
    """`block`: how much is leased at a time; 0: a twentieth of the limit, at least 1."""

    resource: str
    limit: float
    per: str = "day"
    zone: str = "UTC"
    block: float = 0.0

    def key(self, service: str) -> QuotaKey:
        return QuotaKey(service, self.resource, self.per, self.zone, self.limit)

    def block_size(self) -> float:
        return min(self.limit, self.block or max(1.0, self.limit / 20))


class Quota:
    """One quota of one service, as far as this process may spend it."""

    __slots__ = (
        *("_ask_again_at", "_capped_until", "_ends_at", "_final_until", "_is_dry"),
        *("block", "key", "left", "spent", "taken", "window"),
    )

    def __init__(self, key: QuotaKey, block: float) -> None:
        self.key = key
        self.block = block
        self.left = 0.0  # of what is leased; below 0: calls cost more than they were estimated at
        self.spent = 0.0  # by this process in this window
        self.taken = 0.0  # leased of the window by all processes, when we last heard
        self.window = ""
        self._ends_at = -inf  # of the window the lease is of
        self._final_until = -inf  # what was spent before is of no use any more if it comes back
        self._is_dry = False  # nothing more was to be had of it
        self._ask_again_at = -inf  # others may have given something back meanwhile
        self._capped_until = -inf  # the provider itself says that nothing is left

    def take(self, now: float, amount: float) -> bool:
        """Spend it if it is in hand."""
        if amount > self.left or now >= self._ends_at or now < self._capped_until:
            return False
        self.left -= amount
        self.spent += amount
        return True

    def put_back(self, amount: float, since: float) -> None:
        """What was taken at `since` was not spent after all, or (below 0) more was than `take`
        was told. It is of that window, and of no other; what the provider has said since is
        the last word."""
        if amount < 0 or since >= self._final_until:
            self.left += amount
            self.spent -= amount

    def missing(self, now: float, amount: float) -> float:
        """How much to lease so that `amount` can be spent."""
        left = self.left if now < self._ends_at else min(0.0, self.left)
        return max(self.block, amount) - left

    def is_low(self, now: float) -> bool:
        """Whether a refill is due: half a block is left, and more may be had."""
        if now < self._capped_until or (now < self._ends_at and now < self._ask_again_at):
            return False
        return now >= self._ends_at or self.left <= self.block / 2

    def leased(self, now: float, lease: Lease, asked: float) -> None:
        """What the store gave. Less than asked: the rest of the window holds no more."""
        if lease.window != self.window:
            self.left, self.spent = min(0.0, self.left), 0.0
            self.window = lease.window
            self._final_until = now
        self._ends_at = now + lease.left_s
        self.taken = lease.taken
        self.left += lease.granted
        self._is_dry = lease.granted < asked
        self._ask_again_at = now + ASK_AGAIN_S if self._is_dry else -inf

    def used_up_until(self, now: float, amount: float) -> float | None:
        """When `amount` can be had again, if it cannot be now and no lease would help."""
        if now < self._capped_until:
            return self._capped_until
        is_gone = self._is_dry or self.taken >= self.key.limit
        if is_gone and now < self._ends_at and self.left < amount:
            return self._ends_at
        return None

    def cap(self, now: float, remaining: float, reset_s: float | None) -> bool:
        """The provider says what is left of its own window; whether that is less than we
        thought. With nothing left, nothing is spent until its reset."""
        is_less = remaining < self.left + max(0.0, self.key.limit - self.taken)
        if remaining < self.left:
            self.left, self._final_until = min(self.left, max(0.0, remaining)), now
        if remaining <= 0 and reset_s is not None:
            until = now + min(reset_s, LONGEST_S[self.key.per])
            self._capped_until = max(self._capped_until, until)
        return is_less

    def is_of(self, window: str, now: float) -> bool:
        """Whether it still spends of that window."""
        return window == self.window and now < self._ends_at

    def in_hand(self, now: float) -> float:
        return max(0.0, self.left) if now < self._ends_at else 0.0

    def hand_over(self, now: float) -> float:
        """Give up what is in hand, to be given back to the store."""
        held = self.in_hand(now)
        self.left = min(0.0, self.left)
        return held
