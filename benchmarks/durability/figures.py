"""The table, put where people read it."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scaling.md"
_BLOCK = re.compile(r"(<!-- figures -->\n```\n).*?(\n```)", re.DOTALL)


def write(table: str, page: Path = PAGE) -> None:
    """In the place of the last one. Raises ValueError where the page has no place for it."""
    text = page.read_text(encoding="utf-8")
    changed, places = _BLOCK.subn(lambda block: block[1] + table + block[2], text)
    if places != 1:
        raise ValueError(f"{page} has {places} places for figures, and needs one")
    page.write_text(changed, encoding="utf-8")
