"""The policies of a process, and what processes share."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace

import pytest

from resilience.breaker import BreakerState
from resilience.events import EventKind, PolicyEvent
from resilience.keeper import LOOK_S
from resilience.limiters import ALGORITHMS
from resilience.outcomes import CallError, CircuitOpen, QuotaExhausted, RateLimited
from resilience.quota import QuotaRule
from resilience.registry import CRASH_LOOP_STARTS, Policies
from resilience.spec import PolicySpec, RateRule
from resilience.testing import FakeClock
from tests.unit.resilience.stores import GONE, SPEC, MemoryStore, Process, Server


@pytest.fixture
def server(clock: FakeClock) -> Server:
    return Server(clock)


@pytest.fixture
def held() -> Iterator[ExitStack]:
    """Processes that end with the test."""
    with ExitStack() as stack:
        yield stack


# ---- the policies there are --------------------------------------------------------------


def test_a_service_nobody_configured_gets_the_default(clock: FakeClock) -> None:
    policies = Policies({"default": PolicySpec(attempts=7), "shop": SPEC}, clock)
    assert policies.of("shop").spec == SPEC
    assert policies.of("new").spec.attempts == 7
    assert Policies({}, clock).of("new").spec == PolicySpec()


def test_default_is_no_service_and_the_others_are_listed(clock: FakeClock) -> None:
    policies = Policies({"default": PolicySpec(), "shop": SPEC}, clock)
    assert policies.services() == ("shop",)
    policies.of("mail")
    assert policies.services() == ("mail", "shop")
    assert [policy.service for policy in policies.all()] == ["mail"]
    assert [status.service for status in policies.statuses()] == ["mail"]


def test_explaining_is_asked_of_the_service(clock: FakeClock) -> None:
    policies = Policies({"shop": SPEC}, clock)
    policies.of("shop").hold()
    assert policies.explain("shop").binding == "breaker"
    assert policies.explain("mail").passes


def test_without_a_store_there_is_nothing_to_write(clock: FakeClock) -> None:
    policies = Policies({}, clock)
    policies.flush()
    policies.refresh()
    policies.close()


# ---- taking up what was stored -----------------------------------------------------------


def test_what_was_stored_is_taken_up_before_the_first_call(server: Server, held: ExitStack) -> None:
    server.opened("shop", 45.0)
    process = held.enter_context(Process(server))
    with pytest.raises(CircuitOpen) as told:
        process.call()
    assert told.value.retry_at is not None
    assert (told.value.retry_at - server.clock.now()).total_seconds() == pytest.approx(45)


def test_failures_before_a_restart_count_on(server: Server, held: ExitStack) -> None:
    """Three in a row open it, whoever of us saw them."""
    with Process(server) as before:
        before.fail(2)
    after = held.enter_context(Process(server, name="main-2"))
    after.fail()
    assert after.shop.status().state is BreakerState.OPEN


def test_a_policy_made_later_takes_up_what_was_stored(server: Server, held: ExitStack) -> None:
    server.opened("mail", 45.0)
    process = held.enter_context(Process(server))
    assert process.policies.of("mail").status().state is BreakerState.OPEN


def test_what_was_stored_ages_until_its_policy_is_made(
    server: Server, clock: FakeClock, held: ExitStack
) -> None:
    """A wait that is over since the start does not begin anew for who is asked late."""
    server.opened("mail", 45.0)
    server.pauses["feed"] = (server.now + 45.0, "429")
    server.pauses["wire"] = (server.now + 200.0, "429")
    server.hold("drive", 45.0)
    process = held.enter_context(Process(server))
    clock.advance(100)
    for service in ("mail", "feed", "drive"):
        assert process.call(service) == "fine"
    assert process.policies.of("wire").status().paused_s == pytest.approx(100)


def test_a_policy_made_later_follows_the_last_look(server: Server, held: ExitStack) -> None:
    """What a person decided between the start and the first call holds for that call too."""
    process = held.enter_context(Process(server))
    server.hold("mail")
    process.policies.refresh()
    with pytest.raises(CircuitOpen):
        process.call("mail")


def test_a_hook_may_use_the_policy_it_hears_of_while_that_is_made(
    server: Server, held: ExitStack
) -> None:
    server.opened("mail", 45.0)
    heard: list[tuple[EventKind, BreakerState]] = []

    def hook(event: PolicyEvent) -> None:
        heard.append((event.kind, process.policies.of(event.service).status().state))

    process = held.enter_context(Process(server, on_event=hook))
    made = process.policies.of("mail")
    assert heard == [(EventKind.CIRCUIT_OPENED, BreakerState.OPEN)]
    assert process.policies.of("mail") is made
    assert process.policies.hooks.failures == 0


# ---- what others decide ------------------------------------------------------------------


def test_a_hold_from_elsewhere_arrives_with_a_look(server: Server, held: ExitStack) -> None:
    process = held.enter_context(Process(server))
    assert process.call() == "fine"
    server.hold("shop")
    process.policies.refresh()
    with pytest.raises(CircuitOpen) as told:
        process.call()
    assert "repairs" in told.value.what
    assert told.value.retry_at is None


def test_a_new_end_of_a_hold_replaces_the_old_one(
    server: Server, clock: FakeClock, held: ExitStack
) -> None:
    process = held.enter_context(Process(server))
    server.hold("shop", 100)
    process.policies.refresh()
    for seconds in (500.0, 20.0):
        server.hold("shop", seconds, "longer than we thought")
        process.policies.refresh()
        status = process.shop.status()
        assert status.retry_at is not None
        assert (status.retry_at - clock.now()).total_seconds() == pytest.approx(seconds)
        assert status.why == "longer than we thought"


def test_a_hold_that_is_taken_back_lets_everything_through(server: Server, held: ExitStack) -> None:
    process = held.enter_context(Process(server))
    server.hold("shop", 100)
    process.policies.refresh()
    server.release("shop")
    process.policies.refresh()
    assert process.shop.status().state is BreakerState.CLOSED


@pytest.mark.parametrize("late_s", [0.5, 30.0])
def test_a_hold_whose_time_is_over_is_followed_by_a_trial(
    server: Server, clock: FakeClock, held: ExitStack, late_s: float
) -> None:
    """Nobody has seen yet how the service is, however late we look."""
    process = held.enter_context(Process(server))
    server.hold("shop", 100)
    process.policies.refresh()
    clock.advance(100 + late_s)
    process.policies.refresh()
    assert process.shop.status().state is BreakerState.HELD
    process.fail()
    assert process.shop.status().state is BreakerState.OPEN


def test_a_new_reason_of_a_hold_replaces_the_old_one(server: Server, held: ExitStack) -> None:
    process = held.enter_context(Process(server))
    for why in ("maintenance", "their request"):
        server.hold("shop", None, why)
        process.policies.refresh()
        with pytest.raises(CircuitOpen, match=why):
            process.call()


def test_a_moved_wall_clock_moves_what_callers_are_told(
    server: Server, clock: FakeClock, held: ExitStack
) -> None:
    """The wait itself is by the monotonic clock; the moment it ends is told by the wall's."""
    process = held.enter_context(Process(server))
    process.fail(3)
    clock.set_back(86_400)
    process.policies.refresh()
    with pytest.raises(CircuitOpen) as told:
        process.call()
    assert told.value.retry_at is not None
    assert 0 < (told.value.retry_at - clock.now()).total_seconds() <= SPEC.open_s


