"""storage.commands: each process hears of a command, and answers it once."""

from __future__ import annotations

import threading
from datetime import timedelta

import psycopg2
import pytest

from storage.commands import Commands
from storage.database import Database
from storage.errors import Conflict

pytestmark = pytest.mark.database


@pytest.fixture
def commands(database: Database) -> Commands:
    return Commands(database)


def execute(dsn: str, sql: str) -> None:
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
    connection.close()


def enter(dsn: str, executor: str) -> None:
    execute(
        dsn,
        "insert into instance (executor, name, kind, pid, host)"
        f" values ('{executor}', 'main', 'daemon', 1, 'h')",
    )


def test_a_command_is_there_as_it_was_asked(commands: Commands, database: Database) -> None:
    start = database.now()
    asked = commands.ask("reset", "edgar", {"why": "they are back", "n": [1, 2]}, by="ann")
    (command,) = commands.pending("ex-1", start)
    assert (command.id, command.verb, command.target) == (asked, "reset", "edgar")
    assert (command.args, command.asked_by) == ({"why": "they are back", "n": [1, 2]}, "ann")
    assert commands.recent() == [command]


def test_each_process_answers_for_itself(commands: Commands, database: Database) -> None:
    """In the order of asking; who answered is asked no more."""
    start = database.now()
    ids = [commands.ask("reload", by="ann"), commands.ask("reset", "edgar", by="ann")]
    assert [each.id for each in commands.pending("ex-1", start)] == ids
    assert commands.acknowledge(ids[0], "ex-1", "done", {"changed": 3})
    assert [each.id for each in commands.pending("ex-1", start)] == ids[1:]
    assert [each.id for each in commands.pending("ex-2", start)] == ids
    assert commands.acknowledge(ids[0], "ex-2", "refused", {"why": "nothing of mine"})
    first, second = commands.acks(ids[0])
    assert (first.executor, first.outcome, first.answer) == ("ex-1", "done", {"changed": 3})
    assert (second.executor, second.outcome) == ("ex-2", "refused")
    assert commands.acks(ids[1]) == []


def test_an_answer_stands(commands: Commands) -> None:
    """A second one of the same process changes nothing, from however many threads."""
    asked = commands.ask("reload", by="ann")
    won: list[bool] = []
    threads = [
        threading.Thread(
            target=lambda n=n: won.append(commands.acknowledge(asked, "ex-1", "done", {"n": n}))
        )
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(won) == [False] * 7 + [True]
    assert len(commands.acks(asked)) == 1


def test_a_command_of_before_the_start_is_none_of_its_business(
    commands: Commands, dsn: str
) -> None:
    """It read the configuration of after it. One that never entered hears nothing."""
    commands.ask("reload", by="ann")
    enter(dsn, "ex-1")
    asked = commands.ask("reset", by="ann")
    assert [each.id for each in commands.pending("ex-1")] == [asked]
    assert commands.pending("ex-unknown") == []


def test_a_command_that_is_visible_late_is_still_found(
    commands: Commands, database: Database, dsn: str
) -> None:
    """Asked before another, committed after it: no cursor runs past it."""
    start = database.now()
    slow = psycopg2.connect(dsn)
    with slow.cursor() as cursor:
        cursor.execute("insert into command (verb, asked_by) values ('slow', 'bob') returning id")
        (late,) = cursor.fetchone() or (0,)
    quick = commands.ask("quick", by="ann")
    assert commands.acknowledge(quick, "ex-1", "done")
    assert commands.pending("ex-1", start) == []
    slow.commit()
    slow.close()
    assert [each.id for each in commands.pending("ex-1", start)] == [late]


def test_forgotten_with_their_answers(commands: Commands, dsn: str) -> None:
    old = commands.ask("reload", by="ann")
    commands.acknowledge(old, "ex-1", "done")
    execute(dsn, "update command set asked_at = asked_at - interval '8 days'")
    new = commands.ask("reload", by="ann")
    assert commands.forget(7 * 86_400) == 1
    assert [each.id for each in commands.recent()] == [new]
    assert commands.acks(old) == []
    assert not commands.acknowledge(old, "ex-2", "done")


def test_another_outcome_is_refused(commands: Commands) -> None:
    asked = commands.ask("reload", by="ann")
    with pytest.raises(Conflict):
        commands.acknowledge(asked, "ex-1", "perhaps")  # type: ignore[arg-type]


def test_at_most_so_many_at_a_time(commands: Commands, database: Database) -> None:
    start = database.now() - timedelta(seconds=1)
    ids = [commands.ask("reload", by="ann") for _ in range(3)]
    assert [each.id for each in commands.pending("ex-1", start, limit=2)] == ids[:2]
