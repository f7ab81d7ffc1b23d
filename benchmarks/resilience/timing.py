"""CPU time of calls, ours and theirs in turns, so that what disturbs one disturbs the other."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterable, Mapping
from itertools import repeat
from statistics import median
from time import thread_time

from benchmarks.peers.base import Call

BATCH_S = 0.015
FEWEST, MOST = 20, 200_000


def cpu_us(
    subjects: Mapping[str, Call], rounds: int, cpu: Callable[[], float] = thread_time
) -> dict[str, float]:
    """Microseconds of CPU for a call of each: the median of `rounds` batches, in turns."""
    sizes = {name: _size(call, cpu) for name, call in subjects.items()}
    seen: dict[str, list[float]] = {name: [] for name in subjects}
    names = list(subjects)
    gc.collect()
    gc.freeze()
    try:
        for turn in range(rounds):
            first = turn % len(names)
            for name in names[first:] + names[:first]:
                seen[name].append(_batch(subjects[name], sizes[name], cpu))
    finally:
        gc.unfreeze()
    return {name: median(batches) for name, batches in seen.items()}


def together(run: Callable[[int], None], threads: int, patience_s: float = 60.0) -> None:
    """`run(0)`, `run(1)` ... at once, each in its thread; returns when all have ended."""
    ready = threading.Barrier(threads)

    def start(number: int) -> None:
        ready.wait()
        run(number)

    started = [threading.Thread(target=start, args=(n,), daemon=True) for n in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join(patience_s)


def raising(call: Call, expected: type[Exception] | tuple[type[Exception], ...]) -> Call:
    def rejected() -> object:
        try:
            return call()
        except expected:
            return None

    return rejected


def spread(values: Iterable[float]) -> str:
    """min / median / max"""
    known = sorted(values)
    return f"{known[0]:g} / {median(known):g} / {known[-1]:g}" if known else "nothing"


def _size(call: Call, cpu: Callable[[], float]) -> int:
    """How many calls take about BATCH_S."""
    calls, took_us = FEWEST, _batch(call, FEWEST, cpu)
    while calls < 2000 and took_us * calls < BATCH_S * 1e5:
        calls *= 4
        took_us = _batch(call, calls, cpu)
    return max(FEWEST, min(MOST, int(BATCH_S * 1e6 / max(took_us, 0.01))))


def _batch(call: Call, calls: int, cpu: Callable[[], float]) -> float:
    began = cpu()
    for _ in repeat(None, calls):
        call()
    return (cpu() - began) * 1e6 / calls
