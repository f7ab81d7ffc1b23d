"""What Groq's completions hold: their text if they came to their own end, and what they took.

The shape is OpenAI's. The reason a completion ended is looked at before its text: JSON that was
cut off at a lucky place reads like a short answer.
"""

from __future__ import annotations

from collections.abc import Mapping

from earnings.analysts.base import NoAnswer, Usage
from earnings.analysts.prices import Prices
from outside.answers import HttpAnswer
from outside.errors import BadAnswer

SERVICE = "groq"
# Of a generation that Groq itself called invalid: it came as an error, and was made all the same.
FAILED = "failed_generation"


def completion_of(answer: HttpAnswer) -> Mapping[str, object]:
    """The answer's JSON, if it is a completion. It may have been billed, so nothing here lets
    the call be made again."""
    body = answer.json()
    if isinstance(body, dict) and _choice(body) is not None:
        return body
    raise BadAnswer(SERVICE, "answered JSON that is no completion", answer=answer)


def finished_text(body: Mapping[str, object], max_output_tokens: int) -> str:
    """The text of a completion that came to its own end. Raises NoAnswer."""
    failed = body.get(FAILED)
    if isinstance(failed, dict):
        raise NoAnswer(f"{SERVICE}'s model wrote no JSON of the agreed shape ({_said(failed)})")
    choice = _choice(body)
    if choice is None:
        raise NoAnswer(f"{SERVICE} answered without any text")
    ended = choice.get("finish_reason")
    if ended != "stop":
        raise NoAnswer(f"{SERVICE} {_why_ended(ended, max_output_tokens)}")
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal.strip():
        raise NoAnswer(f"{SERVICE} refused the document ({' '.join(refusal.split())[:300]})")
    text = message.get("content")
    if not isinstance(text, str) or not text.strip():
        raise NoAnswer(f"{SERVICE} answered without any text")
    return text


def _choice(body: Mapping[str, object]) -> Mapping[str, object] | None:
    choices = body.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else None


def _why_ended(ended: object, max_output_tokens: int) -> str:
    if ended == "length":
        return f"was cut off after {max_output_tokens} tokens (groq.max_output_tokens)"
    if ended == "content_filter":
        return "withheld its answer (content_filter)"
    return f"stopped for a reason that is no end: {ended!s:.60}"


def _said(failed: Mapping[str, object]) -> str:
    code, message = failed.get("code"), failed.get("message")
    words = [word for word in (code, message) if isinstance(word, str) and word]
    return " ".join(": ".join(words).split())[:300] or "without a reason"


def usage_of(body: Mapping[str, object], prices: Prices) -> Usage:
    """The tokens of a completion with what they cost; what came out of Groq's cache is among
    its prompt tokens, and cheaper."""
    usage = body.get("usage")
    counts: Mapping[str, object] = usage if isinstance(usage, dict) else {}
    details = counts.get("prompt_tokens_details")
    prompt = _count(counts, "prompt_tokens")
    cached = min(prompt, _count(details if isinstance(details, dict) else {}, "cached_tokens"))
    return prices.usage(
        input_tokens=prompt - cached,
        cache_write_tokens=0,
        cache_read_tokens=cached,
        output_tokens=_count(counts, "completion_tokens"),
    )


def _count(counts: Mapping[str, object], name: str) -> int:
    """A token count; a missing or absurd one is 0 (the completion itself is still good)."""
    value = counts.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
