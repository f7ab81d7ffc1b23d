"""New work is begun at once although hardly anybody asks for it: the table tells of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg2
import pytest

from jobs import durable
from jobs.durable import Engine
from jobs.listening import Listener
from jobs.work import Work
from resilience.clock import SystemClock
from storage import commands, work_news
from storage.database import Database
from storage.notifications import Notifications
from storage.work_news import tell_of_work

pytestmark = pytest.mark.database

PATIENCE_S = 30.0
SOON_S = 1.0  # far less than the quiet poll below


@pytest.fixture(autouse=True)
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were it not for word of it, no work would be found within the patience of a test."""
    monkeypatch.setattr(durable, "QUIET_POLL_S", 600.0)


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as held:
        yield held


def start(
    dsn: str, database: Database, name: str, held: ExitStack, began: Callable[[], object]
) -> tuple[Engine, Notifications]:
    """An engine that is told of work, as a daemon's is."""
    notifications = Notifications(dsn, pause_s=0.05)
    engine = Engine(
        dsn,
        name,
        queues={"q": 2},
        clock=SystemClock(),
        is_told=lambda: notifications.listening,
        poll_s=0.05,
    )

    def note(work: Work, *_: object) -> str:
        began()
        return name

    engine.register("note", note, "q")
    engine.launch()
    held.callback(engine.close, 5)
    tell_of_work(database)
    listener = Listener(
        notifications, {commands.CHANNEL: lambda _: None, work_news.CHANNEL: engine.wake}
    )
    listener.start()
    held.callback(listener.stop)
    until(lambda: notifications.listening)
    time.sleep(0.2)  # the looks of the first moments, which are many, are over
    return engine, notifications


def until(what: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < give_up_at
        time.sleep(0.01)


def test_work_is_begun_as_soon_as_it_is_put(dsn: str, database: Database, held: ExitStack) -> None:
    """One after the other, with nothing else to wake anybody."""
    began: list[float] = []
    engine, _ = start(dsn, database, "one", held, lambda: began.append(time.monotonic()))
    late = []
    for number in range(5):
        put_at = time.monotonic()
        engine.enqueue("note", f"w{number}")
        until(lambda number=number: len(began) == number + 1)  # type: ignore[misc]
        late.append(began[-1] - put_at)
        time.sleep(0.1)
    assert sorted(late)[2] < SOON_S, late


def test_work_that_is_put_back_is_told_of(dsn: str, database: Database, held: ExitStack) -> None:
    """As recovery does it with what the dead left: an update, by whomever."""
    began: list[float] = []
    engine, _ = start(dsn, database, "one", held, lambda: began.append(time.monotonic()))
    engine.enqueue("note", "w")
    until(lambda: len(began) == 1)
    assert engine.wait(["w"], PATIENCE_S)
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "update dbos.workflow_status set status = 'ENQUEUED', executor_id = null"
            " where workflow_uuid = 'w'"
        )
    connection.close()
    until(lambda: len(began) == 2)


def test_word_that_was_lost_with_the_connection_is_made_good(
    dsn: str, database: Database, held: ExitStack
) -> None:
    """Nobody listened when it was put: whoever listens again looks at everything."""
    began: list[float] = []
    engine, notifications = start(dsn, database, "one", held, lambda: began.append(1))
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where application_name = 'retailxai-listen' and datname = current_database()"
        )
    connection.close()
    engine.enqueue("note", "w")
    until(lambda: len(began) == 1)
    until(lambda: notifications.listening)


def test_every_hand_that_comes_free_takes_the_next(
    dsn: str, database: Database, held: ExitStack
) -> None:
    """Fifty pieces of work and two hands: none waits for a poll."""
    began: list[float] = []
    engine, _ = start(dsn, database, "one", held, lambda: began.append(1))
    ids = [f"w{number}" for number in range(50)]
    for work_id in ids:
        engine.enqueue("note", work_id)
    assert len(engine.wait(ids, PATIENCE_S)) == 50
    assert len(began) == 50


def test_the_table_is_made_to_tell_once(dsn: str, database: Database, held: ExitStack) -> None:
    """A second start, or another process, finds it done; a table made anew is seen to."""
    start(dsn, database, "one", held, lambda: None)
    assert not tell_of_work(database)
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute("drop trigger retailxai_work_put on dbos.workflow_status")
    connection.close()
    assert tell_of_work(database)
    assert not tell_of_work(database)