def test_a_service_may_be_let_through_whatever_it_does(server: Server, held: ExitStack) -> None:
    process = held.enter_context(Process(server))
    process.fail(3)
    server.disable("shop")
    process.policies.refresh()
    process.fail(20)
    assert process.call() == "fine"
    server.release("shop")
    process.policies.refresh()
    assert process.shop.status().state is BreakerState.CLOSED


def test_a_hold_made_here_and_stored_nowhere_outlives_a_look(
    server: Server, held: ExitStack
) -> None:
    process = held.enter_context(Process(server))
    process.shop.hold(why="by a signal")
    process.policies.refresh()
    assert process.shop.status().state is BreakerState.HELD


def test_a_pause_is_everybodys_and_only_ever_extended(
    server: Server, clock: FakeClock, held: ExitStack
) -> None:
    one = held.enter_context(Process(server))
    other = held.enter_context(Process(server, name="main-2"))
    one.shop.pause(60, "429")
    one.policies.flush()
    other.policies.refresh()
    assert other.shop.status().paused_s == pytest.approx(60)
    other.shop.pause(10, "429")
    other.policies.flush()
    assert server.paused_s("shop") == pytest.approx(60)
    clock.advance(30)
    other.shop.pause(90, "429 again")
    other.policies.flush()
    one.policies.refresh()
    assert one.shop.status().paused_s == pytest.approx(90)


