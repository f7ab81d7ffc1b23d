"""Where the commands ask about policies: of whoever runs, else of what is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from cli.policy_counter import ANSWER_S, PolicyCounter, PolicyHouse
from jobs.asking import Asking
from jobs.commands import CommandDesk
from jobs.orders import Orders
from jobs.policy_commands import Changes, PolicyVerbs
from resilience.quota import QuotaRule
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.state import QuotaKey, StoredBreaker, StoredPause
from resilience.testing import START, FakeClock
from storage.call_budget import Caps
from storage.database import Database
from storage.leases import Instance
from storage.paid_calls import Spend
from storage.policy_desk import PolicyDesk
from storage.policy_state import PolicyStates
from tests.unit.jobs.command_doubles import MemoryBoard, Town, instance

pytestmark = pytest.mark.database

TOKENS = QuotaRule("tokens", 1000, zone="America/Los_Angeles")
SPECS = {"edgar": PolicySpec(), "claude": PolicySpec(quotas=(TOKENS,))}


class World:
    """A database, a terminal, and daemons that answer while it waits."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.clock = clock
        self.board, self.town = MemoryBoard(), Town()
        self.daemons: list[CommandDesk] = []
        self.states = PolicyStates(database, "retailxai", "at-the-terminal")
        self.desk = PolicyDesk(database)
        self.spent = Decimal(0)
        self.off: dict[str, str] = {}
        asking = Asking(self.board, self.town, Answering(self))
        self.counter = PolicyCounter(
            PolicyHouse(
                policies=Policies(SPECS, clock),
                store=self.desk,
                states=self.states,
                asking=asking,
                orders=Orders(asking, self.desk, lambda _: self.states, "retailxai"),
                spend=lambda _: (Spend("claude", self.spent, Decimal(1), 3, 0, 0, 0, 0, 0),),
                budgets={"claude": Caps(Decimal(5), None)},
                clock=clock,
                by="ann",
                off=self.off,
            )
        )

    def runs(self, one: Instance) -> Policies:
        """Another process, which answers; its policies."""
        self.town.here.append(one)
        policies = Policies(SPECS, self.clock)
        for service in SPECS:
            policies.of(service)
        verbs = PolicyVerbs(policies, self.states.shared, self.clock, Changes())
        self.daemons.append(CommandDesk(self.board, one.executor, verbs.table()))
        return policies


