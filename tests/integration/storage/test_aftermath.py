"""What a storm reads of the product's tables, on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from psycopg2 import extensions

from resilience.clock import SystemClock
from storage.aftermath import Aftermath, Unsettled

pytestmark = pytest.mark.database

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=5)


@pytest.fixture
def connection(dsn: str) -> Iterator[extensions.connection]:
    made = psycopg2.connect(dsn)
    made.autocommit = True
    yield made
    made.close()


@pytest.fixture
def aftermath(dsn: str, connection: extensions.connection) -> Iterator[Aftermath]:
    made = Aftermath(dsn, SystemClock())
    yield made
    made.close()


def work(
    connection: extensions.connection, name: str, status: str, executor: str, at: datetime
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into dbos.workflow_status (workflow_uuid, status, executor_id, updated_at)"
            " values (%s, %s, %s, %s)",
            (name, status, executor, int(at.timestamp() * 1000)),
        )


def process(
    connection: extensions.connection, executor: str, fenced_at: datetime | None = None
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into instance (executor, name, kind, pid, host, started_at, fenced_at)"
            " values (%s, 'storm-1', 'daemon', 1, 'h', %s, %s)",
            (executor, NOW + timedelta(seconds=len(executor)), fenced_at),
        )


def test_what_a_process_ended_after_it_was_shut_out(
    aftermath: Aftermath, connection: extensions.connection
) -> None:
    """Late is what came after the fence; before it, or by somebody else, is as it should be."""
    process(connection, "dead", fenced_at=NOW)
    process(connection, "alive")
    work(connection, "before", "SUCCESS", "dead", NOW - timedelta(seconds=1))
    work(connection, "by another", "SUCCESS", "alive", LATER)
    work(connection, "not ended", "PENDING", "dead", LATER)
    assert aftermath.fenced() == 1
    assert aftermath.late() == []
    work(connection, "late", "SUCCESS", "dead", LATER)
    assert aftermath.late() == ["late by dead"]


def test_who_holds_how_much(aftermath: Aftermath, connection: extensions.connection) -> None:
    """By executor; the latest life of a name is its executor."""
    process(connection, "old")
    process(connection, "newer")
    work(connection, "a", "PENDING", "newer", NOW)
    work(connection, "b", "PENDING", "newer", NOW)
    work(connection, "c", "SUCCESS", "old", NOW)
    assert aftermath.executor("storm-1") == "newer"
    assert aftermath.executor("storm-2") is None
    assert aftermath.holds(["old", "newer"]) == {"newer": 2}


def test_what_is_not_settled(aftermath: Aftermath, connection: extensions.connection) -> None:
    """Work, runs, paid calls, documents; a scan by hand that was abandoned owes nothing."""
    assert not aftermath.unsettled()
    work(connection, "a", "ENQUEUED", "", NOW)
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")  # the guards are not asked here
        cursor.execute(
            "insert into job_run (job, slot, due_at, state, decided_by) values"
            " ('scan', '2026-11-22T07:00', now(), 'abandoned', 'x'),"
            " ('scan', 'manual:1', now(), 'abandoned', 'x')"
        )
        cursor.execute(
            "insert into document (source, external_id, state) values"
            " ('edgar', 'one', 'fetched'), ('edgar', 'two', 'analysed')"
        )
        cursor.execute(
            "insert into paid_call (provider, model, prompt_version, sha256, state, owner,"
            " estimate_usd, begun_at) values ('claude', 'm', '1', 'x', 'intent', 'o', 1, now())"
        )
    assert aftermath.unsettled() == Unsettled(work=1, runs=1, calls=1, documents=1)


def test_when_work_went_on(aftermath: Aftermath, connection: extensions.connection) -> None:
    """The first thing that was done after a moment, None if nothing was."""
    work(connection, "a", "SUCCESS", "x", NOW)
    work(connection, "b", "SUCCESS", "x", LATER)
    assert aftermath.worked_since(NOW) == LATER
    assert aftermath.worked_since(LATER) is None


def test_a_database_of_ours_is_used(aftermath: Aftermath, dsn: str) -> None:
    """Also before anything was read into it."""
    assert aftermath.is_used()
    assert aftermath.documents() == []
    assert aftermath.calls() == []
    assert aftermath.slots() == []
