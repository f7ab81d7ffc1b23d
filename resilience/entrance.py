"""Through every gate, waiting where waiting is short: what a call does that cannot pass at once.

Deciding is `resilience.gates`' and the breaker's, under the policy's lock; here the waiting is
done, outside of it: for a turn, for a slot, for a block of a quota. Whatever ends it, nothing
stays taken but the turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from resilience.breaker import Look, Pass
from resilience.events import EventKind
from resilience.gates import NeedsLease, Plan, Shut, Ticket, Wait, used_up
from resilience.lasting import Lasting
from resilience.outcomes import (
    BulkheadFull,
    CallError,
    CircuitOpen,
    DeadlineExceeded,
    Outcome,
    Overloaded,
    QuotaExhausted,
    RateLimited,
    Rejected,
    ShuttingDown,
)
from resilience.stopping import stop_of

STORE_AWAY_S = 5.0  # until a quota that could not be leased is asked for again
SHUTDOWN_LOOK_S = 0.2  # how often who queues for a slot looks whether we are stopping

_REJECTIONS: Mapping[str, type[Rejected]] = {
    kind.gate: kind
    for kind in (
        CircuitOpen,
        RateLimited,
        QuotaExhausted,
        BulkheadFull,
        Overloaded,
        DeadlineExceeded,
    )
}


class Entrance(Lasting):
    """A policy's gates, to be entered."""

    def _enter(
        self, plan: Plan, began: float, ends: float, *, again: bool = False
    ) -> tuple[Pass, float]:
        """Through every gate, waiting where waiting is short; the pass and when it was given.
        `again`: the call was made before, so that it is none that was not made. Raises
        Rejected, with nothing taken but its turn."""
        ticket = Ticket()
        latest = min(ends, began + self.spec.max_queue_s)
        answer: Pass | Wait | NeedsLease | Shut | None = None
        try:
            while True:
                now = self._monotonic()
                with self._lock:
                    answer = self._step(ticket, plan, now, ends, latest)
                    changes = self._changes(now)
                self._tell(changes)
                if isinstance(answer, Pass):
                    return answer, now
                if isinstance(answer, Shut):
                    raise self._rejection(answer, now, began, ends)
                if isinstance(answer, Wait):
                    self._wait(ticket, answer, now)
                elif answer is not None:
                    self._lease_for(answer)
        except BaseException as error:
            with self._lock:
                self._gates.give_back(ticket, plan)
                if isinstance(answer, Pass):  # whoever was told of it raised (a Ctrl-C)
                    self._breaker.settle(answer, Outcome.NEUTRAL, began)
                if isinstance(error, Rejected) and not again:
                    self._count_rejection(error.gate)
            raise

    def _step(
        self, ticket: Ticket, plan: Plan, now: float, ends: float, latest: float
    ) -> Pass | Wait | NeedsLease | Shut | None:
        """The lock is held."""
        if now >= ends:
            return Shut("deadline", "no time left for the call", now)
        breaker = self._breaker
        if breaker.look(now) is Look.NO:
            return Shut("breaker", *breaker.refusal(now))
        if self._pressure.is_high:
            return Shut("memory", self._pressure.why, now + self._pressure.again_s)
        answer = self._gates.step(ticket, plan, now, latest)
        if answer is not None:
            return answer
        passed = breaker.claim(now)
        return passed if passed is not None else Shut("breaker", *breaker.refusal(now))

    def _wait(self, ticket: Ticket, wait: Wait, now: float) -> None:
        """Outside the lock. Raises ShuttingDown."""
        waiter, stop = wait.waiter, stop_of(self._shutdown)
        if waiter is None:
            stopped = self._clock.wait(wait.until - now, stop)
        else:
            stopped = False
            while not stopped and now < wait.until:
                if self._clock.wait(min(SHUTDOWN_LOOK_S, wait.until - now), waiter.called):
                    break
                now = self._monotonic()
                stopped = stop is not None and stop.is_set()
            with self._lock:
                self._gates.slot_came(ticket, self._monotonic())
            if not ticket.has_slot and not stopped:
                until = self._monotonic()
                raise self._rejection(Shut("bulkhead", "no slot came free in time", until), until)
        if stopped:
            raise ShuttingDown(self.service, "stopped while waiting for its turn")

    def _lease_for(self, need: NeedsLease) -> None:
        """Outside the lock. Raises QuotaExhausted."""
        quota, amount = need.quota, need.amount
        try:
            self.refill(quota, amount)
        except CallError as away:
            now = self._monotonic()
            what = f"what is left of its {quota.key.resource} cannot be asked ({away.what})"
            raise self._rejection(Shut("quota", what, now + STORE_AWAY_S), now) from away
        now = self._monotonic()
        with self._lock:
            until = quota.used_up_until(now, amount)
        if until is not None:
            retry_at = self._moment(until, now)
            self._emit(EventKind.QUOTA_EXHAUSTED, used_up(quota.key), retry_at=retry_at)

    def _rejection(self, shut: Shut, now: float, began: float = 0.0, ends: float = inf) -> Rejected:
        kind = _REJECTIONS[shut.gate]
        in_time = began and shut.until <= began + self.spec.max_queue_s
        if kind is RateLimited and ends < shut.until and in_time:
            kind = DeadlineExceeded  # it is not the pace that is in the way but the hurry
        until = shut.until
        if kind is BulkheadFull:
            until = now + self._usual_duration_s()
        return kind(self.service, shut.what, self._moment(until, now))
