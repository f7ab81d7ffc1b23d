"""Claude reads a document: the Messages API in plain JSON, through the one HTTP door.

The order inside is what keeps money safe: the question is written down, asked, and its
answer stored as it came (`PaidCalls.once`) before anybody looks at it. Everything after that
works on the stored answer, so a second reading costs nothing and a useless answer is paid
for once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import quote

from earnings.analysts import answer as answers
from earnings.analysts import prompt as prompts
from earnings.analysts.answer_shape import schema
from earnings.analysts.base import (
    Answer,
    CallKey,
    NoAnswer,
    PaidAnswer,
    PaidCalls,
    Question,
    Usage,
)
from earnings.analysts.claude_errors import ClaudeRefusal, refusal_of
from earnings.analysts.claude_messages import SERVICE, finished_text, message_of, usage_of
from earnings.analysts.prices import Prices, resources, tokens_of
from outside.answers import HttpAnswer
from outside.http import HttpDoor
from resilience.clock import Clock
from resilience.outcomes import Rejected

NAME = SERVICE
BEARER_SINCE = "2026-10-21"  # API version from which the key is a bearer token
_ENOUGH = 8_000_000  # bytes; the longest answer a model can write is well under 1 MB

# After a refusal that concerns every document alike (no credit, wrong key, monthly limit),
# asking for each of forty documents would be forty refusals.
_PAUSE_S = 3600.0

_SCHEMA_CHARACTERS = 6_000  # the answer's schema is part of the prompt too


@dataclass(frozen=True)
class ClaudeSetup:
    """What Claude is asked with. `prices` belong to `model`."""

    model: str
    prices: Prices
    api_key: str | None = field(default=None, repr=False)
    base_url: str = "https://api.anthropic.com"
    api_version: str = "2023-06-01"
    max_output_tokens: int = 16_000
    max_document_characters: int = 240_000  # about 70,000 tokens
    timeout_s: float = 180.0


class Claude:
    def __init__(self, door: HttpDoor, setup: ClaudeSetup, clock: Clock) -> None:
        self._door = door
        self._setup = setup
        self._clock = clock
        self._paused: tuple[float, str] | None = None  # until when (monotonic), and why

    @property
    def name(self) -> str:
        return NAME

    def switched_off(self) -> str | None:
        if self._setup.api_key:
            return None
        return "no API key: set ANTHROPIC_API_KEY to switch it on"

    def analyse(self, question: Question, paid: PaidCalls) -> Answer:
        reason = self.switched_off()
        if reason is not None:
            raise NoAnswer(f"{NAME} is off: {reason}")
        if not question.reading.text.strip():
            raise NoAnswer("the document holds no text")
        setup = self._setup
        prompt = prompts.build(question, setup.max_document_characters)
        body = self._request(prompt)
        key = CallKey(NAME, setup.model, prompt.version, question.sha256)
        estimate = setup.prices.estimate(
            prompt.characters + _SCHEMA_CHARACTERS, setup.max_output_tokens
        )
        most = Usage(
            input_tokens=tokens_of(prompt.characters + _SCHEMA_CHARACTERS),
            output_tokens=setup.max_output_tokens,
            cost_usd=estimate,
        )
        stored = paid.once(key, estimate, lambda: self._ask(body, most))
        return self._answer(stored, prompt)

    def greet(self) -> str:
        """The cheapest question there is (free): does the key work, is the model there?

        Raises CallError.
        """
        url = self._url(f"/v1/models/{quote(self._setup.model, safe='')}")
        self._door.get(NAME, url, headers=self._headers(), check=self._check_refusal)
        return f"{self._setup.model} answers to this key"

    def _url(self, path: str) -> str:
        return self._setup.base_url.rstrip("/") + path

    def _request(self, prompt: prompts.Prompt) -> dict[str, object]:
        """The body of one question, the fixed part first so that it can be cached.

        No temperature, top_p or top_k: API version 2026-10-21 and the newest models of older
        versions refuse them, and the schema leaves little to chance.
        """
        return {
            "model": self._setup.model,
            "max_tokens": self._setup.max_output_tokens,
            "system": [
                {"type": "text", "text": prompt.rules, "cache_control": {"type": "ephemeral"}}
            ],
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": prompt.about},
                        {"type": "text", "text": prompt.document},
                    ],
                }
            ],
            "output_config": {"format": {"type": "json_schema", "schema": schema()}},
        }

    def _headers(self) -> dict[str, str]:
        key = self._setup.api_key or ""
        version = self._setup.api_version
        sent = {"anthropic-version": version}
        if version >= BEARER_SINCE:  # ISO dates sort as text
            return sent | {"authorization": f"Bearer {key}"}
        return sent | {"x-api-key": key}

    def _ask(self, body: dict[str, object], most: Usage) -> PaidAnswer:
        """One paid call, of `most` tokens. What it raises says whether it may have been billed."""
        self._refuse_while_paused()
        try:
            reply = self._door.post_json(
                NAME,
                self._url("/v1/messages"),
                body,
                headers=self._headers(),
                timeout_s=self._setup.timeout_s,
                max_bytes=_ENOUGH,
                check=self._check,
                cost=resources(most),
                true_cost=self._took,
            )
        except ClaudeRefusal as refusal:
            if refusal.meets_all:
                self._pause(refusal)
            raise
        message = message_of(reply)
        return PaidAnswer(message, usage_of(message, self._setup.prices))

    def _took(self, answer: HttpAnswer) -> dict[str, float]:
        return resources(usage_of(message_of(answer), self._setup.prices))

    def _check(self, answer: HttpAnswer) -> None:
        """Seen by the policy: what the door cannot know of Claude's answers. Raises CallFailed."""
        self._check_refusal(answer)
        if answer.status == HTTPStatus.OK:
            message_of(answer)

    def _check_refusal(self, answer: HttpAnswer) -> None:
        secrets = frozenset({self._setup.api_key} if self._setup.api_key else ())
        refusal = refusal_of(answer, self._clock.now(), secrets)
        if refusal is not None:
            raise refusal

    def _refuse_while_paused(self) -> None:
        if self._paused is None:
            return
        until, refusal = self._paused
        left_s = until - self._clock.monotonic()
        if left_s > 0:
            retry_at = self._clock.now() + timedelta(seconds=left_s)
            raise Rejected(NAME, f"not asked again yet: {refusal}", retry_at=retry_at)

    def _pause(self, refusal: ClaudeRefusal) -> None:
        """A little later it is tried again, because a person may have put it right."""
        pause_s = _PAUSE_S
        if refusal.retry_at is not None:
            pause_s = min(pause_s, (refusal.retry_at - self._clock.now()).total_seconds())
        self._paused = (self._clock.monotonic() + pause_s, refusal.what)

    def _answer(self, stored: PaidAnswer, prompt: prompts.Prompt) -> Answer:
        """What the stored message says; the reason it stopped is looked at first."""
        text = finished_text(stored.body, self._setup.max_output_tokens)
        try:
            found = answers.read_answer(text)
        except answers.UnusableAnswer as why:
            raise NoAnswer(f"{NAME}'s answer is not of the agreed shape: {why}") from why
        return Answer(
            analyst=NAME,
            model=self._setup.model,
            prompt_version=prompt.version,
            drafts=found.drafts,
            period=found.period,
            is_results=found.is_results,
            usage=stored.usage,
            notes=prompt.notes + found.notes,
        )
