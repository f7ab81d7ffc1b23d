"""Sends what scheduled scans ask in batches, looks for the answers, and has documents read
again with them.

A tick, in every process that works: what is due is taken by compare-and-set, so any number
of them may tick. Whatever is interrupted is found by the next tick of anybody:

    waiting questions ── sent ──► the provider's batch ── ended ──► answers stored ──► documents
        ▲                  │
        └── not taken ─────┘   a batch whose sender died is looked up in the provider's list

Meanwhile the local reading shows. Past its deadline a batch is cancelled and its end awaited;
only what the provider then reports as not done, and so not billed, is asked singly.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from earnings.analysts.batching import BatchProvider, NoSuchBatch, RemoteBatch
from jobs.context import JobContext
from jobs.leads import enqueue_again
from resilience.outcomes import CallError, CallFailed
from storage.call_budget import BudgetExhausted
from storage.errors import DatabaseError
from storage.intent import Intent
from storage.paid_batches import Draft, Overtaken, PaidBatch, PaidBatches
from storage.paid_calls import was_not_accepted
from storage.states import BatchState

log = logging.getLogger("jobs.batches")

EVERY_S = 5.0
MOST = 200  # questions of a batch: all its answers are held in memory once
MOST_BYTES = 32_000_000
LONGEST_GATHERING = 20  # times the quiet time, however often something joins
SENDING = timedelta(minutes=10)  # no sender that lives takes longer
UNSEEN = timedelta(minutes=2)  # what the provider's list does not show by then was not taken
EARLIER = timedelta(minutes=10)  # the provider's clock may be so much behind ours
NOT_SAID_WHEN = timedelta(minutes=5)


@dataclass(frozen=True)
class BatchRules:
    """`wait`: how long answers are waited for; `look`: between two looks; `gather`: a batch is
    sent when nothing joined it for so long."""

    wait: timedelta = timedelta(hours=4)
    look: timedelta = timedelta(seconds=30)
    gather: timedelta = timedelta(seconds=15)


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
        self._strangers: set[str] = set()  # batches of the account that are not ours
        self._told: set[tuple[int, int]] = set()  # (batch, document) that was queued again
        self._closed_until: dict[str, float] = {}  # monotonic, by provider

    def tick(self) -> None:
        """Safe at any time. Raises what the database raises."""
        for batch in self._batches.due():
            if self._is_due(batch) and self._batches.take(batch, self._rules.look):
                self._guarded(batch, self._look)
        paused = self._context.agents.paused() if self._providers else {}
        for provider in self._providers.values():
            if provider.switched_off() is None and provider.name not in paused:
                self._send(provider)

    def _is_due(self, batch: PaidBatch) -> bool:
        if batch.next_look_at <= self._context.clock.now():
            return True
        is_ours = batch.owner == self._context.executor_id
        return batch.state is BatchState.INTENT and not is_ours and self._is_dead(batch.owner)

    # ---- sending ------------------------------------------------------------------------

    def _send(self, provider: BatchProvider) -> None:
        name = provider.name
        if self._context.clock.monotonic() < self._closed_until.get(name, 0.0):
            return
        if not self._is_gathered(name):
            return
        draft = self._batches.draft(name, MOST, MOST_BYTES)
        if draft is None:
            return
        try:
            draft = self._batches.affordable(draft)
        except BudgetExhausted as spent:
            self._closed(name, spent)
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
        self._batches.sent(intent.id, remote.id, rules.look)
        log.info(
            "batch %d of %d questions sent to %s (%s)", intent.id, len(draft.items), name, remote.id
        )

    def _is_gathered(self, name: str) -> bool:
        """Whether enough waits, or it has waited long enough."""
        waiting, now = self._batches.waiting(name), self._context.clock.now()
        if waiting.oldest is None or waiting.newest is None:
            return False
        gather = self._rules.gather
        is_quiet = now - waiting.newest >= gather
        is_old = now - waiting.oldest >= LONGEST_GATHERING * gather
        return is_quiet or is_old or waiting.calls >= MOST

    def _not_sent(self, name: str, intent: Intent, error: CallError) -> None:
        if isinstance(intent.problem, Overtaken):
            return  # some of them are being asked just now: the next tick sees what is left
        if intent.problem is not None:
            raise intent.problem
        if intent.id is None:
            self._closed(name, error)
        elif not was_not_accepted(error):
            log.warning("batch %d may have been taken by %s: %s", intent.id, name, error)
            self._batches.in_doubt(intent.id, self._rules.look, str(error))
        else:
            again = not isinstance(error, CallFailed) or error.retryable
            log.warning("batch %d was not taken by %s: %s", intent.id, name, error)
            self._batches.refuse(intent.id, str(error), again=again)
            if again:
                self._closed(name, error)
            else:
                self._read_again(intent.id)

    def _closed(self, name: str, error: CallError) -> None:
        """No batch is sent until the gate opens; what waits goes on waiting."""
        clock = self._context.clock
        wait = NOT_SAID_WHEN if error.retry_at is None else error.retry_at - clock.now()
        self._closed_until[name] = clock.monotonic() + max(1.0, wait.total_seconds())
        log.warning("no batch goes to %s for %.0f s: %s", name, wait.total_seconds(), error)

    # ---- looking ------------------------------------------------------------------------

    def _guarded(self, batch: PaidBatch, look: Callable[[PaidBatch], None]) -> None:
        """A provider that cannot be asked is asked again at the next look."""
        try:
            look(batch)
        except DatabaseError:
            raise
        except NoSuchBatch as gone:
            if self._batches.lose(batch.id, str(gone)):
                log.critical("batch %d is lost, its questions are in doubt: %s", batch.id, gone)
        except CallError as error:
            log.warning("batch %d cannot be looked at: %s", batch.id, error)

    def _look(self, batch: PaidBatch) -> None:
        if batch.state is BatchState.ENDED:
            self._upgrade(batch.id)
            return
        provider = self._providers.get(batch.provider)
        if provider is None:
            log.warning("batch %d waits: %s is not configured any more", batch.id, batch.provider)
        elif batch.remote_id is None:
            self._find(provider, batch)
        else:
            self._follow(provider, batch, batch.remote_id)

    def _find(self, provider: BatchProvider, batch: PaidBatch) -> None:
        """Its sender died, or heard no answer: is it in the provider's list?"""
        since = batch.begun_at - EARLIER
        known = self._batches.known(batch.provider, since - EARLIER)
        ours = self._batches.custom_ids(batch.id)
        may_be_ours = False
        for remote in provider.since(since):
            if remote.id in known or remote.id in self._strangers:
                continue
            if remote.requests != batch.requests:
                self._strangers.add(remote.id)
            elif not remote.is_ended:
                may_be_ours = True  # only its results tell
            elif self._holds(provider, remote, ours):
                log.info("batch %d was found at %s as %s", batch.id, provider.name, remote.id)
                self._batches.sent(batch.id, remote.id, timedelta())
                return
            else:
                self._strangers.add(remote.id)
        if not may_be_ours and self._context.clock.now() - batch.begun_at >= UNSEEN:
            why = f"{provider.name} has no such batch: it was never taken"
            log.warning("batch %d: %s", batch.id, why)
            self._batches.refuse(batch.id, why, again=True)

    def _holds(self, provider: BatchProvider, remote: RemoteBatch, ours: frozenset[str]) -> bool:
        return any(result.custom_id in ours for result in provider.results(remote.id))

    def _follow(self, provider: BatchProvider, batch: PaidBatch, remote_id: str) -> None:
        remote = provider.look(remote_id)
        if remote.is_ended:
            answered = self._batches.end(batch.id, list(provider.results(remote_id)))
            log.info("batch %d ended: %d of %d answered", batch.id, answered, batch.requests)
            self._upgrade(batch.id)
        elif batch.state is BatchState.SENT and self._context.clock.now() >= batch.deadline_at:
            provider.cancel(remote_id)
            why = f"no answers by {batch.deadline_at:%Y-%m-%d %H:%M} UTC"
            self._batches.cancelling(batch.id, self._rules.look, why)
            log.warning("batch %d is cancelled: %s", batch.id, why)

    # ---- afterwards ---------------------------------------------------------------------

    def _upgrade(self, batch_id: int) -> None:
        if self._read_again(batch_id):
            self._batches.done(batch_id)

    def _read_again(self, batch_id: int) -> bool:
        """Queue the documents of the batch, whose step now finds the answer, or asks singly;
        False if the work on one is not over yet."""
        context, is_all = self._context, True
        for document_id in self._batches.documents(batch_id):
            if (batch_id, document_id) in self._told:
                continue
            document = context.documents.get(document_id)
            if document is not None and not enqueue_again(context, document):
                is_all = False
                continue
            self._told.add((batch_id, document_id))
        if is_all:
            self._told = {told for told in self._told if told[0] != batch_id}
        return is_all