def test_a_pause_ends_however_often_it_is_looked_at(
    server: Server, clock: FakeClock, held: ExitStack
) -> None:
    """What one reads and tells the other must not keep it alive."""
    pair = [held.enter_context(Process(server, name=name)) for name in ("main-1", "main-2")]
    pair[0].shop.pause(10, "429")
    for _ in range(11):
        for process in pair:
            process.shop.close()  # so that there is something to write
            process.policies.refresh()
            process.policies.flush()
        clock.advance(1)
    assert server.paused_s("shop") <= 0
    assert pair[0].call() == pair[1].call() == "fine"


def test_members_divide_a_rate_that_is_shared(server: Server, held: ExitStack) -> None:
    rates = (RateRule(10, shared=True),)
    specs = {"shop": replace(SPEC, rates=rates), "mail": replace(SPEC, rates=(RateRule(10),))}
    one = held.enter_context(Process(server, specs))
    with Process(server, specs, name="main-2") as other:
        one.policies.refresh()
        assert _gap_s(one, "shop") == _gap_s(other, "shop") == pytest.approx(0.2)
        assert _gap_s(one, "mail") == pytest.approx(0.1)
    server.members.discard("main-2")
    one.policies.refresh()
    assert _gap_s(one, "shop") == pytest.approx(0.1)


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
@pytest.mark.parametrize("joins_s", [(3.0, 3.0), (3.0, 3.9), (3.0, 5.1), (3.0, 5.6), (0.0, 0.1)])
def test_a_rate_that_is_shared_holds_while_processes_join(
    server: Server, clock: FakeClock, held: ExitStack, joins_s: tuple[float, ...], algorithm: str
) -> None:
    """All ask as often as they may; each looks for the others every so often, not together."""
    rate = RateRule(10, shared=True, algorithm=algorithm)
    specs = {"shop": replace(SPEC, max_queue_s=0, rates=(rate,))}
    began = clock.monotonic()
    coming = [began + at for at in (0.0, *joins_s)]
    looks: dict[Process, float] = {}
    calls: list[float] = []
    while (now := clock.monotonic()) < began + 12:
        if coming and now >= coming[0]:
            coming.pop(0)
            joined = held.enter_context(Process(server, specs, name=f"main-{len(coming)}"))
            looks[joined] = now + LOOK_S
        for process, look_at in looks.items():
            if now >= look_at:
                process.policies.refresh()
                looks[process] = now + LOOK_S
            with suppress(RateLimited):
                process.call()
                calls.append(now)
        clock.advance(0.01)
    most = max(sum(1 for at in calls[i:] if at < first + 1) for i, first in enumerate(calls))
    assert most <= 10 + 2, "a turn of each may fall on either side"
    assert len([at for at in calls if at >= began + 10]) >= 15, "and it is used"


