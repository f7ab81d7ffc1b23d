"""What a trap is set with: a breaker, calls that succeed, fail or hang, and how one falls."""

from __future__ import annotations

import threading
from collections.abc import Callable

from benchmarks.peers.base import Breaker, Call, Wanted
from resilience.clock import Clock

OPEN_S = 0.2
LONG_S = 2.0  # a caller that is still not back has been made to wait


class Fell(Exception):
    """What the breaker did wrong."""


class Ignored(Exception):
    """Says nothing about the service."""


class Trial:
    """One breaker, made as wanted, and what a trap does with it."""

    def __init__(self, make: Callable[[Wanted], Breaker], clock: Clock) -> None:
        self._make = make
        self.clock = clock

    def breaker(self, threshold: int = 1, **wanted: object) -> Callable[[Call], str]:
        """A call's end: "done", "failed", "rejected", or the name of what was raised."""
        one = self._make(Wanted(threshold=threshold, open_s=OPEN_S, **wanted))  # type: ignore[arg-type]

        def call(fn: Call) -> str:
            try:
                one.run(fn)
            except one.rejects:
                return "rejected"
            except OSError:
                return "failed"
            except BaseException as error:  # noqa: BLE001 - its name is what is asked for
                return type(error).__name__
            return "done"

        return call

    def wait(self, seconds: float) -> None:
        self.clock.wait(seconds)

    def aside(self, call: Callable[[Call], str], fn: Call) -> Aside:
        return Aside(call, fn)


class Aside:
    """A call in a thread of its own, held inside until `release`."""

    def __init__(self, call: Callable[[Call], str], fn: Call) -> None:
        self.entered, self._go = threading.Event(), threading.Event()
        self.end: str | None = None

        def held() -> object:
            self.entered.set()
            self._go.wait(10)
            return fn()

        def work() -> None:
            self.end = call(held)

        self._thread = threading.Thread(target=work, daemon=True)
        self._thread.start()

    def release(self) -> None:
        self._go.set()
        self._thread.join(LONG_S)

    def came_back(self, within_s: float) -> bool:
        self._thread.join(within_s)
        return not self._thread.is_alive()


def works() -> object:
    return 7


def fails() -> object:
    raise OSError("down")


def ignored() -> object:
    raise Ignored


def interrupted() -> object:
    raise KeyboardInterrupt
