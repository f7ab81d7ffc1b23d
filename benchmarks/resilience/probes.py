"""Row 5: how many of 32 threads a half-open breaker lets through when one is permitted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from benchmarks.peers.base import Breaker, Wanted, peer
from benchmarks.resilience.house import SERVICE, House
from benchmarks.resilience.size import Size
from benchmarks.resilience.table import MET, WRONG, Line, Row
from benchmarks.resilience.timing import spread
from resilience.outcomes import CircuitOpen

THREADS = 32
PEERS = ("circuitbreaker", "pybreaker", "interlock", "purgatory", "pyresilience")
PEER_OPEN_S = 0.02
# A probe is held until all others know, or for so long; pybreaker keeps all others waiting.
HELD_S, PEER_HELD_S = 10.0, 0.1


def run(house: House, size: Size) -> list[Row]:
    lines = []
    counts = _ours(house, size.trials)
    right = all(admitted == 1 for admitted, _ in counts)
    lines.append(_line(f"ours, {size.trials:,} trials", counts))
    for name in PEERS:
        found = peer(name)
        if found.module is None:
            lines.append(Line(name, found.why))
            continue
        one = found.module.breaker(Wanted(threshold=1, open_s=PEER_OPEN_S))
        lines.append(_line(f"{name}, {size.peer_trials} trials", _theirs(house, one, size)))
    return [
        Row(
            5,
            f"{THREADS} threads at a half-open breaker, 1 probe permitted: admitted",
            "exactly 1 in every trial",
            MET if right else WRONG,
            lines,
        )
    ]


def _line(who: str, counts: list[tuple[int, int]]) -> Line:
    admitted, at_once = zip(*counts, strict=True)
    figure = f"min / median / max {spread(admitted)}; most at once {max(at_once)}"
    return Line(who, figure, None, float(max(admitted)))


def _ours(house: House, trials: int) -> list[tuple[int, int]]:
    """As built, but for room for 32 calls; its wait is ended by hand, as `probe` does."""
    policy = house.policies(at_once=THREADS, attempts=1).of(SERVICE)

    def half_open() -> None:
        policy.close()
        policy.force_open()
        policy.probe()

    crowd = _Crowd(Breaker(policy.call, CircuitOpen), HELD_S)
    return [crowd.trial(half_open, fails=bool(n % 2)) for n in range(trials)]


def _theirs(house: House, breaker: Breaker, size: Size) -> list[tuple[int, int]]:
    def half_open() -> None:
        house.clock.wait(2 * PEER_OPEN_S)  # whatever state it was left in
        with suppress(Exception):  # it fails or is rejected; both leave it open
            breaker.run(_fail)
        house.clock.wait(2 * PEER_OPEN_S)

    crowd = _Crowd(breaker, PEER_HELD_S)
    return [crowd.trial(half_open, fails=bool(n % 2)) for n in range(size.peer_trials)]


class _Crowd:
    """The same 32 threads for every trial."""

    def __init__(self, breaker: Breaker, held_s: float) -> None:
        self._breaker = breaker
        self._held_s = held_s
        self._lock = threading.Lock()
        self._gate = threading.Barrier(THREADS + 1)
        self._done = threading.Barrier(THREADS + 1)
        for _ in range(THREADS):
            threading.Thread(target=self._work, daemon=True).start()

    def trial(self, half_open: Callable[[], None], *, fails: bool) -> tuple[int, int]:
        """How many were admitted, and how many of them at once."""
        half_open()
        self._admitted = self._settled = self._inside = self._most = 0
        self._fails = fails
        self._all_know = threading.Event()
        self._gate.wait()
        self._done.wait()
        return self._admitted, self._most

    def _work(self) -> None:
        while True:
            self._gate.wait()
            try:
                self._breaker.run(self._probe)
            except self._breaker.rejects:
                self._know()
            except OSError:
                pass
            self._done.wait()

    def _probe(self) -> None:
        with self._lock:
            self._admitted += 1
            self._inside += 1
            self._most = max(self._most, self._inside)
        self._know()
        self._all_know.wait(self._held_s)
        with self._lock:
            self._inside -= 1
        if self._fails:
            raise OSError("down")

    def _know(self) -> None:
        with self._lock:
            self._settled += 1
            if self._settled == THREADS:
                self._all_know.set()


def _fail() -> None:
    raise OSError("down")
