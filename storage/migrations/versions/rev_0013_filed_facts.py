"""What companies tagged in their 10-Qs and 10-Ks stands beside what their releases say."""

from __future__ import annotations

from storage.migrations.sql_file import execute

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    execute(__file__)
