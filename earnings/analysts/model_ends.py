"""When providers stop serving their models, as they had announced it on `READ_ON`.

A model that is gone is met by the provider's own refusal at the call; this is for `check`, so
that a person learns of it before. A model that is not listed here may end all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from earnings.regexes import lazy_regex

READ_ON = date(2026, 11, 29)
SOON = timedelta(days=60)  # the notice that providers give

_DATED = lazy_regex(r"-(?:\d{8}|latest|0)$")  # of an id: its snapshot


@dataclass(frozen=True)
class End:
    """`on` None: it was gone when this was read. `instead`: what its provider recommends."""

    on: date | None
    instead: str


_SONNET, _OPUS, _HAIKU = "claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5"
_LARGE, _SMALL = "openai/gpt-oss-120b", "openai/gpt-oss-20b"

ENDS: Mapping[str, Mapping[str, End]] = MappingProxyType(
    {
        "claude": {  # https://platform.claude.com/docs/en/about-claude/model-deprecations
            "claude-sonnet-4-5": End(date(2026, 11, 30), _SONNET),
            "claude-sonnet-4": End(date(2026, 6, 15), _SONNET),
            "claude-opus-4": End(date(2026, 6, 15), _OPUS),
            "claude-3-7-sonnet": End(date(2026, 2, 19), _SONNET),
            "claude-3-5-sonnet": End(date(2025, 10, 28), _SONNET),
            "claude-3-5-haiku": End(None, _HAIKU),
            "claude-3-opus": End(None, _OPUS),
            "claude-3-sonnet": End(None, _SONNET),
            "claude-3-haiku": End(None, _HAIKU),
            "claude-2.1": End(None, _SONNET),
            "claude-2.0": End(None, _SONNET),
        },
        "groq": {  # https://console.groq.com/docs/deprecations, of free and developer plans
            "llama-3.3-70b-versatile": End(date(2026, 8, 16), _LARGE),
            "llama-3.1-8b-instant": End(date(2026, 8, 16), _SMALL),
            "qwen/qwen3-32b": End(date(2026, 7, 17), _LARGE),
            "meta-llama/llama-4-scout-17b-16e-instruct": End(date(2026, 7, 17), _LARGE),
            "meta-llama/llama-4-maverick-17b-128e-instruct": End(date(2026, 3, 9), _LARGE),
            "moonshotai/kimi-k2-instruct-0905": End(date(2026, 4, 15), _LARGE),
            "moonshotai/kimi-k2-instruct": End(date(2025, 10, 10), _LARGE),
            "gemma2-9b-it": End(date(2025, 10, 8), _SMALL),
            "deepseek-r1-distill-llama-70b": End(date(2025, 10, 2), _LARGE),
            "llama3-70b-8192": End(date(2025, 8, 30), _LARGE),
            "llama3-8b-8192": End(date(2025, 8, 30), _SMALL),
            "mistral-saba-24b": End(date(2025, 7, 30), _LARGE),
            "qwen-qwq-32b": End(date(2025, 7, 14), _LARGE),
            "mixtral-8x7b-32768": End(None, _LARGE),
        },
    }
)


def ending(analyst: str, model: str, today: date) -> tuple[str, str] | None:
    """What to say of a model that is gone or goes soon, and what to do; None of any other."""
    ends = ENDS.get(analyst, {})
    end = ends.get(model) or ends.get(_DATED.sub("", model))
    if end is None or (end.on is not None and end.on - today > SOON):
        return None
    if end.on is None:
        when = "is retired"
    elif end.on <= today:
        when = f"was retired on {end.on}"
    else:
        days = (end.on - today).days
        when = f"ends on {end.on}, in {days} day{'' if days == 1 else 's'}"
    return (
        f"{analyst}: the model {model} {when} (read {READ_ON}); whoever is next in "
        "analysts.order is asked instead",
        f"set {analyst}.model to {end.instead}, and its prices under [{analyst}.prices]",
    )
