"""What a document takes on the disk, by table: measured round the documents of a row."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.durability.statements import run
from benchmarks.durability.table import Row, told

SHOWN_FROM = 50.0  # bytes a document; what takes less is told together


def sizes(dsn: str) -> dict[str, int]:
    """Bytes by table."""
    run(dsn, "settle.sql", {})
    return dict(run(dsn, "sizes.sql", {}))


def grown(before: Mapping[str, int], after: Mapping[str, int], documents: int) -> list[Row]:
    """Largest first."""
    each = {name: (size - before.get(name, 0)) / documents for name, size in after.items()}
    largest = sorted((name for name in each if each[name] >= SHOWN_FROM), key=lambda n: -each[n])
    rest = sum(size for size in each.values() if size < SHOWN_FROM)
    rows = [told("bytes a document", sum(each.values()), "B", f"of {documents}")]
    rows += [told(f"  {name.removeprefix('public.')}", each[name], "B") for name in largest]
    return [*rows, told("  all others", rest, "B")]
