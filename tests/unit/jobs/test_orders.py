"""A decision is stored before anybody is told, and reaches those that run and those that will."""

from __future__ import annotations

import pytest

from jobs.asking import Asked, Asking
from jobs.commands import Refused
from jobs.orders import ANSWER_S, Given, Order, Orders
from resilience.spec import PRESETS, PolicySpec
from resilience.testing import FakeClock
from tests.unit.jobs.command_doubles import Decisions, MemoryBoard, Town, instance

SPEC = PolicySpec(open_s=60)


class House:
    """A terminal, and processes that answer by themselves."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = AnsweringClock(self, clock)
        self.board = MemoryBoard()
        self.town = Town()
        self.decided = Decisions(clock)
        self.answers: dict[str, str] = {}  # executor -> outcome
        asking = Asking(self.board, self.town, self.clock)
        self.asking = asking
        self.orders = Orders(asking, self.decided, self.decided.states_of, "retailxai")

    def answer(self) -> None:
        for executor, outcome in self.answers.items():
            for command in self.board.pending(executor):
                self.board.acknowledge(command.id, executor, outcome, {"state": "held"})

    def give(self, order: Order, spec: PolicySpec = SPEC, seconds: float | None = None) -> Given:
        return self.orders.give(order, "edgar", spec, by="ann", seconds=seconds, why="because")


class AnsweringClock:
    """While somebody waits, the processes answer."""

    def __init__(self, house: House, clock: FakeClock) -> None:
        self._house = house
        self._clock = clock
        self.now, self.monotonic = clock.now, clock.monotonic

    def wait(self, seconds: float, wake: object = None) -> bool:
        self._house.answer()
        return self._clock.wait(seconds)


@pytest.fixture
def house(clock: FakeClock) -> House:
    return House(clock)


# ---- asking ------------------------------------------------------------------------------


def test_it_returns_when_everybody_has_answered(house: House) -> None:
    house.town.here = [instance("a"), instance("b", "another")]
    house.answers = {"a": "done", "b": "refused"}
    asked = house.asking.ask("policy.status", by="ann", within_s=2)
    assert [(one.executor, one.outcome) for one in asked.answers] == [
        ("a", "done"),
        ("b", "refused"),
    ]
    assert [one.executor for one in asked.done] == ["a"]
    assert asked.silent == ()


def test_who_does_not_answer_in_time_is_named(house: House, clock: FakeClock) -> None:
    """A frozen process keeps nobody waiting for longer."""
    frozen = instance("frozen", pid=9)
    house.town.here = [instance("a"), frozen]
    house.answers = {"a": "done"}
    began = clock.monotonic()
    asked = house.asking.ask("policy.status", by="ann", within_s=2)
    assert (len(asked.done), asked.silent) == (1, (frozen,))
    assert clock.monotonic() - began == pytest.approx(2, abs=0.1)


def test_who_came_meanwhile_answers_too(house: House) -> None:
    """It was started a moment ago, and is nobody we know."""
    house.town.here = [instance("a")]
    house.answers = {"new": "done", "a": "done"}
    asked = house.asking.ask("policy.status", by="ann", within_s=2)
    assert {(one.executor, one.process is None) for one in asked.answers} == {
        ("a", False),
        ("new", True),
    }


def test_without_anybody_nothing_is_asked(house: House) -> None:
    asked = house.asking.ask("policy.status", by="ann", within_s=2)
    assert asked == Asked()
    assert asked.nobody_runs
    assert house.board.commands == []


# ---- orders ------------------------------------------------------------------------------


@pytest.mark.parametrize(("order", "kind"), [(Order.HOLD, "hold"), (Order.DISABLE, "disable")])
def test_it_is_stored_also_when_nobody_runs(house: House, order: Order, kind: str) -> None:
    """For whoever starts later, with who decided it and why."""
    given = house.give(order, seconds=60)
    assert given.asked.nobody_runs
    ends = house.clock.monotonic() + 60
    assert house.decided.holds["edgar"] == (kind, ends, "because", "ann")


def test_everybody_who_runs_is_told(house: House) -> None:
    house.town.here = [instance("a")]
    house.answers = {"a": "done"}
    given = house.give(Order.HOLD)
    (command,) = house.board.commands
    assert (command.verb, command.target, command.asked_by) == ("breakers.hold", "edgar", "ann")
    assert [one.body["state"] for one in given.asked.answers] == ["held"]


@pytest.mark.parametrize("order", [Order.CLOSE, Order.PROBE, Order.OPEN])
def test_other_orders_end_a_hold(house: House, order: Order) -> None:
    """A hold that stayed would be followed again two seconds later."""
    house.decided.set_hold("edgar", "hold", None, "", "bob")
    house.decided.pauses = {"edgar"}
    house.give(order)
    assert house.decided.holds == {}
    assert house.decided.pauses == ({"edgar"} if order is Order.OPEN else set())


def test_what_a_sleeping_instance_left_is_changed_where_it_lies(house: House) -> None:
    """Closed by hand while the daemon is down, it must not start with an open circuit; one that
    runs keeps its own books."""
    house.town.here = [instance("a", "awake")]
    for name in ("awake", "asleep"):
        house.decided.leave(name, "open", failures=5)
    house.decided.leave("well")
    given = house.give(Order.CLOSE)
    assert given.changed == ("asleep",)
    assert house.decided.saved["asleep"].state == "closed"
    assert house.decided.recalled == ["asleep"], "who has not read an open state cannot end it"


def test_a_probe_of_a_sleeping_instance_waits_for_its_next_call(house: House) -> None:
    """It starts half open, and knows how often it failed."""
    house.decided.leave("retailxai", "open", failures=5)
    house.give(Order.PROBE)
    saved = house.decided.saved["retailxai"]
    assert (saved.state, saved.failures, saved.failed_rounds) == ("half_open", 5, 1)


def test_opened_without_a_daemon_it_is_open_at_the_next_start(house: House) -> None:
    house.give(Order.OPEN)
    saved = house.decided.saved["retailxai"]
    assert (saved.state, saved.open_left_s) == ("open", 60)


@pytest.mark.parametrize("order", [Order.HOLD, Order.DISABLE, Order.OPEN])
def test_the_way_the_orders_come_is_not_shut(house: House, order: Order) -> None:
    """A database that is held could not be told that it is released."""
    with pytest.raises(Refused, match="could not be opened again"):
        house.give(order, PRESETS["database"])
    assert house.decided.holds == {}


def test_it_does_not_wait_for_ever(house: House, clock: FakeClock) -> None:
    house.town.here = [instance("frozen")]
    began = clock.monotonic()
    assert len(house.give(Order.CLOSE).asked.silent) == 1
    assert clock.monotonic() - began == pytest.approx(ANSWER_S, abs=0.1)
