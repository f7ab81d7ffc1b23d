"""Claude reads a document: the Messages API in plain JSON, through the one HTTP door.

The order inside is what keeps money safe: the question is written down, asked, and its
answer stored as it came (`PaidCalls.once`) before anybody looks at it. Everything after that
works on the stored answer, so a second reading costs nothing and a useless answer is paid
for once.
"""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from earnings.analysts import prompt as prompts
from earnings.analysts.answer_shape import schema
from earnings.analysts.answering import answered, check_askable
from earnings.analysts.base import (
    Answer,
    AskedWith,
    Batchable,
    Begin,
    CallKey,
    PaidAnswer,
    PaidCalls,
    Question,
    Usage,
)
from earnings.analysts.claude_messages import SERVICE, finished_text, message_of, usage_of
from earnings.analysts.claude_wire import ClaudeSetup, ClaudeWire
from earnings.analysts.prices import resources, tokens_of
from outside.answers import HttpAnswer
from outside.http import HttpDoor
from resilience.clock import Clock

NAME = SERVICE
_ENOUGH = 8_000_000  # bytes; the longest answer a model can write is well under 1 MB

_SCHEMA_CHARACTERS = 6_000  # the answer's schema is part of the prompt too


class Claude:
    def __init__(
        self, door: HttpDoor, setup: ClaudeSetup, clock: Clock, wire: ClaudeWire | None = None
    ) -> None:
        """`wire`: one that others send by too, who then learn of each other's refusals."""
        self._setup = setup
        self._wire = wire or ClaudeWire(door, setup, clock)

    @property
    def name(self) -> str:
        return NAME

    def switched_off(self) -> str | None:
        return self._wire.switched_off()

    def analyse(self, question: Question, paid: PaidCalls) -> Answer:
        check_askable(self, question)
        setup = self._setup
        prompt = prompts.build(question, setup.max_document_characters)
        body = self._request(prompt)
        characters = prompt.characters + _SCHEMA_CHARACTERS
        asked = AskedWith(
            sent_characters=characters,
            whole_characters=characters + prompt.left_out,
            input_usd=setup.prices.input_usd,
            output_usd=setup.prices.output_usd,
            batch_share=setup.batch_share,
        )
        key = CallKey(NAME, setup.model, prompt.version, question.sha256, asked)
        estimate = setup.prices.estimate(characters, setup.max_output_tokens)
        most = Usage(
            input_tokens=tokens_of(characters),
            output_tokens=setup.max_output_tokens,
            cost_usd=estimate,
        )
        later = Batchable(body, setup.batch_prices().estimate(characters, setup.max_output_tokens))
        stored = paid.once(key, estimate, lambda begin: self._ask(body, most, begin), batch=later)
        return self._answer(stored, prompt)

    def greet(self) -> str:
        """The cheapest question there is (free): does the key work, is the model there?

        Raises CallError.
        """
        wire = self._wire
        url = wire.url(f"/v1/models/{quote(self._setup.model, safe='')}")
        wire.door.get(NAME, url, headers=wire.headers(), check=wire.check_refusal)
        return f"{self._setup.model} answers to this key"

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

    def _ask(self, body: dict[str, object], most: Usage, begin: Begin) -> PaidAnswer:
        """One paid call, of `most` tokens. What it raises says whether it may have been billed."""
        wire = self._wire
        with wire.pausing():
            reply = wire.door.post_json(
                NAME,
                wire.url("/v1/messages"),
                body,
                headers=wire.headers(),
                timeout_s=self._setup.timeout_s,
                max_bytes=_ENOUGH,
                check=self._check,
                cost=resources(most),
                true_cost=self._took,
                before_send=begin,
            )
        message = message_of(reply)
        return PaidAnswer(message, usage_of(message, self._setup.prices))

    def _took(self, answer: HttpAnswer) -> dict[str, float]:
        return resources(usage_of(message_of(answer), self._setup.prices))

    def _check(self, answer: HttpAnswer) -> None:
        """Seen by the policy: what the door cannot know of Claude's answers. Raises CallFailed."""
        self._wire.check_refusal(answer)
        if answer.status == HTTPStatus.OK:
            message_of(answer)

    def _answer(self, stored: PaidAnswer, prompt: prompts.Prompt) -> Answer:
        """What the stored message says; the reason it stopped is looked at first."""
        text = finished_text(stored.body, self._setup.max_output_tokens)
        return answered(
            text,
            analyst=NAME,
            model=self._setup.model,
            prompt_version=prompt.version,
            usage=stored.usage,
            notes=prompt.notes,
        )
