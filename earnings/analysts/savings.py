"""What a paid answer would have cost if nobody had saved, and which saving brought how much.

The naive call shows the model the whole document, keeps nothing in a cache, goes alone, and pays
the same prices. Its tokens follow from those that were counted: a text that is twice as long
takes twice as many. What the answer itself takes is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from earnings.analysts.base import AskedWith, Usage

_MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class Saved:
    """USD. `paid` and the savings add up to `naive`. Writing a cache that nobody reads makes
    `caching` negative."""

    paid: Decimal
    trimming: Decimal = Decimal(0)
    caching: Decimal = Decimal(0)
    batching: Decimal = Decimal(0)

    @property
    def naive(self) -> Decimal:
        return self.paid + self.trimming + self.caching + self.batching

    @property
    def share(self) -> Decimal | None:
        """Paid, of the naive cost."""
        return self.paid / self.naive if self.naive > 0 else None

    def __add__(self, other: Saved) -> Saved:
        return Saved(
            self.paid + other.paid,
            self.trimming + other.trimming,
            self.caching + other.caching,
            self.batching + other.batching,
        )


def saved(usage: Usage, asked: AskedWith, *, in_batch: bool) -> Saved:
    """Of one answer. `storage/queries/spending.sql` (totals) says the same in SQL. Pure."""
    read = usage.input_tokens + usage.cache_write_tokens + usage.cache_read_tokens
    at_list = (read * asked.input_usd + usage.output_tokens * asked.output_usd) / _MILLION
    alone = usage.cost_usd / (asked.batch_share if in_batch else 1)
    more = Decimal(asked.whole_characters) / asked.sent_characters - 1
    return Saved(
        paid=usage.cost_usd,
        trimming=read * more * asked.input_usd / _MILLION,
        caching=at_list - alone,
        batching=alone - usage.cost_usd,
    )
