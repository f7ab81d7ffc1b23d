"""A store for policies in memory, that can be away, and processes that share it."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, TypeVar

from resilience.clock import Clock, SystemClock
from resilience.events import Hook
from resilience.local_quotas import window_of
from resilience.outcomes import CallFailed
from resilience.policy import Policy
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.state import (
    Lease,
    PolicyStore,
    QuotaKey,
    RecordedCall,
    Remembered,
    StoredBreaker,
    StoredHold,
    StoredPause,
)
from resilience.testing import START

T = TypeVar("T")

PATIENCE_S = 60.0  # for a thread on a busy machine; none of them needs a second
LATELY_S = 300.0  # starts that count as recent
CLOSE_S = 1.0  # ends of a wait that are the same but for their way here and back

GONE = CallFailed("database", "the connection is gone", retryable=True)
# Never opens, and asks once: what the store does is seen at once.
STORES_OWN = PolicySpec(attempts=1, failure_threshold=0, failure_rate_pct=0, persists=False)
SPEC = PolicySpec(attempts=1, failure_threshold=3, failure_rate_pct=0, open_s=60, max_open_s=900)


@dataclass
class _Open:
    """A breaker's row: its wait ends at a moment of the server's."""

    breaker: StoredBreaker
    until: float | None
    executor: str


@dataclass
class _Account:
    window: str
    ends_at: float
    taken: float = 0.0
    reported: float = 0.0
    ceiling: float | None = None


@dataclass
class Server:
    """What all processes share. Its time is monotonic: nobody can change its wall clock."""

    clock: Clock = field(default_factory=SystemClock)
    breakers: dict[str, _Open] = field(default_factory=dict)
    pauses: dict[str, tuple[float, str]] = field(default_factory=dict)
    holds: dict[str, tuple[str, float | None, str]] = field(default_factory=dict)
    accounts: dict[QuotaKey, _Account] = field(default_factory=dict)
    calls: list[RecordedCall] = field(default_factory=list)
    members: set[str] = field(default_factory=set)
    starts: dict[str, float] = field(default_factory=dict)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self._began = self.clock.monotonic()

    @property
    def now(self) -> float:
        return self.clock.monotonic()

    def wall(self) -> datetime:
        return START + timedelta(seconds=self.now - self._began)

    # ---- what people and other processes do ---------------------------------------------

    def hold(self, service: str, seconds: float | None = None, why: str = "repairs") -> None:
        with self.changed:
            self.holds[service] = ("hold", None if seconds is None else self.now + seconds, why)

    def disable(self, service: str) -> None:
        with self.changed:
            self.holds[service] = ("disable", None, "")

    def release(self, service: str) -> None:
        with self.changed:
            del self.holds[service]

    def opened(self, service: str, left_s: float, executor: str = "another") -> None:
        """It stood open when the last process ended."""
        stored = StoredBreaker(service, "open", 3, 0, left_s, "ReadTimeout")
        with self.changed:
            self.breakers[service] = _Open(stored, self.now + left_s, executor)

    def started(self, *executors: str) -> None:
        with self.changed:
            self.starts.update(dict.fromkeys(executors, self.now))

    # ---- looking ------------------------------------------------------------------------

    def breaker(self, service: str) -> StoredBreaker | None:
        with self.changed:
            kept = self.breakers.get(service)
            return kept.breaker if kept else None

    def state(self, service: str) -> str | None:
        kept = self.breaker(service)
        return kept.state if kept else None

    def paused_s(self, service: str) -> float:
        with self.changed:
            return self.pauses.get(service, (self.now, ""))[0] - self.now

    def taken(self, service: str) -> float:
        """Leased of the running windows of its accounts."""
        with self.changed:
            found = [one for key, one in self.accounts.items() if key.service == service]
            return sum(one.taken for one in found if self.now < one.ends_at)

    def until(self, is_so: Callable[[], object]) -> None:
        """Wait until the store was told enough for it to be so."""
        with self.changed:
            assert self.changed.wait_for(is_so, PATIENCE_S), "it was never told"


class MemoryStore:
    """`PolicyStore` of one process (`executor`), as careful as the real one."""

    def __init__(self, server: Server, executor: str = "main-1") -> None:
        self.server = server
        self.executor = executor
        self.asked: Counter[str] = Counter()  # by method, answered or not
        self.threads: defaultdict[str, set[int]] = defaultdict(set)
        self.trouble: BaseException | None = None  # raised instead of every answer
        self.on_asked: Callable[[], object] = lambda: None
        self._known_until: dict[str, float] = {}  # the open states we have read

    def go_away(self, trouble: BaseException = GONE) -> None:
        with self.server.changed:
            self.trouble = trouble

    def come_back(self) -> None:
        with self.server.changed:
            self.trouble = None

    def asks_again(self, method: str) -> None:
        """Wait until it asked once more from now on."""
        with self.server.changed:
            before = self.asked[method]
            self.server.until(lambda: self.asked[method] > before)

    # ---- the port -----------------------------------------------------------------------

    def recall(self) -> Remembered:
        return self._answer("recall", self._recall)

    def shared(self) -> Remembered:
        return self._answer("shared", self._look)

    def save(self, breakers: Sequence[StoredBreaker], pauses: Sequence[StoredPause]) -> None:
        def save() -> None:
            for breaker in breakers:
                self._save(breaker)
            for pause in pauses:
                ends_at = self.server.now + pause.left_s
                known = self.server.pauses.get(pause.service)
                if known is None or ends_at > known[0] + CLOSE_S:
                    self.server.pauses[pause.service] = (ends_at, pause.why)

        self._answer("save", save)

    def lease(self, quota: QuotaKey, amount: float) -> Lease:
        def lease() -> Lease:
            account = self._account(quota)
            most = quota.limit if account.ceiling is None else min(quota.limit, account.ceiling)
            granted = max(0.0, min(amount, most - account.taken))
            account.taken += granted
            left_s = account.ends_at - self.server.now
            return Lease(granted, account.window, left_s, account.taken)

        return self._answer("lease", lease)

    def give_back(self, quota: QuotaKey, window: str, amount: float) -> None:
        def give_back() -> None:
            account = self._account(quota)
            if account.window == window:
                account.taken = max(account.reported, account.taken - amount)

        self._answer("give_back", give_back)

    def tighten(self, quota: QuotaKey, remaining: float) -> None:
        def tighten() -> None:
            account = self._account(quota)
            account.reported = max(account.reported, quota.limit - remaining)
            account.taken = max(account.taken, account.reported)
            ceiling = account.taken + remaining
            account.ceiling = min(ceiling, account.ceiling or ceiling)

        self._answer("tighten", tighten)

    def record(self, calls: Sequence[RecordedCall]) -> None:
        self._answer("record", lambda: self.server.calls.extend(calls))

    # ---- within -------------------------------------------------------------------------

    def _answer(self, method: str, answer: Callable[[], T]) -> T:
        self.on_asked()
        with self.server.changed:
            self.asked[method] += 1
            self.threads[method].add(threading.get_ident())
            self.server.changed.notify_all()
            if self.trouble is not None:
                raise copy(self.trouble)
            return answer()

    def _recall(self) -> Remembered:
        server = self.server
        server.members.add(self.executor)
        server.starts[self.executor] = server.now
        lately = [at for at in server.starts.values() if at > server.now - LATELY_S]
        breakers = []
        for service, row in server.breakers.items():
            if row.until is not None:
                self._known_until[service] = row.until
            left_s = None if row.until is None else max(0.0, row.until - server.now)
            breakers.append(replace(row.breaker, open_left_s=left_s))
        return replace(self._look(), breakers=tuple(breakers), starts=len(lately))

    def _look(self) -> Remembered:
        server, now = self.server, self.server.now
        return Remembered(
            pauses=tuple(
                StoredPause(service, ends_at - now, why)
                for service, (ends_at, why) in server.pauses.items()
                if ends_at > now
            ),
            holds=tuple(
                StoredHold(service, kind, None if ends_at is None else ends_at - now, why)
                for service, (kind, ends_at, why) in server.holds.items()
                if ends_at is None or ends_at > now
            ),
            members=len(server.members | {self.executor}),
        )

    def _save(self, breaker: StoredBreaker) -> None:
        """Another process's open state is undone by who knew of it, or after its wait."""
        now = self.server.now
        until = now + (breaker.open_left_s or 0.0) if breaker.state == "open" else None
        row = self.server.breakers.get(breaker.service)
        if row is not None and row.until is not None and row.executor != self.executor:
            known = row.until <= self._known_until.get(breaker.service, row.until - 1)
            is_longer = until is not None and until > row.until + CLOSE_S
            if row.until > now and not is_longer and (until is not None or not known):
                return
        self.server.breakers[breaker.service] = _Open(breaker, until, self.executor)

    def _account(self, quota: QuotaKey) -> _Account:
        account = self.server.accounts.get(quota)
        if account is None or self.server.now >= account.ends_at:
            wall = self.server.wall()
            begins, ends = window_of(wall, quota.per, quota.zone)
            ends_at = self.server.now + (ends - wall).total_seconds()
            account = self.server.accounts[quota] = _Account(begins.isoformat(), ends_at)
        return account


