"""What systemd holds of a unit, and what lies in its folders."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

BOOTED = Path("/run/systemd/system")  # sd_booted(3)
PATIENCE_S = 5.0
ANY = "doctor"  # an instance that never runs
ASKED = ("LoadState", "ActiveState", "Result", "NRestarts", "FragmentPath", "DropInPaths",
         "NeedDaemonReload", "UnitFileState")  # fmt: skip


@dataclass(frozen=True)
class Unit:
    name: str
    is_installed: bool
    is_active: bool
    result: str  # of its last run: "success", "exit-code"
    restarts: int
    file: Path | None
    drop_ins: tuple[Path, ...]
    is_stale: bool  # its file changed since systemd read it
    is_enabled: bool


def runs_here() -> bool:
    return BOOTED.is_dir() and shutil.which("systemctl") is not None


def show(name: str) -> Unit:
    """Raises OSError where systemd cannot be asked."""
    asked = name.replace("@.", f"@{ANY}.")  # of a template alone nothing is told
    said = _systemctl("show", asked, *(f"--property={one}" for one in ASKED))
    told = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    file = told.get("FragmentPath", "")
    return Unit(
        name=name,
        is_installed=told.get("LoadState") not in (None, "", "not-found"),
        is_active=told.get("ActiveState") in ("active", "reloading", "activating"),
        result=told.get("Result", ""),
        restarts=int(told.get("NRestarts") or 0),
        file=Path(file) if file else None,
        drop_ins=tuple(Path(one) for one in told.get("DropInPaths", "").split()),
        is_stale=told.get("NeedDaemonReload") == "yes",
        is_enabled=told.get("UnitFileState") in ("enabled", "enabled-runtime", "static"),
    )


def reload_units() -> None:
    """Raises OSError."""
    _systemctl("daemon-reload")


def _systemctl(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["systemctl", "--no-ask-password", *arguments],  # noqa: S607  as root's PATH has it
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired as slow:
        raise OSError(f"systemctl did not answer within {PATIENCE_S:g} s") from slow
    if done.returncode:
        raise OSError(done.stderr.strip() or f"systemctl ended with {done.returncode}")
    return done.stdout
