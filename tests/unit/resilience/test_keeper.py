"""What is kept of policies behind their backs, with a store that comes and goes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience import keeper
from resilience.breaker import BreakerState
from resilience.clock import SystemClock
from resilience.outcomes import CallError, CallFailed, CircuitOpen, QuotaExhausted
from resilience.quota import QuotaRule
from resilience.registry import Policies
from resilience.spec import PolicySpec, RateRule
from resilience.testing import FakeClock
from tests.unit.resilience.stores import GONE, PATIENCE_S, SPEC, Process, Server

QUOTA = replace(SPEC, quotas=(QuotaRule("requests", 100, "day", block=10),))
ODD = RuntimeError("a bug in the store")


@pytest.fixture
def still(clock: FakeClock) -> Server:
    """A server in a world where time stands still until the test moves it."""
    return Server(clock)


@pytest.fixture
def real() -> Server:
    """A server in real time, for tests that wait for the keeper's own thread."""
    return Server()


@pytest.fixture
def held() -> Iterator[ExitStack]:
    """Processes that end with the test."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A keeper that has less patience than the real one."""
    monkeypatch.setattr(keeper, "EVERY_S", 0.01)
    monkeypatch.setattr(keeper, "LOOK_S", 0.01)
    monkeypatch.setattr(keeper, "RECORD_S", 0.01)
    monkeypatch.setattr(keeper, "AWAY_S", 0.01)
    monkeypatch.setattr(keeper, "MOST_AWAY_S", 0.02)


def _is_open(server: Server, service: str) -> bool:
    return server.state(service) == "open"


def _has_taken(server: Server, amount: float) -> bool:
    return server.taken("shop") == amount


# ---- writing -----------------------------------------------------------------------------


