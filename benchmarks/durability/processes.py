"""What a process of ours costs, as the kernel counts it."""

from __future__ import annotations

import os
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PPID = 1
_UTIME = 11  # of the fields behind the name in /proc/PID/stat; then stime, cutime, cstime


def cpu_s(pid: int) -> float:
    """CPU seconds of all its threads so far, to the nanosecond where the kernel tells them."""
    try:
        spent = [_thread_s(path) for path in Path(f"/proc/{pid}/task").iterdir()]
    except (OSError, ValueError, IndexError):
        return ticks_s(pid)
    return sum(spent)


def ticks_s(pid: int) -> float:
    """As `cpu_s`, with the threads that have ended, to a hundredth of a second."""
    fields = _fields(pid)
    return (int(fields[_UTIME]) + int(fields[_UTIME + 1])) * _TICK_S


def family_s(pid: int) -> float:
    """CPU seconds of a process, of its children that live, and of those that have ended."""
    spent = _family_stat(pid, ended=True)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _parent(int(entry.name)) == pid:
            spent += _family_stat(int(entry.name), ended=False)
    return spent


def rss_mb(pid: int) -> float:
    """Resident memory in MB (10^6 bytes)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError(f"process {pid} has no resident memory")


def _fields(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()


def _parent(pid: int) -> int | None:
    try:
        return int(_fields(pid)[_PPID])
    except OSError:  # it has ended meanwhile
        return None


def _family_stat(pid: int, *, ended: bool) -> float:
    try:
        fields = _fields(pid)
    except OSError:
        return 0.0
    return sum(map(int, fields[_UTIME : _UTIME + (4 if ended else 2)])) * _TICK_S


def _thread_s(task: Path) -> float:
    return int((task / "schedstat").read_text(encoding="ascii").split()[0]) / 1e9
