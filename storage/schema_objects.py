"""What our migrations make, by revision: read from their SQL, so that no list can be forgotten.

A database may be shared with other programs; only what is named here is ours to move.
"""

from __future__ import annotations

import re
from pathlib import Path

_VERSIONS = Path(__file__).parent / "migrations" / "versions"
REVISION_TABLE = "alembic_version"


def tables(revision: str) -> list[str]:
    """In the order they were made."""
    return _made("table", revision)


def functions(revision: str) -> list[str]:
    return _made("function", revision)


def _made(kind: str, revision: str) -> list[str]:
    found: dict[str, None] = {}
    step = re.compile(
        rf"^\s*(create(?: or replace)?|drop) {kind}(?: if (?:not )?exists)? (\w+)",
        re.MULTILINE | re.IGNORECASE,
    )
    for path in sorted(_VERSIONS.glob("rev_*.sql")):
        if path.name[4:8] > revision:
            break
        for verb, name in step.findall(path.read_text(encoding="utf-8")):
            if verb.lower() == "drop":
                found.pop(name, None)
            else:
                found[name] = None
    return list(found)
