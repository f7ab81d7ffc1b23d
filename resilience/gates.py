"""The gates an attempt passes between the breaker and the call, all or none of them.

In order: memory, quota, rate (with the pause the service asked for), bulkhead. This decides
and books; it neither waits nor calls. Whoever uses it holds the policy's one lock, waits
outside of it, and comes back with the same `Ticket` until it may go.

Quota is looked at first and spent last, so that whoever waits holds none of it. A rate's
turn is a moment: who then has to wait for a slot of the bulkhead has lost it and takes a new
one, with the slot in hand. Otherwise everybody who queued would start at once, and faster
than the service allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from resilience.bulkhead import Bulkhead, Waiter
from resilience.limiters import ALGORITHMS, Limiter
from resilience.quota import Quota
from resilience.spec import REQUESTS, PolicySpec
from resilience.state import QuotaKey


class Plan:
    """What one kind of call takes of each gate that cares."""

    __slots__ = ("cost", "quotas", "rates")

    def __init__(
        self,
        cost: Mapping[str, float],
        rates: tuple[tuple[Limiter, float], ...],
        quotas: tuple[tuple[Quota, float], ...],
    ) -> None:
        self.cost = cost
        self.rates = rates
        self.quotas = quotas


class Ticket:
    """How far one attempt has come through the gates."""

    __slots__ = ("at", "has_quota", "has_slot", "has_turn", "queued", "quota_at")

    def __init__(self) -> None:
        self.has_quota = False
        self.has_turn = False
        self.has_slot = False
        self.quota_at = 0.0  # when it was spent
        self.at = 0.0  # the turn
        self.queued: Waiter | None = None


@dataclass(frozen=True)
class Wait:
    """Until a turn at `until`, or (with a waiter) until a slot is handed over."""

    until: float
    waiter: Waiter | None = None


@dataclass(frozen=True)
class NeedsLease:
    quota: Quota
    amount: float


@dataclass(frozen=True)
class Shut:
    """A gate says no. `until` inf: for ever, as far as it knows. `amount` of a quota or rate."""

    gate: str
    what: str
    until: float


Answer = Wait | NeedsLease | Shut | None


def used_up(key: QuotaKey) -> str:
    return f"the {key.limit:g} {key.resource} of this {key.per} are used up"


class Gates:
    def __init__(self, service: str, spec: PolicySpec, quotas: tuple[Quota, ...]) -> None:
        self.spec = spec
        self.quotas = quotas
        self.rates: tuple[tuple[str, Limiter, bool], ...] = tuple(
            (
                rule.resource,
                ALGORITHMS[rule.algorithm](rule.rate, rule.per_s, rule.burst),
                rule.shared,
            )
            for rule in spec.rates
        )
        self.bulkhead = Bulkhead(spec.at_once, spec.queue)
        self.paused_until = -inf
        self.paused_why = ""
        self.usual = self.plan({})

    def plan(self, cost: Mapping[str, float]) -> Plan:
        """For a call that takes `cost`; what it does not name is taken from the estimates,
        and a call is one request."""
        whole = {REQUESTS: 1.0, **self.spec.estimates, **cost}
        rates = tuple(
            (limiter, whole[resource])
            for resource, limiter, _ in self.rates
            if whole.get(resource, 0.0) > 0
        )
        quotas = tuple(
            (quota, whole[quota.key.resource])
            for quota in self.quotas
            if whole.get(quota.key.resource, 0.0) > 0
        )
        return Plan(whole, rates, quotas)

    # ---- passing ------------------------------------------------------------------------

    def pass_at_once(self, plan: Plan, now: float) -> bool:
        """Pass all gates now, or none: how nearly every call goes."""
        if now < self.paused_until or not self.bulkhead.enter():
            return False
        quotas, rates = plan.quotas, plan.rates
        if not quotas or self._spend(quotas, now):
            if len(rates) == 1:
                if rates[0][0].take(now, rates[0][1]):
                    return True
            elif all(limiter.earliest(now, weight) <= now for limiter, weight in rates):
                for limiter, weight in rates:
                    limiter.book(now, weight)
                return True
            for quota, amount in quotas:
                quota.put_back(amount, now)
        self.bulkhead.leave()
        return False

    def step(self, ticket: Ticket, plan: Plan, now: float, latest: float) -> Answer:
        """The next thing to do for `ticket`; None: it has passed all of them. `latest` is
        when its last turn may come."""
        if plan.quotas:
            shut = self._quota(plan, now)
            if shut is not None:
                return shut
        if ticket.has_turn and now < self.paused_until:
            ticket.has_turn = False  # the service asked for a pause while we waited
        if not ticket.has_turn:
            shut = self._rate(ticket, plan, now, latest)
            if shut is not None:
                return shut
        if now < ticket.at:
            return Wait(ticket.at)
        if not ticket.has_slot:
            shut = self._slot(ticket, now, latest)
            if shut is not None:
                return shut
        # Spent last: what a caller who waits holds, a kill would lose on top of the block.
        ticket.has_quota, ticket.quota_at = self._spend(plan.quotas, now), now
        return None

    def slot_came(self, ticket: Ticket, now: float) -> None:
        """The wait for a slot is over, with one or without."""
        waiter, ticket.queued = ticket.queued, None
        if waiter is not None:
            ticket.has_slot = waiter.has_slot
            if waiter.has_slot:
                ticket.has_turn = now <= ticket.at
            else:
                self.bulkhead.give_up(waiter)

    def give_back(self, ticket: Ticket, plan: Plan) -> None:
        """It will not be made: return what was taken. A turn is not: others stand behind it."""
        if ticket.has_quota:
            for quota, amount in plan.quotas:
                quota.put_back(amount, ticket.quota_at)
        if ticket.queued is not None:
            self.bulkhead.give_up(ticket.queued)
        if ticket.has_slot:
            self.bulkhead.leave()

    def correct(self, plan: Plan, now: float, true: Mapping[str, float], since: float) -> None:
        """What the call that passed at `since` took in truth, where that differs from what was
        reserved."""
        for resource, limiter, _ in self.rates:
            weight = plan.cost.get(resource, 0.0)
            if true.get(resource, weight) != weight:
                limiter.amend(now, weight, true[resource], since)
        for quota in self.quotas:
            amount = plan.cost.get(quota.key.resource, 0.0)
            quota.put_back(amount - true.get(quota.key.resource, amount), since)

    # ---- what the service says ----------------------------------------------------------

    def pause(self, until: float, why: str) -> bool:
        """Nobody goes before `until`. Pauses only ever extend; whether this one did."""
        if until <= self.paused_until:
            return False
        self.paused_until, self.paused_why = until, why
        return True

    def end_pause(self) -> None:
        self.paused_until = -inf

    def cap(
        self, resource: str, per: str | None, remaining: float, reset_s: float | None, now: float
    ) -> tuple[list[Quota], bool]:
        """The service says how much of `resource` it still grants until its reset: the quotas
        that learned something from it, and whether there is one for it at all."""
        learned = []
        matched = False
        for quota in self.quotas:
            if quota.key.resource == resource and quota.key.per == per:
                matched = True
                if quota.cap(now, remaining, reset_s):
                    learned.append(quota)
        for name, limiter, _ in self.rates:
            if name == resource and per in (None, "second", "minute"):
                limiter.cap(now, remaining)
        return learned, matched

    def share(self, now: float, parts: int) -> None:
        for _, limiter, shared in self.rates:
            if shared:
                limiter.share(now, parts)

    def begin_shared(self, at: float, now: float) -> None:
        """Nobody goes before `at` where the rate is shared."""
        for _, limiter, shared in self.rates:
            if shared and (earliest := limiter.earliest(now, 0.0)) < inf:
                limiter.book(max(at, earliest), 0.0)

    def drain(self, now: float) -> None:
        """Begin with nothing saved up."""
        for _, limiter, _ in self.rates:
            limiter.cap(now, 0.0)

    # ---- within -------------------------------------------------------------------------

    def _spend(self, quotas: tuple[tuple[Quota, float], ...], now: float) -> bool:
        """All of them, or none."""
        for index, (quota, amount) in enumerate(quotas):
            if not quota.take(now, amount):
                for taken, back in quotas[:index]:
                    taken.put_back(back, now)
                return False
        return True

    def _quota(self, plan: Plan, now: float) -> Answer:
        """Whether it is in hand, or can be had."""
        for quota, amount in plan.quotas:
            key = quota.key
            if amount > key.limit:
                what = f"asks for {amount:g} {key.resource}; a {key.per} allows {key.limit:g}"
                return Shut("quota", what, inf)
            until = quota.used_up_until(now, amount)
            if until is not None:
                return Shut("quota", used_up(key), until)
        short = next(((q, amount) for q, amount in plan.quotas if q.in_hand(now) < amount), None)
        return None if short is None else NeedsLease(*short)

    def _rate(self, ticket: Ticket, plan: Plan, now: float, latest: float) -> Answer:
        at = max(now, self.paused_until)
        for limiter, weight in plan.rates:
            at = max(at, limiter.earliest(now, weight))
        if at == inf:
            return self._no_turn(plan, now)
        if at > latest:
            if self.paused_until > now:
                what = f"paused for another {self.paused_until - now:.0f} s"
                return Shut("rate", f"{what} ({self.paused_why})", max(at, self.paused_until))
            return Shut("rate", f"its turn comes in {at - now:.1f} s, which is too late", at)
        if at <= now and not ticket.has_slot and self.bulkhead.is_full:
            return self._full(now)  # its turn would be lost to it, and to everybody else
        for limiter, weight in plan.rates:
            limiter.book(at, weight)
        ticket.at, ticket.has_turn = at, True
        return None

    def _no_turn(self, plan: Plan, now: float) -> Shut:
        until = max(
            limiter.opens(now, weight)
            for limiter, weight in plan.rates
            if limiter.earliest(now, weight) == inf
        )
        if until == inf:
            return Shut("rate", "asks for more at once than its rate ever lets through", inf)
        return Shut("rate", "as many as may wait for their turn do", until)

    def _slot(self, ticket: Ticket, now: float, latest: float) -> Answer:
        if self.bulkhead.enter():
            ticket.has_slot = True
            return None
        ticket.queued = self.bulkhead.line_up()
        if ticket.queued is not None:
            return Wait(latest, ticket.queued)
        return self._full(now)

    def _full(self, now: float) -> Shut:
        what = f"{self.bulkhead.in_use} calls are under way and {self.bulkhead.waiting} wait"
        return Shut("bulkhead", what, now)
