"""What Groq's refusals mean for us.

Decided by status and `error.code`, never by the wording, which changes. Three questions matter:
may the answer have been made, and so billed; does asking again help; would a shorter question.

A 400 with a `failed_generation` is no refusal: the model did its work and wrote what is no JSON
of the agreed shape. It would do so again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from earnings.analysts.groq_messages import SERVICE
from earnings.analysts.refusals import ModelRefusal
from earnings.regexes import lazy_regex
from outside.answers import HttpAnswer
from outside.errors import BadAnswer
from outside.headers import retry_after_s as asked_wait_s
from outside.limits import limits_of
from outside.redaction import redact
from resilience.outcomes import CallFailed, Outcome

FLEX_FULL = 498  # Groq's own: the flex tier is at capacity, nothing was begun
_TOO_LONG = frozenset({"context_length_exceeded", "request_too_large"})
_NO_JSON = frozenset({"json_validate_failed", "tool_use_failed", "output_parse_failed"})
# "... tokens per minute (TPM): Limit 8000, Requested 14137, ...": only ever a hint.
_LIMIT = lazy_regex(r"\bLimit (\d{1,9})\b")


@dataclass(frozen=True)
class _Meaning:
    what: str
    fix: str
    retryable: bool = False
    outcome: Outcome = Outcome.NEUTRAL
    meets_all: bool = False


_KEY = _Meaning(
    "refused the API key",
    "set GROQ_API_KEY to a valid key of https://console.groq.com/keys",
    meets_all=True,
)
_GONE = _Meaning(
    "does not know the model or the address",
    "the model may be retired: set groq.model in retailxai.toml to one of "
    "https://console.groq.com/docs/models",
    meets_all=True,
)
_BARRED = _Meaning(
    "does not let this account do that",
    "look at the limits and the permissions of the organisation in the Groq console",
    meets_all=True,
)
_REFUSALS: Mapping[int, _Meaning] = {
    400: _Meaning("refused the request", "this model may not take it as sent: see the message"),
    401: _KEY,
    402: _Meaning("refused for billing", "look at Billing in the Groq console", meets_all=True),
    403: _BARRED,
    404: _GONE,
    422: _Meaning("could not follow the request", "this model may not take it as sent"),
    429: _Meaning("asked us to slow down", "", retryable=True, outcome=Outcome.FAILURE),
    FLEX_FULL: _Meaning("is at capacity", "", retryable=True, outcome=Outcome.FAILURE),
}
_OF_CODE: Mapping[str, _Meaning] = {
    "invalid_api_key": _KEY,
    "expired_api_key": _KEY,
    "model_not_found": _GONE,
    "model_not_active": _GONE,
    "model_decommissioned": _GONE,
    "model_terms_required": _BARRED,
    "model_permission_blocked_org": _BARRED,
    "model_permission_blocked_project": _BARRED,
    "organization_restricted": _BARRED,
    "blocked_api_access": _BARRED,
}


class TooLong(ModelRefusal):
    """The question is longer than Groq takes at once. `limit` in tokens, if it said so."""

    def __init__(self, what: str, limit: int | None) -> None:
        super().__init__(
            SERVICE,
            what,
            meets_all=False,
            fix="raise the limit of tokens with Groq, or set a model that takes more",
        )
        self.limit = limit


class WroteNoJson(CallFailed):
    """The model answered, and what it wrote is of no use. `error` is what Groq says of it."""

    def __init__(self, what: str, error: Mapping[str, object]) -> None:
        super().__init__(SERVICE, what, outcome=Outcome.NEUTRAL)
        self.error = error


def refusal_of(answer: HttpAnswer, now: datetime, secrets: frozenset[str]) -> CallFailed | None:
    """What an error answer means; None for a success and for errors that say nothing special
    (those may have been billed, and the door's own reading of them is right)."""
    status = answer.status
    if status < 400:
        return None
    error = _error_of(answer)
    code, message = _text(error.get("code")), _text(error.get("message"))
    said = f"{status} {code or _text(error.get('type')) or 'without a reason'}"
    told = f": {redact(' '.join(message.split())[:300], secrets)}" if message else ""
    if status == 400 and (code in _NO_JSON or "failed_generation" in error):
        return WroteNoJson(f"its model wrote no JSON of the agreed shape ({said})", error)
    if status == 413 or (status == 400 and code in _TOO_LONG):
        limit = _LIMIT.search(message)
        return TooLong(f"found the question too long ({said}){told}", limit and int(limit[1]))
    if status >= 500:
        return None
    meaning = (_OF_CODE.get(code) if status < 429 else None) or _REFUSALS.get(status)
    if meaning is None:
        return None
    return ModelRefusal(
        SERVICE,
        f"{meaning.what} ({said}){told}",
        meets_all=meaning.meets_all,
        retryable=meaning.retryable,
        outcome=meaning.outcome,
        retry_after_s=_wait_s(answer, now) if meaning.retryable else None,
        fix=meaning.fix or None,
    )


def _wait_s(answer: HttpAnswer, now: datetime) -> float | None:
    """How long it asks to be left alone: what it says, else until what is used up is reset."""
    asked = asked_wait_s(answer.headers, now)
    if asked is not None:
        return asked
    seen = limits_of(SERVICE, answer.headers, now)
    resets = [one.reset_s for one in seen if one.remaining < 1 and one.reset_s is not None]
    return max(resets, default=None)


def _error_of(answer: HttpAnswer) -> Mapping[str, object]:
    """The error of a body; empty where it holds none."""
    try:
        outer = answer.json()
    except BadAnswer:
        return {}
    error = outer.get("error") if isinstance(outer, dict) else None
    return error if isinstance(error, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
