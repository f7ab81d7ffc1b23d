"""What policies remember, kept in PostgreSQL: breakers, pauses, holds, quotas, calls.

Times cross as seconds left by the database's own `now()`. What is saved or recorded may be
lost with the last half second before a server's sudden end; a lease never is.

A breaker is kept per instance, which several processes may be (a daemon, and a `scan` typed
beside it). Of their words the most cautious stands. An open state is replaced by one that
lasts longer (by more than a second: a copy that was recalled and saved again does not). It
is undone only by the process that wrote it, by one that had read it (`recall`), or by
anybody once its wait is over. So a `scan` that never saw the service fail cannot close the
daemon's breaker, and whoever knew of the wait may end it early.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from resilience.state import (
    Lease,
    QuotaKey,
    RecordedCall,
    Remembered,
    StoredBreaker,
    StoredHold,
    StoredPause,
)
from storage.database import Database, Row, Tx
from storage.policy_quota import QuotaBook

_LONGEST_S = 10 * 365 * 86_400.0  # an interval the server can hold, whoever asked for more


class PolicyStates:
    """Implements `resilience.state.PolicyStore` for the process `executor` of `instance`."""

    def __init__(self, database: Database, instance: str, executor: str) -> None:
        self._database = database
        self._instance = instance
        self._executor = executor
        self._quotas = QuotaBook(database)
        self._known_until: dict[str, datetime] = {}  # the open states we have read, per service

    def recall(self) -> Remembered:
        with self._database.transaction() as tx:
            rows = tx.all("policy.breakers_of", instance=self._instance)
            starts = tx.one("policy.starts", instance=self._instance, executor=self._executor)
            return Remembered(
                breakers=tuple(self._breaker(row) for row in rows),
                pauses=_pauses(tx),
                holds=_holds(tx),
                starts=1 + _others(starts),
                members=self._members(tx),
            )

    def shared(self) -> Remembered:
        with self._database.transaction() as tx:
            return Remembered(pauses=_pauses(tx), holds=_holds(tx), members=self._members(tx))

    def save(self, breakers: Sequence[StoredBreaker], pauses: Sequence[StoredPause]) -> None:
        # always in one order: two processes that save at once wait, and do not deadlock
        rows = [self._row(each) for each in sorted(breakers, key=lambda each: each.service)]
        asked = [
            {"service": each.service, "left_s": _seconds(each.left_s), "why": each.why}
            for each in sorted(pauses, key=lambda each: each.service)
        ]
        if not rows and not asked:
            return
        with self._database.transaction() as tx:
            tx.run("policy.may_be_lost")
            tx.many("policy.save_breaker", rows)
            tx.many("policy.save_pause", asked)

    def lease(self, quota: QuotaKey, amount: float) -> Lease:
        return self._quotas.lease(quota, amount)

    def give_back(self, quota: QuotaKey, window: str, amount: float) -> None:
        """Not to be repeated if the connection is lost over it: it may have been stored."""
        self._quotas.give_back(quota, window, amount)

    def tighten(self, quota: QuotaKey, remaining: float) -> None:
        self._quotas.tighten(quota, remaining)

    def record(self, calls: Sequence[RecordedCall]) -> None:
        if not calls:
            return
        with self._database.transaction() as tx:
            tx.run("policy.may_be_lost")
            tx.many("policy.record", [vars(each) for each in calls])

    # ---- within -------------------------------------------------------------------------

    def _breaker(self, row: Row) -> StoredBreaker:
        until = row.pop("open_until")
        if until is not None:
            self._known_until[row["service"]] = until
        return StoredBreaker(**row)

    def _row(self, breaker: StoredBreaker) -> Row:
        is_open = breaker.state == "open"
        return {
            **vars(breaker),
            "open_left_s": _seconds(breaker.open_left_s or 0.0) if is_open else None,
            "instance": self._instance,
            "executor": self._executor,
            "known_until": self._known_until.get(breaker.service),
        }

    def _members(self, tx: Tx) -> int:
        return 1 + _others(tx.one("policy.members", executor=self._executor))


def _pauses(tx: Tx) -> tuple[StoredPause, ...]:
    return tuple(StoredPause(**row) for row in tx.all("policy.pauses"))


def _holds(tx: Tx) -> tuple[StoredHold, ...]:
    return tuple(StoredHold(**row) for row in tx.all("policy.holds"))


def _others(row: Row | None) -> int:
    return int(row["others"]) if row else 0


def _seconds(left_s: float) -> float:
    return min(max(left_s, 0.0), _LONGEST_S)
