"""A breaker on a bench: its time, and everything it did."""

from __future__ import annotations

from resilience.breaker import Breaker, BreakerRule, BreakerState, Change, Pass
from resilience.outcomes import Outcome
from tests.length import IS_LONG

RULE = BreakerRule(
    failure_threshold=3, open_s=60.0, growth=2.0, max_open_s=300.0, probe_max_age_s=30.0
)


def often(examples: int) -> int:
    """How many examples to try: as many, or a night's worth."""
    return examples * 50 if IS_LONG else examples


class Bench:
    """Calls a breaker as a policy does: claim, then report, in short where that will do."""

    def __init__(self, rule: BreakerRule = RULE) -> None:
        self.breaker = Breaker(rule)
        self.now = 1000.0

    @property
    def state(self) -> BreakerState:
        return self.breaker.state

    @property
    def changes(self) -> list[Change]:
        return self.breaker.changes

    @property
    def moves(self) -> list[tuple[BreakerState, BreakerState]]:
        return [(change.before, change.after) for change in self.breaker.changes]

    def pass_through(self) -> Pass:
        """Leave for one call, which there must be."""
        given = self.breaker.claim(self.now)
        assert given is not None
        return given

    def is_shut(self) -> bool:
        return self.breaker.claim(self.now) is None

    def report(self, *outcomes: Outcome, error: str = "ReadTimeout") -> None:
        """One call after the other, each ending so."""
        for outcome in outcomes:
            given = self.pass_through()
            if not (outcome is Outcome.SUCCESS and self.breaker.succeeded(given, self.now)):
                self.breaker.settle(given, outcome, self.now, error)

    def opened(self) -> Bench:
        self.report(*[Outcome.FAILURE] * self.breaker.rule.failure_threshold)
        assert self.state is BreakerState.OPEN
        return self

    def half_opened(self) -> Pass:
        """Open it, wait, and take the first probe."""
        self.opened()
        return self.first_probe()

    def first_probe(self) -> Pass:
        self.now = self.breaker.until
        probe = self.pass_through()
        assert probe.probe
        return probe

    def wait_left_s(self) -> float:
        return self.breaker.until - self.now


def closed() -> Bench:
    return Bench()


def opened() -> Bench:
    return Bench().opened()


def half_open() -> Bench:
    bench = Bench()
    bench.half_opened()
    return bench


def held() -> Bench:
    bench = Bench()
    bench.breaker.hold(bench.now + 10, "maintenance")
    return bench


def disabled() -> Bench:
    bench = Bench()
    bench.breaker.disable()
    return bench
