"""When things run: one ticker, and the life of the daemon round it.

APScheduler only ticks. It knows no job and no time of day, may be late, double or asleep,
and nothing is lost by it: each tick asks the ledger what is due. Its own timers follow the
wall clock. A clock set back would stop them: `Scheduler.nudge` notices by the monotonic clock
and starts them anew. A clock set on, or a long sleep, would have them count every tick that
was missed: `_Every` owes none.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Protocol, TypeVar

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from operations.progress import Loop

log = logging.getLogger("scheduler")
T = TypeVar("T")

REPEATED_S = 60.0  # a tick that keeps failing is told of so often
TICK_ENDS_S = 3.0  # how long a tick under way is waited for: most take milliseconds
LOOK_S = 0.5  # how often the main thread looks whether it was told something
EXIT_ON_SECOND_SIGNAL = 130


class Clock(Protocol):
    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...


@dataclass(frozen=True)
class Tick:
    """`run` must be safe to call at any time, also by several processes at once. It may take
    `longest_s`, if that is more than what is thought a hang otherwise."""

    run: Callable[[], object]
    every_s: float
    longest_s: float = 0.0
    asks_database: bool = True


class _Every(BaseTrigger):  # type: ignore[misc]  # APScheduler says nothing of its types
    """So long after the tick before, never for what was missed.

    APScheduler's own interval lists every time between the last tick and now, in memory: a
    clock that comes from 1970 to today would need millions of them, and minutes.
    """

    def __init__(self, every_s: float) -> None:
        self._every = timedelta(seconds=every_s)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        return now if previous is None else now + self._every


class Scheduler:
    """Calls each of `ticks` at once and then every so often, in threads of its own.

    What is `expected` of a tick (a database that is away) is logged in one line, anything
    else with its traceback.
    """

    def __init__(
        self,
        ticks: Mapping[str, Tick],
        clock: Clock,
        *,
        expected: tuple[type[Exception], ...] = (),
    ) -> None:
        self._ticks = dict(ticks)
        self._clock = clock
        self._expected = expected
        self._failures: Counter[str] = Counter()  # of each tick, in a row
        self._running: set[str] = set()
        self._turn = threading.Condition()  # guards `_running` and `_stopped`
        self._stopped = False
        self._ended_at: dict[str, float] = {}
        self._started_at: float | None = None
        self._ticker: BackgroundScheduler | None = None

    def start(self) -> None:
        ticker = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(max(1, len(self._ticks)))},
            job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
        )
        self._started_at = self._clock.monotonic()
        for name, tick in self._ticks.items():
            ticker.add_job(
                self._guarded,
                _Every(tick.every_s),
                args=(name, tick),
                id=name,
                next_run_time=self._clock.now(),
            )
        self._stopped = False
        ticker.start()
        self._ticker = ticker

    def stop(self, within_s: float = TICK_ENDS_S) -> bool:
        """No further tick begins. Waits so long for those under way, which use what is closed
        next; True if all ended. One that did not goes on to its end by itself."""
        if self._ticker is None:
            return True
        self._ticker.shutdown(wait=False)
        self._ticker = None
        with self._turn:
            self._stopped = True
            ended = self._turn.wait_for(lambda: not self._running, within_s)
            late = sorted(self._running)
        if not ended:
            log.warning("still under way after %g s: the tick of %s", within_s, ", ".join(late))
        return ended

    def nudge(self) -> None:
        """Start what should have ticked long ago: the wall clock was moved, or we slept."""
        if self._ticker is None or self._started_at is None:
            return
        now = self._clock.monotonic()
        for name, tick in self._ticks.items():
            quiet_s = now - self._ended_at.get(name, self._started_at)
            if name not in self._running and quiet_s > 2 * tick.every_s + 1:
                self._ended_at[name] = now
                log.warning("no tick of %s for %.0f s: starting it anew", name, quiet_s)
                self._ticker.modify_job(name, next_run_time=self._clock.now())

    def up_s(self) -> float:
        """Since it was started."""
        started = self._started_at
        return 0.0 if started is None else self._clock.monotonic() - started

    def last_tick_age_s(self, name: str) -> float | None:
        """Since a tick of that name last ended, None before the first."""
        ended = self._ended_at.get(name)
        return None if ended is None else self._clock.monotonic() - ended

    def names(self) -> set[str]:
        return set(self._ticks)

    def loops(self) -> list[Loop]:
        """How long ago each tick ended last, or should have ended first."""
        now, started = self._clock.monotonic(), self._started_at
        if self._ticker is None or started is None:
            return []
        return [
            Loop(
                name=f"the {name} tick",
                quiet_s=now - self._ended_at.get(name, started),
                every_s=tick.every_s,
                longest_s=tick.longest_s,
                asks_database=tick.asks_database,
            )
            for name, tick in self._ticks.items()
        ]

    def _guarded(self, name: str, tick: Tick) -> None:
        with self._turn:
            if self._stopped:  # handed to a thread a moment before
                return
            self._running.add(name)
        try:
            tick.run()
        except self._expected as error:
            self._failed(name, tick, error, with_traceback=False)
        except Exception as error:  # noqa: BLE001  the loop's border: told, never fatal
            self._failed(name, tick, error, with_traceback=True)
        else:
            if failures := self._failures.pop(name, 0):
                log.info("the %s tick works again, after %d that failed", name, failures)
        finally:
            self._ended_at[name] = self._clock.monotonic()
            with self._turn:
                self._running.discard(name)
                self._turn.notify_all()

    def _failed(self, name: str, tick: Tick, error: Exception, *, with_traceback: bool) -> None:
        """The first of a row is told, and then one a minute: an outage must not fill the log."""
        self._failures[name] += 1
        failures = self._failures[name]
        if failures > 1 and failures % max(2, round(REPEATED_S / tick.every_s)) != 0:
            return
        log.error(
            "the %s tick failed%s; the next comes in %g s: %s",
            name,
            f" {failures} times in a row" if failures > 1 else "",
            tick.every_s,
            error if str(error) else type(error).__name__,
            exc_info=error if with_traceback else None,
        )


class Watcher(Protocol):
    """Who looks on, from the main thread, while the scheduler is served."""

    def look(self) -> object:
        """Twice a second. What it raises is logged."""
        ...

    def begins_anew(self) -> bool:
        """Somebody sent SIGHUP: whether to stop, to be begun anew with other settings."""
        ...

    def stopping(self) -> object:
        """No new work from now on."""
        ...


class _Unwatched:
    def look(self) -> None: ...

    def begins_anew(self) -> bool:
        log.info("SIGHUP ignored: nobody reads the settings again")
        return False

    def stopping(self) -> None: ...


class _Told:
    """What signals asked for. Handlers only note it: they run between any two instructions."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self.by = ""
        self.hangups = 0

    def to_stop(self, number: int, frame: FrameType | None) -> None:
        if self.stop.is_set() and number == signal.SIGINT and self.by:
            os._exit(EXIT_ON_SECOND_SIGNAL)
        self.by = signal.Signals(number).name
        self.stop.set()

    def to_reload(self, number: int, frame: FrameType | None) -> None:
        self.hangups += 1


