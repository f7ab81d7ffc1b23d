"""Row 3: what remembering costs a call. CPU of the whole process, so the keeper's too."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count
from statistics import median
from time import process_time

from benchmarks.peers.base import Call, Wanted, peer
from benchmarks.resilience.house import SERVICE, House
from benchmarks.resilience.size import Size
from benchmarks.resilience.table import MET, MISSED, Line, Row
from benchmarks.resilience.timing import cpu_us
from resilience.outcomes import CallError, CallFailed

TARGET_US = 2.0
FAILS_EACH = 10
PEER_CALLS, PEER_ROUNDS = 10, 15


def run(house: House, size: Size) -> list[Row]:
    """Successes alone, and with one call in ten failing: only what changes is written down."""
    lines = []
    worst = 0.0
    for what, each in (("all succeed", 0), (f"1 of {FAILS_EACH} fails", FAILS_EACH)):
        without = house.forgetful().of(SERVICE)
        took = cpu_us(
            {
                "kept": _calling(house.policy.call, each),
                "not kept": _calling(without.call, each),
            },
            2 * size.rounds,
            process_time,
        )
        more = took["kept"] - took["not kept"]
        worst = max(worst, more)
        figure = f"{more:10.2f} us more  ({took['kept']:.2f} kept, {took['not kept']:.2f} not)"
        lines.append(Line(f"ours, {what}", figure, None, more))
    lines += _peers(house)
    return [
        Row(
            3,
            "persistence, per call",
            f"<= {TARGET_US:g} us",
            MET if worst <= TARGET_US else MISSED,
            lines,
        )
    ]


def _calling(call: Callable[[Call], object], fails_each: int) -> Call:
    if not fails_each:
        return partial(call, lambda: 7)
    numbers = count(1)

    def sometimes() -> None:
        if next(numbers) % fails_each == 0:
            raise CallFailed(SERVICE, "down", retryable=False)

    def tried() -> None:
        with suppress(CallError):
            call(sometimes)

    return tried


def _peers(house: House) -> list[Line]:
    lines = []
    found = peer("resilient_circuit")
    title = "resilient-circuit, breaker in Postgres"
    if found.module is None:
        lines.append(Line(title, found.why))
    else:
        found.module.prepare(house.dsn)
        kept, held = (found.module.breaker(Wanted(dsn=dsn)).run for dsn in (house.dsn, ""))
        lines.append(_compared(house, title, partial(kept, lambda: 7), partial(held, lambda: 7)))
    found = peer("pyrate")
    title = "pyrate-limiter, bucket in Postgres"
    if found.module is None:
        lines.append(Line(title, found.why))
    else:
        (kept,) = found.module.quota(10**9, house.dsn).values()
        (held,) = found.module.quota(10**9, "").values()
        lines.append(_compared(house, title, kept, held))
    return lines


def _compared(house: House, title: str, kept: Call, held: Call) -> Line:
    """Their calls wait for the server, whose CPU is not counted here."""
    more, walls = [], []
    for _ in range(PEER_ROUNDS):
        began = house.clock.monotonic()
        kept_us = _cpu_of(kept)
        walls.append((house.clock.monotonic() - began) * 1e6 / PEER_CALLS)
        more.append(kept_us - _cpu_of(held))
    middle, wall_us = median(more), median(walls)
    return Line(title, f"{middle:10.2f} us more  (a call takes {wall_us:,.0f} us)", None, middle)


def _cpu_of(call: Call) -> float:
    began = process_time()
    for _ in range(PEER_CALLS):
        call()
    return (process_time() - began) * 1e6 / PEER_CALLS
