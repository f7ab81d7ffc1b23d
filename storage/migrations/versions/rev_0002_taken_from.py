"""An insight names the analysis it was taken from, where that is not its own."""

from __future__ import annotations

from storage.migrations.sql_file import execute

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    execute(__file__)
