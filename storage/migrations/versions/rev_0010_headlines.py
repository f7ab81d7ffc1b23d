"""Headlines: what others write about companies, each once, with its link."""

from __future__ import annotations

from storage.migrations.sql_file import execute

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    execute(__file__)
