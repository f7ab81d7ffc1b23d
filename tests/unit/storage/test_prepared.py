"""What a connection asks often it asks by a name, and gets the same answer."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2
import pytest
from psycopg2 import extensions

from storage.database import Database
from storage.errors import Conflict, TryAgain
from storage.pool import PoolSettings
from storage.prepared import AFTER, Prepared, execute_of, is_planned, prepare_of

pytestmark = pytest.mark.database

NAME = "documents.cursor"


@pytest.fixture
def connection(dsn: str) -> Iterator[extensions.connection]:
    opened = psycopg2.connect(dsn)
    yield opened
    opened.close()


@pytest.fixture
def single(dsn: str) -> Iterator[Database]:
    """A pool of one, so that every statement meets the same connection."""
    opened = Database(dsn, PoolSettings(size=1, overflow=0))
    yield opened
    opened.close()


def prepared_on(database: Database) -> set[str]:
    with database._ready().lent() as lent, lent.cursor() as cursor:
        cursor.execute("select name from pg_prepared_statements")
        return {row[0] for row in cursor.fetchall()}


def test_each_parameter_has_one_number() -> None:
    assert prepare_of(NAME).startswith('prepare "documents.cursor" as select')
    assert prepare_of(NAME).endswith("where source = $1 and scope = $2")
    assert execute_of(NAME) == 'execute "documents.cursor"(%(source)s, %(scope)s)'
    assert execute_of("agents.names", 3) == 'execute "agents.names/3"'
    assert prepare_of("documents.move").count("$1") == 2


def test_what_the_server_does_not_plan_is_left() -> None:
    assert not is_planned("work.listen")
    assert not is_planned("work.tell")
    assert is_planned("agents.executed")


def test_it_is_prepared_when_it_is_asked_often(single: Database) -> None:
    for _ in range(AFTER):
        single.one(NAME, source="s", scope="x")
    assert prepared_on(single) == set()
    for _ in range(3):
        assert single.one(NAME, source="s", scope="x") is None
    assert prepared_on(single) == {NAME}


def test_the_same_comes_of_it(single: Database) -> None:
    """Texts with quotes and percent signs, no value, many rows: as when it is sent in full."""
    for number in range(AFTER + 4):
        name = f"It's {number} % of \\ $1"
        single.run("companies.add_unknown", ticker=f"T{number}", name=name, is_sample=False)
    known = {row["ticker"]: row["name"] for row in single.all("companies.all")}
    assert known == {f"T{n}": f"It's {n} % of \\ $1" for n in range(AFTER + 4)}
    assert "companies.add_unknown" in prepared_on(single)
    for _ in range(AFTER + 2):
        single.run("documents.begin_cursor", source="s", scope="x")
        moved = single.run("documents.move_cursor", source="s", scope="x", cursor=None, expected="")
        assert moved == 0
    rows = [{"agent": f"a{number}", "kind": "writer"} for number in range(450)]
    for _ in range(AFTER + 2):
        with single.transaction() as tx:
            tx.many("agents.add", rows)
    assert "agents.add" in prepared_on(single)
    assert len(single.all("agents.names")) == 450


def test_a_refusal_leaves_the_connection_and_its_statements(single: Database) -> None:
    for _ in range(AFTER + 1):
        single.run("agents.add", agent="a", kind="writer")
    with pytest.raises(Conflict):
        single.run("agents.add", agent="b", kind="no such kind")
    single.run("agents.add", agent="c", kind="writer")
    assert [row["name"] for row in single.all("agents.names")] == ["a", "c"]


def test_each_connection_learns_by_itself(connection: extensions.connection, dsn: str) -> None:
    prepared, other = Prepared(after=1), psycopg2.connect(dsn)
    try:
        assert [prepared.sql(connection, NAME)[:7] for _ in range(3)] == [
            "select ",
            "execute",
            "execute",
        ]
        assert prepared.sql(other, NAME).startswith("select ")
    finally:
        other.close()


def test_a_table_that_a_newer_version_changed_costs_one_try(single: Database, dsn: str) -> None:
    """Its columns are others now: the server refuses what was prepared before, once."""
    for _ in range(AFTER + 2):
        single.all("documents.recent", limit=1)
    newer = psycopg2.connect(dsn)
    with newer, newer.cursor() as cursor:
        cursor.execute("alter view document_listing rename to listing_before")
        cursor.execute("create view document_listing as select *, 1 as more from listing_before")
    newer.close()
    with pytest.raises(TryAgain, match="cached plan") as refused:
        single.all("documents.recent", limit=1)
    assert refused.value.retryable
    for _ in range(AFTER + 2):
        assert single.all("documents.recent", limit=1) == []
    assert "documents.recent/1" in prepared_on(single)
