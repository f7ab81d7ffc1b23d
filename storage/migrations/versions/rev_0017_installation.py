"""What tells this installation's questions from those of others in the same workspace."""

from __future__ import annotations

from storage.migrations.sql_file import execute

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    execute(__file__)
