"""Any order of calls, answers, hands and time: the breaker and a model of it agree throughout.

The model is written from the promises, in the plainest way there is: it keeps whole lists of
calls and works everything out anew each time. It shares no line with the breaker.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from math import inf

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from resilience.breaker import MOVES, Breaker, BreakerRule, Look, Pass
from resilience.outcomes import Outcome
from tests.unit.resilience.breakers import often

RULE = BreakerRule(
    failure_threshold=4,
    failure_rate_pct=50,
    slow_rate_pct=60,
    slow_s=2,
    minimum_calls=6,
    window_calls=8,
    open_s=60,
    growth=3,
    max_open_s=400,
    success_threshold=2,
    probes_at_once=3,
    probe_max_age_s=30,
)
IN_SECONDS = BreakerRule(
    failure_threshold=0,
    failure_rate_pct=50,
    minimum_calls=3,
    window_s=100,
    open_s=60,
    max_open_s=60,
    success_threshold=3,
    probes_at_once=2,
    probe_max_age_s=500,
)


@dataclass
class Call:
    """One call, as the model sees it."""

    given: Pass
    era: int
    began: float
    is_probe: bool
    token: int | None = None
    counted: Noted | None = None


@dataclass
class Noted:
    at: float
    failed: bool
    slow: bool


@dataclass
class Model:
    rule: BreakerRule
    state: str = "closed"
    era: int = 0
    until: float = 0.0
    in_a_row: int = 0
    rounds: int = 0
    late: int = 0
    noted: list[Noted] = field(default_factory=list)
    probes: list[Call] = field(default_factory=list)
    let_out: int = 0
    succeeded: int = 0

    def go(self, state: str) -> None:
        self.state = state
        self.era += 1
        self.probes = []

    def open(self, now: float) -> None:
        wait_s = self.rule.open_s
        for _ in range(self.rounds):
            wait_s = min(wait_s * self.rule.growth, max(self.rule.open_s, self.rule.max_open_s))
        self.until = now + wait_s
        self.go("open")

    def fail_round(self, now: float) -> None:
        self.rounds += 1
        self.open(now)

    def asks(self, now: float) -> str:
        """go, probe or no."""
        rule = self.rule
        if self.state in ("closed", "disabled"):
            return "go"
        if self.state == "half_open":
            if any(now - probe.began >= rule.probe_max_age_s for probe in self.probes):
                self.fail_round(now)
                return "no"
            room = self.let_out < max(rule.most_probes, rule.success_threshold)
            return "probe" if room and len(self.probes) < rule.probes_at_once else "no"
        return "probe" if now >= self.until else "no"

    def lets_out(self, now: float, given: Pass) -> Call:
        is_probe = self.state not in ("closed", "disabled")
        if is_probe and self.state != "half_open":
            self.go("half_open")
            self.let_out = self.succeeded = 0
        call = Call(given, self.era, now, is_probe)
        if is_probe:
            self.let_out += 1
            self.probes.append(call)
        return call

    def inside(self, now: float) -> list[Noted]:
        if not self.rule.window_s:
            return self.noted[-self.rule.window_calls :]
        slice_s = self.rule.window_s / 10
        return [one for one in self.noted if one.at // slice_s > now // slice_s - 10]

    def judge(self, now: float) -> None:
        rule, inside = self.rule, self.inside(now)
        if self.state != "closed" or len(inside) < rule.minimum_calls:
            return
        failed = 100 * sum(one.failed for one in inside) / len(inside)
        slow = 100 * sum(one.slow for one in inside) / len(inside)
        bad = rule.failure_rate_pct and failed >= rule.failure_rate_pct
        if bad or (rule.slow_rate_pct and slow >= rule.slow_rate_pct):
            self.open(now)

    def fails(self, now: float) -> Noted:
        self.in_a_row += 1
        noted = Noted(now, failed=True, slow=False)
        self.noted.append(noted)
        if self.state == "closed" and 0 < self.rule.failure_threshold <= self.in_a_row:
            self.open(now)
        else:
            self.judge(now)
        return noted

    def ends(self, call: Call, outcome: Outcome, now: float) -> None:
        if call.era != self.era:
            self.late += 1
        elif call.is_probe:
            self.probe_ends(call, outcome, now)
        elif outcome is Outcome.FAILURE:
            if call.counted is None:
                self.fails(now)
        elif outcome is Outcome.NEUTRAL:
            if call.counted is not None:
                self.in_a_row = max(0, self.in_a_row - 1)
                call.counted.failed = False
        else:
            self.in_a_row = 0
            slow = outcome is Outcome.SLOW
            if call.counted is not None:
                call.counted.failed, call.counted.slow = False, slow
            else:
                self.noted.append(Noted(now, failed=False, slow=slow))
            self.judge(now)

    def probe_ends(self, call: Call, outcome: Outcome, now: float) -> None:
        self.probes.remove(call)
        if outcome is Outcome.NEUTRAL:
            self.let_out -= 1
        elif outcome is Outcome.FAILURE:
            self.in_a_row += 1
            self.fail_round(now)
        elif outcome is Outcome.SLOW and self.rule.slow_rate_pct:
            self.fail_round(now)
        else:
            self.succeeded += 1
            if self.succeeded >= self.rule.success_threshold:
                self.go("closed")
                self.forget()

    def forget(self) -> None:
        self.in_a_row = self.rounds = 0
        self.noted = []


class BreakerMachine(RuleBasedStateMachine):
    rule_of_it = RULE

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker(self.rule_of_it)
        self.model = Model(self.rule_of_it)
        self.now = 1000.0
        self.out: list[Call] = []

    # ---- calls --------------------------------------------------------------------------

    @rule(often=st.integers(1, 4))
    def ask(self, often: int) -> None:
        for _ in range(often):
            peeked = self.breaker.peek(self.now)
            says = self.model.asks(self.now)
            assert peeked.value == says
            assert self.breaker.look(self.now).value == says
            given = self.breaker.claim(self.now)
            assert (given is None) == (says == "no")
            if given is not None:
                call = self.model.lets_out(self.now, given)
                assert (given.era, given.probe) == (call.era, call.is_probe)
                self.out.append(call)

    @precondition(lambda self: self.out)
    @rule(pick=st.integers(0, 1000), outcome=st.sampled_from(list(Outcome)))
    def answer(self, pick: int, outcome: Outcome) -> None:
        call = self.out.pop(pick % len(self.out))
        quick = outcome is Outcome.SUCCESS and call.counted is None
        if not (quick and self.breaker.succeeded(call.given, self.now)):
            self.breaker.settle(call.given, outcome, self.now, "503", call.token)
        self.model.ends(call, outcome, self.now)

    @precondition(lambda self: any(call.counted is None for call in self.out))
    @rule(pick=st.integers(0, 1000))
    def is_in_trouble(self, pick: int) -> None:
        fine = [call for call in self.out if call.counted is None]
        call = fine[pick % len(fine)]
        call.token = self.breaker.trouble(call.given, self.now, "503")
        counts = call.era == self.model.era and not call.is_probe
        assert (call.token is not None) == counts
        if counts:
            call.counted = self.model.fails(self.now)

    @precondition(lambda self: any(call.counted is not None for call in self.out))
    @rule(pick=st.integers(0, 1000), outcome=st.sampled_from(list(Outcome)))
    def trouble_ends(self, pick: int, outcome: Outcome) -> None:
        ill = [index for index, call in enumerate(self.out) if call.counted is not None]
        self.answer(ill[pick % len(ill)], outcome)

    @rule(outcomes=st.lists(st.sampled_from(list(Outcome)), max_size=8))
    def calls_one_after_the_other(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            self.ask(1)
            if self.out:
                self.answer(len(self.out) - 1, outcome)

    @rule(seconds=st.sampled_from([0.5, 1, 9, 29.5, 30, 60, 179, 401]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: self.model.state == "open")
    @rule()
    def the_wait_is_over(self) -> None:
        self.now = max(self.now, self.model.until)

    # ---- hands --------------------------------------------------------------------------

    @rule(act=st.sampled_from(["hold", "hold for ever", "disable", "close", "open", "end wait"]))
    def by_hand(self, act: str) -> None:
        """One rule for all of them: what people do is rare beside what calls do."""
        breaker, model = self.breaker, self.model
        if act.startswith("hold"):
            model.until = self.now + (100.0 if act == "hold" else inf)
            breaker.hold(model.until, "x")
            model.go("held")
        elif act == "disable":
            breaker.disable()
            model.go("disabled")
        elif act == "close":
            breaker.close()
            model.go("closed")
            model.forget()
        elif act == "open":
            breaker.open(self.now)
            model.open(self.now)
        else:
            breaker.end_wait(self.now)
            if model.state in ("open", "held"):
                model.until = min(model.until, self.now)

    @rule(
        failures=st.integers(-2, 9),
        rounds=st.integers(-2, 5),
        left_s=st.sampled_from([None, None, -1.0, 0.0, 50.0, 1e9]),
    )
    def restore(self, failures: int, rounds: int, left_s: float | None) -> None:
        self.breaker.restore(self.now, failures, rounds, left_s, "before")
        model = self.model
        if left_s is None:
            if model.state == "closed":
                most = min(failures, model.rule.failure_threshold - 1)
                model.in_a_row = max(model.in_a_row, most)
            return
        model.in_a_row, model.rounds = max(0, failures), max(0, rounds)
        longest = max(model.rule.open_s, model.rule.max_open_s)
        model.until = self.now + min(max(0.0, left_s), longest)
        model.go("open")

    # ---- always -------------------------------------------------------------------------

    @invariant()
    def both_agree(self) -> None:
        breaker, model = self.breaker, self.model
        assert breaker.state.value == model.state
        assert breaker.era == model.era
        assert breaker.failures == model.in_a_row
        assert breaker.failed_rounds == model.rounds
        assert breaker.late_results == model.late
        assert (breaker.closed is not None) == (model.state in ("closed", "disabled"))
        if model.state in ("open", "held"):
            assert breaker.until == model.until

    @invariant()
    def both_count_the_same(self) -> None:
        window = deepcopy(self.breaker._window)  # looking must not forget in its place
        assert window is not None
        window.forget(self.now)
        inside = self.model.inside(self.now)
        assert (window.calls, window.failures, window.slow) == (
            len(inside),
            sum(one.failed for one in inside),
            sum(one.slow for one in inside),
        )

    @invariant()
    def every_change_stands_in_the_table(self) -> None:
        assert all(change.after in MOVES[change.before] for change in self.breaker.changes)
        chain = [change.before for change in self.breaker.changes[1:]]
        assert chain == [change.after for change in self.breaker.changes[:-1]]

    @invariant()
    def never_more_probes_than_allowed(self) -> None:
        out = [call for call in self.out if call.is_probe and call.era == self.breaker.era]
        assert len(out) <= self.rule_of_it.probes_at_once

    @invariant()
    def whoever_is_refused_is_told_when_to_come_back(self) -> None:
        """And coming back then is worth it, however the breaker got here."""
        if self.breaker.peek(self.now) is Look.NO:
            what, until = self.breaker.refusal(self.now)
            assert what
            assert until > self.now
            assert until < inf or self.model.state == "held"


class SecondsMachine(BreakerMachine):
    rule_of_it = IN_SECONDS


TestBreaker = BreakerMachine.TestCase
TestBreaker.settings = settings(max_examples=often(80), stateful_step_count=40)

TestBreakerOfSeconds = SecondsMachine.TestCase
TestBreakerOfSeconds.settings = settings(max_examples=often(40), stateful_step_count=40)