def serve(
    scheduler: Scheduler,
    *,
    stop: threading.Event,
    drain: Callable[[], object],
    drain_s: float = 27.0,
    watcher: Watcher | None = None,
) -> bool:
    """Run until told to stop, then let `drain` finish or checkpoint what is under way.

    SIGTERM, SIGINT or `stop` end it, and SIGHUP if the `watcher` says so; a second SIGINT ends
    the process on the spot. Returns True if all was drained in `drain_s`; if False something
    still runs, and only `os._exit` will end the process (nothing is lost: what was begun is
    recovered by the next).
    """
    told, watcher = _Told(stop), watcher or _Unwatched()
    with _handling(told):
        scheduler.start()
        _watch(scheduler, told, watcher)
        _safely(watcher.stopping)
        log.info("stopping on %s: no new work, up to %.0f s", told.by or "request", drain_s)
        drained = _within(lambda: _end(scheduler, drain), drain_s)
    if not drained:
        log.warning(
            "not everything ended within %.0f s; it is recovered at the next start", drain_s
        )
    return drained


def _watch(scheduler: Scheduler, told: _Told, watcher: Watcher) -> None:
    """Until told to stop."""
    hangups = 0
    while not told.stop.wait(LOOK_S):
        scheduler.nudge()
        _safely(watcher.look)
        if told.hangups > hangups:
            hangups = told.hangups
            if _safely(watcher.begins_anew):
                told.by = told.by or signal.SIGHUP.name
                told.stop.set()


def _safely(ask: Callable[[], T]) -> T | None:
    """A look that breaks must not end what it looks at."""
    try:
        return ask()
    except Exception:
        log.exception("looking at ourselves failed")
        return None


def _end(scheduler: Scheduler, drain: Callable[[], object]) -> None:
    scheduler.stop()
    drain()


def _within(drain: Callable[[], object], seconds: float) -> bool:
    """In a thread of its own, so that a hanging drain does not hang the process."""
    ended = threading.Event()

    def run() -> None:
        try:
            drain()
        except Exception:
            log.exception("draining failed")
        finally:
            ended.set()

    threading.Thread(target=run, name="drain", daemon=True).start()
    return ended.wait(seconds)


@contextmanager
def _handling(told: _Told) -> Iterator[None]:
    """Our signal handlers, and the former ones afterwards. Only a main thread can have them;
    elsewhere `stop` is the only way."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.signal(number, handler)
        for number, handler in (
            (signal.SIGTERM, told.to_stop),
            (signal.SIGINT, told.to_stop),
            (signal.SIGHUP, told.to_reload),
        )
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
