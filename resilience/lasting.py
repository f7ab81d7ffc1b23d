"""What a policy knows that should outlive its process, or comes from another one.

Told by `resilience.keeper`, which has the store: nothing in here asks one, but for a lease of
a quota. Waits cross as seconds that are left, pauses only ever extend, and a person's decision
that is stored is followed in every process, to its end.
"""

from __future__ import annotations

from math import inf

from resilience.breaker import BreakerState, Change
from resilience.quota import Quota
from resilience.state import QuotaKey, StoredBreaker, StoredHold, StoredPause
from resilience.tally import Recorded
from resilience.watched import LONGEST_PAUSE_S, Watched

A_LOOK_S = 2.0  # how old what we know of other processes may be


class Lasting(Watched):
    """A watched service with a memory."""

    def stored(self) -> tuple[StoredBreaker, StoredPause | None]:
        """What to remember; from now on it is clean."""
        now = self._monotonic()
        with self._lock:
            self.is_dirty = False
            breaker, gates, tally = self._breaker, self._gates, self._tally
            left_s = breaker.open_left_s(now)
            pause = None
            if gates.paused_until > now:
                pause = StoredPause(self.service, gates.paused_until - now, gates.paused_why)
            state = "closed" if left_s is None else str(breaker.state)
            return (
                StoredBreaker(
                    self.service,
                    state,
                    breaker.failures,
                    breaker.failed_rounds,
                    left_s,
                    breaker.last_error,
                    tally.calls,
                    tally.failed,
                    tally.rejections().total(),
                ),
                pause,
            )

    def restore(self, stored: StoredBreaker) -> None:
        now, left_s = self._monotonic(), stored.open_left_s
        if left_s is None and stored.state == "half_open":
            left_s = 0.0  # its probe died with the process: the next call is one
        self._by_hand(
            lambda: self._breaker.restore(
                now, stored.failures, stored.failed_rounds, left_s, stored.last_error
            ),
            dirty=False,
        )

    def take_over(self, pause: StoredPause | None, hold: StoredHold | None) -> None:
        """What other processes, or a person elsewhere, decided meanwhile."""
        now = self._monotonic()
        with self._lock:
            if pause is not None:
                longest = min(pause.left_s, LONGEST_PAUSE_S)
                self._gates.pause(now + longest, pause.why)
            changes = self._hold_as(hold, now)
            if self._shut is not None:  # the wall clock may have been moved meanwhile
                self._shut = self._shut._replace(retry_at=self._moment(self._shut.until, now))
        self._tell(changes)

    def begin_empty(self) -> None:
        """Start with nothing saved up: we were started too often lately."""
        with self._lock:
            self._gates.drain(self._monotonic())

    def share(self, parts: int) -> None:
        """So many processes use the account together."""
        with self._lock:
            self._gates.share(self._monotonic(), parts)

    def begin_shared(self, in_s: float) -> None:
        """Nothing is asked so long where the rate is shared: others must leave us our part."""
        now = self._monotonic()
        with self._lock:
            self._gates.begin_shared(now + in_s, now)

    def record_calls(self) -> None:
        """Keep single calls, for whoever fetches them."""
        self._tally.records = True

    def fetch_calls(self) -> tuple[float, list[Recorded]]:
        """The calls since the last time, and now by the clock they are stamped with."""
        with self._lock:
            return self._monotonic(), self._tally.fetch()

    def caps(self) -> list[tuple[Quota, float]]:
        """What the service said is left of its quotas and the store does not know yet; what
        it said of a window that is over is forgotten."""
        now = self._monotonic()
        with self._lock:
            self._to_tighten = {
                quota: (window, remaining)
                for quota, (window, remaining) in self._to_tighten.items()
                if quota.is_of(window, now)
            }
            return [(quota, remaining) for quota, (_, remaining) in self._to_tighten.items()]

    def cap_told(self, quota: Quota, remaining: float) -> None:
        """The store knows; unless the service said something else meanwhile."""
        with self._lock:
            if self._to_tighten.get(quota) == (quota.window, remaining):
                del self._to_tighten[quota]

    def refill(self, quota: Quota, amount: float = 0.0) -> None:
        """Lease until `amount` (0: a block) is in hand. Raises what the store raises."""
        with self._leasing:
            with self._lock:
                now = self._monotonic()
                in_hand = quota.in_hand(now)
                asked = quota.missing(now, amount)
            if asked <= 0 or (amount and in_hand >= amount):
                return
            lease = self._lease(quota.key, asked)
            with self._lock:  # its window ends by when we asked, not by when the answer was here
                quota.leased(now, lease, asked)

    def low_quotas(self) -> list[Quota]:
        now = self._monotonic()
        with self._lock:
            return [quota for quota in self.quotas if quota.is_low(now)]

    def hand_over_quotas(self) -> list[tuple[QuotaKey, str, float]]:
        """Everything in hand, to be given back: (quota, window, amount)."""
        now = self._monotonic()
        with self._lock:
            held = [(quota, quota.hand_over(now)) for quota in self.quotas]
        return [(quota.key, quota.window, amount) for quota, amount in held if amount > 0]

    # ---- within -------------------------------------------------------------------------

    def _hold_as(self, hold: StoredHold | None, now: float) -> tuple[Change, ...]:
        """Follow what is stored of a person's decision. One that was made here, and stored
        nowhere, is not undone by that. The lock is held."""
        breaker = self._breaker
        is_by_hand = breaker.state in (BreakerState.HELD, BreakerState.DISABLED)
        if hold is None:
            if is_by_hand and self._follows_store:
                ran_out = breaker.until - now <= A_LOOK_S
                if breaker.state is BreakerState.HELD and ran_out:
                    breaker.end_wait(now)  # its time is over: a trial shows how the service is
                else:
                    breaker.close("released by hand")
            self._follows_store = False
            return self._changes(now)
        self._follows_store = True
        until = inf if hold.left_s is None else now + hold.left_s
        if hold.kind == "disable":
            if breaker.state is not BreakerState.DISABLED or breaker.why != hold.why:
                breaker.disable(hold.why)
        elif (
            breaker.state is not BreakerState.HELD
            or breaker.why != hold.why
            or _differ(until, breaker.until)
        ):
            breaker.hold(until, hold.why)
        return self._changes(now)


def _differ(one: float, other: float) -> bool:
    """Two ends of a hold, beyond what measuring them over a border makes of one."""
    return one != other and abs(one - other) > A_LOOK_S
