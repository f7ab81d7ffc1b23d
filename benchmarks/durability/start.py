"""How soon a daemon works: on an empty folder, on years of data, after a week off."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from benchmarks.durability.installation import Installation, NotStarted, kill
from benchmarks.durability.processes import ticks_s
from benchmarks.durability.size import Size
from benchmarks.durability.statements import run
from benchmarks.durability.table import Row, at_most, told
from benchmarks.durability.workers import putter
from jobs.document import DOCUMENT_WORK
from jobs.slots import slots_between
from jobs.table import plans
from storage.embedded import EmbeddedServer

FIRST_S, RECOVERED_S, DECIDED_S = 2.0, 1.0, 5.0
DOWN = timedelta(days=7)
GIVE_UP_S = 60.0
_LOADS = "import main, bootstrap.daemon, web.app, web.serving"


def embedded(installation: Installation, size: Size) -> list[Row]:
    """The server alone, on an empty folder and again."""
    clock = installation.clock
    first: list[float] = []
    second: list[float] = []
    for number in range(size.starts):
        folder = installation.folder / f"embedded-{number}"
        for took in (first, second):
            server = EmbeddedServer(folder)
            began = clock.monotonic()
            server.start()
            took.append(clock.monotonic() - began)
            server.leave()
    note = f"median of {size.starts}, slowest {max(first):.2f} s"
    what = "embedded PostgreSQL: first start"
    return [
        told(what, median(first), "s", note)
        if size.is_short
        else at_most(what, median(first), FIRST_S, "s", note),
        told("embedded PostgreSQL: second start", median(second), "s"),
    ]


def fill(dsn: str, size: Size) -> None:
    """Years of rows, straight into the tables."""
    counts = {"runs": size.ledger_rows, "documents": size.stored_documents}
    run(dsn, "fill.sql", counts)
    run(dsn, "settle.sql", {})


def after_a_week(installation: Installation, dsn: str, size: Size) -> list[Row]:
    """Every slot of the days it was off has a decision; the newest known is eight days old."""
    clock = installation.clock
    missed = _missed(installation)
    began = clock.monotonic()
    with _starting(installation, "week") as start:
        start.until(lambda: _undecided(dsn, missed) == 0, "slots are undecided")
        took_s, spent_s = clock.monotonic() - began, ticks_s(start.pid)
    slots = sum(map(len, missed.values()))
    note = f"{slots} slots, with the start of the process; {spent_s:.2f} s CPU"
    value = spent_s if size.is_short else took_s
    unit = "s CPU" if size.is_short else "s"
    return [at_most("7 days down: every slot decided after", value, DECIDED_S, unit, note)]


def restart(installation: Installation, dsn: str, size: Size) -> list[Row]:
    """From the start of the process until what a dead one left is given back, without the
    time that it takes to load the program, which is measured in the same run."""
    walls, cpus, loads, load_cpus = [], [], [], []
    for number in range(size.starts):
        load_s, load_cpu_s = _load(installation)
        dead = f"bench-dead-{number}-{installation.clock.now():%H%M%S%f}"
        _leave_behind(dsn, dead)
        began = installation.clock.monotonic()
        with _starting(installation, dead) as start:
            start.until(lambda dead=dead: _recovered(dsn, dead), "is not recovered")  # type: ignore[misc]
            walls.append(installation.clock.monotonic() - began - load_s)
            cpus.append(ticks_s(start.pid) - load_cpu_s)
        loads.append(load_s)
        load_cpus.append(load_cpu_s)
    what = f"restart with {size.ledger_rows:,} runs: recovered, beyond imports"
    wall, cpu = median(walls), median(cpus)
    note = f"{cpu:.2f} s CPU; median of {size.starts}, slowest {max(walls):.2f} s"
    row = (
        at_most(what, cpu, RECOVERED_S, "s CPU", f"{wall:.2f} s by the clock")
        if size.is_short
        else at_most(what, wall, RECOVERED_S, "s", note)
    )
    return [row, told("  imports", median(loads), "s", f"{median(load_cpus):.2f} s CPU")]


# ---- a start that is watched ----------------------------------------------------------------


@dataclass
class _Start:
    pid: int
    installation: Installation
    give_up_at: float

    def until(self, what: Callable[[], bool], otherwise: str) -> None:
        while not what():
            if self.installation.clock.monotonic() > self.give_up_at:
                raise NotStarted(otherwise)
            self.installation.clock.wait(0.005)


class _starting:  # noqa: N801  used as a block
    """`main.py`, from its first moment; killed at the end, as a power cut would."""

    def __init__(self, installation: Installation, name: str) -> None:
        self._installation = installation
        self._said = installation.folder / f"said-{name}"

    def __enter__(self) -> _Start:
        self._process = self._installation.start([sys.executable, "main.py"], self._said)
        clock = self._installation.clock
        return _Start(self._process.pid, self._installation, clock.monotonic() + GIVE_UP_S)

    def __exit__(self, *_: object) -> None:
        kill(self._process)


def _load(installation: Installation) -> tuple[float, float]:
    """Seconds, and CPU seconds, that loading the program takes."""
    said = installation.folder / "said-load"
    code = f"{_LOADS}; import os; t = os.times(); print(t.user + t.system)"
    began = installation.clock.monotonic()
    process = installation.start([sys.executable, "-c", code], said)
    process.wait()
    took_s = installation.clock.monotonic() - began
    return took_s, float(said.read_text(encoding="ascii").split()[-1])


# ---- what the tables say ---------------------------------------------------------------------


def _missed(installation: Installation) -> Mapping[str, list[str]]:
    settings = installation.settings("bench")
    now = installation.clock.now()
    return {
        plan.job: [slot.name for slot in slots_between(plan.schedule, now - DOWN, now)]
        for plan in plans(settings.schedule.zone, settings.schedule.jobs)
    }


def _undecided(dsn: str, missed: Mapping[str, list[str]]) -> int:
    decided: list[int] = [
        run(dsn, "decided.sql", {"job": job, "slots": slots})[0][0] for job, slots in missed.items()
    ]
    return sum(map(len, missed.values())) - sum(decided)


def _recovered(dsn: str, dead: str) -> bool:
    return bool(run(dsn, "recovered.sql", {"dead": dead})[0][0])


def _leave_behind(dsn: str, dead: str) -> None:
    with putter(dsn) as engine:
        engine.enqueue(DOCUMENT_WORK, dead, 0)
    run(dsn, "orphans.sql", {"dead": dead})
