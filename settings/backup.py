"""The table [backup] of retailxai.toml: where backups go, how many stay, and their passphrase."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr

from settings import shapes
from settings.sections import Section, Whole

Passphrase = Annotated[SecretStr, BeforeValidator(shapes.passphrase)]


class BackupSettings(Section):
    dir: Path | None = Field(
        default=None,
        description="where `db backup` writes when nothing else is named; unset: backups in the "
        "data folder, which another disk than the database's is better than",
    )
    keep: Whole = Field(
        default=0,
        ge=0,
        le=100_000,
        description="how many stay there once a new one is verified; 0: all",
    )
    passphrase: Passphrase | None = Field(
        default=None, description="backups are encrypted with it; unset: they are not"
    )
