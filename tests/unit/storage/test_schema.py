"""storage.schema: any database comes to this code's schema once, and no newer one is touched."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from alembic.config import Config

from storage import schema
from storage.database import Database
from storage.documents import Documents
from storage.errors import DatabaseError, DatabaseUnavailable, SchemaMismatch, SchemaTooNew
from storage.insights import Insights
from storage.migrations.run import FIRST_TOLERANT, upgrade, works_from
from storage.schema import expected, migrate, schema_standing

# What a program before it may fail on. That old rows and new values mean the same to it, no pattern
# can tell: `make drill` runs it.
TAKES_AWAY = re.compile(
    r"drop\s+table|drop\s+column|drop\s+view|\brename\b|\btype\s+\w+|set\s+not\s+null"
    r"|add\s+column\s+\w+\s+\w+\s+not\s+null(?!\s+default)",
    re.IGNORECASE,
)
VERSIONS = Path(schema.__file__).parent / "migrations" / "versions"


def without_comments(sql: str) -> str:
    return re.sub(r"--.*", "", sql)


pytestmark = pytest.mark.database
ROOT = Path(__file__).parents[3]


def execute(dsn: str, sql: str) -> None:
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
    connection.close()


def test_an_empty_database_is_brought_up_to_date(empty_dsn: str) -> None:
    """And a second call finds nothing to do."""
    found = schema_standing(empty_dsn)
    assert (found.current, found.expected) == ("none", expected())
    assert migrate(empty_dsn) == ("none", expected())
    found = schema_standing(empty_dsn)
    assert (found.current, found.expected) == (expected(), expected())
    assert migrate(empty_dsn) == (expected(), expected())
    database = Database(empty_dsn)
    assert Documents(database).pending() == []
    database.close()


def test_many_processes_may_migrate_at_once(empty_dsn: str) -> None:
    """One does it, the others wait and find it done."""
    results: list[tuple[str, str]] = []
    threads = [
        threading.Thread(target=lambda: results.append(migrate(empty_dsn))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [after for _, after in results] == [expected()] * 4


def test_a_newer_database_is_left_alone(dsn: str) -> None:
    """An old version of the program would misread it."""
    said = "'works with programs from schema 9999 on'"
    execute(
        dsn,
        "update alembic_version set version_num = '9999';"
        f"comment on table alembic_version is {said}",
    )
    assert schema_standing(dsn).current == "9999"
    with pytest.raises(SchemaTooNew, match="9999"):
        migrate(dsn)


def test_a_newer_one_that_keeps_what_this_code_needs_is_worked_on(dsn: str) -> None:
    """It says so itself: a program that is rolled back finds the schema of its successor."""
    execute(dsn, "update alembic_version set version_num = '9999'")
    found = schema_standing(dsn)
    assert (found.current, found.works_from, found.is_fit) == ("9999", FIRST_TOLERANT, True)
    assert migrate(dsn) == ("9999", "9999")
    execute(dsn, "comment on table alembic_version is null")
    assert not schema_standing(dsn).is_fit
    with pytest.raises(SchemaTooNew):
        migrate(dsn)


def test_what_takes_away_says_from_which_program_on(tmp_path: Path) -> None:
    """The oldest that a chain of revisions leaves: the newest of what they name."""
    lines = {"0001": "", "0002": "works_from = '0021'", "0003": "", "0004": "works_from = '0018'"}
    (tmp_path / "versions").mkdir()
    for number, line in lines.items():
        before = None if number == "0001" else f"{int(number) - 1:04d}"
        (tmp_path / f"versions/rev_{number}.py").write_text(
            f"revision, down_revision = {number!r}, {before!r}\n{line}\n"
        )
    config = Config()
    config.set_main_option("script_location", str(tmp_path))
    assert works_from(config, "0001") == FIRST_TOLERANT
    assert works_from(config, "0002") == works_from(config, "0004") == "0021"


def test_no_migration_takes_away_in_silence() -> None:
    """What a statement takes from programs before it, its revision says (`works_from`)."""
    for path in sorted(VERSIONS.glob("rev_*.sql")):
        number = path.name[4:8]
        taken = TAKES_AWAY.findall(without_comments(path.read_text(encoding="utf-8")))
        declared = re.search(
            r'^works_from = "(\d{4})"', path.with_suffix(".py").read_text(), re.MULTILINE
        )
        if declared is not None:
            assert FIRST_TOLERANT <= declared[1] <= number, path.name
        elif number > FIRST_TOLERANT:
            assert not taken, f"{path.name} takes away ({taken}) and has no works_from"


@pytest.mark.parametrize(
    ("sql", "takes"),
    [
        ("alter table run drop column slot;", True),
        ("drop table run;", True),
        ("alter table run rename to runs;", True),
        ("alter table run alter column slot type int;", True),
        ("alter table run alter slot set not null;", True),
        ("alter table run add column a text not null;", True),
        ("alter table run add column a text not null default '';", False),
        ("alter table run add column a text, add check (a > 'b');", False),
        ("create table a (b text not null); create index c on a (b);", False),
        ("-- drop table run\nselect 1;", False),
        ("drop index a; create index a on b (c);", False),
    ],
)
def test_what_counts_as_taking_away(sql: str, takes: bool) -> None:
    assert bool(TAKES_AWAY.search(without_comments(sql))) is takes


def test_a_migration_that_fails_leaves_nothing_behind(empty_dsn: str) -> None:
    """All of it or none: here another program's table is in the way."""
    execute(empty_dsn, "create table analysis (x int)")
    with pytest.raises(DatabaseError, match=f"migration to {expected()}"):
        migrate(empty_dsn)
    assert schema_standing(empty_dsn).current == "none"
    execute(empty_dsn, "drop table analysis")
    assert migrate(empty_dsn)[1] == expected()


