"""How a call to somebody else can end.

    CallError                    the call did not give what was asked for
    ├── CallFailed               it was made and failed; `retryable` says whether again helps
    └── Rejected                 it was not made: a gate of ours said no; `retry_at` says when
        ├── CircuitOpen          the service failed too often lately, or a person holds it
        ├── RateLimited          its turn comes too late: our own pace, or the pause it asked for
        ├── QuotaExhausted       what may be asked in this day, month or minute is used up
        ├── BulkheadFull         enough calls are under way, and enough wait
        ├── Overloaded           this machine is short of memory: new work is shed
        ├── DeadlineExceeded     no time left for it
        └── ShuttingDown         this process is stopping; nothing new is begun

Each carries the service, what happened, whether and when a retry helps, and what a
person can do. The message is written once, here, from those fields, and only when
somebody reads it: a service that is down rejects thousands of calls that nobody reads.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar


class Outcome(StrEnum):
    """What a finished call says about its service."""

    SUCCESS = "success"  # it answered as it should
    FAILURE = "failure"  # it is ill: time-outs, refusals to connect, 5xx
    SLOW = "slow"  # it answered as it should, and took too long over it
    NEUTRAL = "neutral"  # the answer says something about us or the item (404, 400), not about it


class CallError(Exception):
    """A call to `service` did not give what was asked for."""

    # Without a dictionary each, a rejection takes a third less time.
    __slots__ = ("fix", "retry_at", "service", "what")

    def __init__(
        self, service: str, what: str, *, fix: str | None = None, retry_at: datetime | None = None
    ) -> None:
        super().__init__(service, what)
        self.service = service
        self.what = what
        self.fix = fix
        self.retry_at = retry_at

    def __str__(self) -> str:
        parts = [f"{self.service}: {self.what}"]
        if self.retry_at is not None:
            parts.append(f"next try {self.retry_at:%Y-%m-%d %H:%M:%S} UTC")
        if self.fix:
            parts.append(self.fix)
        return "; ".join(parts)


class CallFailed(CallError):
    """The call was made and failed.

    `retryable`: trying again may help. `accepted`: the other side may have taken the
    request and done (and billed) the work; True unless it is proven that it did not.
    `retry_after_s`: how long the other side asked us to wait, None if it did not say.
    """

    def __init__(
        self,
        service: str,
        what: str,
        *,
        retryable: bool = False,
        accepted: bool = True,
        outcome: Outcome = Outcome.FAILURE,
        retry_after_s: float | None = None,
        fix: str | None = None,
        retry_at: datetime | None = None,
    ) -> None:
        super().__init__(service, what, fix=fix, retry_at=retry_at)
        self.retryable = retryable
        self.accepted = accepted
        self.outcome = outcome
        self.retry_after_s = retry_after_s


class Rejected(CallError):
    """The call was not made: a gate of ours said no. `gate` is its name.

    `retry_at` None: waiting does not help (it asks for more than a gate ever lets through,
    or the process is ending).
    """

    gate: ClassVar[str] = "policy"

    # A dead service is rejected many times a second: the parent's constructor, with its
    # call and its keywords, would be a third of what a rejection costs.
    def __init__(
        self, service: str, what: str, retry_at: datetime | None = None, fix: str | None = None
    ) -> None:
        self.service = service
        self.what = what
        self.retry_at = retry_at
        self.fix = fix

    @property
    def reason(self) -> str:
        return self.what


class CircuitOpen(Rejected):
    """The service failed too often, or a person holds it; nothing passes until `retry_at`."""

    gate = "breaker"


class RateLimited(Rejected):
    """Its turn would come too late: our own pace, or the pause the service asked for."""

    gate = "rate"


class QuotaExhausted(Rejected):
    """What may be asked of the service in this window is used up until `retry_at`."""

    gate = "quota"


class BulkheadFull(Rejected):
    """Enough calls are under way and enough wait for them; `retry_at` is an estimate."""

    gate = "bulkhead"


class Overloaded(Rejected):
    """This machine is short of memory: new work is shed until it has some again."""

    gate = "memory"


class DeadlineExceeded(Rejected):
    """There was no time left to make the call."""

    gate = "deadline"


class ShuttingDown(Rejected):
    """This process is stopping; the call was not begun, or not begun again."""

    gate = "shutdown"


def was_not_accepted(error: BaseException) -> bool:
    """Whether it is proven that the other side did not take the question.

    A rejection is proof only if no attempt at the same service before it may have been
    taken, so the whole chain of causes is looked at.
    """
    if not isinstance(error, CallError):
        return False
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, CallFailed) and link.service == error.service and link.accepted:
            return False
        link = link.__cause__ or link.__context__
    return isinstance(error, CallFailed | Rejected)
