"""A circuit breaker as a state machine: no clock, no lock, no call; it is told the time.

                failures in a row, failure rate or slow rate reach their limit
        CLOSED ───────────────────────────────────────────────► OPEN ◄──┐
           ▲                                                      │     │ a probe failed, or was
           │ enough probes succeeded              wait is over    ▼     │ out too long: wait grows
           └──────────────────────────────────────────────── HALF_OPEN ─┘

        HELD      a person decided: nothing goes through, until a time or until released
        DISABLED  a person decided: everything goes through and is counted, nothing opens it

Each change begins a new *era*. A call carries the `Pass` it was let through with, and what
it reports later counts only in that pass's era: a call that hung for a minute neither opens
nor closes a breaker that has moved on meanwhile; it is counted as late. A pass of HALF_OPEN
is a *probe*; so many are out at once, and so many in all, and no more. A neutral outcome
counts as neither; a neutral probe gives its place back.

A call counts once, however often it is tried, but it counts as failed from its first failed
attempt on (`trouble`), and that is taken back if a later attempt succeeds. Waiting for the
last attempt would leave a service that just died under the first attempts of every thread,
and a crash in the meantime would forget that it ever failed.

Whoever uses it serialises the calls (`resilience.policy` has one lock for all its gates) and
fetches `changes` afterwards. Times are monotonic seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import inf

from resilience.outcomes import Outcome
from resilience.windows import CountWindow, TimeWindow, Window


class BreakerState(StrEnum):
    CLOSED = "closed"  # calls go through; left when failures or slow calls reach a limit
    OPEN = "open"  # nothing goes through; left by the first caller after the wait
    HALF_OPEN = "half_open"  # a few probes are let out; their outcomes decide
    HELD = "held"  # held by a person; left by a person, or by the first caller after its time
    DISABLED = "disabled"  # switched off by a person: all pass; left by a person


_C, _O, _H = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN
_HELD, _OFF = BreakerState.HELD, BreakerState.DISABLED

# A person may say the same thing again, with another time or reason: those stay where they are.
MOVES: dict[BreakerState, frozenset[BreakerState]] = {
    _C: frozenset({_O, _HELD, _OFF}),
    _O: frozenset({_O, _H, _C, _HELD, _OFF}),
    _H: frozenset({_C, _O, _HELD, _OFF}),
    _HELD: frozenset({_HELD, _H, _C, _O, _OFF}),
    _OFF: frozenset({_OFF, _C, _O, _HELD}),
}


@dataclass(frozen=True)
class BreakerRule:
    """When it opens, for how long, and what closes it. A limit of 0 is switched off."""

    failure_threshold: int = 5  # failures in a row
    failure_rate_pct: float = 0.0  # of the window's calls
    slow_rate_pct: float = 0.0  # of the window's calls that took `slow_s` or longer
    slow_s: float = inf
    minimum_calls: int = 10  # in the window, before a rate says anything
    window_calls: int = 20  # the last so many calls,
    window_s: float = 0.0  # or, if above 0, those of the last so many seconds
    open_s: float = 60.0  # the first wait
    growth: float = 2.0  # what each failed round of probes multiplies the wait by
    max_open_s: float = 900.0
    success_threshold: int = 1  # successful probes that close it
    probes_at_once: int = 1
    most_probes: int = 0  # in one round; never fewer than must succeed
    probe_max_age_s: float = 120.0  # a probe that is out so long counts as failed

    def open_wait_s(self, failed_rounds: int) -> float:
        """How long to stay open after `failed_rounds` rounds of probes in a row failed."""
        longest = max(self.open_s, self.max_open_s)
        try:  # a service that is down for months: a float ends somewhere, an int never
            return float(min(longest, self.open_s * self.growth ** min(failed_rounds, 1000)))
        except OverflowError:
            return longest

    def window(self) -> Window | None:
        if not (self.failure_rate_pct or self.slow_rate_pct):
            return None
        return TimeWindow(self.window_s) if self.window_s else CountWindow(self.window_calls)


class Pass:
    """Leave for one call of an era. Those of CLOSED share one; a probe has its own."""

    __slots__ = ("era", "probe", "since")

    def __init__(self, era: int, probe: bool = False, since: float = 0.0) -> None:
        self.era = era
        self.probe = probe
        self.since = since


class Look(StrEnum):
    """What the breaker would say to a caller."""

    GO = "go"
    PROBE = "probe"  # it may become a probe, if every other gate lets it through as well
    NO = "no"


@dataclass(frozen=True)
class Change:
    before: BreakerState
    after: BreakerState
    why: str
    until: float | None  # how long nothing goes through


class Breaker:
    __slots__ = (
        "_left",
        "_probes",
        "_successes",
        "_window",
        "changes",
        "closed",
        "era",
        "failed_rounds",
        "failures",
        "last_error",
        "late_results",
        "rule",
        "state",
        "until",
        "why",
    )

    def __init__(self, rule: BreakerRule) -> None:
        self.rule = rule
        self.state = BreakerState.CLOSED
        self.era = 0
        self.closed: Pass | None = Pass(0)  # set exactly while calls go through freely
        self.until = 0.0  # end of the wait while OPEN, of the hold while HELD
        self.why = ""  # it is not CLOSED
        self.failures = 0  # in a row
        self.failed_rounds = 0
        self.last_error = ""
        self.late_results = 0
        self.changes: list[Change] = []
        self._window = rule.window()
        self._probes: list[Pass] = []  # that are out
        self._left = 0  # probes this round may still let out
        self._successes = 0  # of this round's probes

    # ---- may I? -------------------------------------------------------------------------

    def look(self, now: float) -> Look:
        """What a caller is told, who has claimed nothing yet."""
        if self.state is BreakerState.HALF_OPEN and self._is_stuck(now):
            age_s = self.rule.probe_max_age_s
            self._fail_round(now, f"a trial call has been out for {age_s:g} s")
        return self.peek(now)

    def peek(self, now: float) -> Look:
        """The same for somebody who only wants to know: nothing is changed."""
        if self.closed is not None:
            return Look.GO
        if self.state is BreakerState.HALF_OPEN:
            room = self._left > 0 and len(self._probes) < self.rule.probes_at_once
            return Look.PROBE if room and not self._is_stuck(now) else Look.NO
        return Look.PROBE if now >= self.until else Look.NO

    def claim(self, now: float) -> Pass | None:
        """Leave for one call that starts now, None if there is none. The last gate of all:
        a probe that was claimed is made, and reported by `settle`."""
        if self.closed is not None:
            return self.closed
        if self.look(now) is Look.NO:
            return None
        if self.state is not BreakerState.HALF_OPEN:
            self._move(BreakerState.HALF_OPEN, "the wait is over")
            self._left = max(self.rule.most_probes, self.rule.success_threshold)
            self._successes = 0
        probe = Pass(self.era, probe=True, since=now)
        self._left -= 1
        self._probes.append(probe)
        return probe

    def refusal(self, now: float) -> tuple[str, float]:
        """Why nothing goes through, and when it is worth asking again (inf: nobody knows)."""
        if self.state is BreakerState.HELD:
            return f"held by hand ({self.why})" if self.why else "held by hand", self.until
        if self.state is BreakerState.HALF_OPEN:
            after = f" after {self.why}" if self.why else ""
            what = f"circuit half open{after}; a trial call is out"
            if self._is_stuck(now):  # whoever comes next opens it
                return what, now + self.rule.open_wait_s(self.failed_rounds + 1)
            oldest = min((probe.since for probe in self._probes), default=now)
            return what, oldest + self.rule.probe_max_age_s
        return f"circuit open after {self.why}", self.until

    # ---- what became of it --------------------------------------------------------------

    def trouble(self, given: Pass, now: float, error: str) -> int | None:
        """An attempt failed and another may follow: the call counts as failed for now. A
        token for `settle`, None if this changed nothing."""
        if given.era != self.era or given.probe:
            return None
        return self._failed(now, error, slow=False)

    def succeeded(self, given: Pass, now: float) -> bool:
        """`settle` for what nearly every call is: a success, of a call that was never in
        trouble, while calls go through freely. False: it is not that, and nothing was done."""
        if given is not self.closed or self.failures:
            return False
        window = self._window
        if window is not None:
            window.add_good(now)
            if window.failures or window.slow:
                self._judge_rates(now)
        return True

    def settle(
        self,
        given: Pass,
        outcome: Outcome,
        now: float,
        error: str = "",
        trouble: int | None = None,
    ) -> None:
        """How the call ended. `trouble`: the token, if it was counted as failed before."""
        if given.era != self.era:
            self.late_results += 1
            return
        if given.probe:
            self._probe_ended(given, outcome, now, error)
        elif outcome is Outcome.SUCCESS or outcome is Outcome.SLOW:
            self._succeeded(now, outcome is Outcome.SLOW, trouble)
        elif outcome is Outcome.FAILURE:
            if trouble is None:
                self._failed(now, error, slow=False)
        elif trouble is not None:  # it did answer in the end, about something else
            self.failures = max(0, self.failures - 1)
            self._amend(trouble, slow=False)

    # ---- what a person may do -----------------------------------------------------------

    def hold(self, until: float = inf, why: str = "") -> None:
        """Nothing goes through until `until`."""
        self.until, self.why = until, why
        self._move(BreakerState.HELD, why or "held by hand")

    def disable(self, why: str = "") -> None:
        """Everything goes through, nothing opens it."""
        self.why = why
        self._move(BreakerState.DISABLED, why or "switched off by hand")

    def close(self, why: str = "closed by hand") -> None:
        """As if it were new: what is still under way was let through by the old one."""
        if self.state is BreakerState.CLOSED:
            self._begin_era()
        else:
            self._move(BreakerState.CLOSED, why)
        self._forget()

    def open(self, now: float, why: str = "opened by hand") -> None:
        self._open(now, why)

    def end_wait(self, now: float) -> None:
        """The next call may be a probe, however long the wait would still last."""
        if self.state in (BreakerState.OPEN, BreakerState.HELD):
            self.until = min(self.until, now)

    def restore(
        self, now: float, failures: int, failed_rounds: int, open_left_s: float | None, error: str
    ) -> None:
        """Take up what was remembered. An OPEN that was stored outranks what we know; its
        wait is at most the rule's longest, whatever the clocks say."""
        rounds = max(0, failed_rounds)
        if open_left_s is None:
            if self.state is BreakerState.CLOSED:
                self.failures = max(self.failures, min(failures, self.rule.failure_threshold - 1))
            return
        self.failed_rounds, self.last_error = rounds, error
        self.failures = max(0, failures)
        wait_s = min(max(0.0, open_left_s), max(self.rule.open_s, self.rule.max_open_s))
        self.why = f"failures before the restart (last: {error})" if error else "failures before"
        self.until = now + wait_s
        self._move(BreakerState.OPEN, self.why)

    def open_left_s(self, now: float) -> float | None:
        """What is left of the wait; None while it does not keep calls out for failures."""
        if self.state is BreakerState.HALF_OPEN:
            return 0.0  # if we die now, the next process may probe at once
        return max(0.0, self.until - now) if self.state is BreakerState.OPEN else None

    # ---- within -------------------------------------------------------------------------

    def _succeeded(self, now: float, slow: bool, trouble: int | None) -> None:
        self.failures = 0
        window = self._window
        if window is None:
            return
        if trouble is not None:
            self._amend(trouble, slow=slow)
        else:
            window.add(now, failed=False, slow=slow)
        if window.failures or window.slow:
            self._judge_rates(now)

    def _failed(self, now: float, error: str, *, slow: bool) -> int:
        token = 0
        self.failures += 1
        self.last_error = error
        if self._window is not None:
            token = self._window.add(now, failed=True, slow=slow)
        threshold = self.rule.failure_threshold
        if self.state is BreakerState.CLOSED and 0 < threshold <= self.failures:
            self._open(now, f"{self.failures} failures in a row (last: {error})")
        else:
            self._judge_rates(now)
        return token

    def _amend(self, trouble: int, *, slow: bool) -> None:
        if self._window is not None:
            self._window.amend(trouble, failed=False, slow=slow)

    def _judge_rates(self, now: float) -> None:
        window, rule = self._window, self.rule
        if window is None or self.state is not BreakerState.CLOSED:
            return
        window.forget(now)
        if window.calls < rule.minimum_calls:
            return
        failed_pct, slow_pct = (100.0 * n / window.calls for n in (window.failures, window.slow))
        if rule.failure_rate_pct and failed_pct >= rule.failure_rate_pct:
            last = f" (last: {self.last_error})" if self.last_error else ""
            self._open(now, f"{window.failures} of {window.calls} calls failed{last}")
        elif rule.slow_rate_pct and slow_pct >= rule.slow_rate_pct:
            what = f"{window.slow} of {window.calls} calls took {rule.slow_s:g} s or longer"
            self._open(now, what)

    def _probe_ended(self, probe: Pass, outcome: Outcome, now: float, error: str) -> None:
        self._probes.remove(probe)
        if outcome is Outcome.NEUTRAL:
            self._left += 1
        elif outcome is Outcome.FAILURE:
            self.failures += 1
            self.last_error = error
            self._fail_round(now, f"a trial call failed ({error})")
        elif outcome is Outcome.SLOW and self.rule.slow_rate_pct:
            self._fail_round(now, f"a trial call took {self.rule.slow_s:g} s or longer")
        else:
            self._successes += 1
            if self._successes >= self.rule.success_threshold:
                enough = (
                    "a trial call" if self._successes == 1 else f"{self._successes} trial calls"
                )
                self._move(BreakerState.CLOSED, f"{enough} succeeded")
                self._forget()

    def _is_stuck(self, now: float) -> bool:
        """A probe that never comes back must not keep everybody out for ever."""
        age_s = self.rule.probe_max_age_s
        return any(now >= probe.since + age_s for probe in self._probes)

    def _fail_round(self, now: float, why: str) -> None:
        self.failed_rounds += 1
        self._open(now, why)

    def _open(self, now: float, why: str) -> None:
        self.until = now + self.rule.open_wait_s(self.failed_rounds)
        self.why = why
        self._move(BreakerState.OPEN, why)

    def _forget(self) -> None:
        self.failures = self.failed_rounds = 0
        self.why = ""
        if self._window is not None:
            self._window.clear()

    def _move(self, after: BreakerState, why: str) -> None:
        before, self.state = self.state, after
        self._begin_era()
        keeps_out = after in (BreakerState.OPEN, BreakerState.HELD)
        self.changes.append(Change(before, after, why, self.until if keeps_out else None))

    def _begin_era(self) -> None:
        self.era += 1
        self._probes.clear()
        is_free = self.state in (BreakerState.CLOSED, BreakerState.DISABLED)
        self.closed = Pass(self.era) if is_free else None
