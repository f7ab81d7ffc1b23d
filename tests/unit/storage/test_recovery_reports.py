"""storage.recovery_reports: what was found at each start, and what is not done yet."""

from __future__ import annotations

from datetime import date

import psycopg2
import pytest

from storage.agents import AgentKind, Agents
from storage.database import Database
from storage.recovery_reports import Finding, RecoveryReports
from storage.reports import Reports

pytestmark = pytest.mark.database
FOUND = (
    Finding("runs whose process died", 2, "free to be claimed again", is_mended=True),
    Finding("documents fetched", 7, "taken up by the next scan", is_mended=False),
)


@pytest.fixture
def store(database: Database) -> RecoveryReports:
    return RecoveryReports(database)


def test_a_start_is_open_until_it_ended(store: RecoveryReports) -> None:
    """One whose process died over it says so for ever."""
    died, ended = store.begin("ex-1"), store.begin("ex-2")
    assert store.finish(ended, FOUND, 0.25)
    assert not store.finish(ended, (), 0.0)
    newest, oldest = store.recent()
    assert (newest.id, newest.executor, newest.occasion) == (ended, "ex-2", "start")
    assert (newest.findings, newest.found, newest.took_s) == (2, FOUND, 0.25)
    assert newest.ended_at is not None
    assert (oldest.id, oldest.ended_at, oldest.took_s, oldest.found) == (died, None, None, ())
    assert store.get(ended) == newest
    assert store.get(99) is None


def test_a_later_look_is_whole_at_once(store: RecoveryReports) -> None:
    store.add("ex-1", FOUND[:1], 0.1)
    (report,) = store.recent()
    assert (report.occasion, report.findings, report.ended_at is not None) == ("sweep", 2, True)


def test_old_reports_are_dropped(store: RecoveryReports, dsn: str) -> None:
    store.add("ex-1", FOUND, 0.1)
    store.add("ex-1", FOUND, 0.1)
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("update recovery_report set at = at - interval '401 days' where id = 1")
    connection.close()
    assert store.forget(400) == 1
    assert [one.id for one in store.recent()] == [2]


def test_what_is_left_is_counted_by_its_state(store: RecoveryReports, dsn: str) -> None:
    """What is done does not count."""
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(
            "set session_replication_role = replica;"
            "insert into document (source, external_id, state) values ('s', 'a', 'read'),"
            " ('s', 'b', 'read'), ('s', 'c', 'analysed'), ('s', 'd', 'failed');"
            "insert into job_run (job, slot, due_at, state, decided_by) values"
            " ('j', 'a', now(), 'due', 'd'), ('j', 'b', now(), 'abandoned', 'd'),"
            " ('j', 'c', now(), 'succeeded', 'd'), ('j', 'd', now(), 'deferred', 'd');"
            "insert into paid_call (provider, model, prompt_version, sha256, state, owner,"
            " estimate_usd, begun_at) values ('p', 'm', '1', 'x', 'in_doubt', 'o', 0, now())"
        )
    connection.close()
    assert {what: count for what, count in store.left().items() if count} == {
        "runs waiting": 2,
        "runs deferred": 1,
        "documents read": 2,
        "documents failed": 1,
        "calls in doubt": 1,
    }


def test_a_claim_of_the_dead_is_free_at_once(store: RecoveryReports, database: Database) -> None:
    """Not after the quarter of an hour in which a living composer would be believed."""
    reports, week = Reports(database), date(2026, 11, 16)
    assert reports.claim(week, "dead")
    assert not reports.claim(week, "ex-2")
    agents = Agents(database)
    agents.sync({"weekly": AgentKind.WRITER})
    agents.enter("weekly", "ex-2")
    assert store.holders() == ["dead", "ex-2"]
    assert store.release_claims(["dead"]) == 1
    assert reports.claim(week, "ex-2")
    reports.save(week, "h", "t", {}, "ex-2")
    assert store.holders() == ["ex-2"]
    assert store.release_claims(["ex-2"]) == 0
