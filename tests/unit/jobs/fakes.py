"""Small stand-ins, in memory: a ledger, an engine that does its work at once, a source."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, cast

from earnings.sources.base import Discovery, Scope
from earnings.vocabulary import Company, Lead, RawDocument
from jobs.agents import Agents
from jobs.slots import is_slot
from jobs.work import Work, WorkState, WorkStatus
from resilience.clock import Clock
from resilience.testing import START, FakeClock
from storage.agents import Pause
from storage.executions import Execution


@dataclass(frozen=True)
class FakeRun:
    """A row of the fake ledger."""

    job: str
    slot: str
    due_at: datetime
    state: str = "due"
    scheduled: bool = True
    reason: str = ""
    executor: str | None = None
    attempts: int = 0
    retries: int = 0
    summary: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    not_before: datetime | None = None
    decided_at: datetime = START
    started_at: datetime | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


class FakeLedger:
    """The rules of the real one, without a database. `away`: raised by every call."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.rows: dict[tuple[str, str], FakeRun] = {}
        self.away: list[Exception] = []
        self.refuses_to_defer = False  # of a run that a person told to stop
        self._clock = clock or FakeClock()

    def _reach(self) -> None:
        if self.away:
            raise self.away.pop(0)

    def decide(
        self,
        job: str,
        slot: str,
        due_at: datetime,
        decision: str,
        reason: str,
        by: str,
        *,
        options: Mapping[str, Any] | None = None,
        at: datetime | None = None,
    ) -> bool:
        self._reach()
        if (job, slot) in self.rows:
            return False
        state = {"run": "due", "skipped": "skipped"}[decision]
        at = at or self._clock.now()
        self.rows[job, slot] = FakeRun(
            *(job, slot, due_at, state, is_slot(slot), reason),
            decided_at=at,
            options=dict(options or {}),
        )
        return True

    def decide_again(
        self,
        job: str,
        slot: str,
        due_at: datetime,
        decision: str,
        reason: str,
        by: str,
        *,
        at: datetime,
    ) -> bool:
        self._reach()
        row = self.rows[job, slot]
        if row.state != "skipped" or row.decided_at <= at:
            return False
        state = {"run": "due", "skipped": "skipped"}[decision]
        self._set(row, state=state, due_at=due_at, reason=reason, decided_at=at)
        return True

    def last_slot(self, job: str, until: datetime) -> str | None:
        self._reach()
        rows = (row for row in self.rows.values() if row.job == job and row.due_at <= until)
        return max((row.slot for row in rows if row.scheduled), default=None)

    def first_slot(self, job: str) -> str | None:
        self._reach()
        rows = (row for row in self.rows.values() if row.job == job and row.scheduled)
        return min((row.slot for row in rows), default=None)

    def skipped_ahead(self, now: datetime) -> Sequence[FakeRun]:
        self._reach()
        rows = (row for row in self.rows.values() if row.state == "skipped" and row.scheduled)
        return [row for row in rows if row.decided_at > now and row.due_at <= now]

    def claim(self, job: str, slot: str, executor: str, at: datetime | None = None) -> int | None:
        self._reach()
        row = self.rows.get((job, slot))
        if row is None or row.state not in ("due", "abandoned"):
            return None
        self._set(row, state="running", executor=executor, attempts=row.attempts + 1)
        return list(self.rows).index((job, slot))

    def finish(
        self,
        run_id: int,
        outcome: str,
        summary: Mapping[str, object] | None = None,
        error: str = "",
        *,
        executor: str | None = None,
    ) -> bool:
        self._reach()
        row = list(self.rows.values())[run_id]
        if row.state != "running" or row.executor != executor:
            return False
        self._set(row, state=str(outcome), summary=dict(summary or {}), error=error)
        return True

    def defer(
        self,
        job: str,
        slot: str,
        not_before: datetime | None,
        reason: str,
        summary: Mapping[str, object] | None = None,
    ) -> bool:
        if self.refuses_to_defer:
            return False
        row = self.rows[job, slot]
        kept = dict(summary) if summary else row.summary
        self._set(row, state="deferred", not_before=not_before, reason=reason, summary=kept)
        return True

    def skip(self, job: str, slot: str, reason: str, *, attempts: int | None = None) -> bool:
        row = self.rows[job, slot]
        if row.state not in ("due", "deferred", "abandoned") or attempts not in (
            None,
            row.attempts,
        ):
            return False
        self._set(row, state="skipped", reason=reason)
        return True

    def abandon_of(self, executors: Iterable[str]) -> int:
        dead = set(executors)
        found = [r for r in self.rows.values() if r.state == "running" and r.executor in dead]
        for row in found:
            self._set(row, state="abandoned")
        return len(found)

    def history(self, job: str, limit: int) -> Sequence[FakeRun]:
        return [row for row in self.rows.values() if row.job == job][::-1][:limit]

    def running(self) -> Sequence[FakeRun]:
        return [row for row in self.rows.values() if row.state == "running"]

    def ready(self) -> Sequence[FakeRun]:
        self._reach()
        found = [row for row in self.rows.values() if row.state in ("due", "abandoned")]
        return sorted(found, key=lambda row: row.due_at)

    def _set(self, row: FakeRun, **changes: Any) -> None:
        self.rows[row.job, row.slot] = replace(row, **changes)


