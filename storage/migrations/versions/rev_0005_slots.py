"""A slot that a clock that was ahead had skipped may be decided anew."""

from __future__ import annotations

from storage.migrations.sql_file import execute

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    execute(__file__)
