"""One service's policy: every call to it goes through the same gates in the same order.

    fallback ► deadline of the whole call ► breaker, counted per call ► retry
        ► per attempt: memory, quota, rate, bulkhead ► (a probe is claimed here) ► the call

The breaker counts calls, not attempts, so that the two knobs do not push each other; quota
and rate count attempts, because the service does. A probe of a half-open breaker is claimed
when every other gate has said yes, so it cannot be lost on the way, and it is made once:
retrying it would hammer a service that is just getting up.

One lock per policy guards all of it. It is never held across a call, a sleep, a hook, or a
round trip to a store. What nearly every call does, passing all gates at once and succeeding,
is written out in `call` and `_succeeded`; everything else is `_enter` (waiting, rejecting:
`resilience.entrance`) and `_after_failure`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar, overload

from resilience import retry
from resilience.breaker import Pass
from resilience.entrance import Entrance
from resilience.events import EventKind
from resilience.gates import Plan
from resilience.outcomes import (
    CallError,
    CallFailed,
    CircuitOpen,
    Outcome,
    Rejected,
    ShuttingDown,
)
from resilience.permits import Permit
from resilience.retry import Verdict
from resilience.stopping import stop_of
from resilience.tally import BOUNDS_S
from resilience.watched import LONGEST_PAUSE_S, Cost

T = TypeVar("T")
P = ParamSpec("P")


class Policy(Entrance):
    """The calls to one service. Thread-safe."""

    # ---- calling ------------------------------------------------------------------------

    def call(
        self,
        fn: Callable[..., T],
        /,
        *args: Any,
        cost: Cost = None,
        true_cost: Callable[[T], Mapping[str, float]] | None = None,
        deadline_at: float | None = None,
        fallback: Callable[[CallError], T] | None = None,
        **kwargs: Any,
    ) -> T:
        """`fn(*args, **kwargs)`'s result, or the fallback's for a CallError.

        `cost` is what an attempt is thought to take of each resource (a number: requests),
        `true_cost` says of the result what it took. `deadline_at` is monotonic; the spec's
        own deadline holds too.

        Raises the last attempt's error, or a Rejected (CircuitOpen, RateLimited,
        QuotaExhausted, BulkheadFull, Overloaded, DeadlineExceeded, ShuttingDown).
        """
        if fallback is not None:
            try:
                answer: T = self.call(
                    fn, *args, cost=cost, true_cost=true_cost, deadline_at=deadline_at, **kwargs
                )
            except CallError as error:
                return fallback(error)
            return answer
        began = self._monotonic()
        shut = self._shut
        if shut is not None and began < shut.until and (deadline_at is None or began < deadline_at):
            with self._lock:
                self._tally.shut_out += 1
            raise CircuitOpen(self.service, shut.what, shut.retry_at)
        ends = began + self._deadline_s
        if deadline_at is not None and deadline_at < ends:
            ends = deadline_at
        plan = self._usual if cost is None else self._plan(cost)
        with self._lock:
            passed = self._breaker.closed
            goes = passed is not None and began < ends and not self._pressure.is_high
            goes = goes and self._gates.pass_at_once(plan, began)
        if passed is None or not goes:
            passed, started = self._enter(plan, began, ends)
        else:
            started = began
        try:
            if self._chaos is not None:
                self._chaos.strike()
            result = fn(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the permit goes back
            call = _Call(error, lambda: fn(*args, **kwargs), plan, true_cost, began, ends)
        else:
            self._succeeded(passed, plan, began, started)
            if true_cost is not None:
                self._correct(plan, started, true_cost, result)
            return result
        try:
            return self._after_failure(call, passed)
        finally:
            del call.failure  # its traceback holds this frame, which would hold it in turn

    @overload
    def guarded(self, fn: Callable[P, T], /) -> Callable[P, T]: ...

    @overload
    def guarded(self, /, *, cost: Cost = None) -> Callable[[Callable[P, T]], Callable[P, T]]: ...

    def guarded(self, fn: Callable[..., Any] | None = None, /, *, cost: Cost = None) -> Any:
        """A decorator: `@policy.guarded` or `@policy.guarded(cost=...)`; the function keeps
        its name, its signature and its types."""

        def decorate(wrapped: Callable[P, T]) -> Callable[P, T]:
            @wraps(wrapped)
            def call(*args: P.args, **kwargs: P.kwargs) -> T:
                return self.call(lambda: wrapped(*args, **kwargs), cost=cost)

            return call

        return decorate if fn is None else decorate(fn)

    def admit(self, cost: Cost = None, deadline_at: float | None = None) -> Permit:
        """Leave for one attempt that the caller makes himself and must `settle`.

        May wait like `call`. Raises Rejected.
        """
        began = self._monotonic()
        ends = began + self._deadline_s
        if deadline_at is not None:
            ends = min(ends, deadline_at)
        plan = self._plan(cost)
        passed, started = self._enter(plan, began, ends)
        return Permit(passed, plan, started, ends, self._settle, self._settle_raised)

    # ---- after the call -----------------------------------------------------------------

    def _succeeded(
        self,
        passed: Pass,
        plan: Plan,
        began: float,
        started: float,
        attempts: int = 1,
        trouble: int | None = None,
    ) -> None:
        now = self._monotonic()
        breaker, tally, budget = self._breaker, self._tally, self._budget
        seconds, is_slow = now - began, now - started >= self._slow_s
        with self._lock:
            self._gates.bulkhead.leave()
            if is_slow or trouble is not None or not breaker.succeeded(passed, now):
                outcome = Outcome.SLOW if is_slow else Outcome.SUCCESS
                breaker.settle(passed, outcome, now, "", trouble)
            if budget.left < budget.most:
                budget.earn()
            tally.calls += 1
            tally.total_s += seconds
            tally.durations[bisect_left(BOUNDS_S, seconds)] += 1
            if tally.records:
                how = "slow" if is_slow else "success"
                tally.recent.append((now, how, seconds, attempts, None, plan.cost))
            changes = self._changes(now) if breaker.changes else ()
        if changes:
            self._tell(changes)
        if self._hooks.of_successes:
            self._emit(EventKind.CALL_SUCCEEDED, "", seconds, attempts)

    def _after_failure(self, call: _Call[T], passed: Pass) -> T:
        """Try again as long as that may help; the result, or the last failure."""
        while True:
            now = self._monotonic()
            verdict = self._judge(call.failure)
            wait_s = None
            if not passed.probe:
                wait_s = retry.next_wait_s(
                    self._rule,
                    verdict,
                    attempt=call.attempts,
                    begun=call.began,
                    now=now,
                    ends=call.ends,
                    last_wait_s=call.waited_s,
                )
            with self._lock:
                self._gates.bulkhead.leave()
                paused = self._pause_as_asked(verdict, call.failure, now)
                again = wait_s is not None and self._tries_again(call, passed, verdict, now)
                if not again:
                    self._end(call, passed, verdict, now)
                changes = self._changes(now)
            if paused:
                self._tell_pause(verdict, call.failure, now)
            self._tell(changes)
            if wait_s is None or not again:
                self._tell_failure(call, verdict, now)
                raise call.failure
            passed, started = self._once_more(call, passed, verdict, wait_s)
            try:
                if self._chaos is not None:
                    self._chaos.strike()
                result = call.run()
            except BaseException as error:  # noqa: BLE001 - whatever it is, the permit goes back
                call.failure = error
            else:
                self._succeeded(passed, call.plan, call.began, started, call.attempts, call.trouble)
                if call.true_cost is not None:
                    self._correct(call.plan, started, call.true_cost, result)
                return result

    def _once_more(
        self, call: _Call[T], passed: Pass, verdict: Verdict, wait_s: float
    ) -> tuple[Pass, float]:
        """Wait and pass the gates again; raises the failure itself if they do not open, for
        it says more than that there was no turn for a retry."""
        what = f"{_said(call.failure)}; attempt {call.attempts + 1} in {wait_s:.1f} s"
        call.waited_s = wait_s
        try:
            self._emit(EventKind.RETRY, what, attempts=call.attempts)
            if self._clock.wait(wait_s, stop_of(self._shutdown)):
                why = f"stopped before trying again ({_said(call.failure)})"
                raise ShuttingDown(self.service, why)
            entered, started = self._enter(call.plan, self._monotonic(), call.ends, again=True)
        except BaseException as stopped:
            now = self._monotonic()
            with self._lock:
                self._end(call, passed, verdict, now)
                changes = self._changes(now)
            self._tell(changes)
            self._tell_failure(call, verdict, now)
            if isinstance(stopped, Rejected) and not isinstance(stopped, ShuttingDown):
                raise call.failure from stopped
            raise
        call.attempts += 1
        if entered.era != passed.era:
            call.trouble = None  # it was counted in an era that is over
        return entered, started

    def _tries_again(self, call: _Call[T], passed: Pass, verdict: Verdict, now: float) -> bool:
        """Whether the breaker and the budget allow another attempt. The lock is held."""
        if self._budget.left < 1.0:
            return False
        breaker = self._breaker
        if verdict.outcome is Outcome.FAILURE and call.trouble is None:
            call.trouble = breaker.trouble(passed, now, _said(call.failure))
            self._soil()
        if breaker.closed is None:
            return False
        self._tally.retries += 1
        return self._budget.spend()

    def _end(self, call: _Call[T], passed: Pass, verdict: Verdict, now: float) -> None:
        """The call is over and did not succeed. The lock is held."""
        said = _said(call.failure)
        if call.trouble is None or passed.era == self._breaker.era:
            self._breaker.settle(passed, verdict.outcome, now, said, call.trouble)
        seconds = now - call.began
        is_ours = verdict.outcome is Outcome.NEUTRAL and not isinstance(call.failure, CallFailed)
        tally = self._tally
        tally.ended(seconds)
        if is_ours:
            tally.ours += 1
        else:
            tally.failed += 1
            tally.last_error = said
        if verdict.outcome is Outcome.FAILURE:
            self._soil()
        if tally.records:
            tally.recent.append(
                (
                    *(now, verdict.outcome, seconds, call.attempts),
                    *(verdict.retry_after_s, call.plan.cost),
                )
            )

    def _tell_failure(self, call: _Call[T], verdict: Verdict, now: float) -> None:
        failure, asked_s = call.failure, verdict.retry_after_s
        if isinstance(failure, CallFailed) and asked_s is not None and failure.retry_at is None:
            failure.retry_at = self._moment(now + min(asked_s, LONGEST_PAUSE_S), now)
        if verdict.outcome is Outcome.NEUTRAL and not isinstance(failure, CallFailed):
            return  # an exception of our own: whoever made the call reports it
        self._emit(EventKind.CALL_FAILED, _said(failure), now - call.began, call.attempts)

    def _judge(self, failure: BaseException) -> Verdict:
        try:
            return self._classify(failure)
        except Exception as error:  # noqa: BLE001 - a judge that breaks must not keep the permit
            self._hooks.failed(self._classify, error)
            return Verdict(Outcome.FAILURE, retryable=False)

    def _settle(
        self,
        permit: Permit,
        outcome: Outcome,
        *,
        error: str,
        cost: Mapping[str, float] | None,
        retry_after_s: float | None,
    ) -> None:
        now = self._monotonic()
        took = now - permit.began
        if outcome is Outcome.SUCCESS and took >= self._slow_s:
            outcome = Outcome.SLOW
        with self._lock:
            if permit.is_settled:
                return
            permit.is_settled = True
            self._gates.bulkhead.leave()
            if cost is not None:
                self._gates.correct(permit.plan, now, cost, permit.began)
            self._breaker.settle(permit.passed, outcome, now, error)
            tally = self._tally
            tally.ended(took)
            if outcome is Outcome.FAILURE:
                tally.failed += 1
                tally.last_error = error
                self._soil()
            elif outcome is Outcome.NEUTRAL:
                tally.ours += 1
            else:
                self._budget.earn()
            if tally.records:
                spent = {**permit.plan.cost, **(cost or {})}
                tally.recent.append((now, outcome, took, 1, retry_after_s, spent))
            changes = self._changes(now)
        self._tell(changes)
        if retry_after_s and retry_after_s > 0:
            self.pause(min(retry_after_s, LONGEST_PAUSE_S), error or "it asked for a pause")
        if outcome is Outcome.FAILURE:
            self._emit(EventKind.CALL_FAILED, error, took, 1)
        elif outcome is not Outcome.NEUTRAL and self._hooks.of_successes:
            self._emit(EventKind.CALL_SUCCEEDED, "", took, 1)

    def _settle_raised(self, permit: Permit, error: BaseException) -> None:
        verdict = self._judge(error)
        permit.settle(verdict.outcome, error=_said(error), retry_after_s=verdict.retry_after_s)

    def _correct(
        self, plan: Plan, started: float, true_cost: Callable[[T], Mapping[str, float]], result: T
    ) -> None:
        """Settle what was reserved; without the true cost the estimate stands."""
        try:
            true = true_cost(result)
        except Exception as error:  # noqa: BLE001 - whoever only counts must not lose the result
            self._hooks.failed(true_cost, error)
            return
        with self._lock:
            self._gates.correct(plan, self._monotonic(), true, started)

    def _pause_as_asked(self, verdict: Verdict, failure: BaseException, now: float) -> bool:
        """One 429 with Retry-After holds every caller. The lock is held."""
        asked_s = verdict.retry_after_s
        if not asked_s or asked_s <= 0:
            return False
        extended = self._gates.pause(now + min(asked_s, LONGEST_PAUSE_S), _said(failure))
        self.is_dirty = self.is_dirty or extended
        return extended

    def _tell_pause(self, verdict: Verdict, failure: BaseException, now: float) -> None:
        asked_s = min(verdict.retry_after_s or 0.0, LONGEST_PAUSE_S)
        what = f"not asked for {asked_s:g} s: {_said(failure)}"
        self._emit(EventKind.PAUSED, what, retry_at=self._moment(now + asked_s, now))
        self.on_dirty()


class _Call(Generic[T]):
    """A call that failed at least once."""

    __slots__ = (
        *("attempts", "began", "ends", "failure", "plan", "run"),
        *("trouble", "true_cost", "waited_s"),
    )

    def __init__(
        self,
        failure: BaseException,
        run: Callable[[], T],
        plan: Plan,
        true_cost: Callable[[T], Mapping[str, float]] | None,
        began: float,
        ends: float,
    ) -> None:
        self.failure = failure  # of its last attempt
        self.run = run
        self.plan = plan
        self.true_cost = true_cost
        self.began = began
        self.ends = ends
        self.attempts = 1
        self.waited_s = 0.0
        self.trouble: int | None = None  # the breaker's token, once it counts as failed


def _said(error: BaseException) -> str:
    if isinstance(error, CallError):
        return error.what
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - an error that cannot be said must still be counted
        text = "it cannot say what"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
