"""A person's decision about a service: stored first, then told to everybody who runs.

Stored, it binds processes that start later; those that run follow it at once. What an
instance that does not run left behind of its breaker is changed where it lies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from jobs.asking import Asked, Asking
from jobs.commands import Refused
from resilience.spec import PolicySpec
from resilience.state import Remembered, StoredBreaker, StoredPause
from storage.leases import Instance
from storage.policy_desk import BreakerView, HoldKind

ANSWER_S = 3.0


class Order(StrEnum):
    HOLD = "hold"  # nothing goes through
    DISABLE = "disable"  # everything goes through
    CLOSE = "close"  # as if nothing had happened
    PROBE = "probe"  # the next call may try
    OPEN = "open"  # nothing goes through for the usual wait


class Decided(Protocol):
    """storage.policy_desk.PolicyDesk, as far as people decide."""

    def breakers(self) -> Sequence[BreakerView]: ...

    def set_hold(
        self, service: str, kind: HoldKind, seconds: float | None, why: str, by: str
    ) -> None: ...

    def clear_hold(self, service: str) -> bool: ...

    def clear_pause(self, service: str) -> bool: ...


class StoredStates(Protocol):
    """storage.policy_state.PolicyStates of one instance."""

    def recall(self) -> Remembered: ...

    def save(self, breakers: Sequence[StoredBreaker], pauses: Sequence[StoredPause]) -> None: ...


@dataclass(frozen=True)
class Given:
    """What became of an order. `changed`: instances that do not run, whose breaker was changed
    where it is stored."""

    asked: Asked
    changed: tuple[str, ...] = ()


class Orders:
    """`states_of` an instance; `instance` is the name a daemon started here would have."""

    def __init__(
        self,
        asking: Asking,
        decided: Decided,
        states_of: Callable[[str], StoredStates],
        instance: str,
    ) -> None:
        self._asking = asking
        self._decided = decided
        self._states_of = states_of
        self._instance = instance

    def give(
        self,
        order: Order,
        service: str,
        spec: PolicySpec,
        *,
        by: str,
        seconds: float | None = None,
        why: str = "",
    ) -> Given:
        """Raises Refused, CallError."""
        if not spec.persists and order in (Order.HOLD, Order.DISABLE, Order.OPEN):
            raise Refused(
                f"{service} is the way by which orders come: shut, it could not be opened again"
            )
        self._store(order, service, seconds, why, by)
        running = self._asking.running()
        changed = self._change_stored(order, service, spec, running)
        asked = self._asking.ask(
            f"breakers.{order}",
            service,
            {"seconds": seconds, "why": why},
            by=by,
            within_s=ANSWER_S,
            running=running,
        )
        return Given(asked, changed)

    def _store(self, order: Order, service: str, seconds: float | None, why: str, by: str) -> None:
        if order is Order.HOLD or order is Order.DISABLE:
            self._decided.set_hold(
                service, "hold" if order is Order.HOLD else "disable", seconds, why, by
            )
            return
        self._decided.clear_hold(service)
        if order is not Order.OPEN:
            self._decided.clear_pause(service)

    def _change_stored(
        self, order: Order, service: str, spec: PolicySpec, running: Sequence[Instance]
    ) -> tuple[str, ...]:
        """The breakers of those that do not run; what they do at their start follows them."""
        live = {one.name for one in running}
        asleep = {
            one.instance: one
            for one in self._decided.breakers()
            if one.service == service and one.instance not in live
        }
        wanted: dict[str, StoredBreaker] = {}
        for instance, stored in asleep.items():
            if order is Order.CLOSE and (stored.state != "closed" or stored.failures):
                wanted[instance] = StoredBreaker(service, "closed")
            elif order is Order.PROBE and stored.state == "open":
                wanted[instance] = StoredBreaker(
                    service,
                    "half_open",
                    stored.failures,
                    stored.failed_rounds,
                    last_error=stored.last_error,
                )
        if order is Order.OPEN and not running and spec.persists:
            wanted[self._instance] = StoredBreaker(
                service, "open", open_left_s=spec.open_s, last_error="opened by hand"
            )
        for instance, breaker in wanted.items():
            states = self._states_of(instance)
            states.recall()  # who knows of an open state may end it
            states.save([breaker], [])
        return tuple(sorted(wanted))
