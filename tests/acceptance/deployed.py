"""Trees to install from, and a tree to install into, for the tests of `python -m deploy`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.drill.tree import Tree
from deploy.machine.releases import LEFT_OUT, LEFT_OUT_ABOVE
from storage.schema import expected
from tests.servers.http import closed_port

ROOT = Path(__file__).resolve().parents[2]
VENV = Path(sys.prefix)
NOT_NEEDED = {*LEFT_OUT, *LEFT_OUT_ABOVE, "tests", "benchmarks", "docs"}
NEXT = f"{int(expected()) + 1:04d}"
# What a next release may add: a table, a column that is filled by itself, an index.
EXPANDS = """
create table probe (id bigint generated always as identity primary key, said text not null);
alter table document add column probed boolean not null default false;
create index document_probed on document (probed);
"""


def tree(folder: Path, version: str) -> Path:
    """The program as it lies here, as a version of its own."""

    def left_out(above: str, names: list[str]) -> set[str]:
        return set(names) & (NOT_NEEDED if Path(above) == ROOT else LEFT_OUT)

    shutil.copytree(ROOT, folder, ignore=left_out)
    (folder / "bootstrap/version.py").write_text(f'"""A version."""\n\nVERSION = "{version}"\n')
    return folder


def with_next_schema(folder: Path) -> Path:
    """As a next release has it: it only adds."""
    return _revision(folder, int(expected()) + 1, EXPANDS, "")


def with_harsh_schema(folder: Path) -> Path:
    """As the release after that must not have it: what the one before needs is gone."""
    number = int(expected()) + 2
    return _revision(
        with_next_schema(folder), number, "drop table probe", f"works_from = '{number:04d}'"
    )


def _revision(folder: Path, number: int, sql: str, works_from: str) -> Path:
    stem = folder / f"storage/migrations/versions/rev_{number:04d}_probe"
    stem.with_suffix(".sql").write_text(sql)
    stem.with_suffix(".py").write_text(
        "from storage.migrations.sql_file import execute\n"
        f"revision = '{number:04d}'\ndown_revision = '{number - 1:04d}'\n"
        f"{works_from}\n\n\ndef upgrade() -> None:\n    execute(__file__)\n"
    )
    return folder


class Deployed(Tree):
    verb_s = 300.0

    def __init__(self, folder: Path, dsn: str) -> None:
        super().__init__(folder, VENV)
        self.address = folder / "dsn"
        self.address.write_text(dsn)
        self.places.settings.mkdir(parents=True)
        self.places.environment.write_text(
            f"APP_ENV=development\nRETAILXAI_WEB_PORT={closed_port()}\nRETAILXAI_SAMPLES=off\n"
        )

    def install(self, source: Path) -> tuple[int, str]:
        return self.do("install", "--source", str(source), "--credential",
                       f"DATABASE_URL={self.address}")  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.keeper.stop()
