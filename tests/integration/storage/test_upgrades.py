"""A database that has been in use comes to the next schema with all it holds."""

from __future__ import annotations

from decimal import Decimal

import psycopg2
import pytest

from earnings.vocabulary import Headline
from storage.database import Database
from storage.dead_letters import DeadLetters
from storage.documents import Documents
from storage.leases import InstanceLock, Instances
from storage.ledger import Ledger
from storage.migrations.run import upgrade
from storage.policy_state import PolicyStates
from storage.schema import expected, migrate, schema_standing

pytestmark = pytest.mark.database

_USE = """
insert into company (ticker, name) values ('ACME', 'Acme');
insert into document (source, external_id, ticker) values ('inbox', 'd1', 'ACME');
insert into document_text (document_id, reader, text) values (1, 'html-1', 'Net sales rose.');
insert into analysis (document_id, text_id, analyst, model, prompt_version, is_current, is_results)
    values (1, 1, 'local', 'rules-1', '1', true, true);
insert into insight (analysis_id, document_id, kind, status, metric, span_start, span_end)
    values (1, 1, 'figure', 'claimed', 'net_sales', 0, 9);
insert into job_run (job, slot, due_at, state, decided_by)
    values ('scan', '2026-11-22T07:00', now(), 'due', 'd');
insert into paid_call (provider, model, prompt_version, sha256, state, owner, estimate_usd,
                       begun_at) values ('claude', 'm', '1', 'x', 'intent', 'o', 0.01, now());
insert into instance (executor, name, kind, pid, host) values ('ex-0', 'main', 'daemon', 1, 'h');
"""
_TABLES = ("document", "document_text", "analysis", "insight", "job_run", "paid_call", "instance")


def at(dsn: str, revision: str) -> None:
    connection = psycopg2.connect(dsn)
    upgrade(connection, revision)
    connection.close()


def rows(dsn: str, table: str) -> list[tuple[object, ...]]:
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(f"select to_jsonb({table}) from {table}")
        found = cursor.fetchall()
    connection.close()
    return found


