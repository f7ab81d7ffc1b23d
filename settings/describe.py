"""The settings in force, for people: every key, its value with secrets masked, its origin."""

from __future__ import annotations

from pydantic import SecretStr

from settings import shapes
from settings.model import Settings
from settings.problems import MASK, shown
from settings.variables import fields, is_table


def describe(settings: Settings) -> list[tuple[str, str, str]]:
    """(key, value, origin) of every key, secrets masked."""
    rows = []
    for key, info in fields():
        value: object = settings
        for name in key.split("."):
            value = getattr(value, name)
        origin = settings.origins.get(key) or _below(settings, key) or "default"
        rows.append((key, plain_value(value) if not is_table(info) else _table(value), origin))
    return rows


def _below(settings: Settings, key: str) -> str | None:
    return next(
        (origin for name, origin in settings.origins.items() if name.startswith(f"{key}.")), None
    )


def plain_value(value: object) -> str:
    """A value as it would be written in a file, a secret as the fact that there is one."""
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        if secret.startswith("postgresql://"):
            return shapes.without_password(secret)
        known = (shapes.CLAUDE_PREFIX, shapes.GROQ_PREFIX)
        return f"{next((each for each in known if secret.startswith(each)), '')}{MASK}"
    if value is None:
        return "unset"
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value)
    if isinstance(value, bool):
        return str(value).lower()
    return shown(str(value)).strip("'\"")


def _table(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(value)
    return f"{len(value)} entries" if isinstance(value, tuple) else str(value)