def test_a_circuit_that_opens_is_written_at_once(
    real: Server, held: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash right after it must not forget that. The keeper would not write for an hour."""
    monkeypatch.setattr(keeper, "EVERY_S", 3600.0)
    process = held.enter_context(Process(real))
    process.fail(3)
    real.until(lambda: real.state("shop") == "open")
    stored = real.breaker("shop")
    assert stored is not None
    assert (stored.failures, stored.failed, stored.last_error) == (3, 3, "503")
    assert stored.open_left_s == pytest.approx(60, abs=PATIENCE_S)


def test_failures_are_written_before_the_circuit_opens(real: Server, held: ExitStack) -> None:
    process = held.enter_context(Process(real))
    process.fail(2)
    real.until(lambda: (kept := real.breaker("shop")) and kept.failures == 2)
    assert real.state("shop") == "closed"


def test_a_failure_after_a_long_rest_is_written_soon(
    real: Server, held: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nothing is called the keeper only looks, here once an hour; a failure stirs it."""
    monkeypatch.setattr(keeper, "LOOK_S", 3600.0)
    process = held.enter_context(Process(real))
    resting = process.policies._keeper
    assert resting is not None
    at_rest(resting)
    process.fail()
    real.until(lambda: (kept := real.breaker("shop")) and kept.failures == 1)
    at_rest(resting)
    process.fail()
    real.until(lambda: (kept := real.breaker("shop")) and kept.failures == 2)


def at_rest(resting: keeper.Keeper) -> None:
    """Wait for it: of that no store is told."""
    clock = SystemClock()
    give_up_at = clock.monotonic() + PATIENCE_S
    while not resting._rests:
        assert clock.monotonic() < give_up_at, "it never rests"
        clock.wait(0.01)


def test_nothing_is_written_or_looked_up_by_who_calls(
    real: Server, held: ExitStack, hasty: None
) -> None:
    """A call never waits for the store, but for a quota of which nothing is in hand."""
    process = held.enter_context(Process(real, {"shop": QUOTA, "mail": SPEC}, records=True))
    real.until(lambda: real.taken("shop") == 10)
    for _ in range(5):
        process.call()
        process.shop.observe("requests", 20, None, "day")
    process.fail(3, "mail")
    process.policies.of("mail").pause(60)
    asked = process.store.asked
    real.until(lambda: real.state("mail") == "open" and real.paused_s("mail") > 0)
    real.until(lambda: asked["tighten"] and asked["record"] and asked["shared"])
    for method in ("save", "tighten", "record", "shared", "lease"):
        assert threading.get_ident() not in process.store.threads[method], method
    assert process.store.threads["recall"] == {threading.get_ident()}


def test_the_store_is_asked_with_no_lock_held(real: Server, held: ExitStack, hasty: None) -> None:
    """Else a store that hangs would hang every call."""
    process = held.enter_context(Process(real, {"shop": QUOTA}, records=True))
    process.store.on_asked = process.policies.statuses
    process.fail(3)
    process.shop.observe("requests", 1, None, "day")
    asked = process.store.asked
    real.until(lambda: asked["save"] and asked["tighten"] and asked["record"] and asked["shared"])


def test_what_did_not_change_is_not_written_again(still: Server, held: ExitStack) -> None:
    process = held.enter_context(Process(still))
    process.fail()
    process.policies.flush()
    written = process.store.asked["save"]
    process.call("mail")
    process.policies.flush()
    assert process.store.asked["save"] == written


def test_the_guard_of_the_store_is_never_kept_in_it(still: Server, held: ExitStack) -> None:
    """Its word on the database would be read from the database. Nor is it held from there."""
    process = held.enter_context(Process(still, records=True))
    process.fail(20, "database")
    process.call("database")
    still.hold("database")
    process.policies.refresh()
    process.policies.flush()
    assert still.breaker("database") is None
    assert still.calls == []
    assert process.policies.of("database").status().state is BreakerState.CLOSED


def test_no_call_is_lost_from_the_count(real: Server, hasty: None) -> None:
    """Sixteen threads, and a keeper that writes all the while."""
    never_opens = replace(QUOTA, failure_threshold=0, at_once=0)
    spec = replace(never_opens, quotas=(QuotaRule("requests", 1e6, block=50),))
    process = Process(real, {"shop": spec}, records=True)

    def work() -> None:
        for _ in range(25):
            process.fail()
            for _ in range(3):
                process.call()

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    process.fail()
    process.policies.close()
    status = process.shop.status()
    assert (status.calls, status.failed, status.rejected) == (1601, 401, 0)
    assert sum(status.durations.counts) == 1601
    stored = real.breaker("shop")
    assert stored is not None
    assert (stored.calls, stored.failed, stored.rejected) == (1601, 401, 0)
    assert real.taken("shop") == 1601


# ---- the store is away -------------------------------------------------------------------


def test_without_the_store_at_the_start_everything_is_decided_in_memory(
    still: Server, held: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "resilience.keeper")
    process = held.enter_context(Process(still, trouble=GONE))
    assert "cannot be read yet" in caplog.text
    assert process.call() == "fine"
    process.fail(3)
    with pytest.raises(CircuitOpen):
        process.call()


def test_what_happened_without_the_store_is_written_when_it_is_back(
    real: Server, held: ExitStack, hasty: None
) -> None:
    process = held.enter_context(Process(real, trouble=GONE))
    process.fail(3)
    process.policies.of("mail").pause(60, "429")
    process.fail(2, "feed")
    process.store.come_back()
    real.until(lambda: real.state("shop") == "open" and real.paused_s("mail") > 0)
    real.until(lambda: (kept := real.breaker("feed")) and kept.failures == 2)


def test_a_store_that_goes_and_comes_again_misses_nothing(
    real: Server, held: ExitStack, hasty: None
) -> None:
    process = held.enter_context(Process(real))
    for service in ("shop", "mail", "feed"):
        process.store.go_away()
        process.fail(3, service)
        process.store.asks_again("save")
        assert real.state(service) is None
        process.store.come_back()
        real.until(partial(_is_open, real, service))


def test_what_was_stored_is_taken_up_as_soon_as_it_can_be_read(
    still: Server, held: ExitStack
) -> None:
    """A stored wait outranks that it went well meanwhile, and a stored hold is followed."""
    still.opened("shop", 45)
    still.hold("mail")
    still.pauses["feed"] = (still.now + 30, "429")
    process = held.enter_context(Process(still, trouble=GONE))
    for service in ("shop", "mail", "feed"):
        assert process.call(service) == "fine"
    process.store.come_back()
    process.policies.flush()
    states = [process.policies.of(each).status().state for each in ("shop", "mail")]
    assert states == [BreakerState.OPEN, BreakerState.HELD]
    assert process.policies.of("feed").status().paused_s == pytest.approx(30)


def test_what_a_person_decided_here_outranks_what_is_read_late(
    still: Server, held: ExitStack
) -> None:
    """The end of a wait would end the hold as well."""
    still.opened("shop", 45)
    process = held.enter_context(Process(still, trouble=GONE))
    process.shop.hold(why="repairs")
    process.store.come_back()
    process.policies.flush()
    assert process.shop.status().state is BreakerState.HELD


@pytest.mark.parametrize("trouble", [GONE, ODD])
def test_the_end_comes_without_the_store_too(
    still: Server, caplog: pytest.LogCaptureFixture, trouble: BaseException
) -> None:
    """And says what is not stored."""
    caplog.set_level(logging.WARNING, "resilience.keeper")
    process = Process(still, {"shop": QUOTA})
    process.call()
    process.fail()
    process.store.go_away(trouble)
    process.policies.close()
    assert "the last state of the services" in caplog.text
    process.policies.close()
    assert still.taken("shop") == 10  # the block is lost, and never spent twice


def test_the_last_state_is_written_and_quota_given_back(still: Server) -> None:
    process = Process(still, {"shop": QUOTA, "mail": SPEC}, records=True)
    process.call()
    process.fail(2, "mail")
    process.policies.close()
    stored = still.breaker("mail")
    assert stored is not None
    assert stored.failures == 2
    assert still.taken("shop") == 1
    assert {call.service for call in still.calls} == {"shop", "mail"}
    asked = process.store.asked.copy()
    process.policies.close()
    process.policies.flush()
    process.policies.refresh()
    assert process.store.asked == asked


def test_a_store_that_raises_what_nobody_expects_does_not_end_the_keeper(
    real: Server, held: ExitStack, hasty: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "resilience.keeper")
    process = held.enter_context(Process(real, {"shop": QUOTA}, trouble=ODD))
    assert "a bug in the store" in caplog.text
    assert process.call("mail") == "fine"
    process.fail(3, "mail")
    process.store.asks_again("recall")
    process.store.come_back()
    real.until(lambda: real.state("mail") == "open" and real.taken("shop") == 10)
    process.store.go_away(ODD)
    process.fail(3, "feed")
    process.store.asks_again("save")
    process.store.come_back()
    real.until(lambda: real.state("feed") == "open")
    assert "it goes on" in caplog.text


# ---- quotas ------------------------------------------------------------------------------


def test_a_block_is_refilled_in_the_background_before_it_is_empty(
    real: Server, held: ExitStack, hasty: None
) -> None:
    process = held.enter_context(Process(real, {"shop": QUOTA}))
    (quota,) = process.shop.quotas
    real.until(lambda: real.taken("shop") == 10)
    for refills in range(1, 6):
        for _ in range(5):
            process.call()
        real.until(partial(_has_taken, real, 10 + 5 * refills))
        assert quota.left <= 10
    assert threading.get_ident() not in process.store.threads["lease"]


def test_never_more_than_a_block_is_in_hand(still: Server, held: ExitStack) -> None:
    """What a process that is killed takes with it, however many threads ask for more."""
    process = held.enter_context(Process(still, {"shop": QUOTA}))
    (quota,) = process.shop.quotas
    most: list[float] = []

    def work() -> None:
        for _ in range(10):
            process.call()
            most.append(quota.left)
            process.shop.refill(quota)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) <= 10
    assert still.taken("shop") == 80 + quota.left


