"""Which of the provider's batches is one of ours whose sender died, or heard no answer?

A list shows sizes, not names: whose a batch is only its results tell, once it has ended. So a
batch of the right size that nobody knows may be the one until then, and one whose results
name nobody may be it for ever: that it is somebody else's has to be seen, not guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from earnings.analysts.batching import BatchProvider, NoSuchBatch, RemoteBatch
from storage.paid_batches import PaidBatch, PaidBatches

# Our clock may have been wrong when the batch was written down, by a day and some more: what
# the list is not asked for would count as never taken, and be paid for again.
EARLIER = timedelta(days=2)


@dataclass(frozen=True)
class Found:
    """`remote_id`: the one. `may_be_there`: it is not told yet which it is, if any."""

    remote_id: str | None = None
    may_be_there: bool = False


class Search:
    def __init__(self, batches: PaidBatches) -> None:
        self._batches = batches
        self._strangers: set[str] = set()  # seen to be somebody else's

    def look(self, provider: BatchProvider, batch: PaidBatch) -> Found:
        """Raises CallError."""
        since = batch.begun_at - EARLIER
        known = self._batches.known(batch.provider, since - EARLIER)
        ours = self._batches.custom_ids(batch.id)
        may_be_there = False
        for remote in provider.since(since):
            if remote.id in known or remote.id in self._strangers:
                continue
            is_it = _is_it(provider, remote, batch.requests, ours)
            if is_it:
                return Found(remote.id)
            if is_it is None:
                may_be_there = True
            else:
                self._strangers.add(remote.id)
        return Found(may_be_there=may_be_there)


def _is_it(
    provider: BatchProvider, remote: RemoteBatch, size: int, ours: frozenset[str]
) -> bool | None:
    """None: that cannot be told (yet)."""
    if remote.requests not in (0, size):  # 0: not counted
        return False
    if not remote.is_ended:
        return None
    try:
        names = {result.custom_id for result in provider.results(remote.id)}
    except NoSuchBatch:
        return None
    return bool(names & ours) if names else None
