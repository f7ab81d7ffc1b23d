"""The application, opened and closed in this process over a real PostgreSQL."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import psycopg2
import pytest

import bootstrap
from bootstrap.application import Application, open_application
from bootstrap.services import secrets
from jobs.manual import run_now, scan_now
from operations.checks.base import Status
from settings import Settings, load
from storage.documents import Documents
from storage.errors import DatabaseUnavailable
from storage.leases import InstanceTaken
from storage.states import RunState
from tests.acceptance.processes import eventually

pytestmark = pytest.mark.database


def settings_for(dsn: str, folder: Path, **environment: str) -> Settings:
    """As a person would set them, with every folder in `folder`."""
    return load(
        {
            "DATABASE_URL": dsn,
            "RETAILXAI_DATA_DIR": str(folder / "data"),
            "RETAILXAI_LOG_DIR": str(folder / "logs"),
            "RETAILXAI_REPORTS_DIR": str(folder / "reports"),
            **environment,
        }
    )


@pytest.fixture
def settings(dsn: str, tmp_path: Path) -> Settings:
    return settings_for(dsn, tmp_path)


def connections(dsn: str) -> int:
    """How many others are connected to this database."""
    connection = psycopg2.connect(dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            row = cursor.fetchone()
            assert row is not None
            return int(row[0])
    finally:
        connection.close()


def test_one_call_opens_one_reports_one_closes(settings: Settings, dsn: str) -> None:
    """And nothing is left behind: no connection, no thread, no log handler."""
    threads, handlers = set(threading.enumerate()), list(logging.getLogger().handlers)
    app = bootstrap.open(settings)
    status = app.status()
    assert status["instance"] == "retailxai"
    assert status["database"]["embedded"] is False
    assert status["database"]["pool"]["limit"] == 30
    assert "SEC_CONTACT" in status["sources_off"]["edgar"]
    assert "ANTHROPIC_API_KEY" in status["analysts_off"]["claude"]
    app.begin_work()
    app.close()
    app.close()
    eventually(lambda: connections(dsn) == 0, "the server noticed that we hung up", 5)
    assert logging.getLogger().handlers == handlers
    left = [t for t in set(threading.enumerate()) - threads if not t.daemon]
    for thread in left:
        thread.join(5)  # the engine's idle hands are told to end, and not waited for
    assert [thread for thread in left if thread.is_alive()] == []


def test_an_empty_database_is_migrated_and_the_watch_list_written_down(
    empty_dsn: str, tmp_path: Path
) -> None:
    with open_application(settings_for(empty_dsn, tmp_path)) as app:
        assert len(app.context.companies.watched()) == len(app.settings.companies)
        assert app.context.health.report(["database"]).status is Status.PASS


def test_a_scan_from_a_python_prompt(settings: Settings) -> None:
    """What the command line does, without it; and a second time there is nothing to do."""
    with open_application(settings) as app:
        app.begin_work()
        first = scan_now(app.context, app.runner)
        assert first.outcome is RunState.SUCCEEDED
        assert first.summary["analysed"] >= 4
        assert app.status()["documents"]["analysed"] == first.summary["analysed"]
        second = scan_now(app.context, app.runner)
        assert (second.summary["new"], second.summary["documents"]) == (0, [])


def test_all_five_jobs_run_by_hand(settings: Settings) -> None:
    """Each does its work and leaves a row that says so."""
    with open_application(settings) as app:
        app.begin_work()
        names = ["health_check", "memory_cleanup", "quota_check", "weekly_summary"]
        for name in ["daily_earnings_scan", *names]:
            report = run_now(app.context, app.runner, name)
            assert report.outcome is RunState.SUCCEEDED, report.error
            assert app.ledger.history(name, 1)[0].summary["said"]
        assert app.context.health_history.recent()
        assert list(settings.reports_dir.glob("*.html"))


def test_two_daemons_of_one_name(settings: Settings) -> None:
    """The second is told who is there; after it left, the name is free."""
    first = open_application(settings, kind="daemon")
    try:
        first.begin_work()
        second = open_application(settings, kind="daemon")
        with pytest.raises(InstanceTaken, match="runs already: pid"):
            second.begin_work()
        second.close()
        assert [each.executor for each in first.instances.running()] == [first.executor_id]
    finally:
        first.close()
    with open_application(settings, kind="daemon") as third:
        third.begin_work()


def test_a_daemon_says_more_about_itself_later(settings: Settings) -> None:
    """Its port is known only once it listens."""
    with open_application(settings, kind="daemon") as app:
        app.begin_work()
        app.lock.note({"http_port": 8723})
        (row,) = app.instances.running()
        assert row.details == {"http_port": 8723}


def test_an_unreachable_database_leaves_nothing_open(tmp_path: Path) -> None:
    """The message names the host and never the password."""
    handlers = list(logging.getLogger().handlers)
    settings = settings_for("postgresql://u:hunter2hunter2@127.0.0.1:1/nowhere", tmp_path)
    with pytest.raises(DatabaseUnavailable) as refused:
        open_application(settings)
    assert "127.0.0.1" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert logging.getLogger().handlers == handlers


def test_every_secret_is_known_to_whoever_must_hide_it(tmp_path: Path) -> None:
    settings = settings_for(
        "postgresql://u:correct-horse@127.0.0.1/x",
        tmp_path,
        ANTHROPIC_API_KEY="sk-ant-api03-" + "a" * 93 + "AA",
    )
    known = secrets(settings)
    assert "correct-horse" in known
    assert any(secret.startswith("sk-ant-") for secret in known)


def test_what_the_door_counted_is_written_down_at_the_end(
    settings: Settings, database: object
) -> None:
    """Use of a service is not lost with the process."""
    app: Application = open_application(settings)
    app.services.door._traffic.add("edgar", failed=True, received_bytes=12)
    app.close()
    with open_application(settings) as again:
        (used,) = again.context.service_usage()
        assert (used.service, used.calls, used.failures, used.bytes) == ("edgar", 1, 1, 12)
        assert Documents(again.database).by_state()