def test_0003_adds_beside_what_is_there(empty_dsn: str) -> None:
    """Every row of 0002 is as it was, and processes that are running count at once."""
    at(empty_dsn, "0002")
    with psycopg2.connect(empty_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(_USE)
    connection.close()
    before = {table: rows(empty_dsn, table) for table in _TABLES}
    at(empty_dsn, "0003")
    assert schema_standing(empty_dsn).current == "0003"
    assert {table: rows(empty_dsn, table) for table in _TABLES} == before


def test_0004_notes_the_moves_from_then_on(empty_dsn: str) -> None:
    """Runs are as they were and have no moves yet; the next one of each is written down."""
    at(empty_dsn, "0003")
    with psycopg2.connect(empty_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(_USE)
        cursor.execute("select id, job, slot, state, attempts, summary from job_run")
        before = cursor.fetchall()
    connection.close()
    at(empty_dsn, "0004")
    assert rows(empty_dsn, "run_move") == []
    with psycopg2.connect(empty_dsn) as connection, connection.cursor() as cursor:
        cursor.execute("select id, job, slot, state, attempts, summary from job_run")
        assert cursor.fetchall() == before
        cursor.execute("update job_run set state = 'running', executor = 'ex-0'")
        cursor.execute("select number, from_state, to_state, executor from run_move")
        assert cursor.fetchall() == [(1, "due", "running", "ex-0")]
    connection.close()


def test_agents_start_beside_what_is_there(empty_dsn: str) -> None:
    """Every row is as it was, and agents start with nothing done."""
    at(empty_dsn, "0005")
    with psycopg2.connect(empty_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(_USE)
    connection.close()
    before = {table: rows(empty_dsn, table) for table in _TABLES}
    at(empty_dsn, "0006")
    assert schema_standing(empty_dsn).current == "0006"
    assert {table: rows(empty_dsn, table) for table in _TABLES} == before
    assert rows(empty_dsn, "agent") == rows(empty_dsn, "recovery_report") == []


def test_0007_judges_nobody(empty_dsn: str) -> None:
    """Processes of before are neither fenced nor settled: their locks say whether they live."""
    at(empty_dsn, "0006")
    with psycopg2.connect(empty_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(_USE)
    connection.close()
    at(empty_dsn, "0007")
    database = Database(empty_dsn)
    instances = Instances(database)
    lock = InstanceLock(empty_dsn, "main", "ex-0")
    lock.acquire(1, "h")
    assert [one.executor for one in instances.running()] == ["ex-0"]
    assert instances.gone() == []
    lock.release()
    assert instances.gone() == ["ex-0"]
    database.close()


def test_0008_counts_as_before(empty_dsn: str) -> None:
    """What each paid call takes of its caps is what the sums said until then."""
    at(empty_dsn, "0007")
    with psycopg2.connect(empty_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(_USE)
        cursor.execute(
            "alter table paid_call disable trigger user;"
            "insert into paid_call (provider, model, prompt_version, sha256, state, owner,"
            " estimate_usd, begun_at, cost_usd, body) values"
            " ('claude', 'm', '1', 'a', 'answered', 'o', 0.05, now(), 0.03, '{}'),"
            " ('claude', 'm', '1', 'b', 'refused', 'o', 0.05, now(), 0, null),"
            " ('claude', 'm', '1', 'c', 'in_doubt', 'o', 0.05, now(), 0, null);"
            "alter table paid_call enable trigger user"
        )
    connection.close()
    at(empty_dsn, "0008")
    with psycopg2.connect(empty_dsn) as connection, connection.cursor() as cursor:
        cursor.execute("select state, taken_usd::text from paid_call order by state")
        assert cursor.fetchall() == [
            ("answered", "0.03"), ("in_doubt", "0.05"), ("intent", "0.01"), ("refused", "0"),
        ]  # fmt: skip
    connection.close()


def test_headlines_start_beside_what_is_there(empty_dsn: str) -> None:
    """Every row is as it was, and the first headline of a known company finds it."""
    at(empty_dsn, "0009")
    with psycopg2.connect(empty_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(_USE)
    connection.close()
    before = {table: rows(empty_dsn, table) for table in (*_TABLES, "company")}
    at(empty_dsn, "0010")
    assert {table: rows(empty_dsn, table) for table in before} == before
    database = Database(empty_dsn)
    headline = Headline("feeds", "Acme opens a store", "https://a.example/1", tickers=("ACME",))
    found = Documents(database).record_found("feeds", "a", (), (headline,), None, None)
    assert found.headlines == 1
    assert rows(empty_dsn, "company") == before["company"]
    database.close()


def test_a_database_in_use_comes_to_this_codes_schema(empty_dsn: str) -> None:
    """From the first schema on, and is used by this code then."""
    at(empty_dsn, "0001")
    with psycopg2.connect(empty_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(_USE)
    connection.close()
    assert migrate(empty_dsn) == ("0001", expected())
    database = Database(empty_dsn)
    assert Ledger(database).claim("scan", "2026-11-22T07:00", "ex-1") is not None
    remembered = PolicyStates(database, "main", "ex-1").recall()
    assert (remembered.starts, remembered.members) == (2, 2)
    assert DeadLetters(database).put("edgar", "document", "d1", {}, "", "outage") == 1
    database.close()


def test_0011_leaves_every_filing_counting(empty_dsn: str) -> None:
    """What is there stands as it did; which filing counts is settled when one is stored."""
    at(empty_dsn, "0010")
    with psycopg2.connect(empty_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(_USE)
    connection.close()
    before = {table: rows(empty_dsn, table) for table in ("document", "analysis", "insight")}
    at(empty_dsn, "0011")
    assert {table: rows(empty_dsn, table) for table in before} == before
    assert rows(empty_dsn, "superseded") == []
    with psycopg2.connect(empty_dsn) as connection, connection.cursor() as cursor:
        cursor.execute("select superseded_by from insight_in_full")
        assert cursor.fetchall() == [(None,)]
    connection.close()


def test_0012_leaves_every_link_as_it_was(empty_dsn: str) -> None:
    """A text that nobody spoke has no marks, and what was claimed of it no second."""
    at(empty_dsn, "0011")
    with psycopg2.connect(empty_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(_USE)
        cursor.execute("update document set url = 'https://x.test/release'")
    connection.close()
    before = {table: rows(empty_dsn, table) for table in ("document", "analysis", "insight")}
    at(empty_dsn, "0012")
    assert {table: rows(empty_dsn, table) for table in before} == before
    with psycopg2.connect(empty_dsn) as connection, connection.cursor() as cursor:
        cursor.execute("select url from insight_in_full")
        assert cursor.fetchall() == [("https://x.test/release",)]
    connection.close()


def test_0013_keeps_filed_facts_beside_what_is_there(empty_dsn: str) -> None:
    """Every row is as it was, and nothing is known of any company's filed figures yet."""
    at(empty_dsn, "0012")
    with psycopg2.connect(empty_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(_USE)
    connection.close()
    before = {table: rows(empty_dsn, table) for table in _TABLES}
    at(empty_dsn, "0013")
    assert {table: rows(empty_dsn, table) for table in _TABLES} == before
    assert rows(empty_dsn, "filed_fact") == []


def test_0016_knows_of_no_backup_yet(empty_dsn: str) -> None:
    """Every row is as it was."""
    at(empty_dsn, "0015")
    with psycopg2.connect(empty_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(_USE)
    connection.close()
    before = {table: rows(empty_dsn, table) for table in _TABLES}
    at(empty_dsn, "0016")
    assert {table: rows(empty_dsn, table) for table in _TABLES} == before
    assert rows(empty_dsn, "backup") == rows(empty_dsn, "restoration") == []


def test_0017_names_the_installation(empty_dsn: str) -> None:
    """Every row is as it was."""
    at(empty_dsn, "0016")
    with psycopg2.connect(empty_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(_USE)
    connection.close()
    before = {table: rows(empty_dsn, table) for table in _TABLES}
    at(empty_dsn, "0017")
    assert {table: rows(empty_dsn, table) for table in _TABLES} == before
    assert len(rows(empty_dsn, "installation")) == 1


def test_0018_works_out_what_was_saved_already(empty_dsn: str) -> None:
    """Of an answer that says what it was asked with; of no other."""
    at(empty_dsn, "0017")
    with psycopg2.connect(empty_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(
            "alter table paid_call disable trigger user;"
            "insert into paid_call (provider, model, prompt_version, sha256, state, owner,"
            " estimate_usd, begun_at, cost_usd, body, input_tokens, output_tokens, sent_characters,"
            " whole_characters, input_usd, output_usd, batch_share) values"
            " ('claude', 'm', '1', 'a', 'answered', 'o', 1, now(), 1.5, '{}', 1000000, 100000,"
            " 10, 20, 2, 10, 0.5),"
            " ('claude', 'm', '1', 'b', 'answered', 'o', 1, now(), 1.5, '{}', 1000000, 100000,"
            " null, null, null, null, null),"
            " ('claude', 'm', '1', 'c', 'in_doubt', 'o', 1, now(), 0, null, 0, 0,"
            " 10, 20, 2, 10, 1);"
            "alter table paid_call enable trigger user"
        )
    connection.close()
    at(empty_dsn, "0018")
    with psycopg2.connect(empty_dsn) as connection, connection.cursor() as cursor:
        cursor.execute("select sha256, saved_usd from paid_call order by sha256")
        assert cursor.fetchall() == [("a", Decimal("3.5")), ("b", None), ("c", None)]
    connection.close()
