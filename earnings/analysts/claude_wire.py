"""How Claude is reached: its address, the headers of a request, and its refusals.

Shared by who asks one question (`claude`) and who sends many (`claude_batches`).
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from decimal import Decimal

from earnings.analysts.claude_errors import refusal_of
from earnings.analysts.claude_messages import SERVICE
from earnings.analysts.prices import Prices
from earnings.analysts.refusals import Pauses
from outside.answers import HttpAnswer
from outside.http import HttpDoor
from resilience.clock import Clock
from resilience.outcomes import Rejected

BEARER_SINCE = "2026-10-21"  # API version from which the key is a bearer token


@dataclass(frozen=True)
class ClaudeSetup:
    """What Claude is asked with. `prices` belong to `model`; `batch_share` of them is what the
    same answer costs in a batch."""

    model: str
    prices: Prices
    api_key: str | None = field(default=None, repr=False)
    base_url: str = "https://api.anthropic.com"
    api_version: str = "2023-06-01"
    max_output_tokens: int = 16_000
    max_document_characters: int = 240_000  # about 70,000 tokens
    timeout_s: float = 180.0
    batch_share: Decimal = Decimal("0.5")

    def batch_prices(self) -> Prices:
        share, full = self.batch_share, self.prices
        return replace(
            full,
            input_usd=full.input_usd * share,
            cache_write_usd=full.cache_write_usd * share,
            cache_read_usd=full.cache_read_usd * share,
            output_usd=full.output_usd * share,
        )


class ClaudeWire:
    """Remembers a refusal that meets every question, and lets none be sent for a while."""

    def __init__(self, door: HttpDoor, setup: ClaudeSetup, clock: Clock) -> None:
        self.door = door
        self.setup = setup
        self._clock = clock
        self._pauses = Pauses(SERVICE, clock)

    def switched_off(self) -> str | None:
        if self.setup.api_key:
            return None
        return "no API key: set ANTHROPIC_API_KEY to switch it on"

    def url(self, path: str) -> str:
        return self.setup.base_url.rstrip("/") + path

    def headers(self) -> dict[str, str]:
        key = self.setup.api_key or ""
        version = self.setup.api_version
        sent = {"anthropic-version": version}
        if version >= BEARER_SINCE:  # ISO dates sort as text
            return sent | {"authorization": f"Bearer {key}"}
        return sent | {"x-api-key": key}

    def check_refusal(self, answer: HttpAnswer) -> None:
        """Seen by the policy: what the door cannot know of Claude's errors. Raises CallFailed."""
        secrets = frozenset({self.setup.api_key} if self.setup.api_key else ())
        refusal = refusal_of(answer, self._clock.now(), secrets)
        if refusal is not None:
            raise refusal

    def refused(self) -> Rejected | None:
        """Why nothing is asked now, by an earlier refusal that meets every question."""
        return self._pauses.refused()

    def pausing(self) -> AbstractContextManager[None]:
        """Round what is sent. Raises Rejected while nothing is to be asked."""
        return self._pauses.watched()
