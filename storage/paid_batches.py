"""Batches of paid questions: what waits for one, what is on its way, what came of it.

    queued  ->  intent (a row for the batch, its questions marked)  ->  sent  ->  answers  ->  done

A provider's batch can be listed and its answers fetched after any crash, so a kill at any
point leaves nothing in doubt: a batch whose sender died is looked up under the names
(`custom_id`) that its questions were given. Only a batch the provider has forgotten, or an
answer missing from a batch that ended, is in doubt.

Times are the passed-in clock's; every change of state is compare-and-set.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate

from earnings.analysts.base import Batchable, CallKey
from earnings.analysts.batching import BatchItem, BatchResult
from resilience.clock import Clock, SystemClock
from storage.batch_results import store_results
from storage.call_budget import BudgetExhausted, Caps, check, lock
from storage.database import Database, Row
from storage.paid_calls import as_it_came, asked_columns
from storage.question_names import installation_name, question_name
from storage.sent_before import SentBefore
from storage.states import BatchState, CallState

FURTHEST_LOOK = timedelta(hours=2)  # one planned for later was planned by a clock ahead


@dataclass(frozen=True)
class Waiting:
    """What waits for the next batch. `oldest` and `newest`: since when, None if nothing does."""

    calls: int
    oldest: datetime | None
    newest: datetime | None


@dataclass(frozen=True)
class PaidBatch:
    """`remote_id` is the provider's name for it, None while it is not known."""

    id: int
    provider: str
    state: BatchState
    owner: str
    remote_id: str | None
    requests: int
    begun_at: datetime
    deadline_at: datetime
    next_look_at: datetime
    ended_at: datetime | None
    reason: str

    def is_due(self, now: datetime) -> bool:
        return not now < self.next_look_at <= now + FURTHEST_LOOK


@dataclass(frozen=True)
class Draft:
    """The next batch, not yet written down."""

    provider: str
    items: tuple[BatchItem, ...]
    call_ids: tuple[int, ...] = field(repr=False)
    estimates: tuple[Decimal, ...] = field(repr=False)

    def first(self, count: int) -> Draft:
        """Only the first so many of its questions."""
        return replace(
            self,
            items=self.items[:count],
            call_ids=self.call_ids[:count],
            estimates=self.estimates[:count],
        )


class Overtaken(Exception):
    """Somebody else took one of the draft's questions meanwhile: nothing was written down."""


