"""storage.notifications: a command is heard at once, and a lost connection is got back."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import cast

import psycopg2
import pytest

from resilience.outcomes import CircuitOpen
from resilience.policy import Policy
from storage.commands import Commands
from storage.database import Database
from storage.dsn import BadAddress
from storage.notifications import Notifications

pytestmark = pytest.mark.database

LONG_S = 30.0  # nobody waits that long here


@pytest.fixture
def notifications(dsn: str) -> Iterator[Notifications]:
    opened = Notifications(dsn, pause_s=0.05)
    assert opened.wait(LONG_S)  # it has just connected
    yield opened
    opened.close()


@pytest.fixture
def commands(database: Database) -> Commands:
    return Commands(database)


def cut(dsn: str) -> None:
    """The server ends every listening session."""
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where application_name = 'retailxai-listen' and datname = current_database()"
        )
        assert cursor.rowcount == 1
    connection.close()


def test_a_command_is_heard(notifications: Notifications, commands: Commands) -> None:
    """Once, whether it came before the wait or in it."""
    commands.ask("reload", by="ann")
    assert notifications.wait(LONG_S)
    assert not notifications.wait(0)
    threading.Timer(0.1, lambda: commands.ask("reset", by="ann")).start()
    assert notifications.wait(LONG_S)


def test_what_came_is_told_by_channel(notifications: Notifications, dsn: str) -> None:
    """After a connect it may be anything; later it is what was sent, and told once."""
    assert notifications.news() == {"retailxai_command": set(), "retailxai_work": set()}
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for queue in ("documents", "jobs", "documents"):
            cursor.execute("select pg_notify('retailxai_work', %s)", (queue,))
    connection.close()
    assert notifications.wait(LONG_S)
    while notifications.wait(0.2):
        pass
    assert notifications.news() == {"retailxai_work": {"documents", "jobs"}}
    assert notifications.news() == {}


def test_no_hint_is_kept_for_later(notifications: Notifications, commands: Commands) -> None:
    """Several commands are at most as many hints, then it is quiet."""
    for _ in range(5):
        commands.ask("reload", by="ann")
    hints = 0
    while notifications.wait(0.3):
        hints += 1
    assert 1 <= hints <= 5


def test_a_quiet_wait_ends_in_time(notifications: Notifications) -> None:
    began = time.monotonic()
    assert not notifications.wait(0.2)
    assert 0.2 <= time.monotonic() - began < 5


def test_every_process_hears(dsn: str, notifications: Notifications, commands: Commands) -> None:
    other = Notifications(dsn)
    assert other.wait(LONG_S)
    commands.ask("reload", by="ann")
    assert notifications.wait(LONG_S)
    assert other.wait(LONG_S)
    other.close()


def test_what_was_rolled_back_is_not_heard(notifications: Notifications, dsn: str) -> None:
    """Facts first: the hint comes with the row or not at all."""
    connection = psycopg2.connect(dsn)
    with connection.cursor() as cursor:
        cursor.execute("notify retailxai_command, '1'")
    connection.rollback()
    connection.close()
    assert not notifications.wait(0.1)


def test_a_lost_connection_is_got_back(
    dsn: str, notifications: Notifications, commands: Commands
) -> None:
    """And says True then: something may have come meanwhile."""
    cut(dsn)
    commands.ask("reload", by="ann")
    assert notifications.wait(LONG_S)
    assert notifications.listening
    commands.ask("reset", by="ann")
    assert notifications.wait(LONG_S)


def test_without_a_server_it_waits_as_long_as_it_was_told() -> None:
    """No error, and no busy loop: about one try per pause."""
    nowhere = Notifications("postgresql://ann:s3cret@127.0.0.1:1/x", pause_s=0.1)
    began = time.monotonic()
    assert not nowhere.wait(0.3)
    assert time.monotonic() - began >= 0.3
    assert not nowhere.listening
    assert not nowhere.wait(0)
    nowhere.close()


def test_a_database_known_to_be_away_is_not_asked(dsn: str) -> None:
    """Its breaker is open: no connection is tried, and the wait is as long as it was told."""

    class Shut:
        def admit(self) -> None:
            raise CircuitOpen("database", "circuit open")

    notifications = Notifications(dsn, policy=cast("Policy", Shut()), pause_s=0.05)
    assert not notifications.wait(0.1)
    assert not notifications.listening
    notifications.close()


@pytest.mark.parametrize("reachable", [True, False])
def test_closing_wakes_the_waiting_thread(dsn: str, reachable: bool) -> None:
    """With a connection, and between two tries to get one."""
    address = dsn if reachable else "postgresql://127.0.0.1:1/x"
    notifications = Notifications(address, pause_s=LONG_S)
    assert notifications.wait(0.2) is reachable
    came: list[bool] = []
    waiting = threading.Thread(target=lambda: came.append(notifications.wait(LONG_S)))
    waiting.start()
    while not notifications._waiting.locked():
        waiting.join(0.01)
    notifications.close()
    waiting.join(10)
    assert came == [False]
    assert not notifications.wait(LONG_S)
    notifications.close()


def test_an_address_that_cannot_be_read_is_refused_at_once() -> None:
    with pytest.raises(BadAddress):
        Notifications("mysql://x")