def plain_work(work_id: str, stopping: threading.Event) -> Work:
    """Steps are done on the spot; their results pass through JSON as the engine's do."""
    return Work(work_id, stopping, lambda _, fn, args: json.loads(json.dumps(fn(*args))))


class FakeEngine:
    """Does registered work when it is enqueued; what is not registered stays queued."""

    def __init__(self, executor_id: str = "us") -> None:
        self.executor_id = executor_id
        self.stopping = threading.Event()
        self.fns: dict[str, Callable[..., Any]] = {}
        self.work: dict[str, WorkStatus] = {}
        self.enqueued: list[tuple[str, str, tuple[object, ...]]] = []
        self.pending_of: dict[str, int] = {}

    def enqueue(self, name: str, work_id: str, *args: object) -> None:
        if work_id in self.work:
            return
        self.enqueued.append((name, work_id, args))
        self.work[work_id] = WorkStatus(work_id, name, WorkState.QUEUED, "", 0)
        fn = self.fns.get(name)
        if fn is not None:
            result = fn(plain_work(work_id, self.stopping), *args)
            self.finish(work_id, result=json.loads(json.dumps(result)))

    def enqueue_all(self, name: str, work: Mapping[str, Sequence[object]]) -> None:
        for work_id, args in work.items():
            self.enqueue(name, work_id, *args)

    def finish(self, work_id: str, state: WorkState = WorkState.DONE, **changes: Any) -> None:
        self.work[work_id] = replace(self.work[work_id], state=state, **changes)

    def statuses(self, work_ids: Collection[str]) -> dict[str, WorkStatus]:
        return {i: self.work[i] for i in work_ids if i in self.work}

    def wait(
        self,
        work_ids: Collection[str],
        timeout_s: float,
        on_finished: Callable[[WorkStatus], None] = lambda _: None,
        stop: threading.Event | None = None,
    ) -> dict[str, WorkStatus]:
        done = {i: s for i, s in self.statuses(work_ids).items() if s.is_finished}
        for status in done.values():
            on_finished(status)
        return done

    def cancel(self, work_id: str) -> None:
        if not self.work[work_id].is_finished:
            self.finish(work_id, WorkState.CANCELLED)

    def recover(self, is_dead: Callable[[str], bool]) -> int:
        return sum(n for executor, n in self.pending_of.items() if is_dead(executor))

    def forget(self, before: datetime) -> int:
        old = [i for i, s in self.work.items() if s.is_finished]
        for work_id in old:
            del self.work[work_id]
        return len(old)


