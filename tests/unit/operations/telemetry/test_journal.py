"""Severity for the journal, and knowing that stderr is it."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from io import StringIO

import pytest

from operations.telemetry.logging import configure
from resilience.testing import FakeClock


@pytest.mark.parametrize(
    ("level", "severity"),
    [("debug", 7), ("info", 6), ("warning", 4), ("error", 3), ("critical", 2)],
)
def test_each_line_begins_with_its_severity(level: str, severity: int) -> None:
    stream = StringIO()
    with_journal = configure(clock=FakeClock(), level="DEBUG", stream=stream, journal=True)
    try:
        getattr(logging.getLogger("jobs"), level)("something happened\nin two lines")
    finally:
        with_journal.close()
    (line,) = stream.getvalue().splitlines()
    prefix, text = line[:3], line[3:]
    assert prefix == f"<{severity}>"
    assert json.loads(text)["event"] == "something happened\nin two lines"


def test_no_line_of_a_traceback_is_left_out() -> None:
    """For a person they are several lines; each is of the same event."""
    stream = StringIO()
    handle = configure(clock=FakeClock(), stream=stream, style="console", journal=True)
    try:
        try:
            raise ZeroDivisionError("a bug")
        except ZeroDivisionError:
            logging.getLogger("jobs").exception("it broke")
    finally:
        handle.close()
    lines = stream.getvalue().splitlines()
    assert len(lines) > 3
    assert all(line.startswith("<3>") for line in lines)


ASKS = "from settings.environment import terminal; print(terminal().journal)"


@pytest.mark.parametrize(("is_named", "shown"), [(True, "True"), (False, "False")])
def test_the_journal_is_known_by_its_stream(is_named: bool, shown: str) -> None:
    """The variable alone says nothing: children inherit it."""
    read, write = os.pipe()
    try:
        inode = os.fstat(write)
        named = f"{inode.st_dev}:{inode.st_ino + (not is_named)}"
        done = subprocess.run(
            [sys.executable, "-c", ASKS],
            env={**os.environ, "JOURNAL_STREAM": named},
            stdout=subprocess.PIPE,
            stderr=write,
            text=True,
            check=True,
        )
    finally:
        os.close(read)
        os.close(write)
    assert done.stdout.strip() == shown
