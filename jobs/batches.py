"""Sends what scheduled scans ask in batches, looks for the answers, and has documents read
again with them.

A tick, in every daemon and worker: what is due is taken by compare-and-set, so any number of
them may tick. Whatever is interrupted is found by the next tick of anybody:

    waiting questions ── sent ──► the provider's batch ── ended ──► answers stored ──► documents
        ▲                  │
        └── not taken ─────┘   a batch whose sender died is looked up in the provider's list

Meanwhile the local reading shows. Past its deadline a batch is cancelled and its end awaited;
only what the provider then reports as not done, and so not billed, is asked singly. So is
what waits and will not be sent any more, because batches were switched off or the model was
changed, or soon enough, because nothing goes to the provider now and another analyst can be
asked instead; what is on its way is fetched all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from earnings.analysts.batching import BatchProvider, BatchResult, NoSuchBatch
from jobs.batch_adoption import Adoption
from jobs.batch_doors import BatchDoors
from jobs.batch_search import Search
from jobs.context import JobContext
from jobs.leads import enqueue_again
from resilience.outcomes import CallError, CallFailed, was_not_accepted
from storage.call_budget import BudgetExhausted
from storage.errors import DatabaseError
from storage.intent import Intent
from storage.paid_batches import Draft, Overtaken, PaidBatch, PaidBatches, Waiting
from storage.states import BatchState

log = logging.getLogger("jobs.batches")

EVERY_S = 5.0
MOST = 200  # questions of a batch: all its answers are held in memory once
MOST_BYTES = 32_000_000
LONGEST_GATHERING = 20  # times the quiet time, however often something joins
SENDING = timedelta(minutes=10)  # no sender that lives takes longer
UNSEEN = timedelta(minutes=2)  # what the provider's list does not show by then was not taken,
WATCHED = timedelta(minutes=1)  # if somebody watched for so long: clocks may be moved
UNDECIDED = timedelta(days=2)  # no batch takes longer: whose one is will not be found out
GONE = timedelta(hours=1)  # before a batch that the provider does not know is given up
PARTIAL = timedelta(minutes=10)  # before answers that are missing from an ended batch are
NOT_SAID_WHEN = timedelta(minutes=5)


@dataclass(frozen=True)
class BatchRules:
    """`wait`: how long answers are waited for; `look`: between two looks; `gather`: a batch is
    sent when nothing joined it for so long; `sends`: whether any is sent; `upgrades`: also about
    what another analyst read in the provider's stead."""

    wait: timedelta = timedelta(hours=4)
    look: timedelta = timedelta(seconds=30)
    gather: timedelta = timedelta(seconds=15)
    sends: bool = True
    upgrades: bool = False


