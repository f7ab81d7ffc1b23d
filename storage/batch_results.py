"""What a provider says of an ended batch, written to the questions that were in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from earnings.analysts.batching import BatchResult
from storage.database import Tx
from storage.paid_calls import as_it_came


def store_results(tx: Tx, batch_id: int, results: Iterable[BatchResult], now: datetime) -> int:
    """How many of them are answers."""
    answered = 0
    for result in sorted(results, key=lambda each: each.answer is None):
        which = {"batch_id": batch_id, "custom_id": result.custom_id, "at": now}
        if not result.is_clear:
            continue
        if result.answer is None:
            tx.run("paid_batches.unanswered", **which, reason=result.why[:1000])
            continue
        answered += tx.run(
            "paid_batches.answer",
            **which,
            body=as_it_came(result.answer.body),
            **vars(result.answer.usage),
        )
    tx.run(
        "paid_batches.doubt",
        batch_id=batch_id,
        at=now,
        reason="its batch ended and says nothing of it",
    )
    return answered
