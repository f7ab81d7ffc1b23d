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
from collections.abc import Mapping, Sequence

from resilience import retry
from resilience.clock import Clock
from resilience.events import Hook, Hooks
from resilience.explaining import Explanation
from resilience.keeper import Keeper
from resilience.local_quotas import LocalQuotas
from resilience.policy import Policy
from resilience.pressure import Pressure
from resilience.spec import PolicySpec
from resilience.state import Lease, PolicyStore, QuotaKey, Remembered
from resilience.status import PolicyStatus

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
        self._lock = threading.Lock()
        self._policies: dict[str, Policy] = {}
        self._remembered: Remembered | None = None
        self._local = LocalQuotas(clock)
        self._keeper: Keeper | None = None

    def of(self, service: str) -> Policy:
        policy = self._policies.get(service)
        if policy is not None:
            return policy
        with self._lock:
            policy = self._policies.get(service)
            if policy is None:
                policy = self._made(service)
                self._policies[service] = policy
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

    def remember(
        self, store: PolicyStore, *, guard: str | None = "database", records: bool = False
    ) -> None:
        """Take up what `store` holds and keep it up to date from now on, in a thread.

        `guard` is the service whose policy stands before the store itself (and is never kept
        in it). `records` keeps single calls for the back-test. A store that is away is tried
        again until it is there. Call `close` in the end.
        """
        keeper = Keeper(
            store,
            self._clock,
            policies=self.all,
            take_up=self._take_up,
            guard=self.of(guard) if guard else None,
            records=records,
        )
        self._keeper = keeper
        for service in self.services():  # so that each has what was stored of it, asked or not
            policy = self.of(service)
            policy.on_dirty = keeper.wake
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
        """Stop keeping: write down the last of it and give back quota that is not spent. Safe
        to call twice, and with a store that is away."""
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
            policy.on_dirty = self._keeper.wake
            if self._keeper.records:
                policy.record_calls()
        if self._remembered is not None:
            _apply(policy, self._remembered)
        return policy

    def _take_up(self, remembered: Remembered) -> None:
        with self._lock:
            self._remembered = remembered
            policies: Sequence[Policy] = tuple(self._policies.values())
        for policy in policies:
            _apply(policy, remembered)

    def _lease(self, quota: QuotaKey, amount: float) -> Lease:
        keeper = self._keeper
        return keeper.lease(quota, amount) if keeper else self._local.lease(quota, amount)


def _apply(policy: Policy, remembered: Remembered) -> None:
    """What was stored of one service, at the start of a process."""
    service = policy.service
    policy.share(remembered.members)
    if remembered.starts >= CRASH_LOOP_STARTS:
        policy.begin_empty()
    stored = next((one for one in remembered.breakers if one.service == service), None)
    if stored is not None:
        policy.restore(stored)
    policy.take_over(
        next((one for one in remembered.pauses if one.service == service), None),
        next((one for one in remembered.holds if one.service == service), None),
    )
