"""Durable work: what was begun is finished, by this process or by another.

The engine is DBOS Transact on PostgreSQL (its tables lie in the schema "dbos" of our own
database), hidden behind the few calls that the house needs (jobs/engine_library.py). What is
done for each piece of work (put, taken, recorded, ended) are statements of our own on its
tables, many pieces at a time (storage/engine_work.py); it makes the tables, lists, cancels
and forgets.

Work has a name (what to do) and an id (which one): enqueueing an id twice does nothing, so any
number of processes may enqueue the same work. A process that dies leaves its work marked
as running under its executor id; `recover` puts it back in its queue once that executor
is proven dead, and executes nothing itself.

Not promised: that a function runs once. It may run again from its last finished step, so
what it does must be safe to repeat; that is why steps return ids, and never a document.

Departures from the engine's defaults, each for a reason: JSON instead of pickles in the
database; a constant application version, because the default (a hash of the source)
strands work in flight at every deploy; its clock, its console and its telemetry unused.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from jobs.ends import Ends
from jobs.engine_format import JSON_NAME, STATES, PortableJson, names_of
from jobs.engine_log import route, unroute
from jobs.steps import Steps
from jobs.taking import Hands, Hold, Taker
from jobs.work import FINISHED, Interrupted, Work, WorkFunction, WorkState, WorkStatus
from operations.progress import Loop
from resilience.clock import Clock
from resilience.outcomes import CallFailed, Rejected, ShuttingDown
from storage.database import Database
from storage.engine_work import ERROR, SUCCESS, Claimed, Ended, EngineWork, Finished, Owner
from storage.pool import PoolSettings

if TYPE_CHECKING:  # imported when it is launched: a command that only looks must not wait for it
    from jobs.engine_library import EngineLibrary

log = logging.getLogger("jobs.durable")

T = TypeVar("T")

APPLICATION = "retailxai"
APPLICATION_VERSION = "1"  # raise it only to strand the work of older versions on purpose
LISTED_AT_ONCE = 5_000
REST, MOST_PAUSE_S = 10.0, 2.0  # between two looks at what is waited for: times what one took
WRITTEN_WITHIN_S = 2.0  # the outcome of what was done last
AGAIN_S = 0.5  # to a database that is away
QUIET_POLL_S = 10.0  # while word of new work comes in: only what was lost on the way waits so long

_JSON = PortableJson()


@dataclass(frozen=True)
class _Registered:
    fn: WorkFunction
    queue: str
    max_attempts: int


class Engine:
    """One per process: the library below it is a singleton.

    `queues` maps every queue to how much of it a process does at a time; this one takes work
    from those in `listens`, None for all. It asks for work every `poll_s`, or seldom while
    `is_told` (somebody calls `wake` when there is new work). `executor_id` must be new for
    each start of a process, and its death provable (instance locks). `patience_s`: how long
    `wait` bears a database that is away, None: without end. `may_take`: asked before each
    look for work, False lets it wait. `admit` is given every connection that the library
    makes, and may refuse it. `database`: for our own statements; without one it opens its own.
    """

    def __init__(
        self,
        dsn: str,
        executor_id: str,
        *,
        queues: Mapping[str, int],
        clock: Clock,
        listens: Collection[str] | None = None,
        stopping: threading.Event | None = None,
        poll_s: float = 0.15,
        pool_size: int = 5,
        stranded_s: float = 10.0,
        patience_s: float | None = None,
        is_told: Callable[[], bool] = lambda: False,
        may_take: Callable[[], bool] = lambda: True,
        admit: Callable[[Any], None] = lambda connection: None,
        database: Database | None = None,
    ) -> None:
        self.executor_id = executor_id
        self.stopping = stopping or threading.Event()
        self._dsn = dsn
        self._queues = dict(queues)
        self._listens = list(queues if listens is None else listens)
        self._clock = clock
        self._poll_s = poll_s
        self._pool_size = pool_size
        self._registered: dict[str, _Registered] = {}
        self._stranded_s = stranded_s
        self._patience_s = patience_s
        self._is_told = is_told
        self._may_take = may_take
        self._admit = admit
        self._suspects: dict[str, float] = {}
        self._own_database = database is None
        self._database = database or Database(
            dsn,
            PoolSettings(size=pool_size, overflow=sum(self._queues.values())),
            clock=clock,
            application="retailxai-engine",
        )
        self._owner = Owner(executor_id, APPLICATION, APPLICATION_VERSION, JSON_NAME)
        self._store = EngineWork(self._database, self._owner)
        self._hands = Hands(self._queues, lambda queue: self.wake([queue]))
        self._takers: dict[str, Taker] = {}
        self._threads: dict[str, ThreadPoolExecutor] = {}
        self._ends = Ends(self._store.finish)
        self._unbegun: list[Claimed] = []  # taken when the process was told to stop
        self._library: EngineLibrary | None = None
        self._quiet: logging.Filter | None = None

    # ---- its tables ---------------------------------------------------------------------

    @staticmethod
    def schema_steps() -> tuple[str, ...]:
        """How the library makes its tables, one step for each of its revisions: a database that
        is moved gets them as they were."""
        from jobs.engine_library import schema_steps

        return schema_steps()

    # ---- life ---------------------------------------------------------------------------

    def register(self, name: str, fn: WorkFunction, queue: str, *, max_attempts: int = 20) -> None:
        """Before `launch`: how work called `name` is done, and which queue it waits in."""
        if queue not in self._queues:
            raise ValueError(f"work {name!r}: there is no queue {queue!r}")
        self._registered[name] = _Registered(fn, queue, max_attempts)

    def launch(self) -> None:
        """Begin taking work. Raises CallFailed if the database cannot be reached."""
        from jobs.engine_library import EngineLibrary

        self._quiet = route(self._clock)
        try:
            self._library = EngineLibrary(self._dsn, self._owner, self._pool_size, self._admit)
            self._ends = Ends(self._store.finish)
            self._ends.start()
            for queue in self._listens:
                self._threads[queue] = ThreadPoolExecutor(self._queues[queue], f"do {queue}")
                self._takers[queue] = self._taker(queue)
            for taker in self._takers.values():
                taker.start()
        except BaseException:
            self._discard()
            raise

    def close(self, drain_s: float = 20.0) -> bool:
        """Take no more work, let what runs end or reach a checkpoint; True if all did."""
        if self._library is None:
            return True
        self.stopping.set()
        self._stop_taking()
        drained = self._hands.wait_until_empty(drain_s)
        self._ends.wait_until_written(WRITTEN_WITHIN_S if drained else 0)
        self._give_back()
        self._discard(drained=drained)
        return drained

    @property
    def running(self) -> int:
        """How much work this process does just now."""
        return self._hands.holds().total()

    def doing(self) -> Mapping[str, int]:
        """How much of it, by queue."""
        return self._hands.by_queue()

    def loops(self) -> list[Loop]:
        """How its takers and its writer come round; none while it takes no work."""
        loops = [taker.loop() for taker in list(self._takers.values())]
        taking = [loop for loop in loops if loop is not None]
        return [*taking, self._ends.loop()] if taking else []

    def wake(self, queues: Iterable[str] = ()) -> None:
        """There may be new work in these queues, or in any of them."""
        for queue in queues or self._takers:
            if queue in self._takers:
                self._takers[queue].wake()

    # ---- work ---------------------------------------------------------------------------

    def enqueue(self, name: str, work_id: str, *args: object) -> None:
        """Have it done once, by whichever process is free. A known id is left as it is."""
        self.enqueue_all(name, {work_id: args})

    def enqueue_all(self, name: str, work: Mapping[str, Sequence[object]]) -> None:
        """As `enqueue`, all of it or nothing: its arguments by id."""
        queue = self._registered[name].queue
        inputs = {
            work_id: _JSON.serialize({"namedArgs": {}, "positionalArgs": list(args)})
            for work_id, args in work.items()
        }
        if inputs:
            self._insist(lambda: self._store.put(name, queue, inputs))

    def status(self, work_id: str) -> WorkStatus | None:
        return self.statuses([work_id]).get(work_id)

    def statuses(self, work_ids: Collection[str]) -> dict[str, WorkStatus]:
        """Of those that exist."""
        return self._statuses(work_ids)

    def _statuses(
        self, work_ids: Collection[str], states: Collection[WorkState] = tuple(WorkState)
    ) -> dict[str, WorkStatus]:
        """Of those that are in one of these states."""
        if not work_ids:
            return {}
        rows = self._insist(lambda: self._store.finished(work_ids, names_of(states)))
        return {row.id: _status_of(row) for row in rows}

    def wait(
        self,
        work_ids: Collection[str],
        timeout_s: float,
        on_finished: Callable[[WorkStatus], None] = lambda _: None,
        stop: threading.Event | None = None,
    ) -> dict[str, WorkStatus]:
        """Wait until all are finished; returns the finished ones when they are, when the
        time is over, or when the process stops (or `stop`, which must belong to that). Raises
        CallFailed out of patience."""
        deadline = self._clock.monotonic() + timeout_s
        finished: dict[str, WorkStatus] = {}
        open_ids = set(work_ids)
        while open_ids:
            asked_at = self._clock.monotonic()
            for work_id, status in self._patiently(frozenset(open_ids)).items():
                finished[work_id] = status
                open_ids.discard(work_id)
                on_finished(status)
            now = self._clock.monotonic()
            left_s = deadline - now
            if not open_ids or left_s <= 0:
                break
            # To ask about hundreds takes a while: whoever waits must not keep a core busy.
            pause_s = max(self._poll_s, min(MOST_PAUSE_S, REST * (now - asked_at)))
            if self._clock.wait(min(pause_s, left_s), stop or self.stopping):
                break
        return finished

    def _patiently(self, work_ids: Collection[str]) -> dict[str, WorkStatus]:
        """Those that are finished. To ask may take without end, so it is done in a thread that
        may be left behind."""
        if self._patience_s is None:
            return self._statuses(work_ids, FINISHED)
        answer: Future[dict[str, WorkStatus]] = Future()

        def ask() -> None:
            try:
                answer.set_result(self._statuses(work_ids, FINISHED))
            except BaseException as error:  # noqa: BLE001  raised where it is waited for
                answer.set_exception(error)

        threading.Thread(target=ask, name="statuses", daemon=True).start()
        try:
            return answer.result(self._patience_s)
        except TimeoutError:
            what = f"no answer for {self._patience_s:.0f} s; the next scan takes up what was begun"
            raise CallFailed("database", what, retryable=True) from None

    def list(self, states: Collection[WorkState], limit: int = 1000) -> Sequence[WorkStatus]:
        """Oldest first."""
        return self._launched().list(states, limit)

    def in_flight(self) -> int:
        """How much is queued or under way, in every process; counted in the partial index
        that the queues are taken from. Raises CallFailed."""
        return self._store.in_flight() if self._library is not None else 0

    def cancel(self, work_id: str) -> None:
        """It is not begun any more; if it runs, it ends at its next step."""
        self._launched().cancel(work_id)

    def recover(self, is_dead: Callable[[str], bool]) -> int:
        """Put work that nobody does any more back in its queue; returns how much.

        The work of dead executors; and our own that the engine claimed and then lost, as it
        does when the database goes away between claiming and beginning. Two recovering
        processes, or a recovery too many, change nothing: it is compare-and-set.
        """
        pending = self._insist(lambda: self._store.pending(LISTED_AT_ONCE))
        executors = set(pending.values()) - {self.executor_id, ""}
        dead = sorted(executor for executor in executors if is_dead(executor))
        stranded = self._stranded(
            work_id for work_id, executor in pending.items() if executor == self.executor_id
        )
        return self._put_back([self.executor_id], stranded) + self._put_back(dead)

    def _put_back(self, executors: Sequence[str], ids: Sequence[str] | None = None) -> int:
        if not executors or (ids is not None and not ids):
            return 0
        return self._insist(lambda: self._store.put_back(executors, ids))

    def _stranded(self, ours: Iterable[str]) -> Sequence[str]:
        """What stood as ours for a while although we do not do it."""
        now, held = self._clock.monotonic(), self._hands.holds().keys() | self._ends.waiting()
        idle = [work_id for work_id in ours if work_id not in held]
        self._suspects = {work_id: self._suspects.get(work_id, now) for work_id in idle}
        return [each for each in idle if now - self._suspects[each] >= self._stranded_s]

    def forget(self, before: datetime) -> int:
        """Delete finished work that ended before then; returns how much.

        The id of forgotten work is free again: whoever enqueues must not rely on old ones.
        """
        return self._launched().forget(FINISHED, before, LISTED_AT_ONCE)

    def _launched(self) -> EngineLibrary:
        if self._library is None:
            raise RuntimeError("the durable engine is not launched: begin_work() comes first")
        return self._library

    # ---- taking work --------------------------------------------------------------------

    def _taker(self, queue: str) -> Taker:
        def every_s() -> float:
            return QUIET_POLL_S if self._is_told() else self._poll_s

        return Taker(queue, lambda: self._take(queue), every_s, self._clock)

    def _take(self, queue: str) -> int:
        """Claim as much as there is room for, and have it begun; how much."""
        room = self._hands.room(queue)
        if self._library is None or self.stopping.is_set() or room <= 0 or not self._may_take():
            return 0
        names = [name for name, each in self._registered.items() if each.queue == queue]
        claimed = self._store.claim(queue, names, room, str(uuid.uuid4()))
        for work, hold in [(work, self._hands.take(queue, work.id)) for work in claimed]:
            self._threads[queue].submit(self._do, work, hold)
        return len(claimed)

    def _do(self, work: Claimed, hold: Hold) -> None:
        """In a thread of its own queue. The hand is free when the function ends; that it did
        is written with the ends of others."""
        ended: Ended | None = None
        began = self._clock.monotonic()
        try:
            ended = self._ended(work)
        finally:
            took_s = self._clock.monotonic() - began
            if ended is not None:
                self._ends.add(ended)
            self._hands.let_go(hold, took_s)

    def _ended(self, work: Claimed) -> Ended | None:
        """How it ended; None if that is left to whoever takes it up."""
        registered = self._registered[work.name]
        if self.stopping.is_set():
            self._unbegun.append(work)
            return None
        if work.attempts > registered.max_attempts + 1:
            self._insist(lambda: self._store.give_up(work))
            return None
        try:
            steps = Steps(self._store, work, self._clock, self._insist, _JSON)
            result = registered.fn(Work(work.id, self.stopping, steps), *_arguments(work))
            return Ended(work.id, work.claim, SUCCESS, output=_JSON.serialize(result))
        except (Interrupted, ShuttingDown):
            return None
        except Exception as error:  # noqa: BLE001  the work's border: this is how it ended
            log.warning("%s failed: %s: %s", work.id, type(error).__name__, error)
            return Ended(work.id, work.claim, ERROR, error=_error(error))

    def _insist(self, call: Callable[[], T]) -> T:
        """What `call` returns, however long the database is away. Raises ShuttingDown when the
        process stops meanwhile, and what no patience helps with."""
        while True:
            try:
                return call()
            except ShuttingDown:
                raise
            except (CallFailed, Rejected) as error:
                if isinstance(error, CallFailed) and not error.retryable:
                    raise
            if self._clock.wait(AGAIN_S, self.stopping):
                raise ShuttingDown("database", "stopped while it could not be reached")

    def _give_back(self) -> None:
        """What was taken and not begun; if it cannot be, recovery finds it."""
        unbegun, self._unbegun = self._unbegun, []
        if not unbegun:
            return
        try:
            self._store.return_unbegun(unbegun)
        except (CallFailed, Rejected) as error:
            log.info("work that was taken and not begun waits for recovery: %s", error)

    def _stop_taking(self) -> None:
        takers, self._takers = self._takers, {}
        for taker in takers.values():
            taker.stop()

    def _discard(self, *, drained: bool = True) -> None:
        self._stop_taking()
        self._ends.stop()
        threads, self._threads = self._threads, {}
        for each in threads.values():
            each.shutdown(wait=False)
        if self._own_database:
            self._database.close()
        library, self._library = self._library, None
        if library is not None:
            library.close()
        if self._quiet is not None and drained:  # what still runs will complain
            unroute(self._quiet)
            self._quiet = None


def _arguments(work: Claimed) -> Sequence[object]:
    given = _JSON.deserialize(work.inputs) or {}
    return given.get("positionalArgs") or ()


def _error(error: Exception) -> str:
    """As the library writes it, so that it can read it."""
    said = {"name": type(error).__name__, "message": str(error), "code": None}
    return _JSON.serialize(said)


def _status_of(row: Finished) -> WorkStatus:
    error = (_JSON.deserialize(row.error) or {}).get("message", "")
    return WorkStatus(
        id=row.id,
        name=row.name,
        state=STATES[row.status],
        executor=row.executor,
        attempts=row.attempts,
        result=_JSON.deserialize(row.output),
        error=error,
    )
