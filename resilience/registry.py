"""All policies of a process, made when first asked for, and what they share: hooks, the
store behind them, the quotas of their accounts.

    policies = Policies(specs, clock)
    policies.remember(store)             # takes up what was stored, and keeps it from now on
    policies.of("edgar").call(fetch, url)
    policies.close()                     # writes the last of it down, gives quotas back

A service without a specification of its own gets the one called "default".
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace

from resilience import retry
from resilience.breaker import BreakerState
from resilience.clock import Clock
from resilience.events import Hook, Hooks
from resilience.explaining import Explanation
from resilience.keeper import LOOK_S, Keeper
from resilience.local_quotas import LocalQuotas
from resilience.policy import Policy
from resilience.pressure import Pressure
from resilience.spec import PolicySpec
from resilience.state import Lease, PolicyStore, QuotaKey, Remembered
from resilience.status import PolicyStatus

# Others look so often who shares a rate with them, with some time to spare: until all have seen
# a process that joins, they take its part as well.
SEEN_AFTER_S = LOOK_S + 0.5
CRASH_LOOP_STARTS = 3  # within five minutes: then nothing saved up is spent at the start


class Policies:
    def __init__(
        self,
        specs: Mapping[str, PolicySpec],
        clock: Clock,
        on_event: Hook | None = None,
        shutdown: threading.Event | None = None,
        *,
        classify: retry.Classify = retry.classify,
        pressure: Pressure | None = None,
    ) -> None:
        self.hooks = Hooks(*([on_event] if on_event else []))
        self._specs = dict(specs)
        self._clock = clock
        self._shutdown = shutdown
        self._classify = classify
        self._pressure = pressure
        self._lock = threading.RLock()  # a hook that hears of a new policy may ask for it
        self._policies: dict[str, Policy] = {}
        self._begun: dict[str, Policy] = {}  # made, and not yet what was stored of them
        self._recalled: tuple[float, Remembered] | None = None  # when (monotonic), what
        self._shared: tuple[float, Remembered] | None = None  # the same, of the last look
        self._lease_from = LocalQuotas(clock).lease
        self._keeper: Keeper | None = None

    def of(self, service: str) -> Policy:
        policy = self._policies.get(service)
        if policy is not None:
            return policy
        with self._lock:
            policy = self._policies.get(service) or self._begun.get(service)
            if policy is None:
                policy = self._begun[service] = self._made(service)
                if self._recalled is not None and self._shared is not None:
                    at, remembered = self._recalled
                    _restore(policy, self._aged(at, remembered))
                    _join(policy, remembered, SEEN_AFTER_S - (self._clock.monotonic() - at))
                    _follow(policy, self._aged(*self._shared))
                self._policies[service] = self._begun.pop(service)
            return policy

    def services(self) -> tuple[str, ...]:
        """Those that are configured or were asked for, sorted."""
        return tuple(sorted((set(self._specs) - {"default"}) | set(self._policies)))

    def all(self) -> tuple[Policy, ...]:
        with self._lock:
            return tuple(policy for _, policy in sorted(self._policies.items()))

    def statuses(self) -> tuple[PolicyStatus, ...]:
        return tuple(policy.status() for policy in self.all())

    def explain(self, service: str, cost: Mapping[str, float] | float | None = None) -> Explanation:
        return self.of(service).explain(cost)

    # ---- memory -------------------------------------------------------------------------

    def remember(self, store: PolicyStore, *, records: bool = False) -> None:
        """Take up what `store` holds and keep it up to date from now on, in a thread.

        `records` keeps single calls for the back-test. A store that is away is tried again
        until it is there; one that has a policy of its own asks it itself. Call `close` in the
        end.
        """
        keeper = Keeper(
            store,
            self._clock,
            policies=self.all,
            take_up=self._take_up,
            follow=self._follow,
            records=records,
        )
        self._keeper, self._lease_from = keeper, keeper.lease
        for service in self.services():  # so that each has what was stored of it, asked or not
            policy = self.of(service)
            keeper.hear(policy)
            policy.hand_over_quotas()  # leased of nobody, so there is nobody to get it back
            if records:
                policy.record_calls()
        keeper.start()

    def flush(self) -> None:
        """Write down now what is not yet. Raises what the store raises."""
        if self._keeper is not None:
            self._keeper.flush()

    def refresh(self) -> None:
        """Look now at what other processes and people decided. Raises what the store raises."""
        if self._keeper is not None:
            self._keeper.look()

    def close(self) -> None:
        """Stop keeping: write down the last of it and give back quota that is not spent; none
        is had afterwards. Safe to call twice, and with a store that is away."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.stop()

    # ---- within -------------------------------------------------------------------------

    def _made(self, service: str) -> Policy:
        """The lock is held."""
        spec = self._specs.get(service) or self._specs.get("default") or PolicySpec()
        policy = Policy(
            service,
            spec,
            self._clock,
            self.hooks,
            self._shutdown,
            classify=self._classify,
            lease=self._lease,
            pressure=self._pressure,
        )
        if self._keeper is not None:
            self._keeper.hear(policy)
            if self._keeper.records:
                policy.record_calls()
        return policy

    def _take_up(self, remembered: Remembered) -> None:
        with self._lock:
            self._recalled = self._shared = (self._clock.monotonic(), remembered)
            policies = tuple(self._policies.values())
        for policy in policies:
            _restore(policy, remembered)
            _join(policy, remembered, SEEN_AFTER_S)
            _follow(policy, remembered)

    def _follow(self, shared: Remembered) -> None:
        with self._lock:
            self._shared = (self._clock.monotonic(), shared)
            policies = tuple(self._policies.values())
        for policy in policies:
            _follow(policy, shared)

    def _aged(self, at: float, what: Remembered) -> Remembered:
        return _aged(what, self._clock.monotonic() - at)

    def _lease(self, quota: QuotaKey, amount: float) -> Lease:
        return self._lease_from(quota, amount)


def _restore(policy: Policy, remembered: Remembered) -> None:
    """What was stored of one service, when the process starts or as soon as it can be read.
    What a person decided here meanwhile outranks it."""
    if remembered.starts >= CRASH_LOOP_STARTS:
        policy.begin_empty()
    by_hand = policy.status().state in (BreakerState.HELD, BreakerState.DISABLED)
    if not policy.spec.persists or by_hand:
        return
    for stored in remembered.breakers:
        if stored.service == policy.service:
            policy.restore(stored)


def _join(policy: Policy, remembered: Remembered, in_s: float) -> None:
    """Others share its rates, and take no notice of us yet."""
    if policy.spec.persists and remembered.members > 1 and in_s > 0:
        policy.begin_shared(in_s)


def _follow(policy: Policy, shared: Remembered) -> None:
    """What others decided."""
    if policy.spec.persists:
        policy.share(shared.members)
        policy.take_over(
            next((one for one in shared.pauses if one.service == policy.service), None),
            next((one for one in shared.holds if one.service == policy.service), None),
        )


def _aged(what: Remembered, by_s: float) -> Remembered:
    """What is left of it so many seconds later."""

    def left(seconds: float | None) -> float | None:
        return None if seconds is None else seconds - by_s

    return replace(
        what,
        breakers=tuple(replace(one, open_left_s=left(one.open_left_s)) for one in what.breakers),
        pauses=tuple(
            replace(one, left_s=one.left_s - by_s) for one in what.pauses if one.left_s > by_s
        ),
        holds=tuple(
            replace(one, left_s=left(one.left_s))
            for one in what.holds
            if one.left_s is None or one.left_s > by_s
        ),
    )