class PaidBatches:
    """`owner` is this process's executor id; `caps` are per provider, and over all."""

    def __init__(
        self,
        database: Database,
        owner: str,
        *,
        caps: Mapping[str, Caps] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._owner = owner
        self._caps = dict(caps or {})
        self._clock = clock or SystemClock()
        self.sent_before = SentBefore(database, owner, self._clock)

    # ---- before it is sent --------------------------------------------------------------

    def queue(self, key: CallKey, batch: Batchable) -> bool:
        """Have a question wait for the next batch; False if it was asked or queued before."""
        values = {
            **vars(key),
            **asked_columns(key.asked),
            "owner": self._owner,
            "estimate_usd": batch.estimate_usd,
            "at": self._clock.now(),
            "request": as_it_came(batch.request),
        }
        with self._database.transaction() as tx:
            return bool(tx.run("paid_batches.queue", **values)) or bool(
                tx.run("paid_batches.queue_again", **values)
            )

    def withdraw(
        self,
        provider: str,
        asked: tuple[str, str] | None,
        why: str = "it was sent in no batch",
        *,
        upgrade: bool = False,
    ) -> list[int]:
        """Free what waits for a batch and is not put with the model and the prompt in `asked`
        (None: all of it) to be asked in another way, and what another analyst has answered
        meanwhile (not to `upgrade`, if in this provider's stead); the documents that are left
        without an answer."""
        model, prompt = asked or (None, None)
        with self._database.transaction() as tx:
            rows = tx.all(
                "paid_batches.withdraw",
                provider=provider,
                model=model,
                prompt_version=prompt,
                reason=f"withdrawn: {why}"[:1000],
                upgrade=upgrade,
                at=self._clock.now(),
            )
        return [row["id"] for row in rows]

    def waiting(self, provider: str) -> Waiting:
        with self._database.transaction() as tx:
            row = tx.one("paid_batches.waiting", provider=provider)
        return Waiting(**row) if row else Waiting(0, None, None)

    def draft(self, provider: str, most: int, most_bytes: int) -> Draft | None:
        """The oldest questions that wait, as many as a batch may hold; None if none does."""
        with self._database.transaction() as tx:
            rows = tx.all("paid_batches.next_calls", provider=provider, limit=most)
            installation = installation_name(tx)
        taken: list[Row] = []
        size = 0
        for row in rows:
            of_this = len(json.dumps(row["request"], ensure_ascii=False).encode())
            if taken and size + of_this > most_bytes:
                break
            taken.append(row)
            size += of_this
        if not taken:
            return None
        return Draft(
            provider,
            tuple(
                BatchItem(question_name(installation, row, row["asked"]), row["request"])
                for row in taken
            ),
            tuple(row["id"] for row in taken),
            tuple(row["estimate_usd"] for row in taken),
        )

    def affordable(self, draft: Draft) -> Draft:
        """As much of it, oldest first, as the caps leave room for. Raises BudgetExhausted if
        that is nothing."""
        now = self._clock.now()
        costs = list(accumulate(draft.estimates))
        with self._database.transaction() as tx:

            def goes_over(cost: Decimal) -> bool:
                try:
                    check(tx, draft.provider, self._caps, cost, now)
                except BudgetExhausted:
                    return True
                return False

            fits = bisect_left(costs, True, key=goes_over)
            if not fits:
                check(tx, draft.provider, self._caps, costs[0], now)
        return draft.first(fits)

    def no_room(self, provider: str, estimate_usd: Decimal) -> BudgetExhausted | None:
        """Which cap would not let it be sent now."""
        with self._database.transaction() as tx:
            try:
                check(tx, provider, self._caps, estimate_usd, self._clock.now())
            except BudgetExhausted as spent:
                return spent
        return None

    def begin(self, draft: Draft, *, wait: timedelta, look: timedelta) -> int:
        """Write the batch down, right before it is sent; its id. `wait`: how long its answers
        are waited for, `look`: when somebody looks whether it was sent at all.

        Raises Overtaken, BudgetExhausted, DatabaseError.
        """
        now = self._clock.now()
        with self._database.transaction() as tx:
            lock(tx, draft.provider, self._caps)
            check(tx, draft.provider, self._caps, sum(draft.estimates, Decimal(0)), now)
            row = tx.one(
                "paid_batches.intend",
                provider=draft.provider,
                owner=self._owner,
                requests=len(draft.items),
                at=now,
                deadline_at=now + wait,
                next_look_at=now + look,
            )
            assert row is not None
            for call_id, item in zip(draft.call_ids, draft.items, strict=True):
                joined = tx.run(
                    "paid_batches.join",
                    id=call_id,
                    owner=self._owner,
                    batch_id=row["id"],
                    custom_id=item.custom_id,
                    at=now,
                )
                if not joined:
                    raise Overtaken(f"question {call_id} does not wait any more")
        return int(row["id"])

    # ---- on its way ---------------------------------------------------------------------

    def due(self, limit: int = 20) -> list[PaidBatch]:
        """What is to be looked at now, and whatever is being sent."""
        now = self._clock.now()
        with self._database.transaction() as tx:
            rows = tx.all("paid_batches.due", at=now, furthest=now + FURTHEST_LOOK, limit=limit)
        return [_batch(row) for row in rows]

    def take(self, batch: PaidBatch, lease: timedelta) -> bool:
        """Whether it is ours to look at; nobody else looks for as long as `lease`."""
        with self._database.transaction() as tx:
            won = tx.run(
                "paid_batches.take",
                id=batch.id,
                seen=batch.next_look_at,
                state=batch.state,
                until=self._clock.now() + lease,
            )
        return won == 1

    def in_doubt(self, batch_id: int, look: timedelta, reason: str) -> None:
        """It may have been taken: it is looked up."""
        with self._database.transaction() as tx:
            at = self._clock.now() + look
            tx.run("paid_batches.look", id=batch_id, at=at, reason=reason[:1000])

    def recent(self, limit: int = 50) -> list[PaidBatch]:
        """Newest first."""
        with self._database.transaction() as tx:
            return [_batch(row) for row in tx.all("paid_batches.list", limit=limit)]

    def sent(self, batch_id: int, remote_id: str, look: timedelta) -> bool:
        """The provider has it, under that name."""
        with self._database.transaction() as tx:
            at = self._clock.now() + look
            won = tx.run("paid_batches.sent", id=batch_id, remote_id=remote_id, next_look_at=at)
        return won == 1

    def cancelling(self, batch_id: int, look: timedelta, reason: str) -> bool:
        with self._database.transaction() as tx:
            at = self._clock.now() + look
            won = tx.run("paid_batches.cancelling", id=batch_id, next_look_at=at, reason=reason)
        return won == 1

    def refuse(self, batch_id: int, reason: str, *, again: bool) -> bool:
        """Nobody took it. `again`: its questions wait for the next batch, else they are free to
        be asked in another way."""
        state = CallState.QUEUED if again else CallState.REFUSED
        now = self._clock.now()
        with self._database.transaction() as tx:
            won = tx.run("paid_batches.refuse", id=batch_id, at=now, reason=reason[:1000])
            if won:
                tx.run(
                    "paid_batches.put_back",
                    batch_id=batch_id,
                    state=state,
                    reason=reason[:1000],
                    at=now,
                )
        return won == 1

    def known(self, provider: str, since: datetime) -> frozenset[str]:
        """The provider's names of batches that are known to be ours."""
        with self._database.transaction() as tx:
            rows = tx.all("paid_batches.known", provider=provider, since=since)
        return frozenset(row["remote_id"] for row in rows)

    def custom_ids(self, batch_id: int) -> frozenset[str]:
        with self._database.transaction() as tx:
            rows = tx.all("paid_batches.calls", batch_id=batch_id)
        return frozenset(row["custom_id"] for row in rows)

    # ---- its end ------------------------------------------------------------------------

    def end(self, batch_id: int, results: Iterable[BatchResult]) -> int:
        """Store what a batch that ended says of its questions, all or nothing; how many it
        answers. A question it does not speak of is in doubt; one it speaks of twice, with and
        without an answer, is answered."""
        now = self._clock.now()
        with self._database.transaction() as tx:
            if not tx.run("paid_batches.end", id=batch_id, at=now):
                return 0
            return store_results(tx, batch_id, results, now)

    def lose(self, batch_id: int, reason: str) -> bool:
        """The provider does not know it: what it may have answered is in doubt."""
        now = self._clock.now()
        with self._database.transaction() as tx:
            won = tx.run("paid_batches.lose", id=batch_id, at=now, reason=reason[:1000])
            if won:
                tx.run("paid_batches.doubt", batch_id=batch_id, at=now, reason=reason[:1000])
        return won == 1

    def documents(self, batch_id: int) -> list[int]:
        """The documents that its questions were about, and that nobody but local has read."""
        with self._database.transaction() as tx:
            return [row["id"] for row in tx.all("paid_batches.documents", batch_id=batch_id)]

    def done(self, batch_id: int) -> bool:
        with self._database.transaction() as tx:
            return tx.run("paid_batches.done", id=batch_id) == 1


def _batch(row: Row) -> PaidBatch:
    return PaidBatch(**{**row, "state": BatchState(row["state"])})