def _gap_s(process: Process, service: str) -> float:
    """Between two calls that come at once."""
    assert isinstance(process.server.clock, FakeClock)
    process.server.clock.advance(10)
    process.call(service)
    return process.policies.explain(service).wait_s


@pytest.mark.parametrize("starts", [1, 2, 3, 4])
def test_who_starts_again_and_again_begins_with_nothing_saved_up(
    server: Server, held: ExitStack, starts: int
) -> None:
    """Otherwise a crash loop spends its burst with every start. A restart or two is no loop."""
    server.started(*[f"before-{number}" for number in range(starts - 1)])
    spec = replace(SPEC, max_queue_s=0, rates=(RateRule(1, burst=5),))
    process = held.enter_context(Process(server, {"shop": spec}))
    if starts >= CRASH_LOOP_STARTS:
        with pytest.raises(RateLimited):
            process.call()
    else:
        assert [process.call() for _ in range(5)] == ["fine"] * 5


def test_starts_long_ago_are_no_crash_loop(
    server: Server, clock: FakeClock, held: ExitStack
) -> None:
    server.started("before-1", "before-2")
    clock.advance(301)
    spec = replace(SPEC, max_queue_s=0, rates=(RateRule(1, burst=5),))
    process = held.enter_context(Process(server, {"shop": spec}))
    assert [process.call() for _ in range(5)] == ["fine"] * 5


# ---- several processes, one account ------------------------------------------------------

DAY = QuotaRule("requests", 50, "day", block=4)


def test_processes_together_never_spend_more_than_the_account_has(
    server: Server, held: ExitStack
) -> None:
    specs = {"shop": replace(SPEC, quotas=(DAY,))}
    crowd = [held.enter_context(Process(server, specs, name=f"main-{n}")) for n in range(3)]
    spent = [0]
    lock = threading.Lock()

    def spend(process: Process) -> None:
        try:
            while True:
                process.call()
                with lock:
                    spent[0] += 1
        except QuotaExhausted:
            return

    threads = [threading.Thread(target=spend, args=(one,)) for one in crowd for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    in_hand = sum(one.shop.quotas[0].in_hand(server.now) for one in crowd)
    assert spent[0] + in_hand == server.taken("shop") == 50
    held.close()
    assert server.taken("shop") == spent[0]


def test_what_a_process_gives_back_at_its_end_another_may_spend(server: Server) -> None:
    specs = {"shop": replace(SPEC, quotas=(QuotaRule("requests", 5, block=5),))}
    with Process(server, specs) as one:
        one.call()
    with Process(server, specs, name="main-2") as other:
        for _ in range(4):
            other.call()
        with pytest.raises(QuotaExhausted):
            other.call()


def test_a_policy_that_is_used_after_the_end_has_no_quota(server: Server, clock: FakeClock) -> None:
    """Counting on in memory would spend the account twice."""
    process = Process(server, {"shop": replace(SPEC, quotas=(DAY,))})
    process.call()
    process.policies.close()
    with pytest.raises(QuotaExhausted) as told:
        process.call()
    assert told.value.retry_at is not None
    assert server.taken("shop") == 1


def test_what_was_counted_here_before_there_was_a_store_is_not_given_to_it(
    server: Server, clock: FakeClock
) -> None:
    specs = {"shop": replace(SPEC, quotas=(DAY,)), "database": PolicySpec(persists=False)}
    policies = Policies(specs, clock)
    policies.of("shop").call(lambda: "fine")
    with Process(server, specs, name="another") as another:
        for _ in range(6):
            another.call()
    policies.remember(MemoryStore(server))
    policies.close()
    assert server.taken("shop") == 6


def test_a_store_that_is_away_is_said_to_be_away(server: Server, held: ExitStack) -> None:
    """Who asks to write or look now wants to know."""
    process = held.enter_context(Process(server))
    process.store.go_away()
    process.fail()
    for ask in (process.policies.flush, process.policies.refresh):
        with pytest.raises(CallError) as told:
            ask()
        assert str(told.value) == str(GONE)
