"""Groq reads a document: OpenAI's chat completions in plain JSON, through the one HTTP door.

As with Claude, the question is written down, asked, and its answer stored as it came before
anybody looks at it. Groq counts the tokens of a minute, the longest answer that is allowed
included, and turns away what asks for more at once: a release that does not fit is trimmed to
the sections that matter. What was left out is stored beside the answer, because a later reading
by other limits does not change what the model was shown.
"""

from __future__ import annotations

import json
from functools import partial

from earnings.analysts import groq_messages as messages
from earnings.analysts.answer_shape import asked_in_words, plain_schema
from earnings.analysts.answering import NOTES, answered, check_askable, notes_of
from earnings.analysts.base import (
    Answer,
    Begin,
    CallKey,
    PaidAnswer,
    PaidCalls,
    Question,
    Usage,
)
from earnings.analysts.fitting import Fit, fitted
from earnings.analysts.groq_errors import TooLong, WroteNoJson
from earnings.analysts.groq_messages import SERVICE
from earnings.analysts.groq_wire import GroqSetup, GroqWire
from earnings.analysts.prices import resources
from earnings.analysts.prompt import VERSION, rules
from earnings.analysts.refusals import ModelRefusal
from earnings.analysts.token_counts import most_tokens
from outside.answers import HttpAnswer
from outside.errors import BadAnswer
from outside.http import HttpDoor
from resilience.clock import Clock

NAME = SERVICE
_ENOUGH = 8_000_000  # bytes; the longest answer a model can write is well under 1 MB
_DIGITS = 3  # in a token, of the models Groq serves
_ENGLISH = 3.8  # characters of our own rules and schema in a token: English has more
_ROUND = 40  # tokens of the marks round messages
_ABOUT = 1_500  # and of the lines about the company and its earlier expectations, at the most
_SHRINK = 2  # times a question that was too long is asked again, shorter
_SHARE = 0.6  # of what was asked for, if Groq does not say how much it takes


