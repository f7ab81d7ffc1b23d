"""The ticker and the daemon's life."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from resilience.clock import SystemClock
from resilience.testing import FakeClock
from scheduler import Scheduler, Tick, _Every, serve

SOON_S = 5.0


class Counter:
    """A tick that counts, and can be told to fail or to hang."""

    def __init__(self) -> None:
        self.count = 0
        self.overlaps = 0
        self._inside = threading.Lock()
        self._reached = threading.Condition()
        self.error: Exception | None = None
        self.hang = threading.Event()
        self.hang.set()

    def __call__(self) -> None:
        if not self._inside.acquire(blocking=False):
            self.overlaps += 1
            return
        try:
            with self._reached:
                self.count += 1
                self._reached.notify_all()
            self.hang.wait(SOON_S)
            if self.error is not None:
                raise self.error
        finally:
            self._inside.release()

    def wait_for(self, count: int) -> bool:
        with self._reached:
            return self._reached.wait_for(lambda: self.count >= count, SOON_S)


def running(tick: Callable[[], object], every_s: float = 0.05) -> Scheduler:
    scheduler = Scheduler({"jobs": Tick(tick, every_s)}, SystemClock())
    scheduler.start()
    return scheduler


def test_it_ticks_at_once_and_again() -> None:
    tick = Counter()
    scheduler = running(tick, every_s=0.1)
    try:
        assert tick.wait_for(2)
        age = scheduler.last_tick_age_s("jobs")
        assert age is not None
        assert age < SOON_S
        assert scheduler.up_s() > 0
    finally:
        scheduler.stop()


def test_a_failing_tick_is_logged_and_the_next_one_comes(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing that a tick raises ends the ticking."""
    tick = Counter()
    tick.error = RuntimeError("no database today")
    scheduler = running(tick)
    try:
        with caplog.at_level(logging.ERROR):
            assert tick.wait_for(3)
    finally:
        scheduler.stop()
    assert "the jobs tick failed" in caplog.text
    assert "no database today" in caplog.text


def test_a_slow_tick_is_not_begun_twice() -> None:
    tick = Counter()
    tick.hang.clear()
    other = Counter()
    scheduler = Scheduler({"slow": Tick(tick, 0.05), "other": Tick(other, 0.05)}, SystemClock())
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler.start()
    try:
        assert other.wait_for(5)
        assert (tick.count, tick.overlaps) == (1, 0)
    finally:
        tick.hang.set()
        scheduler.stop()


def test_stopping_waits_for_the_tick_under_way() -> None:
    """It uses what is closed next: the engine, the database."""
    tick = Counter()
    tick.hang.clear()
    scheduler = running(tick)
    assert tick.wait_for(1)
    threading.Timer(0.1, tick.hang.set).start()
    assert scheduler.stop(within_s=SOON_S)
    assert not tick._inside.locked()


def test_a_tick_that_hangs_does_not_hang_the_stop(caplog: pytest.LogCaptureFixture) -> None:
    """It is named, and left to itself."""
    tick = Counter()
    tick.hang.clear()
    scheduler = running(tick)
    assert tick.wait_for(1)
    assert not scheduler.stop(within_s=0.05)
    assert "still under way after 0.05 s: the tick of jobs" in caplog.text
    tick.hang.set()


def test_no_tick_begins_once_it_is_stopped() -> None:
    """Not even one that was handed to its thread a moment before."""
    tick = Counter()
    scheduler = running(tick, every_s=60)
    assert tick.wait_for(1)
    assert scheduler.stop()
    scheduler._guarded("jobs", Tick(tick, 60))
    assert tick.count == 1


def test_before_the_first_tick_there_is_no_age() -> None:
    scheduler = Scheduler({"jobs": Tick(Counter(), 5)}, FakeClock())
    assert scheduler.last_tick_age_s("jobs") is None
    assert scheduler.up_s() == 0
    scheduler.nudge()
    scheduler.stop()