def test_without_the_store_only_what_is_in_hand_is_spent(
    still: Server, clock: FakeClock, held: ExitStack
) -> None:
    process = held.enter_context(Process(still, {"shop": QUOTA}))
    process.call()
    (quota,) = process.shop.quotas
    process.store.go_away()
    with pytest.raises(CallError):
        process.policies.refresh()  # no round of the keeper is under way any more
    for _ in range(int(quota.in_hand(clock.monotonic()))):
        assert process.call() == "fine"
    with pytest.raises(QuotaExhausted) as told:
        process.call()
    assert told.value.retry_at is not None
    assert told.value.retry_at > clock.now()
    assert "the connection is gone" in told.value.what
    assert process.shop.status().rejected_by == {"quota": 1}
    process.store.come_back()
    assert process.call() == "fine"


def test_what_the_provider_counted_reaches_everybody(still: Server, held: ExitStack) -> None:
    """It says that others, who do not ask us, have spent nearly all."""
    one = held.enter_context(Process(still, {"shop": QUOTA}))
    other = held.enter_context(Process(still, {"shop": QUOTA}, name="main-2"))
    one.call()
    one.shop.observe("requests", 3, 3600, "day")
    one.policies.flush()
    for _ in range(20):
        try:
            other.call()
        except QuotaExhausted:
            break
    calls = other.shop.status().calls
    assert calls <= 10 + 3  # what it had in hand already, and what the provider still grants
    assert one.store.asked["tighten"] == 1


