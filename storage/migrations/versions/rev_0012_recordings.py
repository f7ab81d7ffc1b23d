"""Recordings: which second of one a place in a text is of, so that a link leads there."""

from __future__ import annotations

from storage.migrations.sql_file import execute

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    execute(__file__)
