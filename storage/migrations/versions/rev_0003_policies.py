"""What policies remember, what people ask of running processes, and what could not be done."""

from __future__ import annotations

from storage.migrations.sql_file import execute

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    execute(__file__)
