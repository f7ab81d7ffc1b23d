"""Who keeps the program running: systemd, a program that is told `start` and `stop`, or nobody."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deploy.failures import CONFIGURATION, Failure
from deploy.machine.commands import run
from deploy.machine.places import Places
from deploy.waiting import until

UNIT = "retailxai.service"
START_S, STOP_S = 1000.0, 90.0  # longer than the unit's own limits
_POLL_S = 0.5
_SHOWN = ("ActiveState", "SubState", "NRestarts", "Job", "ExecMainStatus")


class Service(Protocol):
    @property
    def who(self) -> str: ...

    @property
    def supervises(self) -> bool: ...

    def is_active(self) -> bool: ...

    def is_enabled(self) -> bool: ...

    def enable(self) -> None: ...

    def start(self) -> None:
        """Raises Failure if it does not come up."""
        ...

    def stop(self) -> None: ...

    def forget(self) -> None:
        """It is not to be started by itself any more."""
        ...

    def reread(self) -> None:
        """Unit files have changed."""
        ...


@dataclass(frozen=True)
class Standing:
    """How a unit stands that was told to start, by what `systemctl show` says of it."""

    shown: Mapping[str, str]

    @property
    def is_up(self) -> bool:
        return self.shown.get("ActiveState") in ("active", "reloading")

    @property
    def has_failed(self) -> bool:
        """Whether a start ended that was made since; one that is queued has not begun."""
        state, job = self.shown.get("ActiveState"), self.shown.get("Job", "0")
        restarts = self.shown.get("NRestarts", "0") != "0"
        waits = self.shown.get("SubState", "").startswith("auto-restart")
        return restarts or waits or state == "failed" or (state == "inactive" and job == "0")

    @property
    def is_decided(self) -> bool:
        return self.is_up or self.has_failed

    def __str__(self) -> str:
        said = f"{self.shown.get('ActiveState', 'unknown')} ({self.shown.get('SubState', '')})"
        status = self.shown.get("ExecMainStatus", "0")
        return f"{said}, exit status {status}" if status != "0" else said


@dataclass(frozen=True)
class Systemd:
    unit: str = UNIT
    who: str = "systemd"
    supervises: bool = True

    def is_active(self) -> bool:
        return run("systemctl", "is-active", "--quiet", self.unit).returncode == 0

    def is_enabled(self) -> bool:
        return run("systemctl", "is-enabled", "--quiet", self.unit).returncode == 0

    def enable(self) -> None:
        self._must("enable", "--quiet", self.unit)

    def start(self) -> None:
        """Also a start that systemd tries again by itself has failed. From 254 on a plain
        `systemctl start` waits for one that does not, for as long as it takes."""
        run("systemctl", "reset-failed", self.unit)
        self._must("start", "--no-block", self.unit)
        until(lambda: self._stands().is_decided, START_S, _POLL_S)
        stands = self._stands()
        if not stands.is_up:
            raise Failure(f"{self.unit} does not come up: {stands}", self._look)

    def _stands(self) -> Standing:
        asked = (f"--property={name}" for name in _SHOWN)
        said = run("systemctl", "show", self.unit, *asked).stdout.splitlines()
        return Standing(dict(line.split("=", 1) for line in said if "=" in line))

    def stop(self) -> None:
        if run("systemctl", "cat", self.unit).returncode == 0:
            self._must("stop", self.unit, within_s=STOP_S)

    def forget(self) -> None:
        run("systemctl", "disable", "--quiet", self.unit)

    def reread(self) -> None:
        self._must("daemon-reload")

    def _must(self, *arguments: str, within_s: float = 60.0) -> None:
        done = run("systemctl", *arguments, within_s=within_s)
        if done.returncode:
            raise Failure(
                f"systemctl {' '.join(arguments)}: {done.stderr.strip() or done.returncode}",
                self._look,
            )

    @property
    def _look(self) -> str:
        return f"journalctl -u {self.unit} -n 50 says why"


@dataclass(frozen=True)
class Script:
    """A program with the verbs of an init script: start, stop; `status` ends with 0 if it runs."""

    program: Path
    supervises: bool = True

    @property
    def who(self) -> str:
        return str(self.program)

    def is_active(self) -> bool:
        return run(self.who, "status").returncode == 0

    def is_enabled(self) -> bool:
        return True  # whoever wrote it has seen to it

    def enable(self) -> None:
        """Nothing: see is_enabled."""

    def start(self) -> None:
        self._must("start", START_S)

    def stop(self) -> None:
        self._must("stop", STOP_S)

    def forget(self) -> None:
        """Nothing: see is_enabled."""

    def reread(self) -> None:
        """Nothing: it has no unit file."""

    def _must(self, verb: str, within_s: float) -> None:
        done = run(self.who, verb, within_s=within_s)
        if done.returncode:
            said = done.stderr.strip() or done.stdout.strip()
            raise Failure(f"{self.who} {verb}: exit {done.returncode}: {said[-500:]}", "mend that")


@dataclass(frozen=True)
class Nobody:
    """Files are laid, and whoever runs them sees to the rest."""

    who: str = "nobody"
    supervises: bool = False

    def is_active(self) -> bool:
        return False

    def is_enabled(self) -> bool:
        return True

    def enable(self) -> None: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def forget(self) -> None: ...

    def reread(self) -> None: ...


def choose(places: Places, no_systemd: bool, script: Path | None) -> Service:
    if script is not None:
        if shutil.which(str(script)) is None:
            raise Failure(f"--service {script}: no such program", "name one that can be run", 2)
        return Script(script.resolve())
    if no_systemd or not places.is_machine:
        return Nobody()
    if not Path("/run/systemd/system").is_dir():
        raise Failure(
            "this machine is not run by systemd",
            "--no-systemd, and --service PROGRAM if one starts and stops it",
            CONFIGURATION,
        )
    return Systemd()
