"""What may be asked of a process about its services' policies: look, explain, hold, release.

What a person decides about a service is stored before anybody is told (`jobs.orders`), so
these follow what is stored: an order that was overtaken by a later one, while this process
was cut off, does not come true after it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from math import inf, isfinite
from typing import Any

from jobs.commands import Handler, Refused
from operations.quotas import quotas_in_hand
from resilience.breaker import BreakerState
from resilience.clock import Clock
from resilience.events import EventKind, PolicyEvent
from resilience.explaining import Explanation
from resilience.policy import Policy
from resilience.registry import Policies
from resilience.state import Remembered
from resilience.status import PolicyStatus
from storage.commands import Command

_CHANGES = frozenset(
    {
        EventKind.CIRCUIT_OPENED,
        EventKind.CIRCUIT_HALF_OPENED,
        EventKind.CIRCUIT_CLOSED,
        EventKind.CIRCUIT_HELD,
        EventKind.CIRCUIT_DISABLED,
    }
)


class Changes:
    """Since when each circuit is as it is; a hook of the policies."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since: dict[str, datetime] = {}

    def __call__(self, event: PolicyEvent) -> None:
        if event.kind in _CHANGES:
            with self._lock:
                self._since[event.service] = event.at

    def since(self, service: str) -> datetime | None:
        """None: it never changed since this process started."""
        with self._lock:
            return self._since.get(service)


class PolicyVerbs:
    """`shared` reads what people decided and what is stored (`PolicyStore.shared`)."""

    def __init__(
        self, policies: Policies, shared: Callable[[], Remembered], clock: Clock, changes: Changes
    ) -> None:
        self._policies = policies
        self._shared = shared
        self._clock = clock
        self._changes = changes

    def table(self) -> dict[str, Handler]:
        return {
            "breakers.hold": lambda command: self._follow(command, "hold"),
            "breakers.disable": lambda command: self._follow(command, "disable"),
            "breakers.close": lambda command: self._follow(command, ""),
            "breakers.probe": self._probe,
            "breakers.open": self._open,
            "policy.explain": self._explain,
            "policy.status": self._status,
        }

    # ---- deciding -----------------------------------------------------------------------

    def _follow(self, command: Command, wanted: str) -> Mapping[str, object]:
        policy = self._policy(command.target)
        hold = next((one for one in self._shared().holds if one.service == policy.service), None)
        if hold is None:
            policy.close()
        elif hold.kind == "disable":
            policy.disable(hold.why)
        else:
            policy.hold(hold.left_s, hold.why)
        if wanted != (hold.kind if hold is not None else ""):
            raise Refused("somebody decided otherwise meanwhile, and that holds")
        return self._told(policy)

    def _probe(self, command: Command) -> Mapping[str, object]:
        policy = self._policy(command.target)
        state = policy.status().state
        if state is BreakerState.DISABLED:
            raise Refused("everything goes through already: it is switched off by hand")
        if state is BreakerState.HELD:
            policy.force_open("the hold was ended for a trial")
        policy.probe()
        return self._told(policy)

    def _open(self, command: Command) -> Mapping[str, object]:
        policy = self._policy(command.target)
        policy.force_open(str(command.args.get("why") or "opened by hand"))
        return self._told(policy)

    # ---- looking ------------------------------------------------------------------------

    def _explain(self, command: Command) -> Mapping[str, object]:
        policy = self._policy(command.target)
        return explained(policy.explain(_cost(command.args.get("cost") or {})))

    def _status(self, command: Command) -> Mapping[str, object]:
        if command.target:
            policies: tuple[Policy, ...] = (self._policy(command.target),)
        else:
            policies = self._policies.all()
        return {"services": [self._told(policy) for policy in policies]}

    def _told(self, policy: Policy) -> dict[str, Any]:
        since = self._changes.since(policy.service)
        held = quotas_in_hand([policy], self._clock.monotonic())
        return {**told(policy.status(), since), "quotas": [asdict(one) for one in held]}

    def _policy(self, service: str) -> Policy:
        known = self._policies.services()
        if service not in known:
            raise Refused(f"there is no service {service!r}; there are {', '.join(known)}")
        return self._policies.of(service)


def told(status: PolicyStatus, since: datetime | None) -> dict[str, Any]:
    """A policy's status as JSON."""
    return {
        "service": status.service,
        "state": str(status.state),
        "why": status.why,
        "since": _stamp(since),
        "retry_at": _stamp(status.retry_at),
        "failures": status.failures,
        "calls": status.calls,
        "failed": status.failed,
        "rejected": status.rejected,
        "rejected_by": {gate: count for gate, count in status.rejected_by.items() if count},
        "retries": status.retries,
        "last_error": status.last_error,
        "paused_s": round(status.paused_s, 3),
        "under_way": status.under_way,
        "waiting": status.waiting,
        "late_results": status.late_results,
    }


def explained(found: Explanation) -> dict[str, Any]:
    """An explanation as JSON, which has no infinity: `wait_s` None says that nobody knows."""
    return {
        "service": found.service,
        "passes": found.passes,
        "wait_s": _seconds(found.wait_s),
        "binding": found.binding,
        "retry_at": _stamp(found.retry_at),
        "gates": [
            {
                "gate": one.gate,
                "is_open": one.is_open,
                "why": one.why,
                "wait_s": _seconds(one.wait_s),
                "opens_at": _stamp(one.opens_at),
            }
            for one in found.verdicts
        ],
    }


def _cost(given: object) -> dict[str, float]:
    if not isinstance(given, Mapping):
        raise Refused('a cost is written as {"tokens": 15000}')
    cost = {}
    for resource, amount in given.items():
        is_number = isinstance(amount, int | float) and not isinstance(amount, bool)
        if not is_number or not isfinite(amount) or amount < 0:
            raise Refused(f"{amount!r} is no amount of {resource}")
        cost[str(resource)] = float(amount)
    return cost


def _seconds(wait_s: float) -> float | None:
    return None if wait_s == inf else round(wait_s, 3)


def _stamp(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
