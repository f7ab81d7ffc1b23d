"""Row 2: what a rejection costs while a circuit is open, in CPU and in memory kept."""

from __future__ import annotations

import gc
import tracemalloc
from functools import partial
from itertools import repeat
from statistics import median

from benchmarks.peers.base import Breaker, Call, Wanted, peer
from benchmarks.resilience.house import SERVICE, House
from benchmarks.resilience.size import Size
from benchmarks.resilience.table import MET, MISSED, WRONG, Line, Row, against
from benchmarks.resilience.timing import cpu_us, raising
from resilience.outcomes import CircuitOpen
from resilience.policy import Policy

OURS = "ours, as the daemon has it"
BARE = "ours, Policy alone"
PEERS = ("circuitbreaker", "pybreaker", "interlock", "pyresilience", "purgatory")
TARGET = 1.2 / 1.1
FLAT_BYTES = 1.0  # of a rejection: no object is that small, the rest is other threads' doing


def run(house: House, size: Size) -> list[Row]:
    bare = Policy(SERVICE, house.spec, house.clock)
    bare.force_open()
    house.policy.force_open()
    subjects: dict[str, Call] = {
        OURS: raising(partial(house.policy.call, _never), CircuitOpen),
        BARE: raising(partial(bare.call, _never), CircuitOpen),
    }
    missing: list[Line] = []
    for name in PEERS:
        found = peer(name)
        if found.module is None:
            missing.append(Line(name, found.why))
        else:
            subjects[name] = _opened(found.module.breaker(Wanted(threshold=1, open_s=3600)))
    kept = {name: _kept_bytes(call, size.peer_rejections) for name, call in subjects.items()}
    kept[OURS] = _kept_bytes(subjects[OURS], size.rejections)
    purgatory = subjects.pop("purgatory", None)  # each of its rejections is slower than the last
    took = cpu_us(subjects, size.rounds)
    house.policy.close()
    rival = took.get("circuitbreaker")
    memory = [
        Line(who, f"{each:10.2f} bytes a rejection", None, each) for who, each in kept.items()
    ]
    slow = [] if purgatory is None else [Line("purgatory", "not timed: slower with each rejection")]
    return [
        Row(
            2,
            "open, fail fast",
            f"<= {TARGET:.2f} of circuitbreaker",
            MET if rival and took[OURS] / rival <= TARGET else MISSED,
            against(OURS, took, "us") + slow + missing,
        ),
        Row(
            2,
            f"memory kept of {size.rejections:,} rejections (peers: {size.peer_rejections:,})",
            "flat",
            MET if kept[OURS] < FLAT_BYTES else WRONG,
            memory,
        ),
    ]


def _opened(breaker: Breaker) -> Call:
    for _ in range(3):
        raising(partial(breaker.run, _fail), Exception)()
    return raising(partial(breaker.run, _never), breaker.rejects)


def _kept_bytes(call: Call, rejections: int) -> float:
    """The median of ten parts: other threads of this process allocate now and then, too."""
    kept = []
    gc.collect()
    gc.freeze()
    tracemalloc.start()
    try:
        for _ in range(11):
            before = tracemalloc.get_traced_memory()[0]
            for _ in repeat(None, rejections // 10):
                call()
            gc.collect()
            kept.append((tracemalloc.get_traced_memory()[0] - before) * 10 / rejections)
    finally:
        tracemalloc.stop()
        gc.unfreeze()
    return median(kept[1:])


def _fail() -> object:
    raise OSError("down")


def _never() -> object:
    raise AssertionError("the circuit is open")