def test_what_the_provider_counted_is_kept_while_the_store_is_away(
    still: Server, held: ExitStack
) -> None:
    process = held.enter_context(Process(still, {"shop": QUOTA}))
    process.call()
    process.store.go_away()
    process.shop.observe("requests", 7, 3600, "day")
    process.shop.observe("requests", 3, 3600, "day")
    with pytest.raises(CallError):
        process.policies.flush()
    assert still.taken("shop") <= 20
    process.store.come_back()
    process.policies.flush()
    assert still.taken("shop") >= 97


def test_what_the_provider_counted_of_a_window_that_is_over_is_forgotten(
    still: Server, clock: FakeClock, held: ExitStack
) -> None:
    """The new day has its whole allowance."""
    process = held.enter_context(Process(still, {"shop": QUOTA}))
    process.call()
    process.store.go_away()
    process.shop.observe("requests", 3, 3600, "day")
    clock.advance(86_400)
    process.store.come_back()
    process.policies.flush()
    assert process.store.asked["tighten"] == 0
    assert process.call() == "fine"
    assert still.taken("shop") <= 10


# ---- single calls ------------------------------------------------------------------------


def test_single_calls_are_kept_with_what_they_cost(
    still: Server, clock: FakeClock, held: ExitStack
) -> None:
    spec = replace(SPEC, estimates={"tokens": 100.0})
    process = held.enter_context(Process(still, {"shop": spec}, records=True))
    process.call()
    clock.advance(10)
    process.call(cost={"tokens": 700.0})
    process.fail()
    began = clock.now()
    clock.advance(5)
    process.policies.flush()
    assert [call.outcome for call in still.calls] == ["success", "success", "failure"]
    assert [dict(call.cost)["tokens"] for call in still.calls] == [100, 700, 100]
    assert [call.at for call in still.calls] == [began - timedelta(seconds=10), began, began]
    assert all(call.attempts == 1 for call in still.calls)


