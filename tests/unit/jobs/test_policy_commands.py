"""What is asked about policies: a decision is followed as it is stored, looking changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jobs.commands import CommandDesk
from jobs.policy_commands import Changes, PolicyVerbs
from resilience.breaker import BreakerState
from resilience.outcomes import CallFailed, CircuitOpen
from resilience.policy import Policy
from resilience.quota import QuotaRule
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.testing import FakeClock
from tests.unit.jobs.command_doubles import Decisions, MemoryBoard

HELD, CLOSED, OPEN = BreakerState.HELD, BreakerState.CLOSED, BreakerState.OPEN


class Process:
    """One that is asked. `decided` is what all processes share."""

    def __init__(self, clock: FakeClock) -> None:
        spec = PolicySpec(
            attempts=1, failure_threshold=1, quotas=(QuotaRule("requests", 100, block=10),)
        )
        self.policies = Policies({"edgar": spec, "claude": PolicySpec()}, clock)
        self.decided = Decisions(clock)
        self.board = MemoryBoard()
        changes = Changes()
        self.policies.hooks.subscribe(changes)
        verbs = PolicyVerbs(self.policies, self.decided.shared, clock, changes)
        self.desk = CommandDesk(self.board, "us", verbs.table())

    @property
    def edgar(self) -> Policy:
        return self.policies.of("edgar")

    @property
    def state(self) -> BreakerState:
        return self.edgar.status().state

    def asked(self, verb: str, target: str = "edgar", **args: object) -> tuple[str, dict[str, Any]]:
        number = self.board.ask(verb, target, args, by="ann")
        self.desk.run_pending()
        outcome, answer = self.board.said(number)
        return outcome, json.loads(json.dumps(answer, allow_nan=False))

    def fail(self) -> None:
        def fail() -> None:
            raise CallFailed("edgar", "HTTP 503")

        with pytest.raises(CallFailed):
            self.edgar.call(fail)


@pytest.fixture
def process(clock: FakeClock) -> Process:
    return Process(clock)


def test_a_hold_that_is_stored_is_followed(process: Process, clock: FakeClock) -> None:
    """Until its own end, however late this process heard of it."""
    process.decided.set_hold("edgar", "hold", 7200, "their maintenance", "ann")
    clock.advance(1200)
    outcome, answer = process.asked("breakers.hold")
    assert (outcome, answer["state"]) == ("done", "held")
    assert answer["why"] == "their maintenance"
    assert answer["retry_at"] == "2026-11-22T14:00:00+00:00"
    with pytest.raises(CircuitOpen):
        process.edgar.call(lambda: None)


def test_another_hold_takes_the_place_of_the_first(process: Process, clock: FakeClock) -> None:
    """With its own end and reason."""
    process.decided.set_hold("edgar", "hold", 60, "for a minute", "ann")
    process.asked("breakers.hold")
    process.decided.set_hold("edgar", "hold", None, "for good", "bob")
    _, answer = process.asked("breakers.hold")
    assert (answer["why"], answer["retry_at"]) == ("for good", None)


def test_switched_off_and_closed_again(process: Process) -> None:
    process.decided.set_hold("edgar", "disable", None, "", "ann")
    assert process.asked("breakers.disable")[1]["state"] == "disabled"
    process.decided.clear_hold("edgar")
    process.edgar.pause(600)
    outcome, answer = process.asked("breakers.close")
    assert (outcome, answer["state"], answer["paused_s"]) == ("done", "closed", 0)


@pytest.mark.parametrize("now", ["hold", None])
def test_an_order_that_was_overtaken_does_not_come_true(process: Process, now: str | None) -> None:
    """Cut off for a while, a process finds two orders: what holds is what is stored."""
    if now == "hold":
        process.decided.set_hold("edgar", "hold", None, "", "ann")
    verb = "breakers.close" if now == "hold" else "breakers.hold"
    outcome, answer = process.asked(verb)
    assert outcome == "refused"
    assert "decided otherwise meanwhile" in answer["why"]
    assert process.state is (HELD if now == "hold" else CLOSED)


def test_a_probe_ends_a_wait(process: Process) -> None:
    """The next call is a trial, and closes it if it succeeds."""
    process.fail()
    assert process.asked("breakers.probe")[1]["state"] == "open"
    process.edgar.call(lambda: None)
    assert process.state is CLOSED


def test_a_probe_ends_a_hold_for_one_trial(process: Process) -> None:
    """And it stays a trial when somebody looks at what is stored meanwhile."""
    process.edgar.hold()
    assert process.asked("breakers.probe")[1]["state"] == "open"
    process.edgar.take_over(None, None)
    assert process.state is OPEN
    process.edgar.call(lambda: None)
    assert process.state is CLOSED


def test_a_probe_of_what_is_switched_off_is_refused(process: Process) -> None:
    process.edgar.disable()
    assert process.asked("breakers.probe")[0] == "refused"


def test_opened_by_hand_it_waits_its_usual_time(process: Process) -> None:
    outcome, answer = process.asked("breakers.open", why="they look ill")
    assert (outcome, answer["state"], answer["why"]) == ("done", "open", "they look ill")
    assert answer["retry_at"] == "2026-11-22T12:01:00+00:00"


def test_status_tells_all_that_is_counted(process: Process, clock: FakeClock) -> None:
    """Of every service, or of one; and what of each quota is in hand."""
    process.edgar.call(lambda: None)
    clock.advance(5)
    process.fail()
    with pytest.raises(CircuitOpen):
        process.edgar.call(lambda: None)
    _, answer = process.asked("policy.status", "")
    assert [one["service"] for one in answer["services"]] == ["edgar"]  # nobody asked claude yet
    (edgar,) = process.asked("policy.status")[1]["services"]
    assert (edgar["state"], edgar["calls"], edgar["failed"]) == ("open", 2, 1)
    assert edgar["rejected_by"] == {"breaker": 1}
    assert edgar["since"] == clock.now().isoformat()
    assert edgar["last_error"] == "HTTP 503"
    (quota,) = edgar["quotas"]
    assert (quota["resource"], quota["limit"], quota["in_hand"], quota["leased"]) == (
        "requests", 100, 8, 10
    )  # fmt: skip


def test_explaining_names_what_is_in_the_way(process: Process) -> None:
    """Each gate's word; what nobody knows the end of has none, in JSON too."""
    process.edgar.hold()
    outcome, answer = process.asked("policy.explain", cost={"requests": 3})
    assert (outcome, answer["passes"], answer["binding"]) == ("done", False, "breaker")
    gates = {one["gate"]: one for one in answer["gates"]}
    assert gates["breaker"]["wait_s"] is None
    assert gates["memory"]["is_open"]
    assert process.edgar.status().calls == 0


@pytest.mark.parametrize("cost", [{"tokens": -1}, {"tokens": "many"}, {"tokens": True}, [1]])
def test_a_cost_that_is_none_is_refused(process: Process, cost: object) -> None:
    assert process.asked("policy.explain", cost=cost)[0] == "refused"


@pytest.mark.parametrize("verb", ["breakers.hold", "breakers.probe", "policy.explain"])
def test_a_service_that_does_not_exist_is_refused(process: Process, verb: str) -> None:
    """And not made by asking for it."""
    outcome, answer = process.asked(verb, "edgr")
    assert outcome == "refused"
    assert answer["why"] == "there is no service 'edgr'; there are claude, edgar"
    assert "edgr" not in process.policies.services()
