"""Keeps what policies know beyond the process, behind their backs.

One thread writes down what changed (at most every 200 ms, at once when a circuit opens),
refills blocks of quotas before they are empty, and looks every two seconds at what other
processes and people decided; while nothing is called it does no more than that. No call ever
waits for it, but for one whose quota is not in hand at all. A store that is away is tried
again; until then everything goes on in memory, and what there is to say waits.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from resilience.clock import Clock
from resilience.outcomes import CallError, CallFailed, ShuttingDown
from resilience.policy import Policy
from resilience.state import Lease, PolicyStore, QuotaKey, RecordedCall, Remembered

log = logging.getLogger("resilience.keeper")

EVERY_S = 0.2
LOOK_S = 2.0
RECORD_S = 2.0
AWAY_S = 1.0  # before a store that failed is tried again
MOST_AWAY_S = 15.0
MOST_RECORDED = 200  # single calls written at once; more than those are counted, not kept


class Keeper:
    def __init__(
        self,
        store: PolicyStore,
        clock: Clock,
        *,
        policies: Callable[[], Sequence[Policy]],
        take_up: Callable[[Remembered], None],
        follow: Callable[[Remembered], None],
        records: bool,
    ) -> None:
        self.records = records
        self._store = store
        self._clock = clock
        self._policies = policies
        self._take_up = take_up
        self._follow = follow
        self._recalled = False
        self._looked_at = self._recorded_at = clock.monotonic()
        self._away_s = 0.0
        self._calls = 0  # that had been made at the last round
        self._rests = False
        self._unwritten: list[RecordedCall] = []  # for the store was away
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._busy = threading.Lock()  # a round of the thread, or a flush that was asked for
        self._thread: threading.Thread | None = None

    # ---- life ---------------------------------------------------------------------------

    def start(self) -> None:
        """Recall before anything is called, if the store is there; then keep in a thread."""
        try:
            self._recall()
        except CallError as away:
            log.warning("what was remembered of the services cannot be read yet: %s", away)
        except Exception:
            log.exception("reading what was remembered of the services failed; it goes on")
        self._thread = threading.Thread(target=self._run, name="policy-keeper", daemon=True)
        self._thread.start()

    def hear(self, policy: Policy) -> None:
        """Be told when there is something of it to write."""
        policy.on_dirty, policy.on_soiled = self._wake.set, self._stir

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
        try:
            self._round(last=True)
            self._give_back()
        except CallError as away:
            log.warning("the last state of the services is not stored: %s", away)
        except Exception:
            log.exception("storing the last state of the services failed")

    def flush(self) -> None:
        """Raises CallError."""
        self._round(last=True)

    def look(self) -> None:
        """Raises CallError."""
        with self._busy:
            self._look()

    def lease(self, quota: QuotaKey, amount: float) -> Lease:
        """A block of a quota. Raises CallError, also when we have stopped: what is leased then
        would never be given back."""
        if self._stopping.is_set():
            raise ShuttingDown(quota.service, f"no more {quota.resource} are leased")
        return self._store.lease(quota, amount)

    # ---- the thread ---------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(self._away_s or self._pause_s())
            if self._stopping.is_set():
                return
            self._wake.clear()
            try:
                self._round()
            except CallError as away:
                if not self._away_s:
                    log.warning("the state of the services cannot be stored for now: %s", away)
                self._away_s = min(MOST_AWAY_S, 2 * self._away_s or AWAY_S)
            except Exception:
                log.exception("keeping the state of the services failed; it goes on")
                self._away_s = AWAY_S
            else:
                if self._away_s:
                    log.info("the state of the services is stored again")
                self._away_s = 0.0

    def _pause_s(self) -> float:
        kept = [policy for policy in self._policies() if policy.spec.persists]
        calls = sum(policy.calls_made() for policy in kept)
        self._rests, self._calls = calls == self._calls, calls
        # What happened a moment ago, before this counted as rest, was not told.
        if not self._rests or any(policy.is_dirty for policy in kept):
            return EVERY_S
        return max(EVERY_S, LOOK_S - (self._clock.monotonic() - self._looked_at))

    def _stir(self) -> None:
        """Called with a policy's lock held, at each failure."""
        if self._rests:
            self._wake.set()

    def _round(self, *, last: bool = False) -> None:
        with self._busy:
            if not self._recalled:
                self._recall()
            self._save()
            now = self._clock.monotonic()
            if not last:
                self._refill()
                if now - self._looked_at >= LOOK_S:
                    self._looked_at = now
                    self._look()
            if self.records and (last or now - self._recorded_at >= RECORD_S):
                self._recorded_at = now
                self._record()

    def _recall(self) -> None:
        remembered = self._store.recall()
        self._recalled = True
        self._take_up(remembered)

    def _save(self) -> None:
        dirty = [one for one in self._policies() if one.is_dirty and one.spec.persists]
        if not dirty:
            return
        stored = [policy.stored() for policy in dirty]
        try:
            self._store.save(
                [breaker for breaker, _ in stored],
                [pause for _, pause in stored if pause is not None],
            )
            for policy in dirty:
                for quota, remaining in policy.caps():
                    self._store.tighten(quota.key, remaining)
                    policy.cap_told(quota, remaining)
        except BaseException:
            for policy in dirty:
                policy.is_dirty = True
            raise

    def _refill(self) -> None:
        for policy in self._policies():
            for quota in policy.low_quotas():
                policy.refill(quota)

    def _look(self) -> None:
        self._follow(self._store.shared())

    def _record(self) -> None:
        calls = (self._unwritten + self._fetched())[-MOST_RECORDED:]
        self._unwritten = []
        if not calls:
            return
        try:
            self._store.record(calls)
        except CallError as away:
            if not isinstance(away, CallFailed) or away.retryable:
                self._unwritten = calls
            raise

    def _fetched(self) -> list[RecordedCall]:
        """The latest calls; each service that was called gets an equal part."""
        fetched = [(one, *one.fetch_calls()) for one in self._policies() if one.spec.persists]
        fetched = [each for each in fetched if each[2]]
        most = MOST_RECORDED // max(1, len(fetched)) or 1
        calls: list[RecordedCall] = []
        for policy, now, recent in fetched:
            wall = self._clock.now()
            calls += [
                RecordedCall(
                    policy.service,
                    _at(wall, now, ended),
                    outcome,
                    took,
                    attempts,
                    asked,
                    dict(cost),
                )
                for ended, outcome, took, attempts, asked, cost in recent[-most:]
            ]
        return calls

    def _give_back(self) -> None:
        for policy in self._policies():
            for quota, window, amount in policy.hand_over_quotas():
                self._store.give_back(quota, window, amount)


def _at(wall: datetime, now: float, ended: float) -> datetime:
    return wall - timedelta(seconds=now - ended)
