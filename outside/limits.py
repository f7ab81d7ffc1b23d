"""What an answer's headers say of the limits we are under, in the dialects there are.

The dialects are data: which header tells of which resource, in which window. Only what is
left and when it resets is read; limits themselves are configuration, because a header may be
wrong upwards, and what a policy learns from one makes it only more careful.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

LONGEST_RESET_S = 40 * 86_400.0
_EPOCH_SINCE = 1_000_000_000  # a "reset" this large is a moment, not a number of seconds
_DURATION = re.compile(
    r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?"
)
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,6})?")
# RateLimit: "default";r=50;t=30 (IETF draft-ietf-httpapi-ratelimit-headers-10)
_ITEM = re.compile(r'"?[\w .-]*"?\s*;\s*(?:[^,]*?;)?\s*r=(?P<r>\d+)(?:[^,]*?;\s*t=(?P<t>\d+))?')


@dataclass(frozen=True)
class LimitSeen:
    """`remaining` of `resource` until `reset_s` from now (None: it does not say); `per`: the
    window, as quotas name it, None if the header does not tell."""

    resource: str
    remaining: float
    reset_s: float | None
    per: str | None = None


@dataclass(frozen=True)
class _Header:
    resource: str
    remaining: str
    reset: str
    per: str | None = None


_COMMON = (
    _Header("requests", "x-ratelimit-remaining", "x-ratelimit-reset"),
    _Header("requests", "x-rate-limit-remaining", "x-rate-limit-reset"),
    _Header("requests", "ratelimit-remaining", "ratelimit-reset"),
)
_DIALECTS: Mapping[str, tuple[_Header, ...]] = {
    "claude": tuple(
        _Header(
            kind.replace("-", "_"),
            f"anthropic-ratelimit-{kind}-remaining",
            f"anthropic-ratelimit-{kind}-reset",
            "minute",
        )
        for kind in ("requests", "tokens", "input-tokens", "output-tokens")
    ),
    # Groq counts requests by the day and tokens by the minute under the names others use for
    # minutes alone.
    "groq": (
        _Header("requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests", "day"),
        _Header("tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens", "minute"),
    ),
}


def limits_of(service: str, headers: Mapping[str, str], now: datetime) -> tuple[LimitSeen, ...]:
    """Every limit the headers (lower-case names) tell of; what cannot be read is left out."""
    return tuple(_seen(_DIALECTS.get(service, _COMMON), headers, now))


def _seen(
    dialect: tuple[_Header, ...], headers: Mapping[str, str], now: datetime
) -> Iterator[LimitSeen]:
    for header in dialect:
        remaining = headers.get(header.remaining, "").strip()
        if _NUMBER.fullmatch(remaining):
            reset_s = _reset_s(headers.get(header.reset, "").strip(), now)
            yield LimitSeen(header.resource, float(remaining), reset_s, header.per)
    if dialect is _COMMON:
        for item in _ITEM.finditer(headers.get("ratelimit", "")):
            reset = item["t"]
            yield LimitSeen("requests", float(item["r"]), float(reset) if reset else None)


def _reset_s(value: str, now: datetime) -> float | None:
    """Seconds, a duration (2m59.5s, 26ms), a Unix time or an RFC 3339 one, as seconds from
    now; None if it is none of them."""
    if not value:
        return None
    if _NUMBER.fullmatch(value):
        number = float(value)
        seconds = number - now.timestamp() if number >= _EPOCH_SINCE else number
    elif (duration := _DURATION.fullmatch(value)) is not None:
        sizes = (86_400.0, 3600.0, 60.0, 1.0, 0.001)
        seconds = sum(
            float(part or 0) * size for part, size in zip(duration.groups(), sizes, strict=True)
        )
    else:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - now).total_seconds()
    return min(max(0.0, seconds), LONGEST_RESET_S)
