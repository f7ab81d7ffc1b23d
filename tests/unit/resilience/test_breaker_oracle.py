"""Our breaker beside another one: interlock-cb, the one library found to keep its promises.

Both are told the same calls, answers, hands and times, in any order, and must say and be the
same. Where they mean different things by design the rules below keep them apart: it has no
failures in a row, judges probes by their rate once all are back (so one probe a round), has no
age for a hung probe, counts a slow failure as slow too (so either failures or slowness), and
keeps no calls while it is disabled.
"""

from __future__ import annotations

from contextvars import Context, copy_context
from dataclasses import dataclass
from math import inf

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from interlock import CircuitBreaker, CircuitOpenError, Config, State, WindowType

from resilience.breaker import Breaker, BreakerRule, BreakerState, Pass
from resilience.outcomes import Outcome
from tests.unit.resilience.breakers import often

SAME = {
    State.CLOSED: BreakerState.CLOSED,
    State.OPEN: BreakerState.OPEN,
    State.HALF_OPEN: BreakerState.HALF_OPEN,
    State.FORCED_OPEN: BreakerState.HELD,
    State.DISABLED: BreakerState.DISABLED,
}
SLOW_S = 5.0
OURS = BreakerRule(
    failure_threshold=0,
    failure_rate_pct=50,
    minimum_calls=4,
    window_calls=6,
    open_s=60,
    growth=2,
    max_open_s=300,
    probe_max_age_s=inf,
)
THEIRS = Config(
    failure_rate_threshold=0.5,
    minimum_number_of_calls=4,
    slow_call_duration_threshold=1e9,
    permitted_calls_in_half_open=1,
    wait_duration_in_open=60,
    wait_duration_backoff_multiplier=2,
    wait_duration_in_open_max=300,
    window_size=6,
)


class Stopped(BaseException):
    """Nobody's failure."""


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@dataclass
class Call:
    """Under way at both. Theirs is a block, which may be left in its own context alone."""

    ours: Pass
    theirs: Context
    began: float


class OracleMachine(RuleBasedStateMachine):
    ours_of_it, theirs_of_it = OURS, THEIRS
    outcomes: tuple[Outcome, ...] = (Outcome.SUCCESS, Outcome.FAILURE, Outcome.NEUTRAL)

    def __init__(self) -> None:
        super().__init__()
        self.time = Time()
        self.ours = Breaker(self.ours_of_it)
        self.theirs = CircuitBreaker(name="shop", config=self.theirs_of_it, clock=self.time)
        self.out: list[Call] = []

    @rule()
    def ask(self) -> None:
        given = self.ours.claim(self.time.now)
        context = copy_context()
        refused = self.theirs_refuse(context)
        assert (given is None) == (refused is not None)
        if given is not None:
            self.out.append(Call(given, context, self.time.now))
        elif refused is not None and refused.retry_after is not None:
            assert self.ours.refusal(self.time.now)[1] == self.time.now + refused.retry_after

    def theirs_refuse(self, context: Context) -> CircuitOpenError | None:
        try:
            context.run(self.theirs.__enter__)
        except CircuitOpenError as no:
            return no
        return None

    @precondition(lambda self: self.out)
    @rule(pick=st.integers(0, 1000), nth=st.integers(0, 2))
    def answer(self, pick: int, nth: int) -> None:
        call = self.out.pop(pick % len(self.out))
        outcome = self.outcomes[nth % len(self.outcomes)]
        error: BaseException | None = None
        if outcome is Outcome.FAILURE:
            error = OSError("503")
        elif outcome is Outcome.NEUTRAL:
            error = Stopped()
        elif self.ours_of_it.slow_rate_pct and self.time.now - call.began >= SLOW_S:
            outcome = Outcome.SLOW  # they measure it themselves
        kind = type(error) if error is not None else None
        call.theirs.run(self.theirs.__exit__, kind, error, None)
        if not (outcome is Outcome.SUCCESS and self.ours.succeeded(call.ours, self.time.now)):
            self.ours.settle(call.ours, outcome, self.time.now, "503")

    @rule(many=st.integers(1, 6), nth=st.integers(0, 2))
    def calls_in_a_row(self, many: int, nth: int) -> None:
        for _ in range(many):
            before = len(self.out)
            self.ask()
            if len(self.out) > before:
                self.answer(len(self.out) - 1, nth)

    @rule(seconds=st.sampled_from([1, 3, 5, 60, 119, 300]))
    def time_passes(self, seconds: int) -> None:
        self.time.now += seconds

    @rule(act=st.sampled_from(["hold", "disable", "close", "close"]))
    def by_hand(self, act: str) -> None:
        if act == "hold":
            self.ours.hold()
            self.theirs.force_open()
        elif act == "disable":
            self.ours.disable()
            self.theirs.disable()
        else:
            self.ours.close()
            self.theirs.reset()

    @invariant()
    def both_are_in_the_same_state(self) -> None:
        assert self.ours.state is SAME[self.theirs.state]

    @invariant()
    def both_count_the_same(self) -> None:
        if self.ours.state is not BreakerState.CLOSED:
            return
        theirs, ours = self.theirs.snapshot(), self.ours._window
        assert ours is not None
        ours.forget(self.time.now)
        assert (ours.calls, ours.failures, ours.slow) == (
            theirs.total_calls,
            theirs.failed_calls,
            theirs.slow_calls,
        )


class SlowMachine(OracleMachine):
    ours_of_it = BreakerRule(
        failure_threshold=0,
        slow_rate_pct=75,
        slow_s=SLOW_S,
        minimum_calls=3,
        window_s=10,
        probe_max_age_s=inf,
        growth=1,
    )
    theirs_of_it = Config(
        failure_rate_threshold=1.0,
        minimum_number_of_calls=3,
        slow_call_duration_threshold=SLOW_S,
        slow_call_rate_threshold=0.75,
        permitted_calls_in_half_open=1,
        wait_duration_in_open=60,
        window_type=WindowType.TIME_BASED,
        window_size=10,
    )
    outcomes = (Outcome.SUCCESS, Outcome.NEUTRAL)


TestFailures = OracleMachine.TestCase
TestFailures.settings = settings(max_examples=often(50), stateful_step_count=50)

TestSlowness = SlowMachine.TestCase
TestSlowness.settings = settings(max_examples=often(50), stateful_step_count=50)
