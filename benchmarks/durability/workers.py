"""Several working processes at once, and one that only puts work into their queue."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.durability.installation import ROOT, STOP_WITHIN_S, Installation, NotStarted
from benchmarks.durability.processes import cpu_s, family_s, ticks_s
from benchmarks.durability.worker import NOTHING, SLOW
from jobs.document import DOCUMENT_WORK
from jobs.durable import Engine
from jobs.registration import DOCUMENTS_QUEUE, QUEUES
from resilience.clock import SystemClock

PATIENCE_S = 600.0
CORES = 2  # the figures to be reached are meant for so many


@dataclass(frozen=True)
class Pace:
    """How fast `count` pieces of work were done by `processes` processes."""

    count: int
    processes: int
    took_s: float
    cpu_s: float  # of the working processes
    all_cpu_s: float  # with PostgreSQL, whoever puts work there, and the pretended services

    @property
    def per_s(self) -> float:
        return self.count / self.took_s

    @property
    def cpu_ms_each(self) -> float:
        return 1000 * self.cpu_s / self.count

    @property
    def allowed_per_s(self) -> float:
        """What `CORES` cores would allow that had nothing else to do, by the CPU time taken."""
        return CORES * self.count / self.all_cpu_s

    def __str__(self) -> str:
        took = f"{self.count} in {self.took_s:.1f} s"
        cpu = (
            f"{self.cpu_ms_each:.1f} ms CPU each, {1000 * self.all_cpu_s / self.count:.1f} with all"
        )
        return f"{took}; {cpu}: {CORES} free cores allow {self.allowed_per_s:.0f}/s"


@contextmanager
def putter(dsn: str) -> Iterator[Engine]:
    """The engine as it is shipped, which takes no work itself."""
    engine = Engine(dsn, "bench-putter", queues=QUEUES, clock=SystemClock(), listens=())
    for name in (NOTHING, SLOW, DOCUMENT_WORK):
        engine.register(name, lambda *_: None, DOCUMENTS_QUEUE)
    engine.launch()
    try:
        yield engine
    finally:
        engine.close(1)


@contextmanager
def working(installation: Installation, processes: int) -> Iterator[list[int]]:
    """So many processes that take work; their ids."""
    begun = [_begin(installation, f"bench-{number}") for number in range(processes)]
    try:
        yield [_ready(each) for each in begun]
    finally:
        for each in begun:
            assert each.stdin is not None
            each.stdin.close()
        for each in begun:
            each.wait(STOP_WITHIN_S)
            if each.stdout is not None:
                each.stdout.close()


def measure(
    engine: Engine,
    installation: Installation,
    processes: int,
    put: Callable[[], Sequence[str]],
) -> Pace:
    """From the first that is put until the last is done: putting is part of a scan's work."""
    clock = installation.clock
    with working(installation, processes) as pids:
        clock.wait(1.0)  # the looks of their first moments are over
        spent_s, others_s = sum(map(cpu_s, pids)), _others_s(installation)
        began = clock.monotonic()
        ids = put()
        done = engine.wait(ids, PATIENCE_S)
        took_s = clock.monotonic() - began
        spent_s = sum(map(cpu_s, pids)) - spent_s
        others_s = _others_s(installation) - others_s
    failed = [each for each in done.values() if each.error]
    if failed or len(done) < len(ids):
        raise NotStarted(f"{len(ids) - len(done)} not done, {len(failed)} failed: {failed[:1]}")
    return Pace(len(ids), processes, took_s, spent_s, spent_s + others_s)


def _others_s(installation: Installation) -> float:
    """CPU seconds of the server, of this process, and of the services it has pretended."""
    pid_file = installation.folder / "data" / "postgres" / "postmaster.pid"
    server = int(pid_file.read_text(encoding="utf-8").split()[0])
    served = ticks_s(installation.service_pid) if installation.service_pid else 0.0
    return family_s(server) + ticks_s(os.getpid()) + served


def _begin(installation: Installation, instance: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.durability.worker"]
    command += [str(installation.folder), instance, installation.service]
    command += ["stub"] if installation.stub else []
    log = (installation.folder / f"said-{instance}").open("a")
    with log:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=installation.environment(instance),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )


def _ready(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    said = process.stdout.readline()
    if not said.startswith("ready"):
        raise NotStarted("a working process did not come up")
    return process.pid
