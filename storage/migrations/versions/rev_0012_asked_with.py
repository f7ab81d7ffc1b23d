"""What paid questions were asked with: so that savings can be counted."""

from __future__ import annotations

from storage.migrations.sql_file import execute

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    execute(__file__)
