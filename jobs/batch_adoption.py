"""A database that was restored does not know what was sent after its backup: the provider does.

What waited then, or was found since and found again, may have been asked, answered and paid for.
Questions have the same names as before (storage/question_names.py), so before anything is sent
the provider's batches of that time are listed, which costs nothing, and the answers to what would
be asked again are taken from them.

What names a batch holds is told only once it has ended. So while one of that time that is not
known to us has not, nothing is sent: a day at most, for no batch takes longer.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from earnings.analysts.batching import BatchProvider, BatchResult, NoSuchBatch, RemoteBatch
from jobs.batch_search import EARLIER
from resilience.clock import Clock
from storage.backups import Restoration
from storage.paid_batches import PaidBatches
from storage.question_names import PREFIX
from storage.sent_before import Named

log = logging.getLogger("jobs.batch_adoption")

KEPT = timedelta(days=31)  # a provider keeps results for 29
HELD = timedelta(days=2)  # no batch takes longer: what is open then is never told of
AHEAD = timedelta(minutes=10)  # of our clock the provider's may be


@dataclass
class _Seen:
    """Of one provider. `where`: in which batch a name is."""

    where: dict[str, str] = field(default_factory=dict)
    batches: dict[str, RemoteBatch] = field(default_factory=dict)
    open: int = 0
    is_complete: bool = False
    next_look: float = float("-inf")  # monotonic


class Adoption:
    def __init__(self, batches: PaidBatches, clock: Clock, pause: timedelta) -> None:
        """`pause`: between two looks at a list in which something is open."""
        self._batches = batches
        self._clock = clock
        self._pause_s = pause.total_seconds()
        self._looked = False
        self._restoration: Restoration | None = None
        self._seen: defaultdict[str, _Seen] = defaultdict(_Seen)

    def adopt(self, provider: BatchProvider) -> list[int]:
        """Take the answers there are to what waits; the batches they came in. Raises CallError,
        DatabaseError."""
        restoration = self._restored()
        if restoration is None:
            return []
        seen = self._seen[provider.name]
        if not seen.is_complete and self._clock.monotonic() >= seen.next_look:
            self._read(provider, seen, restoration)
        found: defaultdict[str, list[Named]] = defaultdict(list)
        for candidates in (
            self._batches.sent_before.names_of_waiting(provider.name) if seen.where else ()
        ):
            sent = next((one for one in candidates if one.custom_id in seen.where), None)
            if sent is not None:
                found[seen.where[sent.custom_id]].append(sent)
        return [
            self._take(provider, seen.batches[remote_id], named)
            for remote_id, named in found.items()
        ]

    def holds(self, provider: BatchProvider) -> str | None:
        """Why nothing is to be sent yet, after `adopt`."""
        restoration, seen = self._restored(), self._seen[provider.name]
        if restoration is None or seen.is_complete:
            return None
        if self._clock.now() - restoration.restored_at < HELD:
            return f"{seen.open} batch(es) of before the restore have not ended"
        return None

    def _restored(self) -> Restoration | None:
        if not self._looked:  # nobody restores a database on which a process runs
            self._restoration = self._batches.sent_before.restored()
            self._looked = True
        found = self._restoration
        is_past = found is not None and self._clock.now() - found.restored_at > KEPT
        return None if is_past else found

    def _read(self, provider: BatchProvider, seen: _Seen, restoration: Restoration) -> None:
        since = restoration.taken_at - EARLIER
        known = self._batches.known(provider.name, since - EARLIER)
        still_open = 0
        for remote in provider.since(since):
            is_later = (
                remote.created_at is not None
                and remote.created_at > restoration.restored_at + AHEAD
            )
            if is_later or remote.id in seen.batches:
                continue
            names = _names(provider, remote)
            if names is not None:
                seen.batches[remote.id] = remote
                seen.where |= dict.fromkeys(names, remote.id)
            elif remote.id not in known:
                still_open += 1
        seen.open, seen.is_complete = still_open, not still_open
        seen.next_look = self._clock.monotonic() + self._pause_s

    def _take(self, provider: BatchProvider, remote: RemoteBatch, named: list[Named]) -> int:
        names = {one.custom_id for one in named}
        results = [one for one in provider.results(remote.id) if one.custom_id in names]
        batch_id, answered = self._batches.sent_before.adopt(provider.name, remote, named, results)
        log.warning(
            "%d question(s) were sent before this database was restored: %d answer(s) are taken "
            "from %s, batch %d",
            len(named),
            answered,
            remote.id,
            batch_id,
        )
        return batch_id


def _names(provider: BatchProvider, remote: RemoteBatch) -> list[str] | None:
    """The names of ours, or of others like us, that are in it; None: not told yet."""
    if not remote.is_ended:
        return None
    try:
        results: Iterable[BatchResult] = list(provider.results(remote.id))
    except NoSuchBatch as gone:
        log.warning("batch %s of before the restore cannot be read any more: %s", remote.id, gone)
        return []
    names = [one.custom_id for one in results]
    if len(names) < remote.requests:
        return None
    return [name for name in names if name.startswith(PREFIX)]
