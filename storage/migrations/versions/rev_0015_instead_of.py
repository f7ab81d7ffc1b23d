"""Who read a document in whose stead, and sums of money over all providers."""

from __future__ import annotations

from storage.migrations.sql_file import execute

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    execute(__file__)
