"""The environment variables there are, one for every single-valued key.

RETAILXAI_ and the key's path in retailxai.toml, in capitals ("web.port" is
RETAILXAI_WEB_PORT); a few have the name the world already knows. Tables (companies, jobs,
policies) are for the TOML file alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from settings.model import Configured
from settings.problems import MASK, Problem, distance, nearest

PREFIX = "RETAILXAI_"
OWN_NAMES = {
    "app_env": "APP_ENV",
    "database.url": "DATABASE_URL",
    "sec.contact": "SEC_CONTACT",
    "claude.api_key": "ANTHROPIC_API_KEY",
    "tavily.api_key": "TAVILY_API_KEY",
    "x.bearer_token": "X_BEARER_TOKEN",
    "groq.api_key": "GROQ_API_KEY",
    "ollama.base_url": "OLLAMA_HOST",
    "youtube.api_key": "YOUTUBE_API_KEY",
    "database.allow_embedded": "RETAILXAI_ALLOW_EMBEDDED",
}
# Read before there are settings, or by others than the program.
OTHER_NAMES = {
    "RETAILXAI_CONFIG": "path of the TOML file; default: retailxai.toml here, else the shipped one",
    "RETAILXAI_ENV_FILE": "path of the .env file; default: .env here; empty: none",
    "RETAILXAI_CORPUS": "a folder of real filings, read by the tests and by make accuracy only",
}
# Other people's, near to one of ours: Ollama has variables of its own, and Grok is no Groq.
NOT_MEANT = re.compile(r"OLLAMA_\w+|GROK_API_KEY")
TESTS_OWN = "RETAILXAI_TEST_"  # the test suite's own switches


@dataclass(frozen=True)
class Variable:
    name: str
    key: str  # the path in retailxai.toml
    meaning: str
    default: object
    is_secret: bool


def fields(model: type[BaseModel] = Configured, path: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every key below `model` with its path, sections walked into; tables are one key."""
    for name, info in model.model_fields.items():
        key = f"{path}{name}"
        if is_section(info.annotation):
            yield from fields(info.annotation, f"{key}.")
        else:
            yield key, info


def is_table(info: FieldInfo) -> bool:
    """Whether a key holds several things of a kind: named tables, or a list of tables."""
    return entry_of(info) is not None


def entry_of(info: FieldInfo) -> type[BaseModel] | None:
    """What a key that holds several things holds of them."""
    annotation = unless_unset(info)
    if get_origin(annotation) not in (dict, tuple):
        return None
    return next((arg for arg in get_args(annotation) if is_section(arg)), None)


def is_section(annotation: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def unless_unset(info: FieldInfo) -> Any:
    """X of a key that is X or unset."""
    if get_origin(info.annotation) not in (Union, UnionType):
        return info.annotation
    return next(arg for arg in get_args(info.annotation) if arg is not NoneType)


@cache
def variables() -> tuple[Variable, ...]:
    """All of them, in the order of the settings."""
    return tuple(
        Variable(
            name=OWN_NAMES.get(key) or PREFIX + key.upper().replace(".", "_"),
            key=key,
            meaning=info.description or "",
            default=info.get_default(call_default_factory=True, validated_data={}),
            is_secret=SecretStr in _types(info.annotation),
        )
        for key, info in fields()
        if not is_table(info)
    )


def _types(annotation: Any) -> set[Any]:
    found = {annotation}
    for arg in get_args(annotation):
        found |= _types(arg)
    return found


def misspelt(names: Mapping[str, str], known: Iterable[str] | None = None) -> list[Problem]:
    """Names that nobody reads although they were surely meant for us.

    `names`: every name seen, and where. Anything that starts like RETAILXAI_ is ours; of the
    names without a prefix only those one or two slips from one of ours, because the
    environment is full of other people's.
    """
    all_known = set(known or [variable.name for variable in variables()]) | set(OTHER_NAMES)
    readable = all_known | {f"{name}_FILE" for name in all_known}
    bare = [name for name in all_known if not name.startswith(PREFIX)]
    problems = []
    for name, where in sorted(names.items()):
        if name in readable or name.startswith(TESTS_OWN) or NOT_MEANT.fullmatch(name):
            continue
        if _starts_like_ours(name):
            meant = nearest(name, all_known)
        else:
            meant = _slip(name, [*bare, *(f"{own}_FILE" for own in bare)])
            if meant is None:
                continue
        problems.append(
            Problem(
                where=f"{name} ({where})",
                rule="is no variable of this program",
                got=MASK,  # it may be a secret under a wrong name
                fix=f"did you mean {meant}?" if meant else "remove it; .env.example lists all",
            )
        )
    return problems


def _starts_like_ours(name: str) -> bool:
    """RETAILXAI_, RETAILXIA_, RETAIL_XAI_, retailxai_ ..."""
    words = name.upper().split("_")
    ours = PREFIX.rstrip("_")
    return any(
        len(words) > count and len(start) >= 7 and distance(start, ours) <= (2 if count == 1 else 1)
        for count in (1, 2)
        for start in ("".join(words[:count]),)
    )


def _slip(name: str, known: Iterable[str]) -> str | None:
    def plain(word: str) -> str:
        return word.upper().replace("_", "")

    typed = plain(name)
    if len(typed) < 5:
        return None
    for own in sorted(known):
        meant = plain(own)
        # Two in a short name make many others of it: PROD_API_KEY is not meant for Groq.
        most = 2 if len(meant) >= 11 else 1
        # Each letter too many is a slip: lengths are compared in a moment, words are not.
        if abs(len(typed) - len(meant)) <= most and distance(typed, meant) <= most:
            return own
    return None
