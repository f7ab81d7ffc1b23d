"""What Ollama's answers hold: their text if they came to their own end, and whether the whole
question was read.

Ollama cuts a question that is longer than its context in silence, from the front, where the
rules stand. It counts what it read, so that is compared with what was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from earnings.analysts.base import NoAnswer, Usage
from outside.answers import HttpAnswer
from outside.errors import BadAnswer

SERVICE = "ollama"


@dataclass(frozen=True)
class Sent:
    """What was asked: how many tokens it is at the least, and how many there was room for."""

    least_tokens: int
    num_ctx: int

    def as_json(self) -> dict[str, int]:
        return asdict(self)


def reply_of(answer: HttpAnswer) -> Mapping[str, object]:
    """The answer's JSON, if it is one of a chat."""
    body = answer.json()
    if isinstance(body, dict) and isinstance(body.get("message"), dict):
        return body
    raise BadAnswer(SERVICE, "answered JSON that is no chat's answer", answer=answer)


def check_read_whole(body: Mapping[str, object], sent: Sent) -> tuple[str, ...]:
    """Raises NoAnswer if some of the question was not read; a note if nobody can tell: older
    versions leave the count out when they had read the same words a moment ago."""
    read, written = _count(body, "prompt_eval_count"), _count(body, "eval_count")
    fix = "give it more memory, or set a model with a longer context"
    if not read:
        return (f"{SERVICE} did not say how much of the question it read",)
    if read < sent.least_tokens:
        raise NoAnswer(
            f"{SERVICE} cut the question in silence: it read {read:,} tokens of at least "
            f"{sent.least_tokens:,}, though {sent.num_ctx:,} were asked for; {fix}"
        )
    if read + written >= sent.num_ctx:
        raise NoAnswer(
            f"{SERVICE} cut question or answer: {read:,} tokens read and {written:,} written fill "
            f"its context of {sent.num_ctx:,} (ollama.max_context_tokens); {fix}"
        )
    return ()


def finished_text(body: Mapping[str, object]) -> str:
    """The text of an answer that came to its own end; what it thought aloud is apart from it.
    Raises NoAnswer."""
    reason = body.get("done_reason", "stop")  # older versions do not give one
    if reason == "length":
        raise NoAnswer(
            f"{SERVICE} was cut off after {_count(body, 'eval_count')} tokens "
            "(ollama.max_output_tokens)"
        )
    if body.get("done") is not True or reason != "stop":
        raise NoAnswer(f"{SERVICE} stopped for a reason that is no end: {reason!s:.60}")
    message = body.get("message")
    text = message.get("content") if isinstance(message, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise NoAnswer(f"{SERVICE} answered without any text")
    return text


def usage_of(body: Mapping[str, object]) -> Usage:
    """Tokens alone: it is our own machine that did the work."""
    return Usage(
        input_tokens=_count(body, "prompt_eval_count"), output_tokens=_count(body, "eval_count")
    )


def _count(body: Mapping[str, object], name: str) -> int:
    """A token count; a missing or absurd one is 0."""
    value = body.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