def test_rows_of_the_first_schema_are_carried_over(empty_dsn: str) -> None:
    """Every insight was found by the analysis it shows in; nothing else changes."""
    with closing(psycopg2.connect(empty_dsn)) as connection:
        upgrade(connection, "0001")
    execute(
        empty_dsn,
        "insert into document (source, external_id) values ('edgar', 'd-1');"
        "insert into document_text (document_id, reader, text) values (1, 'html-1', 'Sales 5');"
        "insert into analysis (document_id, text_id, analyst, model, prompt_version, is_current,"
        " is_results) values (1, 1, 'claude', 'm-1', 'p-1', true, true);"
        "insert into insight (analysis_id, document_id, kind, status, theme, span_start, span_end,"
        " words) values (1, 1, 'quote', 'claimed', 'shrink', 0, 5, 'Sales')",
    )
    assert migrate(empty_dsn) == ("0001", expected())
    with closing(Database(empty_dsn)) as database:
        (insight,) = Insights(database).for_document(1)
        assert (insight.analyst, insight.model, insight.taken_from) == ("claude", "m-1", None)
        evidence = Insights(database).evidence(insight.id)
    assert evidence is not None
    assert (evidence.quote, evidence.analysis.prompt_version) == ("Sales", "p-1")


def test_an_unmigrated_database_says_what_to_do(empty_dsn: str) -> None:
    database = Database(empty_dsn)
    with pytest.raises(SchemaMismatch, match="Migrate the database"):
        Documents(database).pending()
    database.close()


def test_an_unreachable_database_is_named() -> None:
    with pytest.raises(DatabaseUnavailable, match=r"127\.0\.0\.1:1/x"):
        schema_standing("postgresql://ann:s3cret@127.0.0.1:1/x")


def test_a_current_schema_needs_no_alembic(dsn: str) -> None:
    """Importing it takes longer than a start may."""
    script = (
        "import sys; from storage.schema import migrate; migrate(sys.argv[1]);"
        "print([name for name in sys.modules if name.split('.')[0] in ('alembic', 'sqlalchemy')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, dsn], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_revisions_are_numbered_without_gaps() -> None:
    """Each has its SQL beside it, and the file name says the revision."""
    folder = Path(schema.__file__).parent / "migrations" / "versions"
    files = sorted(path for path in folder.glob("rev_*.py"))
    for number, path in enumerate(files, start=1):
        assert path.name.startswith(f"rev_{number:04d}_")
        assert f'revision = "{number:04d}"' in path.read_text()
        assert path.with_suffix(".sql").exists()
    assert expected() == f"{len(files):04d}"
