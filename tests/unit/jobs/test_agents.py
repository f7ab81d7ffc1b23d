"""jobs.agents: who is said to work, and what a person's pause stops."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jobs.agents import IDLE_S, WRITER, Paused, configured
from resilience.outcomes import CallFailed, CircuitOpen, Rejected
from resilience.testing import START, FakeClock
from storage.agents import AgentKind, Pause
from storage.errors import DatabaseUnavailable
from storage.executions import Execution
from tests.unit.jobs.fakes import FakeAgentStore, agents_of


def test_many_documents_in_a_row_are_written_as_one_spell_of_work(clock: FakeClock) -> None:
    """Two writes, not two for each of fifty documents a second."""
    store = FakeAgentStore()
    agents = agents_of(store, clock)
    for _ in range(50):
        with agents.at_work("local"):
            clock.advance(0.02)
        agents.rest()
    assert store.writes == ["enter local"]
    clock.advance(IDLE_S)
    agents.rest()
    agents.rest()
    assert store.writes == ["enter local", "rest local"]


def test_it_does_not_rest_while_a_long_call_is_out(clock: FakeClock) -> None:
    store = FakeAgentStore()
    agents = agents_of(store, clock)
    with agents.at_work("claude"):
        with agents.at_work("claude"):
            clock.advance(600)
        agents.rest(idle_s=0.0)
        assert store.workers["claude"] == {"us"}
    agents.rest(idle_s=0.0)
    assert store.workers["claude"] == set()


def test_nothing_is_begun_that_could_not_be_said(clock: FakeClock) -> None:
    """The database is away: the work waits for it, and says so anew."""
    store = FakeAgentStore()
    agents = agents_of(store, clock)
    store.away = [DatabaseUnavailable("database", "gone")]
    with pytest.raises(DatabaseUnavailable), agents.at_work("edgar"):
        pytest.fail("was begun")
    with agents.at_work("edgar"):
        assert store.workers["edgar"] == {"us"}


def test_rest_that_could_not_be_said_is_said_the_next_time(clock: FakeClock) -> None:
    store = FakeAgentStore()
    agents = agents_of(store, clock)
    with agents.at_work("edgar"):
        store.away = [DatabaseUnavailable("database", "gone")]
    with pytest.raises(DatabaseUnavailable):
        agents.rest(idle_s=0.0)
    agents.rest(idle_s=0.0)
    assert store.writes == ["enter edgar", "rest edgar"]


def test_only_an_agents_own_failures_are_held_against_it(clock: FakeClock) -> None:
    """Not the database's, not those of a gate that was shut, unless an answer just shut it; and
    without a secret."""
    store = FakeAgentStore()
    agents = agents_of(store, clock)
    execution = Execution("edgar", "us")
    agents.failed(execution, DatabaseUnavailable("database", "gone"))
    agents.failed(execution, CircuitOpen("edgar", "open"))
    assert store.failures == []
    for_all = Rejected("edgar", "the key is refused (401)")
    for_all.__cause__ = CallFailed("edgar", "the key is refused (401)")
    agents.failed(execution, for_all)
    assert [error for _, error in store.failures] == ["edgar: the key is refused (401)"]
    store.failures.clear()
    agents.failed(execution, CallFailed("edgar", "refused https://x?api=k3y"))
    agents.failed(execution, KeyError("x"))
    agents.failed(execution, "nothing")
    said = [error for _, error in store.failures]
    assert said == ["edgar: refused https://x?api=***", "KeyError: 'x'", "nothing"]


def test_an_execution_knows_how_long_it_took(clock: FakeClock) -> None:
    agents = agents_of(FakeAgentStore(), clock)
    began = agents.now()
    clock.advance(3)
    execution = agents.execution("edgar", "CIK 1", began, "CIK 1 c")
    assert (execution.took_s, execution.executor, execution.kept) == (3.0, "us", 1000)


def test_a_paused_agent_says_who_why_and_what_ends_it(clock: FakeClock) -> None:
    store = FakeAgentStore()
    agents = agents_of(store, clock)
    agents.check(WRITER)
    until = START + timedelta(hours=2)
    store.pauses[WRITER] = Pause(WRITER, START, until, "ann on box", "broken")
    with pytest.raises(Paused, match=r"paused by ann on box since .*: broken") as refused:
        agents.check(WRITER)
    assert refused.value.retry_at == until
    assert refused.value.fix == "python main.py agent resume weekly"


def test_every_source_and_analyst_is_an_agent_and_no_two_have_one_name() -> None:
    found = configured(["edgar", "inbox"], ["local", "claude"])
    assert found == {
        "edgar": AgentKind.COLLECTOR,
        "inbox": AgentKind.COLLECTOR,
        "local": AgentKind.ANALYST,
        "claude": AgentKind.ANALYST,
        "weekly": AgentKind.WRITER,
    }
    with pytest.raises(ValueError, match="two agents are called 'local'"):
        configured(["local"], [])
