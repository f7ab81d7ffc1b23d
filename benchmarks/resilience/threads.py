"""Row 4: what is left of the throughput of 8 threads that share one policy. Wall clock."""

from __future__ import annotations

from functools import partial
from statistics import median

from benchmarks.peers.base import Call, Wanted, peer
from benchmarks.resilience.house import House
from benchmarks.resilience.size import Size
from benchmarks.resilience.table import MET, MISSED, Line, Row
from benchmarks.resilience.timing import together

THREADS = 8
CALL_S = 0.001
OURS, BARE = "ours, as the daemon has it", "no policy at all"
TARGET_PCT = 98.0


def run(house: House, size: Size) -> list[Row]:
    def work() -> None:
        house.clock.wait(CALL_S)

    subjects: dict[str, Call] = {BARE: work, OURS: partial(house.policy.call, work)}
    missing: list[Line] = []
    for name in ("pybreaker", "pyresilience"):
        found = peer(name)
        if found.module is None:
            missing.append(Line(name, found.why))
        elif name == "pyresilience":
            subjects["pyresilience, all parts"] = found.module.closed(work)
        else:
            subjects["pybreaker, breaker alone"] = partial(found.module.breaker(Wanted()).run, work)
    seen: dict[str, list[float]] = {name: [] for name in subjects}
    names = list(subjects)
    for turn in range(size.wall_rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            seen[name].append(_calls_a_second(house, subjects[name], size.wall_s))
    pct = {
        name: median(100 * each / bare for each, bare in zip(rates, seen[BARE], strict=True))
        for name, rates in seen.items()
    }
    lines = []
    for name in names:
        figure = f"{pct[name]:7.1f} %  ({median(seen[name]):,.0f} calls a second)"
        lines.append(Line(name, figure, None, pct[name]))
    return [
        Row(
            4,
            f"{THREADS} threads x {CALL_S * 1000:g} ms calls through one policy, of bare",
            f">= {TARGET_PCT:g} %",
            MET if pct[OURS] >= TARGET_PCT else MISSED,
            lines + missing,
        )
    ]


def _calls_a_second(house: House, call: Call, seconds: float) -> float:
    made = [0] * THREADS
    ends = house.clock.monotonic() + seconds

    def work(number: int) -> None:
        calls = 0
        while house.clock.monotonic() < ends:
            call()
            calls += 1
        made[number] = calls

    together(work, THREADS)
    return sum(made) / seconds
