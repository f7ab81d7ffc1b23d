"""Where each secret comes from, and in which files it lies; and, for whoever hides it, what it
is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Literal

from settings.environment import current, dotenv_of, gather
from settings.model import Settings
from settings.sections import revealed
from settings.variables import variables

Kind = Literal["environment", "file", "credential", ".env"]


@dataclass(frozen=True)
class SecretPlace:
    """`path`: the file it was read from; None for one of the environment itself."""

    name: str
    kind: Kind
    path: Path | None


def secret_names() -> tuple[str, ...]:
    return tuple(one.name for one in variables() if one.is_secret)


def secret_values(settings: Settings) -> dict[str, str]:
    """Each that is set, by name: for whoever must not show one, or looks for where it shows."""
    held: dict[str, str] = {}
    for one in variables():
        if one.is_secret and (text := revealed(attrgetter(one.key)(settings))) is not None:
            held[one.name] = text
    return held


def secret_places(environ: Mapping[str, str] | None = None) -> list[SecretPlace]:
    """Those that are set, whatever else is wrong with the settings."""
    environ = current() if environ is None else environ
    dotenv = dotenv_of(environ)
    found = gather(environ, dotenv, secret_names())
    return [
        _place(name, origin, found.files.get(name), dotenv)
        for name, origin in found.origins.items()
    ]


def _place(name: str, origin: str, file: Path | None, dotenv: Path | None) -> SecretPlace:
    if file is not None:
        return SecretPlace(name, "credential" if "credential" in origin else "file", file)
    if origin == "environment":
        return SecretPlace(name, "environment", None)
    assert dotenv is not None
    return SecretPlace(name, ".env", dotenv.absolute())
