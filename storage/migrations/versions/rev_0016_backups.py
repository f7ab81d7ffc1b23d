"""Which backups there are, and what this database was restored from."""

from __future__ import annotations

from storage.migrations.sql_file import execute

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    execute(__file__)
