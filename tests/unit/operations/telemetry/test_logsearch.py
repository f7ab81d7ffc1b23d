"""The lines of one run, found in the files of this machine."""

from __future__ import annotations

import json
import logging
import os
import tracemalloc
from pathlib import Path

from operations.telemetry.events import LineFormatter, context
from operations.telemetry.logfile import SharedLogFile
from operations.telemetry.logsearch import lines_of_run
from operations.telemetry.redaction import Redactor


def line(second: int, event: str, run: object = 12, **fields: object) -> str:
    at = f"2026-11-22T12:00:{second:02}.000+00:00"
    bound = {} if run is None else {"run": run}
    return json.dumps({"timestamp": at, "level": "info", "event": event, **bound, **fields})


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{each}\n" for each in lines), encoding="utf-8")
    return path


def said(*logs: Path, run: int = 12, most: int = 100) -> list[object]:
    return [one["event"] for one in lines_of_run(logs, run, most).lines]


def test_of_all_lines_those_of_the_run(tmp_path: Path) -> None:
    """Neither those of a run whose number begins alike, nor those that only tell of it."""
    log = write(
        tmp_path / "retailxai.log",
        line(1, "ours"),
        line(2, "another's", 1),
        line(3, "longer", 123),
        line(4, "nobody's", None),
        line(5, "tells", None, fields={"run": 12}),
        line(6, "words", "12"),
        line(7, 'quotes "run": 12, in words', 9),
        line(8, "last", ticker="WMT"),
    )
    assert said(log) == ["ours", "last"]


def test_rotated_files_are_read_in_the_order_of_time(tmp_path: Path) -> None:
    log = write(tmp_path / "retailxai.log", line(5, "fifth"), line(6, "sixth"))
    write(tmp_path / "retailxai.log.1", line(3, "third"), line(4, "fourth"))
    write(tmp_path / "retailxai.log.2", line(2, "second"))
    write(tmp_path / "retailxai.log.10", line(1, "first"))
    write(tmp_path / "retailxai.log.gz", line(0, "not ours to read"))
    found = lines_of_run([log], 12, 100)
    assert said(log) == ["first", "second", "third", "fourth", "fifth", "sixth"]
    assert found.files[0] == log
    assert (len(found.files), found.begins_at) == (4, "2026-11-22T12:00:01.000+00:00")


def test_files_of_several_processes_are_one_story(tmp_path: Path) -> None:
    one = write(tmp_path / "one.log", line(1, "a"), line(3, "c"))
    other = write(tmp_path / "other.log", line(2, "b"), line(4, "d"))
    assert said(one, other) == ["a", "b", "c", "d"]


def test_a_file_under_two_names_is_read_once(tmp_path: Path) -> None:
    """As a rotation between two looks shows it."""
    log = write(tmp_path / "retailxai.log", line(1, "once"))
    os.link(log, tmp_path / "retailxai.log.1")
    assert said(log) == ["once"]


def test_only_the_latest_are_kept(tmp_path: Path) -> None:
    log = write(tmp_path / "retailxai.log", *(line(n, str(n)) for n in range(60)))
    found = lines_of_run([log], 12, 3)
    assert ([one["event"] for one in found.lines], found.total) == (["57", "58", "59"], 60)


def test_half_a_line_hides_no_other(tmp_path: Path) -> None:
    """A full disk or a crash cuts one off; bytes that are no text stand in another."""
    log = tmp_path / "retailxai.log"
    whole = line(2, "whole").encode()
    log.write_bytes(
        b'n", "run": 12}\n' + whole[:40] + b"\n\xff\xfe\n[12]\n" + whole + b"\n" + whole[:30]
    )
    found = lines_of_run([log], 12, 100)
    assert [one["event"] for one in found.lines] == ["whole"]


def test_nothing_there_is_nothing_found(tmp_path: Path) -> None:
    found = lines_of_run([tmp_path / "none.log"], 12, 100)
    assert (found.lines, found.total, found.files, found.begins_at) == ((), 0, (), "")


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    """And hides nothing that can."""
    log = write(tmp_path / "retailxai.log", line(1, "readable"))
    (tmp_path / "retailxai.log.1").mkdir()
    assert said(log) == ["readable"]
    assert "retailxai.log.1: Is a directory" in lines_of_run([log], 12, 100).unread[0]


def test_memory_is_bounded_by_what_is_asked_for(tmp_path: Path) -> None:
    """Twenty megabytes of log, of which three lines are wanted."""
    log = tmp_path / "retailxai.log"
    with log.open("w", encoding="utf-8") as file:
        for number in range(20_000):
            file.write(line(number % 60, "x" * 900) + "\n")
    tracemalloc.start()
    found = lines_of_run([log], 12, 3)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.total == 20_000
    assert peak < 1_000_000


def test_what_our_own_handler_writes_is_found(tmp_path: Path) -> None:
    """Through rotation, as the daemon logs it: the format is one thing in two places."""
    handler = SharedLogFile(tmp_path / "retailxai.log", max_bytes=2_000, backups=9)
    handler.setFormatter(LineFormatter(Redactor([])))
    logger = logging.Logger("test")
    logger.addHandler(handler)
    for number in range(40):
        with context(run=12 + number % 2, job="scan"):
            logger.info("line %d", number)
    handler.close()
    assert len(list(tmp_path.glob("retailxai.log.*"))) > 1
    assert said(tmp_path / "retailxai.log") == [f"line {n}" for n in range(0, 40, 2)]
