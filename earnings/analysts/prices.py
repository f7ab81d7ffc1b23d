"""What a model's tokens cost, from configured prices.

Prices change and differ by model, so they are configuration with the date they were read;
this module only multiplies. USD throughout, per million tokens as providers list them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_UP, Decimal

from earnings.analysts.base import Usage

_MILLION = Decimal(1_000_000)
_SMALLEST = Decimal("0.000001")

# Measured on filings: tables of digits give about 3.5 characters a token, prose more.
# The lower one, so that an estimate is rather too dear than too cheap.
CHARACTERS_PER_TOKEN = Decimal("3.5")


@dataclass(frozen=True)
class Prices:
    """USD per million tokens. `read_on`: when somebody last looked them up."""

    input_usd: Decimal
    cache_write_usd: Decimal
    cache_read_usd: Decimal
    output_usd: Decimal
    read_on: date | None = None

    def usage(
        self,
        *,
        input_tokens: int,
        cache_write_tokens: int,
        cache_read_tokens: int,
        output_tokens: int,
    ) -> Usage:
        """The tokens of one answer with what they cost."""
        cost = (
            input_tokens * self.input_usd
            + cache_write_tokens * self.cache_write_usd
            + cache_read_tokens * self.cache_read_usd
            + output_tokens * self.output_usd
        )
        return Usage(
            input_tokens=input_tokens,
            cache_write_tokens=cache_write_tokens,
            cache_read_tokens=cache_read_tokens,
            output_tokens=output_tokens,
            cost_usd=_round_up(cost / _MILLION),
        )

    def estimate(self, characters: int, max_output_tokens: int) -> Decimal:
        """The most one call can cost: nothing read from the cache, every output token used.

        A cap that is checked against the most can be reached, never passed.
        """
        dearest_input = max(self.input_usd, self.cache_write_usd)
        tokens = Decimal(characters) / CHARACTERS_PER_TOKEN
        return _round_up((tokens * dearest_input + max_output_tokens * self.output_usd) / _MILLION)


FREE = Prices(Decimal(0), Decimal(0), Decimal(0), Decimal(0))


def tokens_of(characters: int) -> int:
    """How many tokens a text is thought to be, rather too many than too few."""
    return int(Decimal(characters) / CHARACTERS_PER_TOKEN) + 1


def resources(usage: Usage) -> dict[str, float]:
    """What an answer took of each resource that a policy may count."""
    read = usage.input_tokens + usage.cache_write_tokens
    return {
        "input_tokens": float(read),  # what comes out of the cache is not counted by providers
        "output_tokens": float(usage.output_tokens),
        "tokens": float(read + usage.output_tokens),
        "usd": float(usage.cost_usd),
    }


def _round_up(amount: Decimal) -> Decimal:
    return amount.quantize(_SMALLEST, rounding=ROUND_UP)