class Groq:
    def __init__(self, door: HttpDoor, setup: GroqSetup, clock: Clock) -> None:
        self._setup = setup
        self._wire = GroqWire(door, setup, clock)

    @property
    def name(self) -> str:
        return NAME

    def switched_off(self) -> str | None:
        return self._wire.switched_off()

    def analyse(self, question: Question, paid: PaidCalls) -> Answer:
        check_askable(self, question)
        key = CallKey(NAME, self._setup.model, VERSION, question.sha256)
        estimate = self._most(self._thought(question)).cost_usd
        stored = paid.once(key, estimate, partial(self._ask, question))
        return answered(
            messages.finished_text(stored.body, self._setup.max_output_tokens),
            analyst=NAME,
            model=self._setup.model,
            prompt_version=VERSION,
            usage=stored.usage,
            notes=notes_of(stored.body),
        )

    def greet(self) -> str:
        """The cheapest question there is (free): does the key work, is the model there?

        Raises CallError.
        """
        wire, model = self._wire, self._setup.model
        answer = wire.door.get(
            NAME, wire.url("/models"), headers=wire.headers(), check=wire.check_refusal
        )
        served = _served(answer)
        if model in served:
            return f"{model} answers to this key"
        raise ModelRefusal(
            NAME,
            f"does not serve the model {model}",
            meets_all=True,
            fix=f"set groq.model in retailxai.toml to one of: {', '.join(sorted(served)[:12])}",
        )

    def _fit(self, question: Question, tokens: int) -> Fit:
        """Within so many tokens, the longest answer included. Raises NoAnswer."""
        setup = self._setup
        return fitted(
            question,
            analyst=NAME,
            room=tokens - self._longest(tokens),
            beside=self._beside(),
            count=_count,
            max_characters=setup.max_document_characters,
        )

    def _thought(self, question: Question) -> int:
        """Tokens that will be sent, at the most, before anything is made to fit."""
        tokens = self._wire.tokens_at_once()
        shown = question.reading.text[: self._setup.max_document_characters]
        return min(tokens - self._longest(tokens), self._beside() + _ABOUT + _count(shown))

    def _beside(self) -> int:
        """Tokens of what is sent with every document."""
        return _ROUND + int(self._beside_characters() / _ENGLISH)

    def _beside_characters(self) -> int:
        return len(self._system()) + self._schema_characters()

    def _longest(self, tokens: int) -> int:
        """Tokens of an answer; where few are allowed at once, no more than a third of them."""
        return min(self._setup.max_output_tokens, tokens // 3)

    def _system(self) -> str:
        return rules() if self._setup.is_strict else f"{rules()}\n{asked_in_words()}"

    def _schema_characters(self) -> int:
        """Of a schema that is sent beside the messages: it is part of what is read too."""
        return len(json.dumps(plain_schema())) if self._setup.is_strict else 0

    def _request(self, fit: Fit) -> dict[str, object]:
        setup, prompt = self._setup, fit.prompt
        asked: dict[str, object] = {
            "model": setup.model,
            "messages": [
                {"role": "system", "content": self._system()},
                {"role": "user", "content": f"{prompt.about}\n\n{prompt.document}"},
            ],
            "temperature": 0,
            "max_completion_tokens": self._longest(self._wire.tokens_at_once()),
            "response_format": self._format(),
            "stream": False,
        }
        return asked | ({"reasoning_effort": setup.effort} if setup.effort else {})

    def _format(self) -> dict[str, object]:
        if not self._setup.is_strict:
            return {"type": "json_object"}
        shape = {"name": "earnings_release", "strict": True, "schema": plain_schema()}
        return {"type": "json_schema", "json_schema": shape}

    def _ask(self, question: Question, begin: Begin) -> PaidAnswer:
        """One paid call, asked again shorter if Groq says that it was too long: then nothing
        was done. What it raises says whether it may have been billed."""
        fit = self._fit(question, self._wire.tokens_at_once())
        for _ in range(_SHRINK):
            try:
                return self._asked(fit, begin)
            except TooLong as refusal:
                self._wire.learn(refusal.limit or int(self._wire.tokens_at_once() * _SHARE))
                shorter = self._fit(question, self._wire.tokens_at_once())
                if shorter.tokens >= fit.tokens:
                    raise
                fit = shorter
        return self._asked(fit, begin)

    def _asked(self, fit: Fit, begin: Begin) -> PaidAnswer:
        wire, most = self._wire, self._most(fit.tokens)
        asked = fit.asked_with(self._beside_characters(), self._setup.prices)
        try:
            with wire.pausing():
                reply = wire.door.post_json(
                    NAME,
                    wire.url("/chat/completions"),
                    self._request(fit),
                    headers=wire.headers(),
                    timeout_s=self._setup.timeout_s,
                    max_bytes=_ENOUGH,
                    check=self._check,
                    cost=resources(most),
                    true_cost=self._took,
                    before_send=begin,
                )
        except WroteNoJson as useless:  # it was made, and would be no other the next time
            failed = {messages.FAILED: dict(useless.error), NOTES: _noted(fit)}
            return PaidAnswer(failed, most, asked)
        completion = messages.completion_of(reply)
        body = {**completion, NOTES: _noted(fit)}
        return PaidAnswer(body, messages.usage_of(completion, self._setup.prices), asked)

    def _most(self, tokens: int) -> Usage:
        return self._setup.prices.usage(
            input_tokens=tokens,
            cache_write_tokens=0,
            cache_read_tokens=0,
            output_tokens=self._longest(self._wire.tokens_at_once()),
        )

    def _took(self, answer: HttpAnswer) -> dict[str, float]:
        return resources(messages.usage_of(messages.completion_of(answer), self._setup.prices))

    def _check(self, answer: HttpAnswer) -> None:
        """Seen by the policy: what the door cannot know of Groq's answers. Raises CallFailed."""
        self._wire.check_refusal(answer)
        if answer.status == 200:
            messages.completion_of(answer)


def _count(text: str) -> int:
    return most_tokens(text, digits=_DIGITS)


def _noted(fit: Fit) -> list[str]:
    return list(fit.prompt.notes)


def _served(answer: HttpAnswer) -> set[str]:
    """The models that this key may ask."""
    body = answer.json()
    listed = body.get("data") if isinstance(body, dict) else None
    if not isinstance(listed, list):
        raise BadAnswer(NAME, "answered JSON that is no list of models", answer=answer)
    return {
        one["id"]
        for one in listed
        if isinstance(one, dict) and isinstance(one.get("id"), str) and one.get("active", True)
    }
