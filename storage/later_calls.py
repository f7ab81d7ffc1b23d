"""The paid calls of whoever can wait for a batch."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from earnings.analysts.base import AnswerLater, Batchable, Begin, CallKey, PaidAnswer
from resilience.outcomes import CallError
from storage.paid_batches import PaidBatches
from storage.paid_calls import PaidCallLedger, Standing


class LaterCalls:
    """A question joins the next batch instead of being asked.

    Implements `earnings.analysts.base.PaidCalls`. What was answered before is returned at
    once; what cannot be batched is asked at once. `shut`: why nothing is to wait for a batch of a
    provider now, because the next analyst would be asked before it could be sent.
    """

    def __init__(
        self,
        ledger: PaidCallLedger,
        batches: PaidBatches,
        shut: Callable[[str, Decimal], CallError | None] = lambda provider, estimate_usd: None,
    ) -> None:
        self._ledger = ledger
        self._batches = batches
        self._shut = shut

    def once(
        self,
        key: CallKey,
        estimate_usd: Decimal,
        call: Callable[[Begin], PaidAnswer],
        batch: Batchable | None = None,
    ) -> PaidAnswer:
        """Raises AnswerLater in the usual case; CallInDoubt, BudgetExhausted, CallError."""
        if batch is None:
            return self._ledger.once(key, estimate_usd, call)
        found = self._ledger.look(key, batch.estimate_usd)
        if isinstance(found, PaidAnswer):
            return found
        if found is Standing.FREE:
            shut = self._shut(key.provider, batch.estimate_usd)
            if shut is not None:
                raise shut
            self._batches.queue(key, batch)
        busy = found is Standing.BUSY
        raise AnswerLater("it is being asked just now" if busy else "it joins the next batch")
