"""That the program finds all it needs, and that somebody keeps it running."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from deploy.failures import CONFIGURATION, Failure
from deploy.machine.program import Program
from deploy.machine.service import Service
from deploy.steps.base import Look

FINE = (0, 1)  # 1: warnings, which cost a function and no start


@dataclass(frozen=True)
class CheckStep:
    """It changes nothing: wrong settings stop the installation before anything is started."""

    program: Program
    name: ClassVar[str] = "check"

    def look(self) -> Look:
        if not (self.program.release / ".venv/bin/python").exists():
            return Look("not known before the release is laid", "main.py check finds nothing wrong")
        done = self.program.run("check")
        if done.returncode not in FINE:
            wrong = [line for line in done.stdout.splitlines() if line.strip()]
            raise Failure(
                "main.py check: " + "\n    ".join(wrong[-12:] or [done.stderr[-500:]]),
                "mend what is marked, then again; what was done so far stands",
                done.returncode if done.returncode > 0 else CONFIGURATION,
            )
        return Look((done.stdout.strip().splitlines() or ["nothing wrong"])[-1])

    def apply(self) -> None:
        if not self.look().is_right:
            raise Failure("main.py check could not be asked", "is the release complete?")


@dataclass(frozen=True)
class RunningStep:
    service: Service
    name: ClassVar[str] = "running"

    def look(self) -> Look:
        if not self.service.supervises:
            return Look("nobody is told to start it")
        is_active = self.service.is_active()
        wanted = [] if self.service.is_enabled() else ["enabled"]
        wanted += [] if is_active else ["started"]
        found = "running" if is_active else "not running"
        return Look(f"{found}, by {self.service.who}", " and ".join(wanted))

    def apply(self) -> None:
        self.service.enable()
        if not self.service.is_active():
            self.service.start()
