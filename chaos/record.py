"""What a provider did, as it did it: one JSON line an event, written before anything is answered.

Each line is one system call on a file opened for appending, so no kill of any process takes
a line back or mixes two of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from resilience.clock import Clock

Event = Mapping[str, Any]


class Record:
    """Thread-safe: the kernel puts the lines in order."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, event: str, **fields: object) -> None:
        line = {"at": self._clock.now().timestamp(), "event": event, **fields}
        os.write(self._file, json.dumps(line, separators=(",", ":")).encode() + b"\n")


def read(path: Path) -> list[Event]:
    """Every event, oldest first. A line that is no JSON is an error: a log that cannot be
    read proves nothing."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
