"""The database as it was before an upgrade, in a file that was looked at."""

from __future__ import annotations

import time
from pathlib import Path

from deploy.failures import Failure
from deploy.machine.places import Places
from deploy.machine.program import Program, last

_FIX = "nothing was changed; is there room in the folder? then again"


def make(places: Places, program: Program, was: str) -> Path:
    """By the new program, which knows every schema before its own. It is the service's file, in
    a folder that only the service enters. Raises Failure."""
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
    file = places.backups / f"before-upgrade-{was}-{stamp}.zip"
    done = program.run("db", _verb(program), str(file), "--force")
    if done.returncode:
        raise Failure(f"no backup could be made: {last(done)}", _FIX)
    _verify(program, file)
    return file


def _verb(program: Program) -> str:
    """`backup` verifies what it wrote; releases before it have `export`."""
    return "backup" if program.run("db", "backup", "--help").returncode == 0 else "export"


def _verify(program: Program, file: Path) -> None:
    if program.run("db", "verify", "--help").returncode == 0:
        done = program.run("db", "verify", str(file))
    else:
        done = program.run("-m", "zipfile", "--test", str(file))
    if done.returncode or not file.exists():
        raise Failure(f"the backup {file} is not whole: {last(done)}", _FIX)
