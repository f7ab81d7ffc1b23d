"""Is it the item or the service? Why work on one item failed, and what may be done about it.

    outage   the service is ill, or a gate of ours is shut: the item is as good as any other.
             It is replayed when its service's policy would let a call through, and may be the
             recovering breaker's trial call itself.
    poison   the item fails again and again while its service serves others well. Asking
             again brings the same answer, so it waits for a person.
    neither  nothing to keep: the other side refused the item as it is (that is its answer), or
             we are stopping.

An error alone cannot tell the first two apart: a request that breaks its server looks like an
outage. So failures *while the service is healthy* are counted, each is given more time than the
one before, and the last is poison whatever it looked like. A service can also be ill in part: it
answers one kind of question well while another fails. That looks healthy, and is why the patience
with an item lasts longer than such an illness commonly does. A call that a gate of ours did not
let out has not failed; it counts as none of them.
"""

from __future__ import annotations

from enum import StrEnum

from resilience.breaker import BreakerState
from resilience.explaining import Explanation
from resilience.outcomes import (
    CallFailed,
    CircuitOpen,
    Outcome,
    QuotaExhausted,
    RateLimited,
    Rejected,
    ShuttingDown,
)
from resilience.retry import Classify, only_call_failures

# Before the next try of an item that failed so often while its service was healthy: the first
# time others may only not have failed yet. After as many pauses it is the item.
PAUSES_S = (0.0, 5.0, 30.0, 120.0, 600.0)
HEALTHY_FAILURES = len(PAUSES_S) + 1
MOST_AT_ONCE = 10  # replays of one service that begin together while its circuit is closed


class Cause(StrEnum):
    OUTAGE = "outage"
    POISON = "poison"
    NEITHER = "neither"


def cause_of(
    error: BaseException,
    *,
    service_is_healthy: bool,
    failed_while_healthy: int = 0,
    classify: Classify = only_call_failures,
) -> Cause:
    """Why work on an item failed with `error`.

    `service_is_healthy`: what its policy says now, this failure included.
    `failed_while_healthy`: how often this item failed before while its service was healthy.
    `classify`: what errors mean; by default only a CallFailed can blame a service.
    """
    if isinstance(error, ShuttingDown) or not isinstance(error, Exception):
        return Cause.NEITHER
    if isinstance(error, Rejected):
        return _of_gate(error)
    if classify(error).outcome is Outcome.NEUTRAL:
        return Cause.NEITHER if isinstance(error, CallFailed) else Cause.POISON
    counts = counts_against_item(error, service_is_healthy=service_is_healthy)
    return Cause.POISON if counts and failed_while_healthy + 1 >= HEALTHY_FAILURES else Cause.OUTAGE


def counts_against_item(error: BaseException, *, service_is_healthy: bool) -> bool:
    """Whether this failure is one of those while the service is healthy."""
    return service_is_healthy and not isinstance(error, Rejected)


def pause_after(failed_while_healthy: int) -> float:
    """Seconds before an item that failed so often while its service was healthy is tried again."""
    return PAUSES_S[min(failed_while_healthy, len(PAUSES_S)) - 1] if failed_while_healthy else 0.0


def _of_gate(gate: Rejected) -> Cause:
    """A gate opens again, unless it says that it never will for this item."""
    if gate.retry_at is not None or isinstance(gate, CircuitOpen):
        return Cause.OUTAGE  # also one that a person holds without an end
    if isinstance(gate, RateLimited | QuotaExhausted):
        return Cause.POISON  # it asks for more than there ever is
    return Cause.NEITHER  # switched off: a person switches it on, and nobody need ask till then


def replays_now(explained: Explanation, state: BreakerState) -> int:
    """How many items that an outage keeps may be tried now: one as a trial call, several
    while calls go through freely, none while a gate is shut."""
    if not explained.passes:
        return 0
    is_free = state in (BreakerState.CLOSED, BreakerState.DISABLED)
    return MOST_AT_ONCE if is_free else 1
