"""The engine's rows, written by our statements and by the library itself: the same.

The library lists, cancels and forgets what we put, take, record and end. Whoever raises its
version sees here what it writes otherwise.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
from dbos import DBOS, SetWorkflowID
from dbos._core import execute_dequeued_workflow
from dbos._queue import Queue
from psycopg2.extras import RealDictCursor

from jobs import durable
from jobs.durable import Engine
from jobs.work import Work, WorkState
from resilience.clock import SystemClock
from storage.database import Database
from storage.engine_work import Claimed, Ended, EngineWork, Owner

pytestmark = pytest.mark.database

OWNER = Owner("ex", durable.APPLICATION, durable.APPLICATION_VERSION, "portable_json")
TABLES = ("workflow_status", "workflow_input", "operation_outputs", "workflow_output")
TIMES = ("_at", "_ms", "timestamp")  # how the names of columns end that hold one
TOKENS = ("creator_xid", "owner_xid")
SOON_S = 30.0


def rows(dsn: str, work_id: str) -> dict[str, list[dict[str, Any]]]:
    """All that is stored of it: times and tokens as whether there are any."""
    connection = psycopg2.connect(dsn)
    found: dict[str, list[dict[str, Any]]] = {}
    with connection, connection.cursor(cursor_factory=RealDictCursor) as cursor:
        for table in TABLES:
            cursor.execute(f"select * from dbos.{table} where workflow_uuid = %s", (work_id,))
            found[table] = [_bare(dict(row)) for row in cursor.fetchall()]
    connection.close()
    return found


def _bare(row: dict[str, Any]) -> dict[str, Any]:
    del row["workflow_uuid"]
    return {
        name: value is not None if name.endswith(TIMES) or name in TOKENS else value
        for name, value in row.items()
    }


@pytest.fixture
def library(dsn: str) -> Iterator[Any]:
    """The library itself, launched as we launch it, with work of its own kind."""

    @DBOS.workflow(name="probe")
    def probe(word: str) -> dict[str, str]:
        said = DBOS.run_step({"name": "say"}, lambda: {"said": word})
        if word == "bad":
            raise ValueError("no such word")
        return said

    engine = Engine(dsn, OWNER.executor, queues={"q": 1}, clock=SystemClock(), listens=())
    engine.launch()
    queue = DBOS.register_queue("q", worker_concurrency=1)
    yield engine._launched().dbos, queue, probe
    engine.close()


@pytest.fixture
def ours(database: Database) -> EngineWork:
    return EngineWork(database, OWNER)


def theirs_put(probe: Callable[..., Any], work_id: str, word: str) -> None:
    with SetWorkflowID(work_id):
        DBOS.enqueue_workflow("q", probe, word)


def theirs_claim(library: Any, queue: Queue, claim: str) -> list[str]:
    ids, _ = library._sys_db.start_queued_workflows(
        queue, OWNER.executor, OWNER.version, None, owner_xid=claim, is_latest_version=True
    )
    return list(ids)


def given(*words: str) -> str:
    return durable._JSON.serialize({"namedArgs": {}, "positionalArgs": list(words)})


def test_what_waits(dsn: str, library: Any, ours: EngineWork) -> None:
    _, _, probe = library
    theirs_put(probe, "theirs", "good")
    ours.put("probe", "q", {"ours": given("good")})
    assert rows(dsn, "ours") == rows(dsn, "theirs")


def test_what_was_claimed(dsn: str, library: Any, ours: EngineWork) -> None:
    engine, queue, probe = library
    theirs_put(probe, "theirs", "good")
    assert theirs_claim(engine, queue, "c1") == ["theirs"]
    ours.put("probe", "q", {"ours": given("good")})
    assert [work.id for work in ours.claim("q", ["probe"], 5, "c2")] == ["ours"]
    assert rows(dsn, "ours") == rows(dsn, "theirs")


@pytest.mark.parametrize("word", ["good", "bad"])
def test_what_has_ended(dsn: str, library: Any, ours: EngineWork, word: str) -> None:
    """With a step on its way; and the library reads both ends alike."""
    engine, queue, probe = library
    theirs_put(probe, "theirs", word)
    theirs_claim(engine, queue, "c1")
    (status,) = engine._sys_db.get_workflow_statuses(["theirs"])
    handle: Any = execute_dequeued_workflow(engine, status, "c1")
    handle.future.exception(SOON_S)

    ours.put("probe", "q", {"ours": given(word)})
    (work,) = ours.claim("q", ["probe"], 1, "c2")
    assert ours.record_step(work, 1, "say", durable._JSON.serialize({"said": word}), 1)
    said = durable._JSON.serialize({"said": "good"}) if word == "good" else None
    error = durable._error(ValueError("no such word")) if word == "bad" else None
    state = "SUCCESS" if word == "good" else "ERROR"
    ours.finish([Ended(work.id, work.claim, state, said, error)])
    assert rows(dsn, "ours") == rows(dsn, "theirs")
    both = {each.workflow_id: each for each in DBOS.list_workflows(workflow_ids=["ours", "theirs"])}
    assert both["ours"].output == both["theirs"].output
    assert str(both["ours"].error) == str(both["theirs"].error)


def test_what_was_put_back(dsn: str, library: Any, ours: EngineWork) -> None:
    engine, queue, probe = library
    theirs_put(probe, "theirs", "good")
    theirs_claim(engine, queue, "c1")
    engine._sys_db.reenqueue_for_recovery("theirs", [OWNER.executor], "x")
    expected = rows(dsn, "theirs")
    assert theirs_claim(engine, queue, "c1") == ["theirs"]  # out of the way

    ours.put("probe", "q", {"ours": given("good")})
    ours.claim("q", ["probe"], 1, "c2")
    assert ours.put_back([OWNER.executor], ["ours"]) == 1
    assert rows(dsn, "ours") == expected


def test_what_was_given_up(dsn: str, library: Any, ours: EngineWork) -> None:
    engine, queue, probe = library
    theirs_put(probe, "theirs", "good")
    theirs_claim(engine, queue, "c1")
    engine._sys_db.dead_letter_workflows(["theirs"], min_recovery_attempts=1)
    ours.put("probe", "q", {"ours": given("good")})
    (work,) = ours.claim("q", ["probe"], 1, "c2")
    ours.give_up(work)
    assert rows(dsn, "ours") == rows(dsn, "theirs")


# ---- claims -----------------------------------------------------------------------------


@pytest.fixture
def claimed(database: Database) -> tuple[EngineWork, Claimed]:
    work = EngineWork(database, OWNER)
    work.put("probe", "q", {"w": given("good")})
    (one,) = work.claim("q", ["probe"], 1, "c1")
    return work, one


def state_of(dsn: str, work_id: str) -> str:
    return str(rows(dsn, work_id)["workflow_status"][0]["status"])


def test_the_end_of_what_was_given_to_another_changes_nothing(
    dsn: str, claimed: tuple[EngineWork, Claimed]
) -> None:
    work, elder = claimed
    work.put_back([OWNER.executor])
    (younger,) = work.claim("q", ["probe"], 1, "c2")
    work.finish([Ended(elder.id, elder.claim, "SUCCESS", "1")])
    assert state_of(dsn, "w") == "PENDING"
    assert rows(dsn, "w")["workflow_output"] == []
    assert not work.is_ours(elder)
    assert not work.record_step(elder, 1, "say", "1", 1)
    work.give_up(elder)
    assert work.is_ours(younger)
    work.finish([Ended(younger.id, younger.claim, "SUCCESS", "2")])
    assert state_of(dsn, "w") == "SUCCESS"
    assert rows(dsn, "w")["workflow_output"][0]["output"] == "2"


def test_some_of_many_ends_may_be_too_late(
    dsn: str, database: Database, claimed: tuple[EngineWork, Claimed]
) -> None:
    work, one = claimed
    work.put("probe", "q", {"x": given("good")})
    (other,) = work.claim("q", ["probe"], 5, "c2")
    work.finish(
        [Ended(one.id, "not ours", "SUCCESS", "1"), Ended(other.id, other.claim, "SUCCESS", "2")]
    )
    assert (state_of(dsn, "w"), state_of(dsn, "x")) == ("PENDING", "SUCCESS")


def test_what_was_not_begun_waits_as_if_it_had_never_been_taken(
    dsn: str, claimed: tuple[EngineWork, Claimed]
) -> None:
    work, one = claimed
    before = one.attempts
    work.return_unbegun([one])
    (again,) = work.claim("q", ["probe"], 1, "c2")
    assert again.attempts == before == 1
    work.return_unbegun([one])  # too late
    assert work.is_ours(again)


def test_a_step_recorded_twice_is_one_step(claimed: tuple[EngineWork, Claimed]) -> None:
    """The word that it was stored got lost, so it was sent again."""
    work, one = claimed
    assert work.record_step(one, 1, "say", "1", 1)
    assert work.record_step(one, 1, "say", "1", 1)
    assert [step.output for step in work.steps(one).values()] == ["1"]


def test_work_waits_in_the_order_it_was_put_and_known_work_is_left(
    dsn: str, claimed: tuple[EngineWork, Claimed]
) -> None:
    work, _ = claimed
    work.put("probe", "q", {"z": given("1"), "w": given("other"), "y": given("2")})
    assert rows(dsn, "w")["workflow_input"][0]["inputs"] == given("good")
    taken = work.claim("q", ["probe"], 5, "c2")
    assert [each.id for each in taken] == ["z", "y"]
    assert [each.inputs for each in taken] == [given("1"), given("2")]


def test_a_process_takes_only_what_it_knows_how_to_do(dsn: str) -> None:
    """As while a newer version is rolled out: it waits for a process that does."""
    clock = SystemClock()
    newer = Engine(dsn, uuid.uuid4().hex, queues={"q": 1}, clock=clock, listens=())
    newer.register("new", lambda work: "new", "q")
    newer.launch()
    newer.enqueue("new", "n")
    newer.close()
    older = Engine(dsn, uuid.uuid4().hex, queues={"q": 1}, clock=clock, poll_s=0.05)
    older.register("old", lambda work: "old", "q")
    older.launch()
    older.enqueue("old", "o")
    older.wait(["o"], SOON_S)
    status = older.status("n")
    older.close()
    assert status is not None
    assert status.state is WorkState.QUEUED


def test_what_was_taken_and_not_begun_is_given_back_at_the_end(dsn: str) -> None:
    """A process that stops with its hands full leaves the rest to others at once."""
    clock, begun = SystemClock(), []
    engine = Engine(dsn, "stops", queues={"q": 1}, clock=clock, poll_s=0.05)

    def note(work: Work) -> None:
        begun.append(work.id)
        if len(begun) == 2:
            engine.stopping.wait(SOON_S)

    engine.register("note", note, "q")
    engine.launch()
    engine.enqueue("note", "first")
    engine.wait(["first"], SOON_S)
    engine.enqueue_all("note", {f"w{number}": () for number in range(20)})
    while engine.running < 2:
        clock.wait(0.01)
    assert engine.close(SOON_S)
    left = {f"w{number}" for number in range(20)} - set(begun)
    assert left
    assert {state_of(dsn, work_id) for work_id in left} == {"ENQUEUED"}
