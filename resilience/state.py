"""What a policy remembers across a restart, and the port behind which it is kept.

Times cross this border as seconds that are left, never as moments: the store measures them
with its own clock, we with our monotonic one, and a wall clock that jumps moves neither.
A store may be away; whoever calls it then keeps what it had to say and says it later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class StoredBreaker:
    """A breaker as it stood. `open_left_s`: what is left of its wait, None unless open."""

    service: str
    state: str  # closed, open or half_open
    failures: int = 0  # in a row
    failed_rounds: int = 0  # waits in a row that ended with a failed probe
    open_left_s: float | None = None
    last_error: str = ""
    calls: int = 0  # since its process started; for a person who looks
    failed: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class StoredPause:
    """The service asked to be left alone. Shared by all processes; only ever extended."""

    service: str
    left_s: float
    why: str = ""


@dataclass(frozen=True)
class StoredHold:
    """What a person decided: `kind` hold (nothing goes through) or disable (everything does).
    `left_s` None: until a person takes it back."""

    service: str
    kind: str
    left_s: float | None = None
    why: str = ""


@dataclass(frozen=True)
class Remembered:
    """`starts`: of processes of this instance in the last five minutes, this one included.
    `members`: live processes that share the accounts, this one included."""

    breakers: tuple[StoredBreaker, ...] = ()
    pauses: tuple[StoredPause, ...] = ()
    holds: tuple[StoredHold, ...] = ()
    starts: int = 1
    members: int = 1


@dataclass(frozen=True)
class QuotaKey:
    """One account's allowance of one resource: `limit` in a `per` (minute, hour, day, month)
    that begins in `zone` (an IANA name), counted over all processes."""

    service: str
    resource: str
    per: str
    zone: str
    limit: float


@dataclass(frozen=True)
class Lease:
    """Part of a quota, ours alone to spend. `granted` may be less than was asked for, or 0.

    `window` names the window it is of, `left_s` is how long that window still lasts, and
    `taken` is what all processes have leased of it so far (given back not counted).
    """

    granted: float
    window: str
    left_s: float
    taken: float


@dataclass(frozen=True)
class RecordedCall:
    """One call that was made or rejected, for the back-test. `outcome` is success, failure,
    slow, neutral or rejected; `cost` what it took of each resource."""

    service: str
    at: datetime
    outcome: str
    duration_s: float
    attempts: int
    retry_after_s: float | None = None
    cost: dict[str, float] = field(default_factory=dict)


class PolicyStore(Protocol):
    """Implemented by storage/policy_state.py. Every method may raise CallError when the
    store is away; none may be called with a policy's lock held."""

    def recall(self) -> Remembered:
        """Everything that was remembered, with this start counted among the starts."""
        ...

    def save(self, breakers: Sequence[StoredBreaker], pauses: Sequence[StoredPause]) -> None:
        """In one transaction. A pause never shortens the one that is stored."""
        ...

    def shared(self) -> Remembered:
        """What others may have changed: pauses, holds, members (breakers are our own)."""
        ...

    def lease(self, quota: QuotaKey, amount: float) -> Lease:
        """Take up to `amount` of what the current window has left, for good."""
        ...

    def give_back(self, quota: QuotaKey, window: str, amount: float) -> None:
        """What was leased and not spent, unless its window is over."""
        ...

    def tighten(self, quota: QuotaKey, remaining: float) -> None:
        """The provider says only `remaining` is left of the window: never more is leased."""
        ...

    def record(self, calls: Sequence[RecordedCall]) -> None:
        """Keep calls for the back-test."""
        ...
