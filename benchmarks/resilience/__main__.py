"""Every row in one run: `python -m benchmarks.resilience [--short] [--json] [--row N ...]`.

Exit codes: 0 measured (a MISSED time is the machine's or ours: read the row), 1 a count is
wrong, 2 nothing could be measured.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.peers.base import versions
from benchmarks.resilience import (
    admission,
    closed,
    crashes,
    fail_fast,
    fairness,
    persistence,
    probes,
    quotas,
    threads,
    traps,
)
from benchmarks.resilience.house import House, opened
from benchmarks.resilience.size import FULL, SHORT, Size
from benchmarks.resilience.table import Row, as_json, as_text, exit_code
from resilience.clock import SystemClock
from resilience.outcomes import CallError

ROWS: dict[int, Callable[[House, Size], list[Row]]] = {
    1: closed.run,
    2: fail_fast.run,
    3: persistence.run,
    4: threads.run,
    5: probes.run,
    6: traps.run,
    7: fairness.run,
    8: admission.run,
    9: crashes.run,
    10: quotas.run,
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench-resilience", description=__doc__)
    parser.add_argument("--short", action="store_true", help="for CI: the same rows, less of each")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--row", action="append", type=int, choices=ROWS, help="only this row")
    options = parser.parse_args(arguments)
    # What peers log of circuits that open would be most of what is seen.
    logging.getLogger().addHandler(logging.NullHandler())
    size = SHORT if options.short else FULL
    clock = SystemClock()
    began = clock.now()
    folder = Path(tempfile.mkdtemp(prefix="retailxai-bench-"))
    folder.chmod(0o711)  # the database's own account passes through
    rows: list[Row] = []
    try:
        with opened(folder) as house:
            for number in options.row or ROWS:
                started = clock.monotonic()
                rows += ROWS[number](house, size)
                sys.stderr.write(f"row {number}: {clock.monotonic() - started:.0f} s\n")
    except CallError as away:
        sys.stderr.write(f"bench-resilience: {away}\n")
        return 2
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    facts = {
        "measured": f"{began:%Y-%m-%d %H:%M} UTC, {(clock.now() - began).total_seconds():.0f} s",
        "machine": f"{os.cpu_count()} x {_processor()}, {platform.system()} {platform.release()}",
        "load": " ".join(f"{each:.1f}" for each in os.getloadavg()),
        "python": platform.python_version(),
        "peers": ", ".join(f"{name} {version}" for name, version in versions().items()),
    }
    print((as_json if options.json else as_text)(rows, facts))
    return exit_code(rows)


def _processor() -> str:
    """As the kernel names it; platform does not know on Linux."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


if __name__ == "__main__":
    sys.exit(main())
