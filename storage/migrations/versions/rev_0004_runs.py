"""Every move of every run, written down by the database itself; a person's cancel and retry."""

from __future__ import annotations

from storage.migrations.sql_file import execute

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    execute(__file__)