class MovedClock(SystemClock):
    """The machine's, with a wall clock that an operator moved and a monotonic one that runs on."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.passed_s


def test_a_ticker_that_fell_asleep_is_started_anew() -> None:
    """Its next tick lies an hour off (as after a wall clock was set back), but by the
    monotonic clock it is overdue."""
    tick = Counter()
    clock = MovedClock()
    scheduler = Scheduler({"jobs": Tick(tick, 3600)}, clock)
    scheduler.start()
    try:
        assert tick.wait_for(1)
        clock.passed_s = 2 * 3600 + 60
        scheduler.nudge()
        assert tick.wait_for(2)
    finally:
        scheduler.stop()


def test_a_clock_that_comes_from_1970_owes_no_ticks() -> None:
    """A board without a battery: one tick for all that time, and the next after the interval."""
    then, now = datetime(1970, 1, 1, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)
    following = _Every(5).get_next_fire_time(then, now)
    assert following == now + timedelta(seconds=5)
    assert _Every(5).get_next_fire_time(None, now) == now


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_ticking_and_drains(number: signal.Signals) -> None:
    """Drain comes after the last tick has begun, and the old handlers are put back."""
    before = signal.getsignal(number)
    order: list[str] = []
    scheduler = Scheduler({"jobs": Tick(lambda: os.kill(os.getpid(), number), 60)}, SystemClock())
    stop = threading.Event()
    drained = serve(scheduler, stop=stop, drain=lambda: order.append("drained"))
    assert drained
    assert stop.is_set()
    assert order == ["drained"]
    assert signal.getsignal(number) is before


def test_a_drain_that_hangs_does_not_hang_the_process() -> None:
    """What does not end in time is reported; the caller ends the process."""
    stop, never = threading.Event(), threading.Event()
    stop.set()
    scheduler = Scheduler({}, SystemClock())
    assert serve(scheduler, stop=stop, drain=lambda: never.wait(SOON_S), drain_s=0.05) is False
    never.set()


def test_a_drain_that_fails_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    stop = threading.Event()
    stop.set()

    def broken() -> None:
        raise RuntimeError("cannot close")

    assert serve(Scheduler({}, SystemClock()), stop=stop, drain=broken)
    assert "cannot close" in caplog.text


class Away(Exception):
    """What a tick may be expected to raise."""


def test_what_is_expected_of_a_tick_is_told_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """A database that is away is no bug: no traceback, not a line for each tick, and a word
    when it is over."""
    tick = Counter()
    tick.error = Away("cannot connect")
    scheduler = Scheduler({"jobs": Tick(tick, 0.02)}, SystemClock(), expected=(Away,))
    with caplog.at_level(logging.INFO, "scheduler"):
        scheduler.start()
        try:
            assert tick.wait_for(5)
            tick.error = None
            assert tick.wait_for(tick.count + 2)
        finally:
            scheduler.stop()
    lines = [r.getMessage() for r in caplog.records if r.name == "scheduler"]
    assert lines[0] == "the jobs tick failed; the next comes in 0.02 s: cannot connect"
    assert len(lines) == 2
    assert "works again, after" in lines[1]
    assert "Traceback" not in caplog.text


def test_what_nobody_expected_keeps_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """Once a minute, however often it fails."""
    tick = Counter()
    tick.error = ZeroDivisionError("a bug")
    scheduler = Scheduler({"jobs": Tick(tick, 30.0)}, SystemClock(), expected=(Away,))
    with caplog.at_level(logging.INFO, "scheduler"):
        for _ in range(5):
            scheduler._guarded("jobs", Tick(tick, 30.0))
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == 3
    assert "failed 4 times in a row" in messages[2]
    assert caplog.text.count("ZeroDivisionError: a bug") == 3


class Watching:
    """Asked by `serve`, and says what it is told to."""

    def __init__(self, *answers: bool) -> None:
        self.answers = list(answers)
        self.calls: list[str] = []
        self.breaks = False
        self.main_thread = True

    def look(self) -> None:
        self.calls.append("look")
        self.main_thread &= threading.current_thread() is threading.main_thread()
        if self.breaks:
            self.breaks = False
            raise RuntimeError("a look that breaks")

    def begins_anew(self) -> bool:
        self.calls.append("hangup")
        return self.answers.pop(0)

    def stopping(self) -> None:
        self.calls.append("stopping")


def test_a_hangup_stops_it_when_there_are_other_settings(caplog: pytest.LogCaptureFixture) -> None:
    """The first time there are none, and it goes on; the second time it drains."""
    watching, stop = Watching(False, True), threading.Event()
    scheduler = Scheduler(
        {"jobs": Tick(lambda: os.kill(os.getpid(), signal.SIGHUP), 1.0)}, SystemClock()
    )
    with caplog.at_level(logging.INFO, "scheduler"):
        drained = serve(
            scheduler,
            stop=stop,
            drain=lambda: watching.calls.append("drained"),
            watcher=watching,
        )
    assert drained
    told = [call for call in watching.calls if call != "look"]
    assert told == ["hangup", "hangup", "stopping", "drained"]
    assert "stopping on SIGHUP" in caplog.text


def test_a_look_that_breaks_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """It looks on from the main thread, and is never the reason for an end."""
    watching, stop = Watching(), threading.Event()
    watching.breaks = True
    tick = Counter()
    scheduler = Scheduler({"jobs": Tick(tick, 0.05)}, SystemClock())

    class StopsAtTheSecond(Watching):
        def look(self) -> None:
            if self.calls:
                stop.set()
            super().look()

    watching.__class__ = StopsAtTheSecond
    assert serve(scheduler, stop=stop, drain=lambda: None, watcher=watching)
    assert watching.calls == ["look", "look", "stopping"]
    assert watching.main_thread
    assert "a look that breaks" in caplog.text


def test_each_tick_is_a_loop_that_must_come_round() -> None:
    """Counted from its last end, or from the start until it first ended."""
    clock = FakeClock()
    ticks = {
        "beat": Tick(Counter(), 2, longest_s=600, asks_database=False),
        "jobs": Tick(Counter(), 5),
    }
    scheduler = Scheduler(ticks, clock)
    assert scheduler.loops() == []
    scheduler.start()
    try:
        deadline = SystemClock().monotonic() + SOON_S
        while any(scheduler.last_tick_age_s(name) is None for name in ticks):
            assert SystemClock().monotonic() < deadline
        clock.advance(30)
        beat, jobs = scheduler.loops()
        assert (beat.name, beat.longest_s, beat.asks_database) == ("the beat tick", 600, False)
        assert (jobs.name, jobs.every_s, jobs.quiet_s) == ("the jobs tick", 5, 30)
    finally:
        scheduler.stop()


def test_a_hangup_is_noted_and_ignored(caplog: pytest.LogCaptureFixture) -> None:
    stop = threading.Event()

    class Watching(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "SIGHUP" in record.getMessage():
                stop.set()

    watching = Watching()
    logging.getLogger("scheduler").addHandler(watching)
    scheduler = Scheduler(
        {"jobs": Tick(lambda: os.kill(os.getpid(), signal.SIGHUP), 60)}, SystemClock()
    )
    try:
        with caplog.at_level(logging.INFO, "scheduler"):
            assert serve(scheduler, stop=stop, drain=lambda: None)
    finally:
        logging.getLogger("scheduler").removeHandler(watching)
    assert "SIGHUP ignored" in caplog.text


STUBBORN = """
import threading
from resilience.clock import SystemClock
from scheduler import Scheduler, Tick, _Every, serve
stuck = threading.Event()
ready = Tick(lambda: print("ready", flush=True), 60)
serve(Scheduler({"jobs": ready}, SystemClock()), stop=threading.Event(), drain=stuck.wait)
"""


def test_a_second_interrupt_ends_a_process_that_does_not_drain() -> None:
    """Whoever presses Ctrl-C twice is not kept waiting."""
    with subprocess.Popen(
        [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        process.send_signal(signal.SIGINT)
        assert process.wait(SOON_S) == 130


def test_outside_the_main_thread_the_event_stops_it() -> None:
    """Without signal handlers, as in a test or an embedding program."""
    stop = threading.Event()
    results: list[bool] = []
    thread = threading.Thread(
        target=lambda: results.append(
            serve(Scheduler({}, SystemClock()), stop=stop, drain=lambda: None)
        )
    )
    thread.start()
    stop.set()
    thread.join(SOON_S)
    assert results == [True]
