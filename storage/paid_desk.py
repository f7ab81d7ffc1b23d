"""A person's desk for paid calls: which stand how, and a word on those in doubt.

Two ends of a doubt are a person's. `retry`: it may be asked, and paid for, once more.
`drop`: it is never asked again, and the local reading stands for good. Each is
compare-and-set on the doubt, so of two people one wins, and an answer that comes in between
wins over both.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from earnings.analysts.base import CallKey
from resilience.clock import Clock, SystemClock
from storage.database import Database, Row
from storage.states import CallState

_SETTLED = (CallState.ANSWERED, CallState.REFUSED, CallState.DROPPED)
OPEN = tuple(state for state in CallState if state not in _SETTLED)  # without an answer yet


@dataclass(frozen=True)
class Asker:
    """The process that asked, as it entered itself; of an old one nothing may be known."""

    executor: str
    instance: str | None
    kind: str | None
    pid: int | None
    host: str | None


@dataclass(frozen=True)
class PaidCall:
    """`document_id` None: no document of these bytes is stored. `taken_usd` is what it takes of
    the caps, earlier askings included; `billed` is what a person knew who dropped it."""

    id: int
    key: CallKey
    state: CallState
    asker: Asker
    estimate_usd: Decimal
    cost_usd: Decimal
    taken_usd: Decimal
    begun_at: datetime
    ended_at: datetime | None
    asked: int
    reason: str
    billed: bool | None
    batch_id: int | None  # the batch it is in, or was answered in
    document_id: int | None
    title: str | None
    ticker: str | None


class PaidDesk:
    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()

    def listed(self, states: Collection[CallState], limit: int = 1000) -> list[PaidCall]:
        """Oldest first."""
        with self._database.transaction() as tx:
            rows = tx.all("paid_desk.listed", states=[str(one) for one in states], limit=limit)
        return [_call(row) for row in rows]

    def get(self, call_id: int) -> PaidCall | None:
        with self._database.transaction() as tx:
            row = tx.one("paid_desk.get", id=call_id)
        return _call(row) if row else None

    def retry(self, call_id: int, reason: str, *, billed: bool | None = None) -> bool:
        """Free to be asked again; False if it is not in doubt (any more)."""
        with self._database.transaction() as tx:
            won = tx.run(
                "paid_calls.release",
                id=call_id,
                reason=reason,
                billed=billed,
                at=self._clock.now(),
            )
        return won == 1

    def drop(self, call_id: int, reason: str, *, billed: bool | None = None) -> bool:
        """Never asked again; False if it is not in doubt (any more). In one transaction its
        documents are no longer among those that wait for an answer."""
        with self._database.transaction() as tx:
            row = tx.one(
                "paid_desk.drop", id=call_id, reason=reason, billed=billed, at=self._clock.now()
            )
            if row is None:
                return False
            tx.run("paid_desk.settle_documents", sha256=row["sha256"])
        return True

    def documents(self, sha256: str) -> list[int]:
        """The documents that wait for the answer to a question about these bytes."""
        with self._database.transaction() as tx:
            return [int(row["id"]) for row in tx.all("paid_desk.documents", sha256=sha256)]


def _call(row: Row) -> PaidCall:
    key = CallKey(*(row.pop(name) for name in ("provider", "model", "prompt_version", "sha256")))
    names = {"executor": "owner"} | {name: name for name in ("instance", "kind", "pid", "host")}
    asker = Asker(**{name: row.pop(column) for name, column in names.items()})
    state = CallState(row.pop("state"))
    return PaidCall(key=key, asker=asker, state=state, **row)
