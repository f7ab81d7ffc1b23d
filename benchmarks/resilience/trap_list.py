"""The traps: each makes a breaker and raises Fell where one falls into it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from benchmarks.peers.base import Call
from benchmarks.resilience.trial import (
    LONG_S,
    OPEN_S,
    Fell,
    Ignored,
    Trial,
    fails,
    ignored,
    interrupted,
    works,
)

Trap = Callable[[Trial], None]


def _opened(trial: Trial, call: Callable[[Call], str], failures: int = 1) -> None:
    for _ in range(failures):
        call(fails)
    if call(works) != "rejected":
        raise Fell("did not open")


def late_success(trial: Trial) -> None:
    call = trial.breaker()
    slow = trial.aside(call, works)
    slow.entered.wait(LONG_S)
    other = trial.aside(call, fails)
    if not other.entered.wait(OPEN_S):
        slow.release()
        raise Fell("calls wait for each other")
    other.release()
    slow.release()
    if call(works) != "rejected":
        raise Fell("a success of before the opening closed it")


def late_failure(trial: Trial) -> None:
    call = trial.breaker()
    slow = trial.aside(call, fails)
    slow.entered.wait(LONG_S)
    other = trial.aside(call, fails)
    if not other.entered.wait(OPEN_S):
        slow.release()
        raise Fell("calls wait for each other")
    other.release()
    trial.wait(0.6 * OPEN_S)
    slow.release()
    trial.wait(0.6 * OPEN_S)
    if call(works) != "done":
        raise Fell("a failure of before the opening made the wait longer")


def hanging_probe(trial: Trial) -> None:
    call = trial.breaker()
    _opened(trial, call)
    trial.wait(1.2 * OPEN_S)
    probe = trial.aside(call, works)
    probe.entered.wait(LONG_S)
    second = trial.aside(call, works)
    try:
        if second.entered.wait(0.1):
            raise Fell("others flood in beside it")
        if not second.came_back(0.1):
            raise Fell("callers wait behind it")
        for _ in range(20):  # ours counts it as failed after 0.6 s, and opens for twice as long
            trial.wait(0.1)
            if call(works) == "done":
                return
        raise Fell("nobody gets through until it returns")
    finally:
        second.release()
        probe.release()


def ignored_probe(trial: Trial) -> None:
    call = trial.breaker(threshold=3, ignored=Ignored)
    _opened(trial, call, failures=4)
    trial.wait(1.2 * OPEN_S)
    call(ignored)
    if call(fails) == "rejected":
        raise Fell("its place was lost")
    if call(works) != "rejected":
        raise Fell("it closed the breaker")


def ignored_between(trial: Trial) -> None:
    call = trial.breaker(threshold=3, ignored=Ignored)
    for fn in (fails, fails, ignored, ignored, ignored, fails):
        call(fn)
    if call(works) != "rejected":
        raise Fell("it reset the count of failures")


def base_exception(trial: Trial) -> None:
    call = trial.breaker()
    if call(interrupted) != "KeyboardInterrupt":
        raise Fell("it is not passed on")
    if call(works) != "done":
        raise Fell("it counts as a failure")
    _opened(trial, call)
    trial.wait(1.2 * OPEN_S)
    call(interrupted)
    if call(works) == "rejected":
        raise Fell("as a probe it counts as a failure, or its place was lost")


def raising_predicate(trial: Trial) -> None:
    broken = threading.Event()

    def counts(error: BaseException) -> bool:
        if broken.is_set():
            raise ZeroDivisionError
        return True

    call = trial.breaker(counts=counts)
    _opened(trial, call)
    trial.wait(1.2 * OPEN_S)
    broken.set()
    if (end := call(fails)) != "failed":
        raise Fell(f"the caller gets {end} instead of his own error")
    broken.clear()
    trial.wait(2.4 * OPEN_S)
    if call(works) != "done":
        raise Fell("the probe's place was lost")


def raising_listener(trial: Trial) -> None:
    def listen() -> None:
        raise ZeroDivisionError

    call = trial.breaker(on_change=listen)
    if (end := call(fails)) != "failed":
        raise Fell(f"the caller gets {end} instead of his own error")
    trial.wait(1.2 * OPEN_S)
    if (end := call(works)) != "done":
        raise Fell(f"the caller gets {end} instead of his result")


def reentrant_listener(trial: Trial) -> None:
    calls: list[Callable[[Call], str]] = []
    inside = threading.local()

    def listen() -> None:
        if calls and not getattr(inside, "is_set", False):
            inside.is_set = True
            calls[0](works)
            inside.is_set = False

    calls.append(trial.breaker(on_change=listen))
    one = trial.aside(calls[0], fails)
    one.entered.wait(LONG_S)
    one.release()
    if not one.came_back(LONG_S):
        raise Fell("the caller never comes back")
    if one.end != "failed":
        raise Fell(f"the caller gets {one.end} instead of his own error")


TRAPS: dict[str, Trap] = {
    "a success that comes late must not close an open breaker": late_success,
    "a failure that comes late must not make its wait longer": late_failure,
    "a probe that hangs must neither flood nor block nor keep all out for ever": hanging_probe,
    "an ignored error as a probe proves nothing": ignored_probe,
    "an ignored error between failures changes nothing": ignored_between,
    "KeyboardInterrupt says nothing about the service": base_exception,
    "a predicate that raises hides no error and keeps no probe": raising_predicate,
    "a listener that raises harms no caller": raising_listener,
    "a listener may call through the breaker itself": reentrant_listener,
}
