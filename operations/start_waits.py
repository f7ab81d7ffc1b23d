"""Since when no start has come through. What supervises the program tries again by itself, for
hours if need be, and tells nobody: after an hour somebody is told, once.

Two empty files, which can be made on a full disk too; the time of the first is when the first
start failed.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from resilience.clock import Clock

LASTS = timedelta(hours=1)


class StartWaits:
    def __init__(self, data_dir: Path, clock: Clock) -> None:
        self._since = data_dir / "start-waits"
        self._told = data_dir / "start-waits.told"
        self._clock = clock

    def failed(self) -> datetime | None:
        """One more start has; since when none came through, if somebody is to be told of it now.
        Without a folder to remember it in, nobody is."""
        now, since = self._clock.now(), _touched_at(self._since)
        if since is None or since > now:  # the first, or by a clock that was ahead
            if _touch(self._since):
                os.utime(self._since, (now.timestamp(), now.timestamp()))
            return None
        return since if now - since >= LASTS and not self._told.exists() else None

    def told(self) -> None:
        _touch(self._told)

    def came_through(self) -> None:
        with suppress(OSError):  # a disk that cannot be written: it came through all the same
            self._since.unlink(missing_ok=True)
            self._told.unlink(missing_ok=True)


def _touched_at(file: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return None


def _touch(file: Path) -> bool:
    try:
        file.touch(mode=0o600)
    except OSError:
        return False
    return True
