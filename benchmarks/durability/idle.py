"""What a daemon costs while nothing is to be done."""

from __future__ import annotations

from benchmarks.durability.installation import Installation
from benchmarks.durability.processes import cpu_s, rss_mb, ticks_s
from benchmarks.durability.size import Size
from benchmarks.durability.table import Row, at_most

RSS_MB, CORE_PCT = 160.0, 0.5


def run(installation: Installation, size: Size) -> list[Row]:
    """`main.py` with its web server, and without anybody who asks it."""
    clock = installation.clock
    with installation.daemon() as daemon:
        clock.wait(size.settle_s)
        ticks, spent, began = ticks_s(daemon.pid), cpu_s(daemon.pid), clock.monotonic()
        clock.wait(size.idle_s)
        took_s = clock.monotonic() - began
        # Threads that ended meanwhile are in the ticks alone, and those are coarse.
        spent = cpu_s(daemon.pid) - spent
        ticks = ticks_s(daemon.pid) - ticks
        memory = rss_mb(daemon.pid)
    note = f"{1000 * spent:.0f} ms in {took_s:.0f} s; by the coarse clock {1000 * ticks:.0f} ms"
    return [
        at_most("idle daemon: CPU", 100 * spent / took_s, CORE_PCT, "% of a core", note),
        at_most("idle daemon: memory", memory, RSS_MB, "MB RSS", "PostgreSQL not counted"),
    ]
