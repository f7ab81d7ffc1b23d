"""Finding the lines of one run in the log files of this machine, rotated ones too.

The files are JSON whatever the stream of a process is set to (`telemetry.logging`). They are
read as a stream: what is held in memory is the lines that are asked for, and one of each file.
"""

from __future__ import annotations

import heapq
import json
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from operations.telemetry.rendering import Event

LONGEST_LINE = 1_000_000  # what is longer was not written by us


@dataclass(frozen=True)
class Found:
    """`lines`: the latest of `total`. `begins_at`: the oldest moment the files tell of, "" if
    they tell of none. `unread`: files that are there and cannot be read, with why."""

    lines: tuple[Event, ...]
    total: int
    files: tuple[Path, ...]
    begins_at: str = ""
    unread: tuple[str, ...] = ()


def lines_of_run(logs: Iterable[Path], run: int, most: int) -> Found:
    """At most the latest `most` lines that carry this run, of each of `logs` and of what was
    rotated away from it, in the order of their time."""
    lines: deque[Event] = deque(maxlen=most)
    total = 0
    with ExitStack() as held:
        files, unread = _open(logs, held)
        begins = sorted(filter(None, (_first_moment(file) for file in files.values())))
        # The oldest first: of lines of one millisecond the merge takes that file's before.
        streams = [_matching(file, run) for file in reversed(files.values())]
        for event in heapq.merge(*streams, key=_moment):
            lines.append(event)
            total += 1
    begins_at = begins[0] if begins else ""
    return Found(tuple(lines), total, tuple(files), begins_at, tuple(unread))


def _open(logs: Iterable[Path], held: ExitStack) -> tuple[dict[Path, BinaryIO], list[str]]:
    """The current file first: a rotation meanwhile then shows one twice, which is noticed; the
    other way round it would hide one."""
    files: dict[Path, BinaryIO] = {}
    unread: list[str] = []
    seen: set[tuple[int, int]] = set()
    for path in (each for log in logs for each in (log, *_rotated(log))):
        try:
            file = held.enter_context(path.open("rb"))
        except FileNotFoundError:
            continue
        except OSError as error:
            unread.append(f"{path}: {error.strerror or error}")
            continue
        status = os.fstat(file.fileno())
        if (status.st_dev, status.st_ino) not in seen:
            seen.add((status.st_dev, status.st_ino))
            files[path] = file
    return files, unread


def _rotated(log: Path) -> list[Path]:
    """ "retailxai.log.1" and so on, newest first."""
    numbered = (
        (int(ending), path)
        for path in log.parent.glob(f"{log.name}.*")
        if (ending := path.name.removeprefix(f"{log.name}.")).isdigit()
    )
    return [path for _, path in sorted(numbered)]


def _matching(file: BinaryIO, run: int) -> Iterator[Event]:
    """Most lines are of something else: they are not taken apart to find that out."""
    mark = re.compile(rb'"run": %d[,}]' % run)
    file.seek(0)
    while line := file.readline(LONGEST_LINE):
        if mark.search(line):
            event = _event(line)
            if event.get("run") == run:
                yield event


def _first_moment(file: BinaryIO) -> str:
    """Of the first line that is whole: a file may begin with the rest of one."""
    for _ in range(3):
        moment = _moment(_event(file.readline(LONGEST_LINE)))
        if moment:
            return moment
    return ""


def _event(line: bytes) -> Event:
    """Nothing for half a line, as a full disk or a crash leaves it."""
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _moment(event: Event) -> str:
    return str(event.get("timestamp", ""))
