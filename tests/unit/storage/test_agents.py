"""storage.agents: how agents stand, what they did, and that no sum loses anything."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earnings.analysts.base import Answer
from earnings.vocabulary import DocumentState, Lead, RawDocument
from storage.agents import Agent, AgentKind, Agents
from storage.database import Database
from storage.documents import Documents
from storage.errors import Conflict
from storage.executions import ROLLED_UP_EVERY, Execution, executed
from storage.insights import Insights
from storage.reports import Reports
from storage.states import AgentState

pytestmark = pytest.mark.database
AGENTS = {
    "edgar": AgentKind.COLLECTOR,
    "local": AgentKind.ANALYST,
    "weekly": AgentKind.WRITER,
}


@pytest.fixture
def agents(database: Database) -> Agents:
    store = Agents(database)
    store.sync(AGENTS)
    return store


def one(agents: Agents, name: str = "edgar") -> Agent:
    return next(each for each in agents.all() if each.name == name)


def did(agent: str = "edgar", **values: Any) -> Execution:
    return Execution(agent, **{"executor": "ex-1", "what": "CIK 1", "took_s": 0.5, **values})


def sql(dsn: str, statement: str) -> None:
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def test_agents_are_known_from_the_first_start_and_kept(agents: Agents) -> None:
    """A second start, or one with fewer, changes nothing of what they did."""
    agents.failed(did(), "timed out")
    agents.sync({"local": AgentKind.ANALYST})
    agents.sync(AGENTS)
    assert [(each.name, each.kind, each.executions) for each in agents.all()] == [
        ("edgar", AgentKind.COLLECTOR, 1),
        ("local", AgentKind.ANALYST, 0),
        ("weekly", AgentKind.WRITER, 0),
    ]
    assert [each.name for each in agents.states()] == ["edgar", "local", "weekly"]


def test_it_works_as_long_as_one_executor_does(agents: Agents) -> None:
    agents.enter("edgar", "ex-1")
    agents.enter("edgar", "ex-2")
    agents.enter("edgar", "ex-2")
    assert (one(agents).state, one(agents).workers) == (AgentState.WORKING, ("ex-1", "ex-2"))
    agents.rest("edgar", "ex-2")
    assert one(agents).state is AgentState.WORKING
    agents.rest("edgar", "ex-1")
    agents.rest("edgar", "ex-1")
    assert (one(agents).state, one(agents).workers) == (AgentState.IDLE, ())


def test_a_failure_degrades_it_until_an_execution_is_good(agents: Agents) -> None:
    """Since the first failure, with the last error; the error outlives the trouble."""
    agents.enter("edgar", "ex-1")
    agents.failed(did(), "timed out")
    first = one(agents).degraded_since
    agents.failed(did(), "refused")
    assert one(agents).state is AgentState.WORKING
    agents.rest("edgar", "ex-1")
    degraded = one(agents)
    assert degraded.state is AgentState.DEGRADED
    assert (degraded.degraded_since, degraded.last_error) == (first, "refused")
    agents.enter("edgar", "ex-1")
    agents.succeeded(did(cursor="CIK 1 c9"))
    agents.rest("edgar", "ex-1")
    well = one(agents)
    assert (well.state, well.degraded_since, well.last_error) == (AgentState.IDLE, None, "refused")
    assert (well.executions, well.successes, well.failures) == (3, 1, 2)
    assert (well.cursor, well.seconds) == ("CIK 1 c9", 1.5)
    assert well.last_success_at is not None
    assert well.last_error_at is not None


def test_a_pause_forgets_neither_trouble_nor_work(agents: Agents) -> None:
    agents.failed(did(), "timed out")  # which says that ex-1 works in it
    assert agents.pause("edgar", "ann on box", "SEC asked us to")
    assert one(agents).state is AgentState.PAUSED
    assert agents.resume("edgar")
    assert one(agents).state is AgentState.WORKING
    agents.rest("edgar", "ex-1")
    agents.pause("edgar", "ann", "")
    agents.resume("edgar")
    assert one(agents).state is AgentState.DEGRADED
    assert not agents.resume("edgar")
    assert not agents.pause("nobody", "ann", "")


def test_what_was_under_way_ends_during_a_pause(agents: Agents) -> None:
    """It is counted, and it stays paused; afterwards it stands as that work left it."""
    agents.enter("edgar", "ex-1")
    agents.pause("edgar", "ann", "")
    agents.failed(did(), "timed out")
    agents.rest("edgar", "ex-1")
    paused = one(agents)
    assert (paused.state, paused.failures, paused.workers) == (AgentState.PAUSED, 1, ())
    agents.resume("edgar")
    assert one(agents).state is AgentState.DEGRADED


def test_a_pause_says_who_since_when_until_and_why(agents: Agents) -> None:
    agents.pause("edgar", "bob", "first")
    agents.pause("edgar", "ann on box", "the exhibits are broken", 7200)
    pause = agents.paused()["edgar"]
    assert pause.until is not None
    assert (pause.until - pause.at).total_seconds() == 7200
    said = str(pause)
    assert said.startswith("paused by ann on box since 20")
    assert said.endswith(" UTC: the exhibits are broken")
    assert " until 20" in said


def test_a_pause_whose_time_is_over_holds_nobody(agents: Agents, dsn: str) -> None:
    """At once, whether or not somebody has tidied up behind it."""
    agents.pause("edgar", "ann", "", 3600)
    agents.pause("local", "ann", "")
    sql(dsn, "update agent set paused_until = now() where name = 'edgar'")
    assert set(agents.paused()) == {"local"}
    assert (one(agents).state, one(agents).pause) == (AgentState.IDLE, None)
    assert [each.state for each in agents.states()] == ["idle", "paused", "idle"]
    agents.enter("edgar", "ex-1")
    assert one(agents).state is AgentState.WORKING
    agents.succeeded(did())
    agents.rest("edgar", "ex-1")
    assert one(agents).state is AgentState.IDLE


def test_the_dead_work_in_nothing(agents: Agents) -> None:
    agents.enter("edgar", "ex-1")
    agents.enter("edgar", "ex-2")
    agents.enter("local", "ex-1")
    assert sorted(agents.evict(["ex-1", "ex-9"])) == ["edgar", "local"]
    assert agents.evict(["ex-1"]) == []
    assert one(agents).workers == ("ex-2",)
    assert one(agents, "local").state is AgentState.IDLE
    agents.succeeded(did("local"))  # it was not dead after all
    assert one(agents, "local").workers == ("ex-1",)


def test_an_unknown_agent_is_no_agent(agents: Agents, database: Database) -> None:
    """And its effect is not stored without being counted."""
    with pytest.raises(Conflict, match="no agent 'nobody'"):
        Documents(database).record("nobody", "s", [lead("d1")], "1", None, did("nobody"))
    assert Documents(database).find("edgar", "d1") is None


def test_no_state_is_stored_that_its_row_belies(agents: Agents, dsn: str) -> None:
    with pytest.raises(psycopg2.errors.CheckViolation):
        sql(dsn, "update agent set state = 'working'")


# ---- with their effects -----------------------------------------------------------------


def lead(external_id: str) -> Lead:
    return Lead("edgar", external_id, "t", "https://x.example", None)


def stored(database: Database) -> tuple[int, int]:
    documents = Documents(database)
    (document_id,) = documents.record("edgar", "CIK 1", [lead("d1")], "1", None, did())
    raw = RawDocument(b"x", "text/plain", "", "t")
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    assert documents.stored_fetch(document_id, raw, "a" * 64, moment, did())
    assert not documents.stored_fetch(document_id, raw, "a" * 64, moment, did())
    return document_id, documents.stored_text(document_id, "Net sales rose.", "html-1")


def test_each_effect_counts_once(agents: Agents, database: Database) -> None:
    """What is done again and changes nothing is no second execution."""
    document_id, text_id = stored(database)
    answer = Answer("local", "rules-1", "1", ())
    for _ in range(2):
        Insights(database).save(
            document_id, text_id, answer, (), new_state=DocumentState.ANALYSED,
            execution=did("local"),
        )  # fmt: skip
    Reports(database).save(
        datetime(2026, 11, 16, tzinfo=UTC).date(), "h", "t", {}, execution=did("weekly")
    )
    edgar, local, weekly = agents.all()
    assert (edgar.executions, edgar.found, edgar.read) == (2, 1, 1)
    assert (edgar.scopes, edgar.moved_at is not None) == (1, True)
    assert (local.executions, local.read, local.claims) == (1, 1, 0)
    assert (weekly.executions, weekly.scopes) == (1, 0)


def test_an_effect_rolled_back_is_not_counted(agents: Agents, database: Database) -> None:
    def store() -> None:
        with database.transaction() as tx:
            executed(tx, did(), found=1)
            raise RuntimeError("after")

    with pytest.raises(RuntimeError, match="after"):
        store()
    assert (one(agents).executions, agents.entries("edgar")) == (0, [])


def test_processes_that_execute_at_once_lose_no_count(agents: Agents, database: Database) -> None:
    """The database adds; nobody reads, adds and writes."""

    def work(executor: str) -> None:
        for number in range(25):
            if number % 5:
                agents.succeeded(did(executor=executor, took_s=1.0))
            else:
                agents.failed(did(executor=executor, took_s=1.0), "x")

    threads = [threading.Thread(target=work, args=(f"ex-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    found = one(agents)
    assert (found.executions, found.successes, found.failures) == (100, 80, 20)
    assert (found.seconds, len(found.workers)) == (100.0, 4)


# ---- the history ------------------------------------------------------------------------


def test_entries_lie_newest_first_and_long_errors_are_cut(agents: Agents) -> None:
    agents.succeeded(did(what="CIK 1"))
    agents.failed(did(what="CIK 2"), "x" * 9000)
    newest, oldest = agents.entries("edgar")
    assert (newest.what, newest.is_success, len(newest.error)) == ("CIK 2", False, 500)
    assert (oldest.what, oldest.is_success, oldest.executor) == ("CIK 1", True, "ex-1")


def test_between_clean_ups_the_entries_do_not_pile_up(agents: Agents) -> None:
    """Every so often an execution rolls up what is too much, in its own transaction."""
    for _ in range(3 * ROLLED_UP_EVERY):
        agents.succeeded(did(kept=10))
    assert len(agents.entries("edgar", 10_000)) == 10
    (day,) = agents.days("edgar")
    assert (day.executions, day.seconds) == (3 * ROLLED_UP_EVERY, 300 * ROLLED_UP_EVERY / 200)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ages=st.lists(
        st.tuples(st.integers(0, 90), st.booleans(), st.integers(0, 9)), min_size=1, max_size=25
    ),
    keeps=st.lists(st.tuples(st.integers(1, 12), st.integers(1, 80)), min_size=1, max_size=3),
)
def test_nothing_is_lost_in_the_sums(
    agents: Agents, dsn: str, ages: list[tuple[int, bool, int]], keeps: list[tuple[int, int]]
) -> None:
    """Whatever is rolled up, whenever: the days add up to the agent's own counters."""
    sql(dsn, "truncate agent_entry, agent_day; update agent set executions = 0, successes = 0,"
        " failures = 0, found = 0, seconds = 0")  # fmt: skip
    for hours, is_success, took_s in ages:
        execution = did(took_s=float(took_s))
        agents.succeeded(execution) if is_success else agents.failed(execution, "x")
        sql(dsn, f"update agent_entry set at = at - interval '{hours} hours'"
            " where id = (select max(id) from agent_entry)")  # fmt: skip
    for entries, hours in keeps:
        left = agents.entries("edgar", 100)
        assert agents.roll_up(entries, hours) == len(left) - len(agents.entries("edgar", 100))
        assert len(agents.entries("edgar", 100)) <= entries
        days, whole = agents.days("edgar", 100), one(agents)
        assert sum(day.executions for day in days) == whole.executions == len(ages)
        assert sum(day.successes for day in days) == whole.successes
        assert sum(day.failures for day in days) == whole.failures
        assert sum(day.seconds for day in days) == pytest.approx(whole.seconds)


def test_rolling_up_in_two_processes_counts_each_entry_once(agents: Agents) -> None:
    for _ in range(100):
        agents.succeeded(did())
    rolled: list[int] = []
    threads = [
        threading.Thread(target=lambda: rolled.append(agents.roll_up(10, 24))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(rolled) == 90
    assert sum(day.executions for day in agents.days("edgar")) == 100


def test_old_days_are_dropped(agents: Agents, dsn: str) -> None:
    agents.succeeded(did())
    agents.roll_up(0, 24)
    assert agents.entries("edgar") == []
    sql(dsn, "update agent_day set day = day - 401")
    assert agents.forget_days(400) == 1
    assert agents.days("edgar") == []
