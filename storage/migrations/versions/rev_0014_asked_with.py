"""What paid questions were asked with: so that savings can be counted."""

from __future__ import annotations

from storage.migrations.sql_file import execute

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    execute(__file__)
