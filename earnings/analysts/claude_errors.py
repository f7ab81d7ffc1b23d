"""What Claude's refusals mean for us.

Decided by status, `error.type` and `error.details.error_code`, never by the wording, which
changes. Two questions matter: may the answer have been made, and so billed (then the call is
never repeated by itself); and does asking again help?

A workspace's own spend limit comes as a plain 400 `invalid_request_error`, like a malformed
request: the two cannot be told apart safely, so the message says both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from earnings.analysts.refusals import ModelRefusal
from outside.answers import HttpAnswer
from outside.errors import BadAnswer
from outside.headers import retry_after_s as asked_wait_s
from outside.redaction import redact
from resilience.outcomes import Outcome

OVERLOADED = 529
SPEND_LIMIT = "enforced_spend_limit_reached"
# It holds until the month ends, but a person may raise it: asked again so often, for nothing.
SPEND_LIMIT_PAUSE_S = 3600.0


@dataclass(frozen=True)
class _Meaning:
    what: str
    fix: str
    retryable: bool = False
    outcome: Outcome = Outcome.NEUTRAL
    meets_all: bool = False


# Refusals before any work was done: none of these is billed.
_REFUSALS: Mapping[str, _Meaning] = {
    "invalid_request_error": _Meaning(
        "refused the request",
        "either this model does not take it as sent, or a spend limit set for the workspace is "
        "reached: see the message, and Limits in the Claude console",
    ),
    "authentication_error": _Meaning(
        "refused the API key",
        "set ANTHROPIC_API_KEY to a valid key of the Claude console",
        meets_all=True,
    ),
    "billing_error": _Meaning(
        "refused for billing",
        "look at Billing in the Claude console: payment or credit is missing",
        meets_all=True,
    ),
    "permission_error": _Meaning(
        "does not let this key do that",
        "give the key's workspace access to the model, or change key",
    ),
    "not_found_error": _Meaning(
        "does not know the model or the address",
        "the model may be retired: set claude.model in retailxai.toml to a current one",
        meets_all=True,
    ),
    "request_too_large": _Meaning(
        "found the request too large", "set claude.model to one that takes longer requests"
    ),
    "rate_limit_error": _Meaning(
        "asked us to slow down", "", retryable=True, outcome=Outcome.FAILURE
    ),
    "overloaded_error": _Meaning("is overloaded", "", retryable=True, outcome=Outcome.FAILURE),
}
_TYPE_OF_STATUS: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    OVERLOADED: "overloaded_error",
}


class ClaudeRefusal(ModelRefusal):
    """Claude turned the call away before any work."""


def refusal_of(answer: HttpAnswer, now: datetime, secrets: frozenset[str]) -> ClaudeRefusal | None:
    """What an error answer means; None for a success and for errors that say nothing special
    (those may have been billed, and the door's own reading of them is right)."""
    if answer.status < 400 or (answer.status >= 500 and answer.status != OVERLOADED):
        return None
    kind, code, message = _error_of(answer)
    if code == SPEND_LIMIT:
        return _spend_limit(answer.service, now)
    meaning = _REFUSALS.get(kind) or _REFUSALS.get(_TYPE_OF_STATUS.get(answer.status, ""))
    if meaning is None:
        return None
    said = f": {redact(message, secrets)}" if message else ""
    return ClaudeRefusal(
        answer.service,
        f"{meaning.what} ({answer.status} {kind or 'without a reason'}){said}",
        meets_all=meaning.meets_all,
        retryable=meaning.retryable,
        outcome=meaning.outcome,
        retry_after_s=asked_wait_s(answer.headers, now) if meaning.retryable else None,
        fix=meaning.fix or None,
    )


def first_of_next_month(now: datetime) -> datetime:
    """When a monthly limit ends: the 1st at 00:00 UTC."""
    moment = now.astimezone(UTC)
    year, month = divmod(moment.year * 12 + moment.month, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)


def _spend_limit(service: str, now: datetime) -> ClaudeRefusal:
    return ClaudeRefusal(
        service,
        f"the organisation's monthly spend limit is reached (429 {SPEND_LIMIT})",
        meets_all=True,
        retry_after_s=SPEND_LIMIT_PAUSE_S,
        fix="raise the limit in the Claude console, or wait for the new month",
        retry_at=first_of_next_month(now),
    )


def _error_of(answer: HttpAnswer) -> tuple[str, str, str]:
    """(type, error_code, message) of an error body; empty where it does not say."""
    try:
        outer = answer.json()
    except BadAnswer:
        return "", "", ""
    error = outer.get("error") if isinstance(outer, dict) else None
    if not isinstance(error, dict):
        return "", "", ""
    details = error.get("details")
    code = details.get("error_code") if isinstance(details, dict) else None
    message = " ".join(_text(error.get("message")).split())
    return _text(error.get("type")), _text(code), message[:300]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
