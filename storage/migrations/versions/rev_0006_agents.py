"""How each agent stands and what it did; what recovery found."""

from __future__ import annotations

from storage.migrations.sql_file import execute

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    execute(__file__)
