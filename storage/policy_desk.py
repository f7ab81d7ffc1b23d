"""What people see of the policies and decide about them, over all instances and processes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from resilience.state import RecordedCall
from storage.database import Database

HoldKind = Literal["hold", "disable"]
_PAGE = 1000
_BATCH = 5000


@dataclass(frozen=True)
class BreakerView:
    """Counts are since the writing process (`executor`) started."""

    instance: str
    service: str
    state: str
    failures: int
    failed_rounds: int
    open_until: datetime | None
    last_error: str
    calls: int
    failed: int
    rejected: int
    executor: str
    updated_at: datetime


@dataclass(frozen=True)
class QuotaView:
    """A window that runs. `used` is what is leased of it; `ceiling` is how far the provider
    lets it grow, None if it did not say."""

    service: str
    resource: str
    per: str
    zone: str
    window_start: datetime
    window_end: datetime
    allowed: Decimal
    used: Decimal
    ceiling: Decimal | None
    updated_at: datetime


@dataclass(frozen=True)
class PauseView:
    service: str
    ends_at: datetime
    why: str
    updated_at: datetime


@dataclass(frozen=True)
class HoldView:
    """`ends_at` None: until a person takes it back."""

    service: str
    kind: str
    ends_at: datetime | None
    why: str
    asked_by: str
    asked_at: datetime


class PolicyDesk:
    def __init__(self, database: Database) -> None:
        self._database = database

    def breakers(self) -> list[BreakerView]:
        """Of every instance, also of those that are not running."""
        with self._database.transaction() as tx:
            return [BreakerView(**row) for row in tx.all("policy_desk.breakers")]

    def quotas(self) -> list[QuotaView]:
        with self._database.transaction() as tx:
            return [QuotaView(**row) for row in tx.all("policy_desk.quotas")]

    def pauses(self) -> list[PauseView]:
        with self._database.transaction() as tx:
            return [PauseView(**row) for row in tx.all("policy_desk.pauses")]

    def holds(self) -> list[HoldView]:
        with self._database.transaction() as tx:
            return [HoldView(**row) for row in tx.all("policy_desk.holds")]

    def set_hold(
        self, service: str, kind: HoldKind, seconds: float | None, why: str, by: str
    ) -> None:
        """Let nothing ("hold") or everything ("disable") through to a service, for `seconds`
        or until it is cleared; in the place of an earlier decision."""
        with self._database.transaction() as tx:
            tx.run(
                "policy_desk.set_hold", service=service, kind=kind, left_s=seconds, why=why, by=by
            )

    def clear_hold(self, service: str) -> bool:
        """Whether there was one."""
        with self._database.transaction() as tx:
            return tx.run("policy_desk.clear_hold", service=service) == 1

    def clear_pause(self, service: str) -> bool:
        """Whether there was one. A process that is waiting already goes on waiting."""
        with self._database.transaction() as tx:
            return tx.run("policy_desk.clear_pause", service=service) == 1

    def calls(self, service: str, since: datetime) -> Iterator[RecordedCall]:
        """From `since` on, oldest first, a page at a time: any number of them."""
        at, last = since, 0
        while True:
            with self._database.transaction() as tx:
                rows = tx.all("policy_desk.calls", service=service, at=at, id=last, limit=_PAGE)
            for row in rows:
                last = row.pop("id")
                yield RecordedCall(**row)
            if len(rows) < _PAGE:
                return
            at = rows[-1]["at"]

    def forget(self, age_s: float) -> int:
        """Drop breakers that nobody has told of for so long, and windows that ended so long
        ago; how many."""
        with self._database.transaction() as tx:
            breakers = tx.run("policy_desk.forget_breakers", age_s=age_s)
            return breakers + tx.run("policy_desk.forget_windows", age_s=age_s)

    def drop_calls(self, age_s: float, *, batch: int = _BATCH) -> int:
        """Drop the calls that were recorded so long ago, `batch` per transaction; how many."""
        dropped = 0
        while True:
            with self._database.transaction() as tx:
                here = tx.run("policy_desk.drop_calls", age_s=age_s, limit=batch)
            dropped += here
            if here < batch:
                return dropped