class Batcher:
    def __init__(
        self,
        context: JobContext,
        batches: PaidBatches,
        providers: Mapping[str, BatchProvider],
        rules: BatchRules,
        is_dead: Callable[[str], bool],
    ) -> None:
        self._context = context
        self._batches = batches
        self._providers = dict(providers)
        self._rules = rules
        self._is_dead = is_dead
        self._search = Search(batches)
        self._adoption = Adoption(batches, context.clock, rules.look)
        self._held: dict[str, str] = {}  # why nothing is sent since a restore, by provider
        self._seen: dict[tuple[int, str], float] = {}  # what of a batch, since when (monotonic)
        self._told: set[tuple[int, int]] = set()  # (batch, document) that was queued again
        self._closed_until: dict[str, tuple[float, CallError]] = {}  # monotonic, by provider
        self._doors = BatchDoors(context, providers)

    def tick(self) -> None:
        """Safe at any time. Raises what the database raises."""
        for batch in self._batches.due():
            if self._is_due(batch) and self._batches.take(batch, self._rules.look):
                self._guarded(batch, self._look)
        for provider in self._providers.values():
            waiting = self._batches.waiting(provider.name)
            if not waiting.calls:
                continue
            if self._was_sent(provider):
                self._gives_way(provider)
                continue
            if self._withdraw(provider) or self._gives_way(provider):
                continue
            if self._may_send(provider):
                self._send(provider, waiting)

    def shut(self, provider: str, estimate_usd: Decimal) -> CallError | None:
        """Why a question is not to wait for a batch now: the next analyst is asked at once."""
        shut = self._doors.shut(provider)
        if shut is None and (spent := self._batches.no_room(provider, estimate_usd)) is not None:
            shut = spent if self._doors.has_next(provider) else None
        return shut

    def _is_due(self, batch: PaidBatch) -> bool:
        if batch.is_due(self._context.clock.now()):
            return True
        is_ours = batch.owner == self._context.executor_id
        return batch.state is BatchState.INTENT and not is_ours and self._is_dead(batch.owner)

    # ---- after a restore ----------------------------------------------------------------

    def _was_sent(self, provider: BatchProvider) -> bool:
        """Whether some of what waits was answered before this database was restored, and is taken
        now, or may have been: then nothing is sent yet."""
        if provider.switched_off() is not None:
            return False
        try:
            adopted = self._adoption.adopt(provider)
            why = self._adoption.holds(provider)
        except (CallError, NoSuchBatch) as error:
            if isinstance(error, DatabaseError):
                raise
            adopted, why = [], f"what was sent before the restore cannot be read: {error}"
        for batch_id in adopted:
            self._read_again(batch_id)
        if why is not None and why != self._held.get(provider.name):
            log.warning("no batch goes to %s: %s", provider.name, why)
        if why is None:
            self._held.pop(provider.name, None)
        else:
            self._held[provider.name] = why
        return bool(adopted) or why is not None

    # ---- sending ------------------------------------------------------------------------

    def _may_send(self, provider: BatchProvider) -> bool:
        is_on = self._rules.sends and provider.switched_off() is None
        return is_on and provider.name not in self._context.agents.paused()

    def _withdraw(self, provider: BatchProvider) -> bool:
        """What waits and would not be asked like that any more is asked singly, as all is now
        that is new; whether there was any. Killed half-way, the next scan does it."""
        asked = provider.asks if self._rules.sends else None
        documents = self._batches.withdraw(provider.name, asked, upgrade=self._rules.upgrades)
        if documents:
            log.warning("%d document(s) wait for no batch any more", len(documents))
            self._queue_again(documents)
        return bool(documents)

    def _gives_way(self, provider: BatchProvider) -> bool:
        """Whether nothing goes to it now and somebody else is asked what waits."""
        closed = self._closed(provider.name)
        shut = self._doors.shut(provider.name)
        if shut is None and closed is not None and self._doors.has_next(provider.name):
            shut = closed
        return shut is not None and self._give_way(provider, shut)

    def _give_way(self, provider: BatchProvider, why: CallError) -> bool:
        """Withdraw all that waits: its documents are asked about at once, in the usual order."""
        documents = self._batches.withdraw(provider.name, None, f"the next analyst is asked: {why}")
        log.warning("%d document(s) wait for no batch: %s", len(documents), why)
        self._queue_again(documents)
        return True

    def _send(self, provider: BatchProvider, waiting: Waiting) -> None:
        name = provider.name
        if self._closed(name) is not None:
            return
        if not self._is_gathered(waiting):
            return
        draft = self._batches.draft(name, MOST, MOST_BYTES)
        if draft is None:
            return
        try:
            draft = self._batches.affordable(draft)
        except BudgetExhausted as spent:
            # With a next analyst it may be sent again as soon as true costs are known to be less.
            if not (self._doors.has_next(name) and self._give_way(provider, spent)):
                self._close(name, spent)
            return
        self._submit(provider, draft)

    def _submit(self, provider: BatchProvider, draft: Draft) -> None:
        name, rules = provider.name, self._rules
        intent = Intent(name, lambda: self._batches.begin(draft, wait=rules.wait, look=SENDING))
        try:
            remote = provider.submit(draft.items, intent)
        except CallError as error:
            self._not_sent(name, intent, error)
            return
        assert intent.id is not None
        if not self._batches.sent(intent.id, remote.id, rules.look):
            self._overdue(provider, intent.id, remote.id)
            return
        log.info(
            "batch %d of %d questions sent to %s (%s)", intent.id, len(draft.items), name, remote.id
        )

    def _overdue(self, provider: BatchProvider, batch_id: int, remote_id: str) -> None:
        """We stood still while it was sent, so that others decided about it: if they found it,
        all is well; if they gave it up, its questions are asked anew, and the less of it is done
        the better."""
        since = self._context.clock.now() - UNDECIDED
        if remote_id in self._batches.known(provider.name, since):
            return
        log.critical(
            "batch %d was given up while it was sent: %s is cancelled, what of it is done until "
            "then is paid for in vain",
            batch_id,
            remote_id,
        )
        provider.cancel(remote_id)

    def _is_gathered(self, waiting: Waiting) -> bool:
        """Whether enough waits, or it has waited long enough."""
        now = self._context.clock.now()
        if waiting.oldest is None or waiting.newest is None:
            return False
        gather = self._rules.gather
        is_quiet = abs(now - waiting.newest) >= gather  # a clock that was ahead is no reason
        is_old = now - waiting.oldest >= LONGEST_GATHERING * gather
        return is_quiet or is_old or waiting.calls >= MOST

    def _not_sent(self, name: str, intent: Intent, error: CallError) -> None:
        if isinstance(intent.problem, Overtaken):
            return  # some of them are being asked just now: the next tick sees what is left
        if intent.problem is not None:
            raise intent.problem
        if intent.id is None:
            self._close(name, error)
        elif not was_not_accepted(error):
            log.warning("batch %d may have been taken by %s: %s", intent.id, name, error)
            self._batches.in_doubt(intent.id, self._rules.look, str(error))
        else:
            again = not isinstance(error, CallFailed) or error.retryable
            log.warning("batch %d was not taken by %s: %s", intent.id, name, error)
            self._batches.refuse(intent.id, str(error), again=again)
            if again:
                self._close(name, error)
            else:
                self._read_again(intent.id)

    def _closed(self, name: str) -> CallError | None:
        """Why no batch is sent now, if an earlier one was turned away."""
        until, error = self._closed_until.get(name, (0.0, None))
        return error if self._context.clock.monotonic() < until else None

    def _close(self, name: str, error: CallError) -> None:
        """No batch is sent until the gate opens; what waits goes on waiting, or gives way."""
        clock = self._context.clock
        wait = NOT_SAID_WHEN if error.retry_at is None else error.retry_at - clock.now()
        self._closed_until[name] = (clock.monotonic() + max(1.0, wait.total_seconds()), error)
        log.warning("no batch goes to %s for %.0f s: %s", name, wait.total_seconds(), error)

    # ---- looking ------------------------------------------------------------------------

    def _guarded(self, batch: PaidBatch, look: Callable[[PaidBatch], None]) -> None:
        """A provider that cannot be asked is asked again at the next look."""
        try:
            look(batch)
        except DatabaseError:
            raise
        except NoSuchBatch as gone:
            self._gone(batch, gone)
        except CallError as error:
            log.warning("batch %d cannot be looked at: %s", batch.id, error)
        else:
            self._seen.pop((batch.id, "gone"), None)

    def _look(self, batch: PaidBatch) -> None:
        if batch.state is BatchState.ENDED:
            self._upgrade(batch.id)
            return
        provider = self._providers.get(batch.provider)
        off = "not configured" if provider is None else provider.switched_off()
        if provider is None or off is not None:
            log.warning("batch %d waits: %s is off: %s", batch.id, batch.provider, off)
        elif batch.remote_id is None:
            self._find(provider, batch)
        else:
            self._follow(provider, batch, batch.remote_id)

    def _gone(self, batch: PaidBatch, gone: NoSuchBatch) -> None:
        """Another key's workspace does not know it either, and a gateway's answer may be wrong."""
        if not self._lasts(batch, "gone", GONE):
            log.error("batch %d: %s; its questions wait", batch.id, gone)
        elif self._batches.lose(batch.id, str(gone)):
            log.critical("batch %d is lost, its questions are in doubt: %s", batch.id, gone)

    def _lasts(self, batch: PaidBatch, what: str, span: timedelta) -> bool:
        """Whether that was seen of it for so long, by the clock that nobody moves."""
        now = self._context.clock.monotonic()
        return now - self._seen.setdefault((batch.id, what), now) >= span.total_seconds()

    def _forget(self, batch: PaidBatch) -> None:
        self._seen = {seen: at for seen, at in self._seen.items() if seen[0] != batch.id}

    def _find(self, provider: BatchProvider, batch: PaidBatch) -> None:
        """Its sender died, or heard no answer: is it in the provider's list?"""
        age = abs(self._context.clock.now() - batch.begun_at)
        found = self._search.look(provider, batch)
        if found.remote_id is not None:
            log.info("batch %d was found at %s as %s", batch.id, provider.name, found.remote_id)
            self._batches.sent(batch.id, found.remote_id, timedelta())
        elif found.may_be_there:
            if age >= UNDECIDED and self._batches.lose(batch.id, "nobody can tell which it is"):
                log.critical("batch %d is lost, its questions are in doubt", batch.id)
        elif self._lasts(batch, "unseen", WATCHED) and age >= UNSEEN:
            why = f"{provider.name} has no such batch: it was never taken"
            log.warning("batch %d: %s", batch.id, why)
            self._batches.refuse(batch.id, why, again=True)

    def _follow(self, provider: BatchProvider, batch: PaidBatch, remote_id: str) -> None:
        remote = provider.look(remote_id)
        if remote.is_ended:
            self._end(batch, list(provider.results(remote_id)))
        elif batch.state is BatchState.SENT and self._context.clock.now() >= batch.deadline_at:
            provider.cancel(remote_id)
            why = f"no answers by {batch.deadline_at:%Y-%m-%d %H:%M} UTC"
            self._batches.cancelling(batch.id, self._rules.look, why)
            log.warning("batch %d is cancelled: %s", batch.id, why)

    def _end(self, batch: PaidBatch, results: Sequence[BatchResult]) -> None:
        told = {result.custom_id for result in results if result.is_clear}
        missing = len(self._batches.custom_ids(batch.id) - told)
        if missing and not self._lasts(batch, "partial", PARTIAL):
            log.warning("batch %d ended, %d of its results are not there yet", batch.id, missing)
            return
        answered = self._batches.end(batch.id, results)
        log.info("batch %d ended: %d of %d answered", batch.id, answered, batch.requests)
        self._forget(batch)
        self._upgrade(batch.id)

    # ---- afterwards ---------------------------------------------------------------------

    def _upgrade(self, batch_id: int) -> None:
        if self._read_again(batch_id):
            self._batches.done(batch_id)

    def _read_again(self, batch_id: int) -> bool:
        """Queue the documents of the batch, whose step now finds the answer, or asks singly;
        False if the work on one is not over yet."""
        documents = self._batches.documents(batch_id)
        new = [each for each in documents if (batch_id, each) not in self._told]
        busy = self._queue_again(new)
        self._told |= {(batch_id, each) for each in new if each not in busy}
        if not busy:
            self._told = {told for told in self._told if told[0] != batch_id}
        return not busy

    def _queue_again(self, document_ids: Iterable[int]) -> set[int]:
        """Have documents read again; those of them whose work is not over yet."""
        context = self._context
        found = (context.documents.get(document_id) for document_id in document_ids)
        return {one.id for one in found if one is not None and not enqueue_again(context, one)}
