"""What is known of one service: its breaker, its gates, its counts, under one lock.

Here stands all that may be done to a service without calling it: looking, explaining,
pausing, what a person may do. `resilience.lasting` adds what outlives the process,
`resilience.entrance` the way in, `resilience.policy` the calls. The lock is never held across
a call, a sleep, a hook or a round trip to a store.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from math import inf
from typing import NamedTuple

from resilience import retry
from resilience.breaker import Breaker, BreakerRule, BreakerState, Change
from resilience.chaos import Chaos
from resilience.clock import Clock
from resilience.events import EventKind, Hooks, PolicyEvent
from resilience.explaining import Explanation, explain
from resilience.gates import Gates, Plan
from resilience.local_quotas import LocalQuotas
from resilience.pressure import Pressure
from resilience.quota import Quota
from resilience.retry import RetryBudget
from resilience.spec import REQUESTS, PolicySpec
from resilience.state import Lease, QuotaKey
from resilience.status import PolicyStatus
from resilience.tally import Tally

Leaser = Callable[[QuotaKey, float], Lease]
Cost = Mapping[str, float] | float | None

LONGEST_PAUSE_S = 3600.0  # a service may ask for a pause; a wrong header must not end the day

_EVENTS = {
    BreakerState.OPEN: EventKind.CIRCUIT_OPENED,
    BreakerState.HALF_OPEN: EventKind.CIRCUIT_HALF_OPENED,
    BreakerState.CLOSED: EventKind.CIRCUIT_CLOSED,
    BreakerState.HELD: EventKind.CIRCUIT_HELD,
    BreakerState.DISABLED: EventKind.CIRCUIT_DISABLED,
}


class ShutDoor(NamedTuple):
    """What every caller is told while nothing goes through, worked out once."""

    until: float
    what: str
    retry_at: datetime | None


class Watched:
    def __init__(
        self,
        service: str,
        spec: PolicySpec,
        clock: Clock,
        hooks: Hooks | None = None,
        shutdown: threading.Event | None = None,
        *,
        classify: retry.Classify = retry.classify,
        lease: Leaser | None = None,
        pressure: Pressure | None = None,
    ) -> None:
        """`lease` gets blocks of quotas (without one they are counted in this process alone);
        `classify` says what errors mean; `pressure` whether this machine has memory left."""
        self.service = service
        self.spec = spec
        self.is_dirty = False  # something happened that should outlive the process
        self.on_dirty: Callable[[], None] = _nobody  # when it should be written down at once
        self.on_soiled: Callable[[], None] = _nobody  # when it should be written down soon
        self._clock = clock
        self._monotonic = clock.monotonic
        self._hooks = hooks or Hooks()
        self._shutdown = shutdown
        self._classify = classify
        self._lease = lease or LocalQuotas(clock).lease
        self._pressure = pressure or Pressure()
        self._chaos = Chaos(service, spec.chaos, clock, shutdown) if spec.chaos else None
        self._rule = retry.exponential(spec.attempts, spec.wait_s, spec.max_wait_s, spec.jitter)
        self._budget = RetryBudget(spec.retry_ratio, spec.retry_burst)
        self._breaker = Breaker(breaker_rule(spec))
        self._slow_s = spec.slow_s if spec.slow_rate_pct else inf
        self._deadline_s = spec.deadline_s
        self.quotas = tuple(Quota(rule.key(service), rule.block_size()) for rule in spec.quotas)
        self._gates = Gates(service, spec, self.quotas)
        self._usual = self._gates.usual
        self._shut: ShutDoor | None = None
        self._tally = Tally()
        self._follows_store = False  # the hold there is came from elsewhere
        self._to_tighten: dict[Quota, tuple[str, float]] = {}  # its window, what is left of it
        self._lock = threading.Lock()
        self._leasing = threading.Lock()  # one of us asks the store, the others wait for it

    # ---- looking ------------------------------------------------------------------------

    def status(self) -> PolicyStatus:
        with self._lock:
            return self._status()

    def explain(self, cost: Cost = None) -> Explanation:
        """What each gate would say to a call of that cost now; spends nothing."""
        now = self._monotonic()
        plan = self._plan(cost)
        with self._lock:
            return explain(
                self.service,
                now,
                self._breaker,
                self._gates,
                plan,
                self._pressure,
                self._clock.now(),
                max_queue_s=self.spec.max_queue_s,
            )

    def is_healthy(self) -> bool:
        """Whether calls go through and most succeed: an item that still fails is itself ill."""
        with self._lock:
            return self._breaker.state is BreakerState.CLOSED and self._breaker.failures <= 1

    def calls_made(self) -> int:
        """Since the start of the process."""
        return self._tally.calls

    # ---- what the service says ----------------------------------------------------------

    def pause(
        self,
        seconds: float,
        why: str = "it asked for a pause",
        *,
        longest_s: float = LONGEST_PAUSE_S,
    ) -> None:
        """Nobody goes before `seconds` from now. Pauses only ever extend. `longest_s`: more than
        the usual where it is not a header that says how long, but somebody who understood it."""
        now = self._monotonic()
        with self._lock:
            until = now + min(seconds, longest_s)
            extended = self._gates.pause(until, why)
            self.is_dirty = self.is_dirty or extended
        if extended:
            self._emit(EventKind.PAUSED, why, retry_at=self._moment(until, now))
            self.on_dirty()

    def observe(
        self, resource: str, remaining: float, reset_s: float | None, per: str | None = None
    ) -> None:
        """The service told how much of a resource it still grants until its reset. It only
        ever makes us more careful."""
        now = self._monotonic()
        with self._lock:
            learned, has_quota = self._gates.cap(resource, per, remaining, reset_s, now)
            for quota in learned:
                window, least = self._to_tighten.get(quota, (quota.window, remaining))
                is_same = window == quota.window
                self._to_tighten[quota] = (
                    quota.window,
                    min(least, remaining) if is_same else remaining,
                )
                self._soil()
        if remaining < 1 and not has_quota and reset_s is not None and reset_s > 0:
            self.pause(reset_s, f"it grants no more {resource} before its reset")

    # ---- what a person may do -----------------------------------------------------------

    def hold(self, seconds: float | None = None, why: str = "") -> None:
        """Let nothing through, for `seconds` or until closed."""
        now = self._monotonic()
        self._by_hand(lambda: self._breaker.hold(inf if seconds is None else now + seconds, why))

    def disable(self, why: str = "") -> None:
        """Let everything through, whatever it does."""
        self._by_hand(lambda: self._breaker.disable(why))

    def close(self, why: str = "closed by hand") -> None:
        """As if nothing had happened: end a hold, an opening, a pause."""

        def close() -> None:
            self._breaker.close(why)
            self._gates.end_pause()

        self._by_hand(close)

    def force_open(self, why: str = "opened by hand") -> None:
        """Open it for its usual wait."""
        now = self._monotonic()
        self._by_hand(lambda: self._breaker.open(now, why))

    def probe(self) -> None:
        """Do not wait any longer: the next call may try."""
        now = self._monotonic()

        def end_wait() -> None:
            self._breaker.end_wait(now)
            self._gates.end_pause()
            self._shut = None

        self._by_hand(end_wait)

    def _plan(self, cost: Cost) -> Plan:
        if cost is None:
            return self._usual
        return self._gates.plan(cost if isinstance(cost, Mapping) else {REQUESTS: cost})

    # ---- within -------------------------------------------------------------------------

    def _soil(self) -> None:
        """Something happened that should outlive the process. The lock is held."""
        self.is_dirty = True
        self.on_soiled()

    def _by_hand(self, change: Callable[[], None], *, dirty: bool = True) -> None:
        with self._lock:
            change()
            self.is_dirty = self.is_dirty or dirty
            changes = self._changes(self._monotonic())
        self._tell(changes)

    def _changes(self, now: float) -> tuple[Change, ...]:
        """What the breaker did, and with it what callers are told at the door. The lock is
        held."""
        breaker = self._breaker
        if not breaker.changes:
            return ()
        changes, breaker.changes = tuple(breaker.changes), []
        self._shut = None
        if breaker.state in (BreakerState.OPEN, BreakerState.HELD):
            what, until = breaker.refusal(now)
            self._shut = ShutDoor(until, what, self._moment(until, now))
        self.is_dirty = True
        return changes

    def _tell(self, changes: tuple[Change, ...]) -> None:
        """The lock is not held."""
        if not changes:
            return
        self.on_dirty()
        now = self._monotonic()
        for change in changes:
            retry_at = None if change.until is None else self._moment(change.until, now)
            self._emit(_EVENTS[change.after], change.why, retry_at=retry_at)

    def _emit(
        self,
        kind: EventKind,
        what: str,
        duration_s: float = 0.0,
        attempts: int = 0,
        retry_at: datetime | None = None,
    ) -> None:
        self._hooks.emit(
            PolicyEvent(kind, self.service, self._clock.now(), what, duration_s, attempts, retry_at)
        )

    def _count_rejection(self, gate: str) -> None:
        self._tally.rejected_by[gate] += 1

    def _moment(self, until: float, now: float) -> datetime | None:
        """A monotonic moment as one of the wall clock, as it goes now."""
        if until == inf:
            return None
        return self._clock.now() + timedelta(seconds=max(0.0, until - now))

    def _usual_duration_s(self) -> float:
        """How long a call takes on average: when a slot may come free."""
        tally = self._tally
        return tally.total_s / tally.calls if tally.calls else self.spec.timeout_s

    def _status(self) -> PolicyStatus:
        now = self._monotonic()
        breaker, gates, tally = self._breaker, self._gates, self._tally
        shut, rejections = self._shut, tally.rejections()
        return PolicyStatus(
            service=self.service,
            state=breaker.state,
            failures=breaker.failures,
            retry_at=shut.retry_at if shut is not None else None,
            calls=tally.calls,
            failed=tally.failed,
            rejected=rejections.total(),
            retries=tally.retries,
            last_error=tally.last_error or breaker.last_error,
            paused_s=max(0.0, gates.paused_until - now),
            why=breaker.why,
            era=breaker.era,
            late_results=breaker.late_results,
            rejected_by=dict(rejections),
            durations=tally.seen(),
            under_way=gates.bulkhead.in_use,
            waiting=gates.bulkhead.waiting,
            retries_left=self._budget.left,
            ours=tally.ours,
        )


def _nobody() -> None:
    """Nobody wants to know."""


def breaker_rule(spec: PolicySpec) -> BreakerRule:
    return BreakerRule(
        failure_threshold=spec.failure_threshold,
        failure_rate_pct=spec.failure_rate_pct,
        slow_rate_pct=spec.slow_rate_pct,
        slow_s=spec.slow_s or inf,
        minimum_calls=spec.minimum_calls,
        window_calls=spec.window_calls,
        window_s=spec.window_s,
        open_s=spec.open_s,
        growth=spec.open_growth,
        max_open_s=spec.max_open_s,
        success_threshold=spec.success_threshold,
        probes_at_once=spec.probes_at_once,
        probe_max_age_s=spec.deadline_s + spec.timeout_s,
    )
