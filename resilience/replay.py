"""Recorded calls, sent once more through the gates of a policy, in a time of their own.

The breaker and the gates are the real ones; the calls are not made. Each asks for leave when
it did then, ends when it did then (or when its turn comes, if that is later now), and ends as
it did then, with three differences that the specification makes: a success that took more
tries than are made now is a failure; so is one that took several and is now a trial call,
which is made once; and what counts as slow is judged anew.

One policy stands for all the processes whose calls were recorded. Memory, holds and retry
budgets are not replayed.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from math import inf

from resilience.breaker import Breaker, BreakerState, Look, Pass
from resilience.gates import Gates, NeedsLease, Plan, Shut, Ticket, Wait
from resilience.local_quotas import LocalQuotas
from resilience.outcomes import Outcome
from resilience.quota import Quota
from resilience.spec import PolicySpec
from resilience.state import RecordedCall
from resilience.watched import LONGEST_PAUSE_S, breaker_rule

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Played:
    """What became of the calls. Recoveries are openings that ended; a recovery is noticed
    late by the time between the first call that (then) succeeded for good and the closing."""

    let_through: int
    rejected: dict[str, int]  # by gate
    failures_met: int
    failures_avoided: int  # calls that failed then and would not be made
    successes_lost: int  # calls that succeeded then and would not be made, or not often enough
    opened: int
    open_s: float  # in all, half open included, up to the last call
    is_open: bool  # at the end
    recoveries: int
    late_s: float  # in all
    latest_s: float  # of one recovery


def play(service: str, spec: PolicySpec, calls: Sequence[RecordedCall]) -> Played:
    """`calls` in the order in which they began; none of them rejected then."""
    return _Replay(service, spec, calls[0].at if calls else EPOCH).run(calls)


class _Sent:
    """A call on its way. `how`: its outcome then; `ended`: then; `latest`: its last turn."""

    __slots__ = ("call", "ended", "how", "latest", "passed", "plan", "ticket", "trouble")

    def __init__(self, call: RecordedCall, ended: float, latest: float, plan: Plan) -> None:
        self.call = call
        self.how = Outcome(call.outcome)
        self.ended = ended
        self.latest = latest
        self.plan = plan
        self.ticket: Ticket | None = None  # once it has to wait, or is turned away
        self.passed: Pass | None = None
        self.trouble: int | None = None


class _SimulatedClock:
    """Stands where the replay has put it."""

    def __init__(self, began: datetime) -> None:
        self._began = began
        self.at = 0.0

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self.at)

    def monotonic(self) -> float:
        return self.at

    def wait(self, seconds: float, wake: threading.Event | None = None) -> bool:
        raise NotImplementedError("a replay never waits")


_GOOD = (Outcome.SUCCESS, Outcome.SLOW)

# What happens later, in the order in which it happens at one moment.
_ENDS, _TROUBLE, _KNOWN, _TURN, _GIVES_UP = range(5)


class _Replay:
    def __init__(self, service: str, spec: PolicySpec, began: datetime) -> None:
        self._spec = spec
        self._clock = _SimulatedClock(began)
        self._began = began
        self._breaker = Breaker(breaker_rule(spec))
        quotas = tuple(Quota(rule.key(service), rule.block_size()) for rule in spec.quotas)
        self._gates = Gates(service, spec, quotas)
        self._lease = LocalQuotas(self._clock).lease
        self._later: list[tuple[float, int, int, _Sent]] = []
        self._number = 0
        self._plans: dict[tuple[tuple[str, float], ...], Plan] = {}
        self._queued: deque[_Sent] = deque()  # for a slot of the bulkhead
        self._rejected: Counter[str] = Counter()
        self._let_through = self._met = self._avoided = self._lost = 0
        self._opened = self._recoveries = 0
        self._open_s = self._late_s = self._latest_s = 0.0
        self._open_since: float | None = None
        self._well_since: float | None = None  # no call failed (then) since this one succeeded

    def run(self, calls: Sequence[RecordedCall]) -> Played:
        for call in calls:
            ended = (call.at - self._began).total_seconds()
            begins = ended - call.duration_s
            self._until(begins)
            latest = begins + min(self._spec.deadline_s, self._spec.max_queue_s)
            self._ask(_Sent(call, ended, latest, self._plan(call)), begins)
        self._until(inf)
        open_s = self._open_s
        if self._open_since is not None:
            open_s += self._clock.at - self._open_since
        return Played(
            self._let_through,
            dict(self._rejected),
            self._met,
            self._avoided,
            self._lost,
            self._opened,
            open_s,
            self._open_since is not None,
            self._recoveries,
            self._late_s,
            self._latest_s,
        )

    def _plan(self, call: RecordedCall) -> Plan:
        key = tuple(call.cost.items())
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._gates.plan(call.cost)
        return plan

    # ---- time ---------------------------------------------------------------------------

    def _push(self, at: float, kind: int, sent: _Sent) -> None:
        self._number += 1
        # At one moment what ends makes room for what begins; the number keeps the order.
        heappush(self._later, (at, kind * 10**12 + self._number, kind, sent))

    def _until(self, moment: float) -> None:
        """Everything that happens up to then."""
        later = self._later
        while later and later[0][0] <= moment:
            at, _, kind, sent = heappop(later)
            self._clock.at = at
            if kind == _ENDS:
                self._end(sent, at)
            elif kind == _TROUBLE:
                if sent.passed is not None:
                    sent.trouble = self._breaker.trouble(sent.passed, at, "")
                    self._notice(at)
            elif kind == _KNOWN:
                self._learn(sent.how, at)
            elif kind == _TURN:
                self._ask(sent, at)
            else:
                self._give_up(sent, at)
        if moment != inf:
            self._clock.at = moment

    # ---- one call -----------------------------------------------------------------------

    def _ask(self, sent: _Sent, now: float) -> None:
        """As resilience.policy enters a call: the breaker, the gates, a trial call last."""
        breaker, gates, ticket = self._breaker, self._gates, sent.ticket
        if ticket is None:
            if breaker.closed is not None and gates.pass_at_once(sent.plan, now):
                self._start(sent, breaker.closed, now)
                return
            ticket = sent.ticket = Ticket()
        while True:
            if breaker.look(now) is Look.NO:
                self._reject(sent, "breaker", now)
                return
            answer = gates.step(ticket, sent.plan, now, sent.latest)
            if isinstance(answer, NeedsLease):
                asked = answer.quota.missing(now, answer.amount)
                answer.quota.leased(now, self._lease(answer.quota.key, asked), asked)
                continue
            break
        if isinstance(answer, Shut):
            self._reject(sent, answer.gate, now)
        elif isinstance(answer, Wait):
            if answer.waiter is not None:
                self._queued.append(sent)
            self._push(answer.until, _TURN if answer.waiter is None else _GIVES_UP, sent)
        else:
            passed = breaker.claim(now)
            if passed is None:
                self._reject(sent, "breaker", now)
            else:
                self._start(sent, passed, now)

    def _start(self, sent: _Sent, passed: Pass, now: float) -> None:
        self._notice(now)
        self._let_through += 1
        sent.passed = passed
        ends = max(sent.ended, now)
        self._push(ends, _ENDS, sent)
        if sent.call.attempts > 1 and not passed.probe:
            self._push(now + (ends - now) / sent.call.attempts, _TROUBLE, sent)

    def _end(self, sent: _Sent, now: float) -> None:
        passed, call = sent.passed, sent.call
        assert passed is not None
        self._gates.bulkhead.leave()
        outcome = self._outcome(sent, passed)
        if outcome is Outcome.FAILURE:
            self._met += 1
            self._lost += sent.how is not Outcome.FAILURE
        if call.retry_after_s:
            self._gates.pause(now + min(call.retry_after_s, LONGEST_PAUSE_S), "")
        breaker = self._breaker
        self._learn(sent.how, now)
        is_plain = outcome is Outcome.SUCCESS and sent.trouble is None
        if not (is_plain and breaker.succeeded(passed, now)):
            breaker.settle(passed, outcome, now, "", sent.trouble)
            self._notice(now)
        elif breaker.changes:
            self._notice(now)
        self._hand_over_slots(now)

    def _outcome(self, sent: _Sent, passed: Pass) -> Outcome:
        how, call = sent.how, sent.call
        if how is Outcome.FAILURE or how is Outcome.NEUTRAL:
            return how
        if call.attempts > (1 if passed.probe else self._spec.attempts):
            return Outcome.FAILURE
        is_slow = self._spec.slow_rate_pct and call.duration_s / call.attempts >= self._spec.slow_s
        return Outcome.SLOW if is_slow else Outcome.SUCCESS

    def _reject(self, sent: _Sent, gate: str, now: float) -> None:
        self._notice(now)
        if sent.ticket is not None:
            self._gates.give_back(sent.ticket, sent.plan)
        self._rejected[gate] += 1
        self._avoided += sent.how is Outcome.FAILURE
        self._lost += sent.how in _GOOD
        self._push(max(sent.ended, now), _KNOWN, sent)
        self._hand_over_slots(now)

    # ---- the queue ----------------------------------------------------------------------

    def _hand_over_slots(self, now: float) -> None:
        """Whoever was handed a slot goes on at once."""
        while self._queued:
            sent = self._queued[0]
            ticket = sent.ticket
            assert ticket is not None
            if ticket.queued is None or not ticket.queued.has_slot:
                return
            self._queued.popleft()
            self._gates.slot_came(ticket, now)
            self._ask(sent, now)

    def _give_up(self, sent: _Sent, now: float) -> None:
        """No slot came in time, unless it did and this is only the reminder of it."""
        ticket = sent.ticket
        if ticket is None or ticket.queued is None:
            return
        self._queued.remove(sent)
        self._gates.slot_came(ticket, now)
        if ticket.has_slot:
            self._ask(sent, now)
        else:
            self._reject(sent, "bulkhead", now)

    # ---- what is watched ----------------------------------------------------------------

    def _learn(self, how: Outcome, now: float) -> None:
        """How the service was in truth."""
        if how is Outcome.FAILURE:
            self._well_since = None
        elif self._well_since is None and how in _GOOD:
            self._well_since = now

    def _notice(self, now: float) -> None:
        """Openings and closings of the breaker."""
        breaker = self._breaker
        if not breaker.changes:
            return
        for change in breaker.changes:
            if change.after is BreakerState.OPEN and self._open_since is None:
                self._open_since, self._well_since = now, None
                self._opened += 1
            if change.after is BreakerState.CLOSED and self._open_since is not None:
                self._open_s += now - self._open_since
                late_s = now - self._well_since if self._well_since is not None else 0.0
                self._late_s += late_s
                self._latest_s = max(self._latest_s, late_s)
                self._recoveries += 1
                self._open_since = None
        breaker.changes.clear()
