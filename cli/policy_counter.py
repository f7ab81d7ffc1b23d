"""Where the commands ask about policies and decide about them: of whoever runs, else of what is
stored, and saying which.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from math import inf
from typing import Any, Protocol

from cli import stored_policies
from cli.exit_codes import ExitCode
from cli.failures import Failure
from cli.policy_views import (
    BreakersView,
    BreakerView,
    ExplainView,
    GateView,
    OrderView,
    ProcessAnswer,
    QuotasView,
    QuotaView,
)
from jobs.asking import Asked, Asking
from jobs.commands import Refused
from jobs.orders import Order, Orders
from jobs.policy_commands import explained
from resilience.clock import Clock
from resilience.registry import Policies
from resilience.state import Lease, Remembered
from storage.call_budget import ALL, Caps
from storage.leases import Instance
from storage.paid_calls import Spend
from storage.policy_desk import BreakerView as StoredBreakerView
from storage.policy_desk import PolicyDesk
from storage.spending import cap_uses

ANSWER_S = 2.0
NOBODY = "no daemon runs; this is what was stored last"


class Stored(Protocol):
    """storage.policy_state.PolicyStates of the instance a daemon started here would be."""

    def recall(self) -> Remembered: ...


@dataclass(frozen=True)
class PolicyHouse:
    """`by` is who sits at the terminal. `policies` are this process's own: they know what is
    configured, and nothing of what happened. `off`: sources and analysts that are not used, each
    with how to switch it on."""

    policies: Policies
    store: PolicyDesk
    states: Stored
    asking: Asking
    orders: Orders
    spend: Callable[[datetime], Sequence[Spend]]
    budgets: Mapping[str, Caps]
    clock: Clock
    by: str
    off: Mapping[str, str] = field(default_factory=dict)


class PolicyCounter:
    def __init__(self, house: PolicyHouse) -> None:
        self._house = house

    def services(self) -> list[str]:
        return list(self._house.policies.services())

    # ---- breakers -----------------------------------------------------------------------

    def breakers(self) -> BreakersView:
        house = self._house
        now = house.clock.now()
        asked = self._ask("policy.status")
        holds = {one.service: stored_policies.hold(one) for one in house.store.holds()}
        pauses = {one.service: one for one in house.store.pauses()}
        told = [
            stored_policies.breaker(
                one,
                stored_policies.answerer(answer),
                now,
                holds.get(one["service"]),
                pauses.get(one["service"]),
            )
            for answer in asked.done
            for one in answer.body["services"]
        ]
        if told:
            who = tuple(stored_policies.answerer(answer) for answer in asked.done)
            return BreakersView("running", tuple(sorted(told, key=_by_service)), who, _note(asked))
        found = [
            stored_policies.stored_breaker(service, one, holds.get(service), pauses.get(service))
            for service in self.services()
            for one in self._stored(service)
        ]
        return BreakersView("storage", tuple(sorted(found, key=_by_service)), (), _note(asked))

    def _stored(self, service: str) -> Sequence[StoredBreakerView | None]:
        """What each instance left of it; None for what nobody ever told of."""
        found = [one for one in self._house.store.breakers() if one.service == service]
        return found or [None]

    def order(
        self, order: str, service: str, seconds: float | None = None, why: str = ""
    ) -> OrderView:
        """Raises Failure for what is refused."""
        house = self._house
        try:
            given = house.orders.give(
                Order(order),
                service,
                house.policies.of(service).spec,
                by=house.by,
                seconds=seconds,
                why=why,
            )
        except Refused as refused:
            raise Failure(ExitCode.REFUSED, "refused", str(refused)) from refused
        return OrderView(
            order=order,
            service=service,
            until=house.clock.now() + timedelta(seconds=seconds) if seconds else None,
            why=why,
            by=house.by,
            answers=tuple(
                ProcessAnswer(
                    stored_policies.answerer(one),
                    one.outcome,
                    str(one.body.get("state", "")),
                    one.why,
                )
                for one in given.asked.answers
            ),
            silent=tuple(stored_policies.process(one) for one in given.asked.silent),
            changed=given.changed,
        )

    # ---- quotas -------------------------------------------------------------------------

    def quotas(self) -> QuotasView:
        house = self._house
        now = house.clock.now()
        asked = self._ask("policy.status", of=house.asking.running())
        stored = {(one.service, one.resource, one.per): one for one in house.store.quotas()}
        keys = [quota.key for name in self.services() for quota in house.policies.of(name).quotas]
        found = [
            stored_policies.quota(
                key,
                stored.get((key.service, key.resource, key.per)),
                stored_policies.in_hand(asked.done, key),
                now,
            )
            for key in keys
        ]
        source = "running" if asked.done else "storage"
        every = sorted([*found, *self._caps(now)], key=lambda one: (one.service, one.resource))
        off = {one.service: why for one in every if (why := self._off(one.service))}
        return QuotasView(source, tuple(every), _note(asked), off)

    def _off(self, service: str) -> str:
        """Why nobody asks it. A source's services begin with its name: youtube_transcripts."""
        for name, why in self._house.off.items():
            if service == name or service.startswith((f"{name}_", f"{name}.")):
                return why
        return ""

    def _caps(self, now: datetime) -> list[QuotaView]:
        house = self._house
        return stored_policies.money(cap_uses(house.spend, house.budgets, now))

    # ---- explaining ---------------------------------------------------------------------

    def explain(self, service: str, cost: Mapping[str, float]) -> ExplainView:
        now = self._house.clock.now()
        asked = self._ask("policy.explain", service, {"cost": dict(cost)})
        answer = next(iter(asked.done), None)
        told: Mapping[str, Any] = (
            answer.body if answer is not None else self._as_stored(service, cost)
        )
        whose = {service, ALL} if service in self._house.budgets else {service}
        caps = [one for one in self._caps(now) if one.service in whose]
        money = stored_policies.cap_gates(caps, Decimal(repr(cost.get("usd", 0.0))), now)
        gates = [*money, *stored_policies.gates(told)]
        shut = [gate for gate in gates if not gate.is_open]
        binding = max(shut, key=_wait_s, default=None)
        gates = [replace(gate, is_binding=gate is binding) for gate in gates]
        return ExplainView(
            service=service,
            source="running" if answer is not None else "storage",
            passes=bool(told["passes"]) and all(gate.is_open for gate in money),
            process=stored_policies.answerer(answer) if answer is not None else "",
            cost=dict(cost),
            wait_s=binding.wait_s if binding is not None else 0.0,
            retry_at=binding.opens_at if binding is not None else None,
            gates=tuple(gates),
            note=_note(asked),
        )

    def _as_stored(self, service: str, cost: Mapping[str, float]) -> dict[str, Any]:
        """What a daemon that starts now would say: this process's policy, told what is stored."""
        house = self._house
        remembered, policy = house.states.recall(), house.policies.of(service)
        for breaker in remembered.breakers:
            if breaker.service == service:
                policy.restore(breaker)
        policy.take_over(
            next((one for one in remembered.pauses if one.service == service), None),
            next((one for one in remembered.holds if one.service == service), None),
        )
        now, wall = house.clock.monotonic(), house.clock.now()
        stored = {(one.service, one.resource, one.per): one for one in house.store.quotas()}
        for quota in policy.quotas:  # as if everything that is left were in hand
            key = quota.key
            view = stored_policies.quota(
                key, stored.get((key.service, key.resource, key.per)), {}, wall
            )
            left_s = (view.resets_at - wall).total_seconds()
            lease = Lease(float(view.left), view.resets_at.isoformat(), left_s, float(view.used))
            quota.leased(now, lease, inf)
        return explained(policy.explain(cost or None))

    # ---- within -------------------------------------------------------------------------

    def _ask(
        self,
        verb: str,
        target: str = "",
        args: Mapping[str, object] | None = None,
        of: Sequence[Instance] | None = None,
    ) -> Asked:
        """Of the daemons, unless others are named; without one, of the scans that run."""
        asking = self._house.asking
        running = of or asking.running(("daemon",)) or asking.running()
        by = self._house.by
        return asking.ask(verb, target, args, by=by, within_s=ANSWER_S, running=running)


def _note(asked: Asked) -> str:
    if asked.nobody_runs:
        return NOBODY
    silent = [stored_policies.process(one) for one in asked.silent]
    refused = [f"{stored_policies.answerer(one)}: {one.why}" for one in asked.answers if one.why]
    said = [f"{who} did not answer within {ANSWER_S:g} s" for who in silent] + refused
    if said and not asked.done:
        said.append("this is what was stored last")
    return "; ".join(said)


def _wait_s(gate: GateView) -> float:
    return inf if gate.wait_s is None else gate.wait_s


def _by_service(one: BreakerView) -> tuple[str, str]:
    return one.service, one.process
