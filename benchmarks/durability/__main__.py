"""Every row in one run: `python -m benchmarks.durability [--short] [--json] [--row NAME ...]`.

Exit codes: 0 all is met, 1 a row is not, 2 something could not be measured.
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

from benchmarks.durability import idle, start, throughput
from benchmarks.durability.figures import write
from benchmarks.durability.installation import Installation, NotStarted
from benchmarks.durability.size import FULL, SHORT, Size
from benchmarks.durability.table import Row, as_json, as_text, exit_code
from resilience.outcomes import CallError
from storage.embedded import EmbeddedServer
from storage.server_errors import EmbeddedServerError

Measure = Callable[[Installation, str, Size], list[Row]]
ROWS: dict[str, Measure] = {
    "embedded": lambda house, dsn, size: start.embedded(house, size),
    "idle": lambda house, dsn, size: idle.run(house, size),
    "units": throughput.units,
    "curve": throughput.curve,
    "documents": throughput.documents,
    "week": lambda house, dsn, size: [*_filled(dsn, size), *start.after_a_week(house, dsn, size)],
    "restart": start.restart,
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench-durability", description=__doc__)
    parser.add_argument("--short", action="store_true", help="for CI: the same rows, less of each")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--row", action="append", choices=ROWS, help="only this row")
    parser.add_argument("--write", action="store_true", help="and put the table in docs/scaling.md")
    options = parser.parse_args(arguments)
    logging.getLogger().addHandler(logging.NullHandler())
    folder = Path(tempfile.mkdtemp(prefix="retailxai-bench-"))
    folder.chmod(0o711)  # the database's own account passes through
    installation = Installation(folder)
    began = installation.clock.now()
    try:
        rows = _measured(installation, SHORT if options.short else FULL, options.row or list(ROWS))
    except (NotStarted, CallError, EmbeddedServerError) as error:
        sys.stderr.write(f"bench-durability: {error}\n")
        return 2
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    took_s = (installation.clock.now() - began).total_seconds()
    facts = {
        "measured": f"{began:%Y-%m-%d %H:%M} UTC, {took_s:.0f} s{' (short)' * options.short}",
        "machine": f"{os.cpu_count()} x {_processor()}, {platform.system()} {platform.release()}",
        "load at the end": " ".join(f"{each:.1f}" for each in os.getloadavg()),
        "python": platform.python_version(),
    }
    print((as_json if options.json else as_text)(rows, facts))
    if options.write:
        write(as_text(rows, facts))
    return exit_code(rows)


def _measured(installation: Installation, size: Size, names: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    clock = installation.clock
    server = EmbeddedServer(installation.folder / "data")
    dsn = server.start()
    try:
        with installation.daemon():
            pass  # the schema is there now
        for name in names:
            began = clock.monotonic()
            rows += ROWS[name](installation, dsn, size)
            load = os.getloadavg()[0]
            said = f"{name}: {clock.monotonic() - began:.0f} s, load {load:.1f}"
            sys.stderr.write(f"{said}\n")
    finally:
        server.leave()
    return rows


def _filled(dsn: str, size: Size) -> list[Row]:
    start.fill(dsn, size)
    return []


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
