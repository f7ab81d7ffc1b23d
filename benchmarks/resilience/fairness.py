"""Row 7: threads that queue for a rate: how fast they go together, and who goes how often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from benchmarks.peers.base import Call, peer
from benchmarks.resilience.house import SERVICE, House
from benchmarks.resilience.size import Size
from benchmarks.resilience.table import MET, MISSED, Line, Row
from benchmarks.resilience.timing import together
from resilience.spec import RateRule

THREADS = 16
PER_S = 50
AFTER_S = 1.0  # the burst is over


def run(house: House, size: Size) -> list[Row]:
    """Our burst is as large as theirs, a second's worth."""
    rates = (RateRule(PER_S, burst=PER_S),)
    policy = house.policies(rates=rates, at_once=THREADS).of(SERVICE)
    least = int(PER_S * size.blocking_s / THREADS)  # an equal part of what comes after the burst
    line, rate, fewest = _line(house, "ours", partial(policy.call, lambda: None), size)
    lines = [line]
    met = abs(rate - PER_S) <= 0.5 and fewest >= least
    takes: dict[str, Call] = {}
    for name in ("pyrate", "throttled", "pyresilience"):
        found = peer(name)
        if found.module is None:
            lines.append(Line(name, found.why))
        else:
            theirs = found.module.limiter(PER_S)
            takes |= {f"{name} {kind}": take for kind, take in theirs.items()}
    with ThreadPoolExecutor(size.peers_at_once) as pool:
        seen = pool.map(lambda who: _line(house, who, takes[who], size), takes)
        lines += [line for line, _, _ in seen]
    return [
        Row(
            7,
            f"{THREADS} threads waiting for {PER_S}/s, {size.blocking_s:g} s",
            f"{PER_S} +- 0.5 a second after the burst, nobody below {least} turns",
            MET if met else MISSED,
            lines,
        )
    ]


def _line(house: House, who: str, take: Call, size: Size) -> tuple[Line, float, int]:
    clock = house.clock
    began = clock.monotonic()
    ends = began + size.blocking_s
    turns: list[list[float]] = [[] for _ in range(THREADS)]

    def work(number: int) -> None:
        while clock.monotonic() < ends:
            take()
            turns[number].append(clock.monotonic())

    together(work, THREADS)
    late = sum(began + AFTER_S <= at < ends for mine in turns for at in mine)
    rate = late / (size.blocking_s - AFTER_S)
    shares = [sum(at < ends for at in mine) for mine in turns]
    figure = f"{rate:6.1f} a second; luckiest {max(shares)}, unluckiest {min(shares)}"
    return Line(who, figure, None, rate), rate, min(shares)
