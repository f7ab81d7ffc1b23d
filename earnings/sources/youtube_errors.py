"""What YouTube's refusals mean for us.

Decided by the `reason` in the body, never by the wording; where Google names a reason of its
platform in `details` (API_KEY_INVALID), that one is the finer. Some refusals are about one
channel or video, some about our key (then everybody is held back a while, so that forty
companies do not ask forty times), and one ends the day for a bucket of quota.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from outside.answers import HttpAnswer, NotJson, parse_json
from outside.errors import HttpFailure, NotFound, Refused, ServerError, Throttled
from outside.headers import retry_after_s
from outside.redaction import redact
from resilience.clock import Clock
from resilience.outcomes import Outcome

KEY_PAUSE_S = 600.0  # a key is not mended within seconds; a person who mended it waits no longer


class Kind(StrEnum):
    QUOTA = "quota"  # the day's bucket is empty
    KEY = "key"  # nothing is answered to this key
    SLOWER = "slower"
    ILL = "ill"
    ABSENT = "absent"  # this channel or video is not there, or not for us
    OTHER = "other"


class QuotaEnded(HttpFailure):
    """The provider says that its own count of this bucket is used up, whatever ours is."""


@dataclass(frozen=True)
class _Meaning:
    kind: Kind
    what: str = ""
    fix: str = ""


_NEW_KEY = (
    "create a key for the YouTube Data API v3 in the Google Cloud console, set YOUTUBE_API_KEY"
)
_KEY = _Meaning(Kind.KEY, "refuses the key", _NEW_KEY)
_SWITCHED_OFF = _Meaning(
    Kind.KEY,
    "is not switched on for this key's project",
    'enable "YouTube Data API v3" for the project in the Google Cloud console',
)
_RESTRICTED = _Meaning(
    Kind.KEY,
    "does not take this key from here: it is restricted",
    "allow this machine's address and the YouTube Data API v3 under the key's restrictions",
)
_FORBIDDEN = _Meaning(
    Kind.KEY, "does not let this key do that", "look at the key and its project in the console"
)
_SUSPENDED = _Meaning(
    Kind.KEY, "has suspended the account or project of this key", "see the console's messages"
)
_QUOTA = _Meaning(Kind.QUOTA)
_SLOWER = _Meaning(Kind.SLOWER)
_ILL = _Meaning(Kind.ILL)
_ABSENT = _Meaning(Kind.ABSENT)

_MEANINGS: Mapping[str, _Meaning] = {
    **dict.fromkeys(("quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"), _QUOTA),
    **dict.fromkeys(
        ("keyInvalid", "keyExpired", "API_KEY_INVALID", "API_KEY_EXPIRED", "CONSUMER_INVALID"), _KEY
    ),
    **dict.fromkeys(("authError", "required", "unauthorized", "CREDENTIALS_MISSING"), _KEY),
    **dict.fromkeys(("accessNotConfigured", "SERVICE_DISABLED"), _SWITCHED_OFF),
    **dict.fromkeys(
        (
            *("ipRefererBlocked", "API_KEY_SERVICE_BLOCKED", "API_KEY_IP_ADDRESS_BLOCKED"),
            *("API_KEY_HTTP_REFERRER_BLOCKED", "API_KEY_ANDROID_APP_BLOCKED"),
        ),
        _RESTRICTED,
    ),
    **dict.fromkeys(("forbidden", "insufficientPermissions", "PERMISSION_DENIED"), _FORBIDDEN),
    **dict.fromkeys(("accountDeleted", "accountDisabled", "accountSuspended"), _SUSPENDED),
    **dict.fromkeys(("CONSUMER_SUSPENDED", "BILLING_DISABLED"), _SUSPENDED),
    **dict.fromkeys(
        ("rateLimitExceeded", "userRateLimitExceeded", "concurrentLimitExceeded"), _SLOWER
    ),
    **dict.fromkeys(("backendError", "internalError", "SERVICE_UNAVAILABLE", "UNAVAILABLE"), _ILL),
    **dict.fromkeys(
        (
            *("channelNotFound", "playlistNotFound", "videoNotFound", "notFound"),
            *("channelClosed", "channelSuspended", "channelForbidden", "playlistForbidden"),
            *("playlistItemsNotAccessible", "playlistOperationUnsupported"),
        ),
        _ABSENT,
    ),
}
_OF_STATUS: Mapping[int, _Meaning] = {401: _KEY, 403: _FORBIDDEN, 404: _ABSENT, 429: _SLOWER}


def check(answer: HttpAnswer, clock: Clock) -> None:
    """Raises what a refusal means; every answer of the Data API goes through here."""
    if answer.status < 400:
        return
    error = _error(answer)
    reasons = _reasons(error)
    meaning = _meaning(reasons, answer.status)
    if meaning is None:
        return  # the door says what the status alone says
    said = redact(" ".join(str(error.get("message") or "").split())[:200])
    what = f"{answer.url} answered {answer.status} {', '.join(reasons[:2]) or 'without a reason'}"
    what += f": {said}" if said else ""
    asked_s = retry_after_s(answer.headers, clock.now())
    raise _failure(meaning, answer, what, asked_s)


def _failure(
    meaning: _Meaning, answer: HttpAnswer, what: str, asked_s: float | None
) -> HttpFailure:
    service = answer.service
    if meaning.kind is Kind.QUOTA:
        return QuotaEnded(service, what, accepted=False, outcome=Outcome.NEUTRAL, answer=answer)
    if meaning.kind is Kind.ABSENT:
        return NotFound(service, what, accepted=False, outcome=Outcome.NEUTRAL, answer=answer)
    if meaning.kind is Kind.SLOWER:
        return Throttled(
            service, what, retryable=True, accepted=False, retry_after_s=asked_s, answer=answer
        )
    if meaning.kind is Kind.ILL:
        return ServerError(service, what, retryable=True, retry_after_s=asked_s, answer=answer)
    return Refused(
        service,
        f"YouTube {meaning.what} ({what})",
        accepted=False,
        outcome=Outcome.NEUTRAL,
        retry_after_s=KEY_PAUSE_S,
        fix=meaning.fix,
        answer=answer,
    )


def _meaning(reasons: tuple[str, ...], status: int) -> _Meaning | None:
    known = [_MEANINGS[reason] for reason in reasons if reason in _MEANINGS]
    if "PER_DAY" in reasons:
        return _QUOTA
    return known[0] if known else _OF_STATUS.get(status)


def _error(answer: HttpAnswer) -> Mapping[str, Any]:
    """The `error` of the body; {} where it has none that we understand."""
    try:
        body = parse_json(answer.body)
    except NotJson:
        return {}
    error = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(error, str):
        return {"message": error}
    return error if isinstance(error, Mapping) else {}


def _reasons(error: Mapping[str, Any]) -> tuple[str, ...]:
    """The finest first. "PER_DAY" where the limit that was hit is one of a day."""
    found: list[str] = []
    for detail in _listed(error.get("details")):
        found.append(str(detail.get("reason") or ""))
        about = detail.get("metadata")
        limit = str(about.get("quota_limit") or "") if isinstance(about, Mapping) else ""
        found.append("PER_DAY" if "perday" in limit.lower() else "")
    found += [str(one.get("reason") or "") for one in _listed(error.get("errors"))]
    found.append(str(error.get("status") or ""))
    return tuple(dict.fromkeys(reason for reason in found if reason))


def _listed(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
