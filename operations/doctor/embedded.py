"""The embedded PostgreSQL's folder, as it lies there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from operations.doctor.findings import NotLooked, Row, bad, ok
from operations.doctor.modes import STRANGERS, account, change_mode
from storage.embedded_state import EmbeddedState


def rows(state: EmbeddedState | None, data_dir: Path, me: int | None = None) -> list[Row]:
    if state is None:
        raise NotLooked(f"there is none yet: the first start makes it in {data_dir}")
    return [
        *_closed(state.cluster, os.geteuid() if me is None else me),
        _fit(state),
        _serves(state),
    ]


def _closed(cluster: Path, me: int) -> list[Row]:
    """PostgreSQL refuses to start on a folder that others can look into."""
    found = cluster.stat()
    if not found.st_mode & STRANGERS:
        return []
    wanted = stat.S_IMODE(found.st_mode) & ~(STRANGERS | stat.S_IRWXG)
    repair = change_mode(cluster, found, wanted) if me in (0, found.st_uid) else None
    said = f"{cluster}: everybody may look into it, and PostgreSQL does not start on it"
    return [bad(said, f"chmod {wanted:04o} {cluster}, as {account(found.st_uid)}", repair)]


def _fit(state: EmbeddedState) -> Row:
    if state.programs is None:
        return bad(
            f"{state.cluster} was made by PostgreSQL {state.made_by}, and there are no programs "
            "of PostgreSQL here that run",
            "pip install --require-hashes -r requirements.txt",
        )
    if not state.fits:
        return bad(
            f"{state.cluster} was made by PostgreSQL {state.made_by}, the programs here are "
            f"{state.programs}",
            f"install PostgreSQL {state.made_by} beside, or move the data with db export and "
            "db import",
        )
    return ok(f"made by PostgreSQL {state.made_by}, and so are the programs")


def _serves(state: EmbeddedState) -> Row:
    if state.serving is not None:
        return ok(f"serves, pid {state.serving}")
    if state.died:
        return ok("does not run, and did not end in good order: the next start recovers by itself")
    return ok("does not run: whoever uses it starts it")
