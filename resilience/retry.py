"""Trying again: when, how often, and when not.

The rule is spoken in tenacity's vocabulary (its `wait_*` and `stop_*` objects are taken as
they are). The decision is made here, in one function without side effects; the loop is the
policy's, because it must know deadlines, gates, a shutdown, and must not sleep where nobody
can wake it. What a service cannot change by being asked again is not asked again.

A budget bounds how many retries a service gets in all: a share of its calls, and a few more.
When everything fails, retrying everything would multiply the load by the number of tries.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from tenacity import RetryCallState, Retrying, stop_after_attempt, wait_exponential, wait_random
from tenacity.stop import stop_base
from tenacity.wait import wait_base, wait_random_exponential

from resilience.outcomes import CallFailed, Outcome, Rejected

SPREAD_S = 0.5
JITTERS = ("spread", "full", "equal", "decorrelated", "none")

# A mistake in our own program, or a want of our machine's: the service has no part in it.
_BUGS = (
    *(TypeError, NameError, AttributeError, ImportError, SyntaxError, AssertionError),
    *(NotImplementedError, RecursionError, LookupError, ArithmeticError, MemoryError),
)


@dataclass(frozen=True)
class Verdict:
    """What an error of a call says: of its service, and of trying again."""

    outcome: Outcome
    retryable: bool
    retry_after_s: float | None = None


Classify = Callable[[BaseException], Verdict]

_NOTHING = Verdict(Outcome.NEUTRAL, retryable=False)


def classify(error: BaseException) -> Verdict:
    """A CallFailed says it itself. Other errors count against the service and are worth
    another try, unless they are mistakes of our own, a gate of another policy, or no error at
    all (KeyboardInterrupt)."""
    if isinstance(error, CallFailed):
        return Verdict(error.outcome, error.retryable, error.retry_after_s)
    if not isinstance(error, Exception) or isinstance(error, (Rejected, *_BUGS)):
        return _NOTHING
    return Verdict(Outcome.FAILURE, retryable=True)


def only_call_failures(error: BaseException) -> Verdict:
    """For calls that translate every error of their service: anything else is our own."""
    return classify(error) if isinstance(error, CallFailed) else _NOTHING


@dataclass(frozen=True)
class RetryRule:
    """`max_retry_after_s`: a service that asks for a longer wait is not tried again now."""

    stop: stop_base
    wait: wait_base
    max_retry_after_s: float = 8.0


class _Equal(wait_base):
    """Half of the exponential wait, and up to as much again."""

    def __init__(self, exponential: wait_base) -> None:
        self._exponential = exponential

    def __call__(self, retry_state: RetryCallState) -> float:
        whole = float(self._exponential(retry_state))
        return whole / 2 + random.uniform(0, whole / 2)  # noqa: S311 - spreads load, no secret


class _Decorrelated(wait_base):
    """Between the first wait and three times the last one (Brooker, AWS, 2015)."""

    def __init__(self, first_s: float, longest_s: float) -> None:
        self._first_s = first_s
        self._longest_s = longest_s

    def __call__(self, retry_state: RetryCallState) -> float:
        last_s = max(self._first_s, retry_state.upcoming_sleep)
        return min(self._longest_s, random.uniform(self._first_s, 3 * last_s))  # noqa: S311


def exponential(
    attempts: int = 3, wait_s: float = 2.0, max_wait_s: float = 8.0, jitter: str = "spread"
) -> RetryRule:
    """`attempts` in all, with 2, 4, 8 ... seconds between, spread by `jitter` (of JITTERS)."""
    plain = wait_exponential(multiplier=wait_s, max=max_wait_s)
    waits: dict[str, wait_base] = {
        "none": plain,
        "spread": plain + wait_random(0, SPREAD_S),
        "full": wait_random_exponential(multiplier=wait_s, max=max_wait_s),
        "equal": _Equal(plain),
        "decorrelated": _Decorrelated(wait_s, max_wait_s),
    }
    return RetryRule(stop_after_attempt(attempts), waits[jitter], max_retry_after_s=max_wait_s)


class RetryBudget:
    """`ratio` retries per call, saved up to `burst`; it begins full. Used under a lock."""

    __slots__ = ("_ratio", "left", "most")

    def __init__(self, ratio: float, burst: float) -> None:
        self._ratio = ratio
        self.most = self.left = burst

    def earn(self) -> None:
        """A call succeeded."""
        left = self.left + self._ratio
        self.left = min(left, self.most)

    def spend(self) -> bool:
        if self.left < 1.0:
            return False
        self.left -= 1.0
        return True


def next_wait_s(
    rule: RetryRule,
    verdict: Verdict,
    *,
    attempt: int,
    begun: float,
    now: float,
    ends: float,
    last_wait_s: float = 0.0,
) -> float | None:
    """Seconds until the attempt after `attempt`; None if there is none. Times are monotonic."""
    if not verdict.retryable:
        return None
    asked = verdict.retry_after_s
    if asked is not None and asked > rule.max_retry_after_s:
        return None
    state = _tenacity_state(attempt, begun, now, last_wait_s)
    wait_s = max(float(rule.wait(state)), asked or 0.0)
    state.upcoming_sleep = wait_s
    if rule.stop(state) or now + wait_s >= ends:
        return None
    return wait_s


def _tenacity_state(attempt: int, begun: float, now: float, last_wait_s: float) -> RetryCallState:
    """What tenacity's wait and stop objects look at, filled from our clock."""
    state = RetryCallState(Retrying(), None, (), {})
    state.attempt_number = attempt
    state.start_time = begun
    state.outcome_timestamp = now
    state.upcoming_sleep = last_wait_s
    outcome: Future[Any] = Future()
    outcome.set_exception(Exception())
    state.outcome = outcome  # type: ignore[assignment]
    return state
