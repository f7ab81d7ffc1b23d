"""What a process loads before it knows what it is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
# What takes long to load, and who has a use for it.
LATE = {
    "dbos": "whoever takes part in the work",
    "psycopg": "dbos",
    "sqlalchemy.orm": "dbos",
    "alembic": "a database whose schema is behind",
    "jinja2": "a weekly report",
    "pypdfium2": "a PDF",
    "feedparser": "a feed",
    "youtube_transcript_api": "captions",
}


def loaded_by(module: str) -> set[str]:
    asked = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_a_command_that_only_looks_loads_nothing_that_it_does_not_use() -> None:
    """`status` and `why` are half as dear for it."""
    loaded = loaded_by("bootstrap.desk")
    assert "storage.database" in loaded, "all of the house"
    assert not loaded & LATE.keys(), {name: LATE[name] for name in loaded & LATE.keys()}


@pytest.mark.parametrize("name", LATE)
def test_each_of_them_is_there(name: str) -> None:
    """Or a name that has changed would be looked for in vain."""
    assert name in loaded_by(name)


def test_help_and_version_load_no_driver() -> None:
    loaded = loaded_by("main")
    assert not loaded & {"psycopg2", "pydantic", "sqlalchemy", "requests", "rich"}
