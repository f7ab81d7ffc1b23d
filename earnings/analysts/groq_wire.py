"""How Groq is reached: its address, the headers of a request, its refusals, and how many tokens
it takes at once."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal

from earnings.analysts.groq_errors import refusal_of
from earnings.analysts.groq_messages import SERVICE
from earnings.analysts.prices import Prices
from earnings.analysts.refusals import Pauses
from outside.answers import HttpAnswer
from outside.http import HttpDoor
from resilience.clock import Clock

JsonMode = Literal["auto", "strict", "object"]

# Whose answers Groq holds to a schema while they are written, as it listed them on 2026-11-29.
STRICT_MODELS = frozenset({"openai/gpt-oss-120b", "openai/gpt-oss-20b"})
# They think before they answer; what they think counts as output.
_THINKS = "openai/gpt-oss-"

_PREFIX = "/openai/v1"
_LIMIT_HEADER = "x-ratelimit-limit-tokens"  # of a minute
_LEAST_LIMIT = 2_000  # a lower one is not believed: nothing could be asked by it


@dataclass(frozen=True)
class GroqSetup:
    """What Groq is asked with. `prices` belong to `model`. `tokens_at_once`: the most one call
    may take by the policy's own limits, its answer included; None: no limit."""

    model: str
    prices: Prices
    api_key: str | None = field(default=None, repr=False)
    base_url: str = "https://api.groq.com"
    max_output_tokens: int = 3_000
    context_tokens: int = 131_072
    tokens_at_once: int | None = None
    json_mode: JsonMode = "auto"
    max_document_characters: int = 240_000
    timeout_s: float = 120.0

    @property
    def is_strict(self) -> bool:
        """Whether the answer is held to the schema; else it is asked for in words."""
        if self.json_mode == "auto":
            return self.model in STRICT_MODELS
        return self.json_mode == "strict"

    @property
    def effort(self) -> str | None:
        return "low" if self.model.startswith(_THINKS) else None


class GroqWire:
    """Remembers a refusal that meets every question, and a lower limit than configured."""

    def __init__(self, door: HttpDoor, setup: GroqSetup, clock: Clock) -> None:
        self.door = door
        self.setup = setup
        self._clock = clock
        self._pauses = Pauses(SERVICE, clock)
        self._learned: int | None = None

    def switched_off(self) -> str | None:
        if self.setup.api_key:
            return None
        return "no API key: set GROQ_API_KEY to switch it on"

    def url(self, path: str) -> str:
        base = self.setup.base_url.rstrip("/").removesuffix(_PREFIX)  # as OpenAI's clients have it
        return f"{base}{_PREFIX}{path}"

    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.setup.api_key or ''}"}

    def tokens_at_once(self) -> int:
        """What one call may take, its answer included."""
        limits = (self.setup.context_tokens, self.setup.tokens_at_once, self._learned)
        return min(limit for limit in limits if limit is not None)

    def learn(self, limit: int) -> None:
        """The account has a lower limit of tokens than was configured; a higher one is not
        believed."""
        if _LEAST_LIMIT <= limit < self.tokens_at_once():
            self._learned = limit

    def check_refusal(self, answer: HttpAnswer) -> None:
        """Seen by the policy: what the door cannot know of Groq's errors. Raises CallFailed."""
        limit = answer.headers.get(_LIMIT_HEADER, "")
        if limit.isascii() and limit.isdigit() and len(limit) < 10:
            self.learn(int(limit))
        secrets = frozenset({self.setup.api_key} if self.setup.api_key else ())
        refusal = refusal_of(answer, self._clock.now(), secrets)
        if refusal is not None:
            raise refusal

    def pausing(self) -> AbstractContextManager[None]:
        """Round what is sent. Raises Rejected while nothing is to be asked."""
        return self._pauses.watched()