class FakeAgentStore:
    """Who works in which agent, who is paused, and what failed. `away`: raised by the next
    call that says who works."""

    def __init__(self) -> None:
        self.workers: dict[str, set[str]] = {}
        self.pauses: dict[str, Pause] = {}
        self.failures: list[tuple[Execution, str]] = []
        self.writes: list[str] = []
        self.away: list[Exception] = []

    def enter(self, agent: str, executor: str) -> None:
        self._write(f"enter {agent}")
        self.workers.setdefault(agent, set()).add(executor)

    def rest(self, agent: str, executor: str) -> None:
        self._write(f"rest {agent}")
        self.workers[agent].discard(executor)

    def paused(self) -> dict[str, Pause]:
        return dict(self.pauses)

    def failed(self, execution: Execution, error: str) -> None:
        self.failures.append((execution, error))

    def _write(self, what: str) -> None:
        if self.away:
            raise self.away.pop(0)
        self.writes.append(what)


def agents_of(store: FakeAgentStore, clock: Clock) -> Agents:
    return Agents(cast(Any, store), "us", clock, redact=lambda text: text.replace("k3y", "***"))


@dataclass
class Published:
    """What a fake source holds under one id."""

    content: bytes | Exception = b""
    content_type: str = "text/plain"
    day: int = 0  # after START


class FakeSource:
    """Lists `shelves` (scope key to documents, oldest first); cursors count them."""

    def __init__(self, name: str = "shelf", clock: Clock | None = None) -> None:
        self._name = name
        self.clock = clock
        self.shelves: dict[str, dict[str, Published]] = {}
        self.companies: dict[str, Company] = {}
        self.off: str | None = None
        self.errors: dict[str, Exception] = {}  # per scope, raised by discover
        self.asked: list[str] = []
        self.fetched: list[str] = []
        self.put_aside: dict[str, str] = {}
        self.tidied: list[str] = []

    @property
    def name(self) -> str:
        return self._name

    def greet(self) -> str:
        return "here"

    def switched_off(self) -> str | None:
        return self.off

    def put(self, company: Company, external_id: str, published: Published) -> None:
        self.companies[company.ticker] = company
        self.shelves.setdefault(company.ticker, {})[external_id] = published

    def scopes(self, companies: Sequence[Company]) -> Iterable[Scope]:
        return [Scope(c.ticker, c) for c in companies if c.ticker in self.shelves]

    def discover(self, scope: Scope, cursor: str | None, since: date | None = None) -> Discovery:
        self.asked.append(scope.key)
        if scope.key in self.errors:
            raise self.errors[scope.key]
        shelf = list(self.shelves[scope.key])
        if since is not None:
            new = shelf
        elif cursor is None:
            new = shelf[-1:]
        else:
            new = shelf[int(cursor) :]
        leads = tuple(self._lead(scope.key, external_id) for external_id in new)
        return Discovery(leads, str(len(shelf)))

    def before(self, lead: Lead) -> Lead | None:
        shelf = list(self.shelves[lead.ticker or ""])
        position = shelf.index(lead.external_id)
        return self._lead(lead.ticker or "", shelf[position - 1]) if position else None

    def fetch(self, lead: Lead) -> RawDocument:
        self.fetched.append(lead.external_id)
        published = self.shelves[lead.ticker or ""][lead.external_id]
        if isinstance(published.content, Exception):
            raise published.content
        return RawDocument(published.content, published.content_type, lead.url, lead.title)

    def accepted(self, lead: Lead) -> None:
        self.tidied.append(lead.external_id)

    def refused(self, lead: Lead, reason: str) -> None:
        self.put_aside[lead.external_id] = reason

    def _lead(self, ticker: str, external_id: str) -> Lead:
        published = self.shelves[ticker][external_id]
        return Lead(
            source=self.name,
            external_id=external_id,
            title=f"{ticker} {external_id}",
            url=f"https://shelf.example/{external_id}",
            published_at=START.replace(day=1 + published.day),
            ticker=ticker,
        )
