"""What each gate of a policy would say to a call, without making it and spending nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from resilience.breaker import Breaker, BreakerState, Look
from resilience.gates import Gates, Plan, used_up
from resilience.pressure import Pressure


@dataclass(frozen=True)
class GateVerdict:
    """`opens_at` None: it is open, or nobody knows when it will be (`is_open` tells which)."""

    gate: str
    is_open: bool
    why: str
    wait_s: float = 0.0
    opens_at: datetime | None = None


@dataclass(frozen=True)
class Explanation:
    """Each gate's word on one call. `binding`: the gate that is in the way longest, "" if
    none is; `retry_at`: when all of them will be open, None if they are or nobody knows.
    `passes`: the call would be made, after `wait_s` in the queue."""

    service: str
    passes: bool
    wait_s: float
    binding: str
    retry_at: datetime | None
    verdicts: tuple[GateVerdict, ...]


def explain(
    service: str,
    now: float,
    breaker: Breaker,
    gates: Gates,
    plan: Plan,
    pressure: Pressure,
    wall: datetime,
    max_queue_s: float,
) -> Explanation:
    """The lock of the policy is held; nothing is changed."""
    found = [_breaker(breaker, now), _memory(pressure, now)]
    found += [_quota(plan, index, now) for index in range(len(plan.quotas))]
    found.append(_pause(gates, now))
    found += [_rate(plan, index, now) for index in range(len(plan.rates))]
    found.append(_bulkhead(gates, now))
    verdicts = tuple(_verdict(gate, until, why, now, wall) for gate, until, why in found)
    longest = max(verdicts, key=lambda one: one.wait_s)
    waits, deadline_s = {"rate", "pause", "bulkhead"}, gates.spec.deadline_s
    passes = all(
        one.is_open or (one.gate in waits and one.wait_s <= max_queue_s and one.wait_s < deadline_s)
        for one in verdicts
    ) and all(limiter.earliest(now, weight) < inf for limiter, weight in plan.rates)
    return Explanation(
        service,
        passes,
        0.0 if longest.wait_s == inf else longest.wait_s,
        "" if longest.is_open else longest.gate,
        longest.opens_at,
        verdicts,
    )


_Found = tuple[str, float, str]  # gate, when it opens (monotonic; now or before: it is open), why


def _verdict(gate: str, until: float, why: str, now: float, wall: datetime) -> GateVerdict:
    if until <= now:
        return GateVerdict(gate, True, why)
    opens_at = None if until == inf else wall + timedelta(seconds=until - now)
    return GateVerdict(gate, False, why, until - now, opens_at)


def _breaker(breaker: Breaker, now: float) -> _Found:
    if breaker.closed is not None:
        in_a_row = f", {breaker.failures} failures in a row" if breaker.failures else ""
        return "breaker", now, f"{breaker.state}{in_a_row}"
    if breaker.peek(now) is Look.PROBE:
        return "breaker", now, f"{breaker.state}; the next call is a trial"
    what, until = breaker.refusal(now)
    if breaker.state is BreakerState.HELD and until == inf:
        what += ", until a person closes it"
    return "breaker", until, what


def _memory(pressure: Pressure, now: float) -> _Found:
    if pressure.is_high:
        return "memory", now + pressure.again_s, pressure.why
    return "memory", now, "enough"


def _quota(plan: Plan, index: int, now: float) -> _Found:
    quota, amount = plan.quotas[index]
    key = quota.key
    name = f"quota of {key.resource} per {key.per}"
    if amount > key.limit:
        return name, inf, f"{amount:g} are more than the {key.limit:g} there are"
    until = quota.used_up_until(now, amount)
    if until is not None:
        return name, until, used_up(key)
    known = f", {quota.taken:g} of {key.limit:g} leased" if quota.window else ""
    return name, now, f"{quota.in_hand(now):g} in hand{known}"


def _pause(gates: Gates, now: float) -> _Found:
    if gates.paused_until > now:
        return "pause", gates.paused_until, gates.paused_why
    return "pause", now, "none asked for"


def _rate(plan: Plan, index: int, now: float) -> _Found:
    limiter, weight = plan.rates[index]
    at = limiter.earliest(now, weight)
    if at == inf and (opens := limiter.opens(now, weight)) < inf:
        return "rate", opens, "as many as may wait for their turn do"
    if at == inf:
        return "rate", inf, f"{weight:g} are more than it ever lets through at once"
    if at > now:
        return "rate", at, f"its turn comes in {at - now:.1f} s"
    return "rate", now, f"{limiter.available(now):g} may start at once"


def _bulkhead(gates: Gates, now: float) -> _Found:
    bulkhead = gates.bulkhead
    most = f" of {bulkhead.at_once}" if bulkhead.at_once else ""
    what = f"{bulkhead.in_use}{most} under way, {bulkhead.waiting} wait"
    is_full = bool(bulkhead.at_once) and bulkhead.in_use >= bulkhead.at_once
    if is_full and bulkhead.waiting >= bulkhead.queue:
        return "bulkhead", inf, what
    return "bulkhead", now, what
