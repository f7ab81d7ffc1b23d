"""kill -9 between an effect and its count: there is no such place."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import psycopg2
import pytest

from storage.agents import AgentKind, Agents
from storage.database import Database
from tests.acceptance.processes import eventually

pytestmark = pytest.mark.database
ROOT = Path(__file__).parents[3]

# Stores one document after the other, each a collector's execution; `when` says where the
# power goes in the third one, "never" that somebody else sees to it.
_COLLECTOR = """
import os, signal, sys
from earnings.vocabulary import Lead
from storage.database import Database, Tx
from storage.documents import Documents
from storage.executions import Execution
dsn, name, when = sys.argv[1:4]
database = Database(dsn)
documents, done = Documents(database), 0
def die(at):
    if when == at and done == 2:
        os.kill(os.getpid(), signal.SIGKILL)
one = Tx.one
def counted(self, statement, /, **parameters):
    if statement == "agents.executed":
        die("before the count")
    row = one(self, statement, **parameters)
    if statement == "agents.executed":
        die("before the commit")
    return row
Tx.one = counted
print("ready", flush=True)
while True:
    lead = Lead("edgar", f"{name}-{done}", "t", "https://x.example", None)
    execution = Execution("edgar", name, f"CIK {done}", 1.0, str(done), kept=10)
    documents.record("edgar", f"{name}-{done}", [lead], "1", None, execution)
    die("after the commit")
    done += 1
"""


def collector(dsn: str, name: str, when: str = "never") -> subprocess.Popen[str]:
    started = subprocess.Popen(
        [sys.executable, "-c", _COLLECTOR, dsn, name, when],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    with started.stdout as said:
        assert said.readline() == "ready\n"
    return started


def documents(dsn: str) -> int:
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from document")
        row = cursor.fetchone()
    connection.close()
    assert row is not None
    return int(row[0])


def assert_all_is_counted(dsn: str, agents: Agents) -> int:
    """Documents, counters and history say the same; how many documents there are."""
    stored = documents(dsn)
    (edgar,) = agents.all()
    assert (edgar.found, edgar.executions, edgar.successes) == (stored, stored, stored)
    days = agents.days("edgar")
    assert sum(day.found for day in days) == sum(day.executions for day in days) == stored
    assert edgar.seconds == stored
    return stored


@pytest.fixture
def agents(database: Database) -> Agents:
    store = Agents(database)
    store.sync({"edgar": AgentKind.COLLECTOR})
    return store


@pytest.mark.parametrize(
    ("when", "stored"), [("before the count", 2), ("before the commit", 2), ("after the commit", 3)]
)
def test_effect_and_count_are_there_together_or_not_at_all(
    dsn: str, agents: Agents, when: str, stored: int
) -> None:
    killed = collector(dsn, "ex-1", when)
    assert killed.wait(60) == -signal.SIGKILL
    assert assert_all_is_counted(dsn, agents) == stored
    (edgar,) = agents.all()
    assert edgar.workers == ("ex-1",)  # left behind: what recovery is for
    assert agents.evict(["ex-1"]) == ["edgar"]


def _have_written(dsn: str, wanted: int, running: Sequence[subprocess.Popen[str]]) -> bool:
    assert all(each.poll() is None for each in running)
    return documents(dsn) >= wanted


def test_three_processes_killed_at_any_moment_lose_no_count(dsn: str, agents: Agents) -> None:
    """Also while one of them rolls entries up."""
    chance = random.Random(4)
    for rounds in range(3):
        running = [collector(dsn, f"ex-{rounds}-{n}") for n in range(3)]
        seen = documents(dsn)
        wanted = seen + chance.randrange(20, 200)
        eventually(partial(_have_written, dsn, wanted, running), "they write")
        for each in running:
            each.kill()
            each.wait(60)
        assert_all_is_counted(dsn, agents)
    assert documents(dsn) > 200  # entries were rolled up meanwhile
