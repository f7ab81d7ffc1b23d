"""Ollama reads a document: a model on a machine of one's own, asked through the one HTTP door.

It costs time alone, so what failed may be asked again; an answer is stored all the same, for it
took minutes. The context is set from the length of the question, because the default is short
and a longer question is cut in silence; whether all of it was read is checked afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial

from earnings.analysts import ollama_messages as messages
from earnings.analysts.answer_shape import asked_in_words, plain_schema
from earnings.analysts.answering import NOTES, answered, check_askable, notes_of
from earnings.analysts.base import (
    Answer,
    Begin,
    CallKey,
    PaidAnswer,
    PaidCalls,
    Question,
)
from earnings.analysts.fitting import Fit, fitted
from earnings.analysts.ollama_messages import SERVICE, Sent
from earnings.analysts.ollama_wire import ModelFacts, OllamaSetup, OllamaWire
from earnings.analysts.prices import FREE, resources
from earnings.analysts.prompt import VERSION, rules
from earnings.analysts.token_counts import least_tokens, most_tokens
from outside.answers import HttpAnswer
from outside.http import HttpDoor
from resilience.clock import Clock

NAME = SERVICE
_ENOUGH = 8_000_000  # bytes
_ROUND = 100  # tokens of the marks round messages, which models have of their own
_STEP = 2_048  # a context of another size loads the model anew, so there are few sizes


class Ollama:
    def __init__(self, door: HttpDoor, setup: OllamaSetup, clock: Clock) -> None:
        self._setup = setup
        self._wire = OllamaWire(door, setup, clock)

    @property
    def name(self) -> str:
        return NAME

    def switched_off(self) -> str | None:
        return self._wire.switched_off()

    def analyse(self, question: Question, paid: PaidCalls) -> Answer:
        check_askable(self, question)
        key = CallKey(NAME, self._wire.model, VERSION, question.sha256)
        stored = paid.once(key, Decimal(0), partial(self._ask, question))
        return answered(
            messages.finished_text(stored.body),
            analyst=NAME,
            model=self._wire.model,
            prompt_version=VERSION,
            usage=stored.usage,
            notes=notes_of(stored.body),
        )

    def greet(self) -> str:
        """Does it run, is the model there? Raises CallError."""
        facts = self._wire.facts()
        return f"{self._wire.model} is there, and reads up to {facts.context_tokens:,} tokens"

    def _ask(self, question: Question, begin: Begin) -> PaidAnswer:
        facts = self._wire.facts()
        fit = self._fit(question, facts)
        body, sent = self._request(fit, facts)
        with self._wire.asking():
            answer = self._wire.door.post_json(
                NAME,
                self._wire.url("chat"),
                body,
                timeout_s=self._setup.timeout_s,
                max_bytes=_ENOUGH,
                check=self._check,
                true_cost=_took,
                before_send=begin,
            )
        reply = messages.reply_of(answer)
        notes = (*fit.prompt.notes, *messages.check_read_whole(reply, sent))
        kept: Mapping[str, object] = {**reply, NOTES: list(notes)}
        return PaidAnswer(kept, messages.usage_of(reply), fit.asked_with(len(_system()), FREE))

    def _fit(self, question: Question, facts: ModelFacts) -> Fit:
        """Within the model's context, the longest answer included. Raises NoAnswer."""
        limit = min(facts.context_tokens, self._setup.max_context_tokens)
        return fitted(
            question,
            analyst=NAME,
            room=limit - self._longest(limit),
            beside=_ROUND + most_tokens(_system()),
            count=most_tokens,
            max_characters=self._setup.max_document_characters,
        )

    def _longest(self, limit: int) -> int:
        """Tokens of an answer; of a short context no more than a third."""
        return min(self._setup.max_output_tokens, limit // 3)

    def _request(self, fit: Fit, facts: ModelFacts) -> tuple[dict[str, object], Sent]:
        limit = min(facts.context_tokens, self._setup.max_context_tokens)
        longest = self._longest(limit)
        num_ctx = min(limit, -(-(fit.tokens + longest) // _STEP) * _STEP)
        system, asked = _system(), f"{fit.prompt.about}\n\n{fit.prompt.document}"
        body: dict[str, object] = {
            "model": self._wire.model,
            "messages": [
                {"role": "system", "content": system},
                {"role": "user", "content": asked},
            ],
            "stream": False,
            "format": plain_schema(),
            "options": {"num_ctx": num_ctx, "num_predict": longest, "temperature": 0},
            "keep_alive": self._setup.keep_alive,
        }
        if facts.thinks:
            body["think"] = False
        return body, Sent(least_tokens(system) + least_tokens(asked), num_ctx)

    def _check(self, answer: HttpAnswer) -> None:
        """Seen by the policy: what the door cannot know of Ollama's answers. Raises CallFailed."""
        self._wire.check_refusal(answer)
        if answer.status == 200:
            messages.reply_of(answer)


def _system() -> str:
    """The rules, and the shape in words: a grammar holds the model to it, but does not tell it."""
    return f"{rules()}\n{asked_in_words()}"


def _took(answer: HttpAnswer) -> dict[str, float]:
    return resources(messages.usage_of(messages.reply_of(answer)))
