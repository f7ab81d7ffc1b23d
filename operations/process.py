"""Facts about this process and its machine, as far as the machine tells them.

A sandbox, a container or another operating system may hide any of them; what cannot be
read is None and the rest is still told. Sizes are bytes.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil

from resilience.clock import Clock

T = TypeVar("T")
HIDDEN = (psutil.Error, OSError, NotImplementedError, AttributeError, ValueError)


@dataclass(frozen=True)
class ProcessFacts:
    pid: int
    uptime_s: float  # since this object's Process was made, by the monotonic clock
    rss_bytes: int | None
    cpu_s: float | None  # user and system, since the start
    cpu_pct: float | None  # of one core, since the last look; None at the first
    threads: int | None
    fds: int | None
    fd_limit: int | None


@dataclass(frozen=True)
class SystemMemory:
    total_bytes: int
    available_bytes: int


@dataclass(frozen=True)
class DiskSpace:
    """The file system that holds `path` (or its nearest parent that exists)."""

    path: Path
    total_bytes: int
    free_bytes: int  # what this user may still write
    inodes_total: int  # 0 where the file system does not count them
    inodes_free: int


@dataclass(frozen=True)
class Seen:
    """Another process. `environ` None: it is not ours to read."""

    pid: int
    name: str
    command: str  # its words, with a blank between
    environ: dict[str, str] | None


class Process:
    """This process, looked at again and again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._process = psutil.Process()
        self._started = clock.monotonic()
        self._last_look: tuple[float, float] | None = None

    def facts(self) -> ProcessFacts:
        process = self._process
        cpu_s = _told(lambda: sum(process.cpu_times()[:2]))
        return ProcessFacts(
            pid=process.pid,
            uptime_s=self._clock.monotonic() - self._started,
            rss_bytes=self.rss_bytes(),
            cpu_s=cpu_s,
            cpu_pct=self._cpu_pct(cpu_s),
            threads=_told(process.num_threads),
            fds=_told(process.num_fds),
            fd_limit=_told(lambda: resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
        )

    def rss_bytes(self) -> int | None:
        return _told(lambda: int(self._process.memory_info().rss))

    def _cpu_pct(self, cpu_s: float | None) -> float | None:
        now = self._clock.monotonic()
        before, self._last_look = self._last_look, None if cpu_s is None else (now, cpu_s)
        if cpu_s is None or before is None or now <= before[0]:
            return None
        return max(0.0, 100.0 * (cpu_s - before[1]) / (now - before[0]))


def system_memory() -> SystemMemory | None:
    """The machine's memory; inside a container the host's (see cgroup.py for the limit)."""
    memory = _told(psutil.virtual_memory)
    return None if memory is None else SystemMemory(memory.total, memory.available)


def processes() -> Iterator[Seen]:
    """Those there are, as far as this user may look; one that ends meanwhile is passed over."""
    for one in psutil.process_iter():
        command = _told(one.cmdline)
        if command is not None:
            name = _told(one.name) or ""
            yield Seen(one.pid, name, " ".join(command), _told(one.environ))


def disk_space(path: Path) -> DiskSpace:
    """Raises OSError when not even the root can be asked."""
    there = path.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    facts = os.statvfs(there)
    return DiskSpace(
        path=path,
        total_bytes=facts.f_blocks * facts.f_frsize,
        free_bytes=facts.f_bavail * facts.f_frsize,
        inodes_total=facts.f_files,
        inodes_free=facts.f_favail,
    )


def _told(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except HIDDEN:
        return None
