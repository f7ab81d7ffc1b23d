"""A filing that another one replaced stays, and names the one that counts instead."""

from __future__ import annotations

from storage.migrations.sql_file import execute

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    execute(__file__)
