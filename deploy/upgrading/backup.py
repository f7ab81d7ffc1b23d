"""The database as it was before an upgrade, in a file that was restored once to see that it is."""

from __future__ import annotations

import time
from pathlib import Path

from deploy.failures import Failure
from deploy.machine.places import Places
from deploy.machine.program import Program, last


def make(places: Places, program: Program, was: str) -> Path:
    """By a program that knows the schema, and every one before it, and that verifies what it wrote.
    It is the service's file, in a folder that only the service enters. Raises Failure."""
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
    file = places.backups / f"before-upgrade-{was}-{stamp}.zip"
    done = program.run("db", "backup", str(file), "--force")
    if done.returncode or not file.exists():
        raise Failure(
            f"no backup could be made: {last(done)}",
            "nothing was changed; is there room on the disk? then again",
            done.returncode or 1,
        )
    return file
