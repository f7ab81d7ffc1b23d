"""Paid questions in batches: what waits for one, and what became of each."""

from __future__ import annotations

from storage.migrations.sql_file import execute

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    execute(__file__)
