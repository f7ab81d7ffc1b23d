"""Whether the other processes on this database are heard of: the work of a silent one waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from operations.checks.base import CheckResult, Status, duration
from storage.leases import Instance


@dataclass(frozen=True)
class InstancesCheck:
    """One that is dead is no finding: its work is with others by now. One that holds its locks and
    says nothing (stopped, swapping, a frozen machine) keeps its work from everybody."""

    name: ClassVar[str] = "instances"
    deadline_s: ClassVar[float] = 5.0

    running: Callable[[], Sequence[Instance]]

    def __call__(self) -> CheckResult:
        running = self.running()
        silent = [one for one in running if one.is_silent]
        details = {one.executor: f"heard of {duration(one.silent_s)} ago" for one in running}
        if not silent:
            return CheckResult(
                self.name, Status.PASS, f"{len(running)} heard of", len(running), details=details
            )
        said = "; ".join(
            f"{one.told} has not been heard of for {duration(one.silent_s)}" for one in silent
        )
        return CheckResult(
            self.name,
            Status.WARN,
            f"{said}; its work waits for it",
            observed=len(silent),
            unit="silent",
            fix="wake it, or end it (kill -9): then others take up its work within seconds",
            details=details,
        )
