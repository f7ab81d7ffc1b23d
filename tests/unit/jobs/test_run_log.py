"""Where the lines of a run are, and where they are not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from jobs.run_log import RunLines, RunLog
from resilience.testing import START
from storage.leases import Instance
from storage.ledger import JobRun
from storage.run_lives import RunMove
from storage.states import RunState

RUN = JobRun(
    *(7, "scan", "2026-11-22T07:00", START, True, RunState.SUCCEEDED, "", "ex-0", START, None),
    *("ex-1", 1, START, START + timedelta(minutes=5), {}, ""),
)
CLAIM = RunMove(
    *(2, START, RunState.DUE, RunState.RUNNING, "ex-1", 1, "", "", "", None),
    *("main", "here", 4121, None),
)


def process(name: str, host: str, log: Path | None, begun_min: float, left_min: float) -> Instance:
    at, left = START + timedelta(minutes=begun_min), START + timedelta(minutes=left_min)
    details = {"log": str(log)} if log is not None else {}
    return Instance(f"ex-{name}", name, "daemon", 7, host, at, left, left, details)


def log_with(path: Path, *events: str, run: int = 7, minute: int = 1) -> Path:
    stamp = (START + timedelta(minutes=minute)).isoformat()
    lines = [json.dumps({"timestamp": stamp, "event": each, "run": run}) for each in events]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def found(
    *processes: Instance, here: Path | None = None, run: JobRun = RUN, move: RunMove = CLAIM
) -> RunLines:
    return RunLog(lambda: processes, here, "here").of(run, [move], 100)


def events(lines: RunLines) -> list[object]:
    return [line["event"] for line in lines.lines]


def test_lines_are_gathered_from_all_who_worked_on_it_here(tmp_path: Path) -> None:
    """The runner's own file, this command's, and those of who was there to read documents; each
    once, although they are often the same."""
    runner = log_with(tmp_path / "runner.log", "run", minute=1)
    helper = log_with(tmp_path / "helper.log", "document", minute=2)
    before = log_with(tmp_path / "before.log", "was gone by then")
    lines = found(
        process("helper", "here", helper, -5, 60),
        process("same", "here", runner, -5, 60),
        process("before", "here", before, -50, -10),
        here=runner,
        move=replace(CLAIM, log_file=str(runner)),
    )
    assert events(lines) == ["run", "document"]
    assert lines.notes == ()


def test_a_run_of_another_host_names_it(tmp_path: Path) -> None:
    move = replace(CLAIM, host="retail-02", log_file="/var/log/retailxai/retailxai.log", attempt=2)
    (note,) = found(here=log_with(tmp_path / "x.log", "other", run=1, minute=-9), move=move).notes
    assert "attempt 2 ran on retail-02 (main)" in note
    assert "retail-02:/var/log/retailxai/retailxai.log" in note


def test_a_file_of_another_host_is_not_looked_for_here(tmp_path: Path) -> None:
    """A path that exists here too is another installation's."""
    log = log_with(tmp_path / "same-name.log", "not this one")
    lines = found(move=replace(CLAIM, host="retail-02", log_file=str(log)))
    assert lines.lines == ()


@pytest.mark.parametrize(("begun_min", "is_named"), [(-5, True), (30, False)])
def test_helpers_on_other_hosts_are_named(tmp_path: Path, begun_min: float, is_named: bool) -> None:
    """Only those that were there while it ran."""
    here = log_with(tmp_path / "x.log", "run", minute=-9)
    lines = found(process("far", "retail-03", None, begun_min, 60), here=here)
    assert any("retail-03 worked at the same time" in note for note in lines.notes) is is_named


def test_lines_that_were_dropped_are_missed(tmp_path: Path) -> None:
    """By rotation; a file that was never rotated is whole, however late it begins."""
    here = log_with(tmp_path / "x.log", "later", minute=4)
    assert found(here=here).notes == ()
    log_with(tmp_path / "x.log.1", "late", minute=3)
    (note,) = found(here=here).notes
    assert (
        f"begin at {(START + timedelta(minutes=3)).isoformat()}: older lines were dropped" in note
    )


def test_a_run_that_never_began_has_no_lines(tmp_path: Path) -> None:
    waits = replace(RUN, started_at=None, finished_at=None)
    lines = found(process("p", "here", None, -5, 60), here=tmp_path / "none.log", run=waits)
    assert (lines.lines, lines.notes, lines.files) == ((), (), ())