class Answering:
    """A clock for whoever waits: meanwhile the others work."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.now, self.monotonic = world.clock.now, world.clock.monotonic

    def wait(self, seconds: float, wake: object = None) -> bool:
        for daemon in self._world.daemons:
            daemon.run_pending()
        return self._world.clock.wait(seconds)


@pytest.fixture
def world(database: Database, clock: FakeClock) -> World:
    return World(database, clock)


# ---- breakers ----------------------------------------------------------------------------


def test_what_runs_says_how_it_is(world: World) -> None:
    """Its own state, with who decided it from what is stored."""
    policies = world.runs(instance("a", pid=41))
    world.counter.order("hold", "edgar", 3600, "maintenance")
    policies.of("claude").pause(60, "HTTP 429")
    found = world.counter.breakers()
    assert (found.source, found.processes, found.note) == (
        "running",
        ("retailxai on retail-01, pid 41",),
        "",
    )
    claude, edgar = found.breakers
    assert (edgar.state, edgar.why) == ("held", "maintenance")
    assert edgar.hold is not None
    assert (edgar.hold.by, edgar.hold.kind) == ("ann", "hold")
    assert claude.paused_until is not None
    assert claude.paused_until - world.clock.now() <= timedelta(seconds=60)


def test_without_a_daemon_what_is_stored_is_shown(world: World) -> None:
    """As the next start finds it: opened, paused, held."""
    world.states.save(
        [StoredBreaker("edgar", "open", 5, open_left_s=600, last_error="HTTP 503", calls=9)],
        [StoredPause("claude", 120, "HTTP 429")],
    )
    found = world.counter.breakers()
    assert found.source == "storage"
    assert "no daemon runs" in found.note
    claude, edgar = found.breakers
    assert (edgar.state, edgar.why, edgar.calls) == ("open", "failures (last: HTTP 503)", 9)
    assert edgar.retry_at is not None
    assert (claude.state, claude.paused_why) == ("closed", "HTTP 429")
    world.desk.set_hold("edgar", "disable", None, "they are well", "bob")
    assert [one.state for one in world.counter.breakers().breakers] == ["closed", "disabled"]


def test_a_daemon_that_does_not_answer_is_named(world: World, clock: FakeClock) -> None:
    world.town.here = [instance("frozen", pid=9)]
    began = clock.monotonic()
    found = world.counter.breakers()
    assert found.source == "storage"
    assert "retailxai on retail-01, pid 9 did not answer within 2 s" in found.note
    assert clock.monotonic() - began < ANSWER_S + 0.1


def test_a_scan_beside_a_daemon_is_not_waited_for(world: World) -> None:
    """It may end any moment; without a daemon its word is better than none."""
    world.runs(instance("a"))
    world.town.here.append(instance("scan", kind="command"))
    assert world.counter.breakers().note == ""
    world.town.here.clear()
    world.daemons.clear()
    world.runs(instance("b", kind="command", pid=8))
    assert world.counter.breakers().processes == ("retailxai on retail-01, pid 8 (command)",)


# ---- quotas ------------------------------------------------------------------------------


def test_a_service_is_off_with_whoever_asks_it(world: World) -> None:
    """The services of a source carry its name; one that merely begins alike is another."""
    world.off |= {"claude": "no API key", "clau": "another"}
    assert world.counter.quotas().off == {"claude": "no API key"}
    world.off.clear()
    assert world.counter.quotas().off == {}


def test_quotas_of_everybody_and_money(world: World, clock: FakeClock) -> None:
    """Leased by all as the database counts it, in hand as each process says, and what is spent
    or open of the cap; a window nobody leased of is listed with the rest."""
    tokens = QuotaKey("claude", "tokens", "day", "America/Los_Angeles", 1000)
    before = world.counter.quotas()
    assert before.source == "storage"
    (untouched,) = (one for one in before.quotas if one.resource == "tokens")
    assert [untouched.used, untouched.left] == [Decimal(0), Decimal(1000)]
    world.states.lease(tokens, 300)
    world.states.tighten(tokens, 200)
    running = world.runs(instance("a", pid=41))
    running.of("claude").refill(running.of("claude").quotas[0], 50)
    world.spent = Decimal("1.5")
    found = world.counter.quotas()
    assert found.source == "running"
    counted, money = found.quotas
    assert [counted.limit, counted.used, counted.left] == [Decimal(n) for n in (1000, 800, 200)]
    assert counted.in_hand == {"retailxai on retail-01, pid 41": 50.0}
    assert money.resource == "usd"
    assert [money.used, money.open_usd, money.left] == [Decimal("1.5"), Decimal(1), Decimal("2.5")]
    assert money.resets_at == START.replace(hour=0) + timedelta(days=1)


# ---- explaining --------------------------------------------------------------------------

Prepare = Callable[[World], None]


def opened(world: World) -> None:
    world.states.save([StoredBreaker("claude", "open", 5, 0, 600, "HTTP 503")], [])


def used_up(world: World) -> None:
    world.states.lease(QuotaKey("claude", "tokens", "day", "America/Los_Angeles", 1000), 995)


def spent(world: World) -> None:
    world.spent = Decimal("3.99")


def nothing(world: World) -> None:
    """All is well."""


@pytest.mark.parametrize(
    ("prepare", "passes", "binding"),
    [
        (nothing, True, []),
        (opened, False, ["breaker"]),
        (used_up, False, ["quota of tokens per day"]),
        (spent, False, ["cap of usd per day"]),
    ],
)
def test_explained_from_what_is_stored(
    world: World, prepare: Prepare, passes: bool, binding: list[str]
) -> None:
    """What a daemon that starts now would say, and nothing is spent or written by asking."""
    prepare(world)
    stored = world.desk.quotas()
    found = world.counter.explain("claude", {"tokens": 10, "usd": 0.05})
    assert (found.source, found.passes) == ("storage", passes)
    assert [gate.gate for gate in found.gates if gate.is_binding] == binding
    assert (found.retry_at is None) is passes
    assert world.desk.quotas() == stored


def test_explained_by_the_daemon(world: World) -> None:
    """Of several gates the one that is longest in the way is marked."""
    policies = world.runs(instance("a", pid=41))
    policies.of("claude").hold()
    world.spent = Decimal(9)
    found = world.counter.explain("claude", {"tokens": 10})
    assert (found.source, found.process) == ("running", "retailxai on retail-01, pid 41")
    assert [gate.gate for gate in found.gates if gate.is_binding] == ["breaker"]
    assert [gate.gate for gate in found.gates if not gate.is_open] == [
        "cap of usd per day",
        "breaker",
    ]
    assert (found.passes, found.wait_s, found.retry_at) == (False, None, None)
