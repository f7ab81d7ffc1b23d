"""The files of SQL beside this one, each on a connection of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bootstrap.version import VERSION
from storage.dsn import parse


def run(dsn: str, file: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows it gives, if it gives any."""
    sql = (Path(__file__).parent / file).read_text(encoding="utf-8")
    connection = parse(dsn).connect(application=f"bench {VERSION}", statement_timeout_s=0)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
