"""What an answer saved is worked out in one place, beside what it took."""

from __future__ import annotations

from storage.migrations.sql_file import execute

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    execute(__file__)