class Process:
    """A process over a server: its policies, which remember, and its own way to the store."""

    def __init__(
        self,
        server: Server,
        specs: Mapping[str, PolicySpec] | None = None,
        *,
        name: str = "main-1",
        records: bool = False,
        trouble: BaseException | None = None,
        on_event: Hook | None = None,
    ) -> None:
        """`trouble`: the store has it from the start."""
        self.server = server
        self.store = MemoryStore(server, name)
        self.store.trouble = trouble
        found = {"default": SPEC, "database": STORES_OWN, **(specs or {"shop": SPEC})}
        self.policies = Policies(found, server.clock, on_event)
        port: PolicyStore = self.store
        self.policies.remember(port, records=records)
        self._held = ExitStack()
        self._held.callback(self.policies.close)

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._held.close()

    @property
    def shop(self) -> Policy:
        return self.policies.of("shop")

    def call(self, service: str = "shop", **how: Any) -> str:
        answer: str = self.policies.of(service).call(lambda: "fine", **how)
        return answer

    def fail(self, times: int = 1, service: str = "shop") -> None:
        """Raises CircuitOpen and its like, as a call does."""

        def fail() -> None:
            raise CallFailed(service, "503", retryable=True)

        for _ in range(times):
            try:
                self.policies.of(service).call(fail)
            except CallFailed:
                continue
