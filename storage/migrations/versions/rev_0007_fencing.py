"""Processes that work only; and the dead, fenced before their work is given to others."""

from __future__ import annotations

from storage.migrations.sql_file import execute

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    execute(__file__)
