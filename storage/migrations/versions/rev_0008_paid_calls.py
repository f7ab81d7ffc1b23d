"""A call in doubt may be given up for good, and what may have been paid for stays counted."""

from __future__ import annotations

from storage.migrations.sql_file import execute

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    execute(__file__)