def test_no_more_single_calls_are_written_than_a_store_can_take(
    still: Server, held: ExitStack
) -> None:
    """Of a service that is asked all the time a part, and of a quiet one everything."""
    process = held.enter_context(Process(still, records=True))
    for _ in range(2 * keeper.MOST_RECORDED):
        process.call()
    process.call("mail")
    process.policies.flush()
    assert 0 < len(still.calls) <= keeper.MOST_RECORDED
    assert [call.service for call in still.calls].count("mail") == 1


def test_single_calls_are_not_lost_while_the_store_is_away(still: Server, held: ExitStack) -> None:
    process = held.enter_context(Process(still, records=True))
    process.store.go_away()
    for _ in range(3):
        process.call()
        with pytest.raises(CallError):
            process.policies.flush()
    process.store.come_back()
    process.policies.flush()
    assert len(still.calls) == 3


def test_single_calls_that_the_store_refuses_are_given_up(still: Server, held: ExitStack) -> None:
    """They would be refused for ever, and nothing after them be written."""
    process = held.enter_context(Process(still, records=True))
    process.call()
    process.store.go_away(CallFailed("database", "check violation", retryable=False))
    with pytest.raises(CallError):
        process.policies.flush()
    process.store.come_back()
    process.call("mail")
    process.policies.flush()
    assert [call.service for call in still.calls] == ["mail"]


def test_without_a_wish_for_them_no_single_calls_are_kept(still: Server) -> None:
    with Process(still) as process:
        process.call()
    assert still.calls == []


# ---- clocks that are changed -------------------------------------------------------------

DAY_S = 86_400.0
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["call", "fail", "store", "explain"]), st.just(0.0)),
        st.tuples(st.just("wait"), st.sampled_from([0.3, 5.0, 30.0, 61.0])),
        st.tuples(st.just("jump"), st.sampled_from([-DAY_S, DAY_S])),
    ),
    max_size=30,
)


class World:
    """A process with every gate, and what it was told step by step."""

    def __init__(self, *, jumps: bool, stored: bool) -> None:
        self.clock = FakeClock()
        self.jumps = jumps
        spec = replace(SPEC, max_queue_s=1.0, rates=(RateRule(1, burst=4),))
        spec = replace(spec, quotas=(QuotaRule("requests", 12, "hour", block=3),))
        self.process: Process | None = None
        if stored:
            self.process = Process(Server(self.clock), {"shop": spec})
            self.policies = self.process.policies
        else:
            self.policies = Policies({"shop": spec}, self.clock)
        self.told: list[object] = []

    def take(self, step: str, seconds: float) -> None:
        if step == "wait":
            self.clock.advance(seconds)
        elif step == "jump":
            self.clock.set_back(seconds if self.jumps else 0.0)
        elif step == "store":
            self.policies.flush()
            self.policies.refresh()
        elif step == "explain":
            found = self.policies.explain("shop")
            self.told.append((found.passes, found.binding, found.wait_s))
        else:
            self.told.append(self._call(step))

    def _call(self, step: str) -> str:
        def answer() -> None:
            if step == "fail":
                raise CallFailed("shop", "503")

        try:
            self.policies.of("shop").call(answer)
        except CallError as error:
            return type(error).__name__
        return "fine"


@settings(max_examples=30)
@given(steps=STEPS, stored=st.booleans())
def test_a_wall_clock_that_is_changed_changes_no_decision(
    steps: list[tuple[str, float]], stored: bool
) -> None:
    """By a day, forth or back: two worlds, one of them with jumps, hear the same."""
    worlds = [World(jumps=jumps, stored=stored) for jumps in (False, True)]
    for step, seconds in steps:
        for world in worlds:
            world.take(step, seconds)
    for world in worlds:
        world.policies.close()
    assert worlds[0].told == worlds[1].told


def test_calls_are_stamped_with_the_wall_clock_there_is(still: Server, clock: FakeClock) -> None:
    with Process(still, {"shop": PolicySpec()}, records=True) as process:
        process.call()
        clock.set_back(DAY_S)
    assert [call.at for call in still.calls] == [clock.now()]
