"""What `db` shows, as plain values; also what --json prints, key for key."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ExportView:
    """`running`: processes that went on working meanwhile; what they did since is not in it."""

    file: str
    bytes: int
    database: str
    schema: str
    engine: int | None
    tables: int
    rows: int
    documents: int
    took_s: float
    running: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportView:
    """`schema` is what the file had, `schema_now` what the database has after it."""

    file: str
    database: str
    exported_at: str
    schema: str
    schema_now: str
    tables: int
    rows: int
    documents: int
    took_s: float


@dataclass(frozen=True)
class MigrateView:
    """`program`: the schema that this program was written for; `works_from`: the oldest program
    that works on the schema that is there now."""

    database: str
    schema: str
    schema_after: str
    program: str
    works_from: str | None
