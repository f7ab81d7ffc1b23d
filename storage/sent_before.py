"""What was sent in batches before this database was restored, and is not known to it any more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from earnings.analysts.batching import BatchResult, RemoteBatch
from resilience.clock import Clock
from storage.backups import Backups, Restoration
from storage.batch_results import store_results
from storage.database import Database, Tx
from storage.question_names import installation_name, names_since
from storage.states import BatchState


@dataclass(frozen=True)
class Named:
    """A question that waits, under a name it may have been sent under before this database was
    restored. `asked`: how often it was asked then, with that time."""

    call_id: int
    custom_id: str
    asked: int


class SentBefore:
    """`owner` is this process's executor id."""

    def __init__(self, database: Database, owner: str, clock: Clock) -> None:
        self._database = database
        self._owner = owner
        self._clock = clock

    def restored(self) -> Restoration | None:
        """The latest; None if this database was never restored."""
        return Backups(self._database).restored()

    def names_of_waiting(self, provider: str) -> Iterator[list[Named]]:
        """Of each question that waits: the names it may have, the likeliest first."""
        with self._database.transaction() as tx:
            rows = tx.all("paid_batches.waiting_calls", provider=provider)
            installation = installation_name(tx)
        for row in rows:
            names = names_since(installation, row)
            yield [Named(row["id"], name, asked + 1) for asked, name in names]

    def adopt(
        self,
        provider: str,
        remote: RemoteBatch,
        named: Sequence[Named],
        results: Iterable[BatchResult],
    ) -> tuple[int, int]:
        """What an ended batch of before the restore says of these questions, all or nothing; its
        number here, and how many it answers. They count as asked when it was made."""
        now = self._clock.now()
        at = min(remote.created_at or now, now)
        with self._database.transaction() as tx:
            requests = max(remote.requests, len(named))
            batch_id, state = self._adopted(tx, provider, remote, requests, at)
            for one in named:
                tx.run(
                    "paid_batches.join_adopted",
                    id=one.call_id,
                    owner=self._owner,
                    batch_id=batch_id,
                    custom_id=one.custom_id,
                    asked=one.asked,
                    at=at,
                )
            if state not in (BatchState.ENDED, BatchState.DONE):
                return batch_id, 0  # its end, which is still to be seen here, tells
            return batch_id, store_results(tx, batch_id, results, now)

    def _adopted(
        self, tx: Tx, provider: str, remote: RemoteBatch, requests: int, at: datetime
    ) -> tuple[int, BatchState]:
        """The row of a batch that has ended, as if we had sent it and seen its end."""
        which = {"provider": provider, "remote_id": remote.id}
        tx.run("paid_batches.lock_remote", **which)
        known = tx.one("paid_batches.of_remote", **which)
        if known is not None:
            return int(known["id"]), BatchState(known["state"])
        made = tx.one(
            "paid_batches.intend",
            provider=provider,
            owner=self._owner,
            requests=requests,
            at=at,
            deadline_at=at,
            next_look_at=at,
        )
        assert made is not None
        tx.run("paid_batches.sent", id=made["id"], remote_id=remote.id, next_look_at=at)
        tx.run("paid_batches.end", id=made["id"], at=self._clock.now())
        return int(made["id"]), BatchState.ENDED
