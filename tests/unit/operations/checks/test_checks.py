"""Each check: what passes, what warns, what fails, and what a person is told to do."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import operations.checks
from operations.cgroup import CgroupMemory
from operations.checks.analysts import AnalystsCheck
from operations.checks.base import CheckResult, Status, duration, megabytes
from operations.checks.breakers import BreakersCheck
from operations.checks.database import DatabaseCheck, Schema
from operations.checks.disk import DiskCheck
from operations.checks.engine import EngineCheck
from operations.checks.instances import InstancesCheck
from operations.checks.jobs import JobAge, JobsCheck
from operations.checks.logs import LogsCheck
from operations.checks.memory import MemoryCheck
from operations.checks.process import ProcessCheck
from operations.checks.scheduler import SchedulerCheck
from operations.checks.sources import SourcesCheck
from operations.checks.table import ALIVE, CHECKS, READY
from operations.process import DiskSpace, ProcessFacts, SystemMemory
from operations.telemetry.logfile import FileState
from operations.telemetry.logging import LogState
from resilience.breaker import BreakerState
from resilience.status import PolicyStatus
from storage.agents import AgentKind, AgentStatus, Pause
from storage.errors import DatabaseUnavailable
from storage.leases import Instance
from storage.pool import PoolStatus
from storage.states import AgentState

GB = 1_000_000_000
MB = 1_000_000
PASS, WARN, FAIL = Status.PASS, Status.WARN, Status.FAIL


def judged(result: CheckResult, status: Status, *words: str) -> None:
    """The status, the words, and a fix exactly where there is something to fix."""
    assert result.status is status, result
    for word in words:
        assert word in result.message
    assert bool(result.fix) is (status is not PASS)


def test_the_table_lists_every_check() -> None:
    """One file per check, each in the table, each with a name of its own and a deadline."""
    files = {module.name for module in pkgutil.iter_modules(operations.checks.__path__)}
    names = [vars(check)["name"] for check in CHECKS]
    assert sorted(names) == sorted(files - {"base", "table"})
    assert {*ALIVE, *READY} <= set(names)
    for check in CHECKS:
        module = importlib.import_module(check.__module__)
        assert module.__doc__
        assert 0 < vars(check)["deadline_s"] <= 5


def test_liveness_does_not_ask_the_database() -> None:
    """A dead database must not get a healthy process restarted in a loop."""
    assert ALIVE == ("scheduler",)


# ---- database ----------------------------------------------------------------------------


def database(
    ping_ms: float = 3, in_use: int = 2, current: str = "0007", is_fit: bool | None = None
) -> CheckResult:
    return DatabaseCheck(
        ping=lambda: ping_ms / 1000,
        pool=lambda: PoolStatus(20, 10, in_use, 0, 0),
        schema=lambda: Schema(current, "0007", current == "0007" if is_fit is None else is_fit),
    )()


def test_database() -> None:
    """Answer time, pool and schema each decide."""
    fine = database()
    judged(fine, PASS, "3 ms", "2 of 30", "0007")
    assert (fine.observed, fine.unit) == (3.0, "ms")
    judged(database(ping_ms=800), WARN, "800 ms")
    judged(database(in_use=27), WARN, "27 of 30")
    judged(database(current="0006"), FAIL, "0006", "0007")
    judged(database(current="none"), FAIL, "none")
    judged(database(current="0009"), FAIL, "0009")
    judged(database(current="0009", is_fit=True), WARN, "0009", "newer", "0007")


# ---- memory ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rss", "system", "cgroup", "status", "word"),
    [
        (90 * MB, SystemMemory(4 * GB, 2 * GB), None, PASS, "90 MB"),
        (2 * GB, SystemMemory(64 * GB, 32 * GB), None, WARN, "2.0 GB"),
        (90 * MB, SystemMemory(4 * GB, 300 * MB), None, WARN, "300 MB of 4.0 GB"),
        (90 * MB, SystemMemory(4 * GB, 100 * MB), None, FAIL, "100 MB of 4.0 GB"),
        (90 * MB, None, CgroupMemory(100 * MB, 50 * MB), PASS, "limit of 100 MB"),
        (90 * MB, None, CgroupMemory(100 * MB, 90 * MB), WARN, "limit of 100 MB"),
        (90 * MB, None, CgroupMemory(100 * MB, 97 * MB), FAIL, "limit of 100 MB"),
        (None, None, None, WARN, "tells nothing"),
        (None, SystemMemory(4 * GB, 2 * GB), None, PASS, "2.0 GB of 4.0 GB"),
    ],
)
def test_memory(
    rss: int | None,
    system: SystemMemory | None,
    cgroup: CgroupMemory | None,
    status: Status,
    word: str,
) -> None:
    """Our size, the machine's rest and the container's limit each decide; hidden ones do not."""
    judged(MemoryCheck(lambda: rss, lambda: system, lambda: cgroup)(), status, word)


def test_memory_names_only_what_is_wrong() -> None:
    """A full container on an idle machine is told as the container's trouble."""
    result = MemoryCheck(
        lambda: 90 * MB,
        lambda: SystemMemory(64 * GB, 60 * GB),
        lambda: CgroupMemory(100 * MB, 97 * MB),
    )()
    assert "64" not in result.message


# ---- disk --------------------------------------------------------------------------------


def disk(
    tmp_path: Path, free: int, total: int = 500 * GB, inodes: tuple[int, int] = (1_000, 900)
) -> CheckResult:
    return DiskCheck(
        {"data": tmp_path, "logs": tmp_path / "logs"},
        lambda path: DiskSpace(path, total, free, *inodes),
    )()


def test_disk(tmp_path: Path) -> None:
    """Absolute limits on a large disk, shares on a small one, and file entries."""
    judged(disk(tmp_path, 20 * GB), PASS, "20.0 GB of 500.0 GB")
    judged(disk(tmp_path, 900 * MB), WARN, "900 MB")
    judged(disk(tmp_path, 50 * MB), FAIL, "50 MB")
    judged(disk(tmp_path, 400 * MB, total=2 * GB), PASS, "400 MB of 2.0 GB")
    judged(disk(tmp_path, 150 * MB, total=2 * GB), WARN, "150 MB")
    judged(disk(tmp_path, 20 * GB, inodes=(1_000_000, 50)), FAIL, "50 file entries")
    judged(disk(tmp_path, 20 * GB, inodes=(0, 0)), PASS)


def test_the_fullest_disk_is_told(tmp_path: Path) -> None:
    """Data and logs may lie on different disks."""
    space = {"a": 20 * GB, "b": 50 * MB}
    folders = {"data": tmp_path / "a", "logs": tmp_path / "b"}
    result = DiskCheck(folders, lambda path: DiskSpace(path, 500 * GB, space[path.name], 0, 0))()
    judged(result, FAIL, "for logs", str(tmp_path / "b"))


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room does not help where writing is forbidden."""
    monkeypatch.setattr("os.access", lambda path, mode: False)
    judged(disk(tmp_path, 20 * GB), FAIL, f"the data folder {tmp_path} cannot be written")


def test_disk_for_real(tmp_path: Path) -> None:
    """On this machine, with a folder that is not made yet."""
    assert DiskCheck({"data": tmp_path / "later"})().observed


# ---- breakers ----------------------------------------------------------------------------

CLOSED = PolicyStatus("edgar", BreakerState.CLOSED, 0, None, 10, 0, 0, 0, "", 0.0)


def test_breakers() -> None:
    """An open breaker is a warning that names the service, the error and the next trial."""
    trial = datetime(2026, 11, 22, 9, 14, 5, tzinfo=UTC)
    opened = replace(
        CLOSED,
        service="claude",
        state=BreakerState.OPEN,
        failures=5,
        last_error="ReadTimeout",
        retry_at=trial,
    )
    half = replace(CLOSED, state=BreakerState.HALF_OPEN)
    judged(BreakersCheck(lambda: ())(), PASS, "no service")
    judged(BreakersCheck(lambda: (CLOSED,))(), PASS, "all 1 closed")
    result = BreakersCheck(lambda: (CLOSED, opened))()
    judged(result, WARN, "claude is open after 5 failures (last: ReadTimeout)", "09:14:05")
    assert result.observed == 1
    judged(BreakersCheck(lambda: (half,))(), WARN, "edgar is half open")


def test_breakers_a_person_decided_on() -> None:
    """Held and switched off are said with their reason, and how to end it."""
    until = datetime(2026, 11, 22, 9, 14, 5, tzinfo=UTC)
    held = replace(CLOSED, state=BreakerState.HELD, why="they asked us to", retry_at=until)
    off = replace(CLOSED, service="claude", state=BreakerState.DISABLED)
    result = BreakersCheck(lambda: (held, off))()
    judged(result, WARN, "edgar is held by a person (they asked us to) until 09:14:05 UTC")
    judged(result, WARN, "the breaker of claude is switched off by a person")
    assert "breakers close edgar" in result.fix


def test_breakers_and_pauses() -> None:
    """A long pause warns, a short one is only a detail, and so is who was turned away."""
    brief = replace(CLOSED, paused_s=8.0, rejected=15, rejected_by={"rate": 12, "breaker": 3})
    result = BreakersCheck(lambda: (brief,))()
    judged(result, PASS, "all 1 closed")
    told = "closed; 15 rejected (12 rate, 3 breaker); paused for 8 s"
    assert result.details["edgar"] == told
    long = replace(CLOSED, paused_s=600.0)
    judged(
        BreakersCheck(lambda: (long,))(), WARN, "edgar asked to be left alone for another 10 min"
    )


# ---- logs --------------------------------------------------------------------------------

FILE = FileState(Path("/srv/logs/x.log"), 500, 10, 0, None)


def test_logs() -> None:
    """A file that cannot be written, one that stays empty, and too many errors are told."""
    fine = LogState(FILE, 0, 1, "x: broke")
    judged(LogsCheck(lambda: fine)(), PASS, "/srv/logs/x.log", "1 errors")
    judged(LogsCheck(lambda: LogState(None, 0, 0, None))(), PASS, "stderr only")
    full = replace(FILE, trouble="/srv/logs/x.log: No space left on device", lines_lost=7)
    judged(LogsCheck(lambda: replace(fine, file=full))(), WARN, "No space left", "7 lines lost")
    empty = replace(FILE, size_bytes=0)
    judged(LogsCheck(lambda: replace(fine, file=empty))(), WARN, "stays empty")
    noisy = replace(fine, errors_last_hour=20)
    judged(LogsCheck(lambda: noisy)(), WARN, "20 errors", "x: broke")


# ---- process -----------------------------------------------------------------------------


def test_process() -> None:
    """Threads and descriptors have limits; what is hidden does not fail."""
    facts = ProcessFacts(1, 90_000, 90 * MB, 3.0, 1.0, 20, 100, 1_024)
    judged(ProcessCheck(lambda: facts)(), PASS, "up 25 h, 20 threads, 100 open files")
    judged(ProcessCheck(lambda: replace(facts, threads=300))(), WARN, "300 threads")
    judged(ProcessCheck(lambda: replace(facts, fds=900))(), WARN, "900 of 1024")
    judged(ProcessCheck(lambda: replace(facts, fds=1_000))(), FAIL, "1000 of 1024")
    judged(ProcessCheck(lambda: replace(facts, fds=1_000, fd_limit=-1))(), PASS)  # unlimited
    hidden = replace(facts, threads=None, fds=None, fd_limit=None)
    judged(ProcessCheck(lambda: hidden)(), PASS, "up 25 h")


# ---- scheduler ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age_s", "up_s", "status", "word"),
    [
        (3.0, 900.0, PASS, "last tick 3 s ago"),
        (31.0, 900.0, WARN, "last tick 31 s ago"),
        (121.0, 900.0, FAIL, "last tick 2 min ago"),
        (None, 10.0, PASS, "no tick since the start"),
        (None, 60.0, WARN, "no tick since the start"),
        (None, 300.0, FAIL, "no tick since the start"),
    ],
)
def test_scheduler(age_s: float | None, up_s: float, status: Status, word: str) -> None:
    """A tick or two late is nothing; a scheduler that just started has time for its first."""
    judged(SchedulerCheck(lambda: age_s, lambda: up_s)(), status, word)


# ---- jobs --------------------------------------------------------------------------------

DAY = 86_400.0


@pytest.mark.parametrize(
    ("age", "status", "word"),
    [
        (JobAge("scan", 26 * 3600, 3600, 90 * DAY), PASS, "all 1 jobs"),
        (JobAge("scan", 26 * 3600, 3 * DAY, 90 * DAY), WARN, "last succeeded 3 days ago"),
        (JobAge("scan", 26 * 3600, None, 90 * DAY), WARN, "never succeeded in 90 days"),
        (JobAge("scan", 26 * 3600, None, 3600), PASS, "all 1 jobs"),
        (
            JobAge("scan", 26 * 3600, 3600, 90 * DAY, "failed", "edgar: no answer"),
            WARN,
            "failed at its last run: edgar: no answer",
        ),
        (JobAge("scan", 26 * 3600, 3600, 90 * DAY, "succeeded"), PASS, "all 1 jobs"),
    ],
)
def test_jobs(age: JobAge, status: Status, word: str) -> None:
    """Late, never done, or failed lately: each is told with the command that shows why."""
    result = JobsCheck(lambda: (age,))()
    judged(result, status, word)
    assert status is PASS or "history scan" in result.fix


def test_no_jobs_are_no_trouble() -> None:
    """A command that knows no jobs passes."""
    judged(JobsCheck(lambda: ())(), PASS)


# ---- sources, analysts, engine -----------------------------------------------------------


def test_sources() -> None:
    """One that is on is enough; those that are off are told with their reason."""
    judged(
        SourcesCheck(lambda: {"inbox": None, "edgar": "SEC_CONTACT is not set"})(),
        PASS,
        "on: inbox",
        "edgar is off: SEC_CONTACT is not set",
    )
    judged(SourcesCheck(lambda: {"edgar": "no contact"})(), FAIL, "no source is on")
    judged(SourcesCheck(dict)(), FAIL)


def test_analysts() -> None:
    """`local` alone is how it starts and no warning; nobody at all is a failure."""
    judged(AnalystsCheck(lambda: {"claude": "no key", "local": None})(), PASS, "on: local")
    judged(AnalystsCheck(lambda: {"claude": "no key"})(), FAIL, "no analyst is on")


NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def status(name: str, **changes: Any) -> AgentStatus:
    kind = AgentKind.ANALYST if name in ("local", "claude") else AgentKind.COLLECTOR
    values: dict[str, Any] = {"degraded_since": None, "last_error": "", "pause": None}
    return AgentStatus(name=name, kind=kind, state=AgentState.IDLE, **{**values, **changes})


def test_a_paused_and_a_degraded_agent_are_said_with_what_ends_it() -> None:
    """A person may have forgotten the one; the other is tried on."""
    on = {"edgar": None, "inbox": None}
    pause = Pause("edgar", NOON, None, "ann on box", "audit")
    result = SourcesCheck(
        lambda: on,
        lambda: [status("edgar", pause=pause, degraded_since=NOON, last_error="x"),
                 status("inbox"), status("claude", pause=pause)],
    )()  # fmt: skip
    judged(result, WARN, "edgar is paused by ann on box since 2026-11-22 12:00 UTC: audit")
    assert "claude" not in result.message
    assert result.fix == "when it is over: `python main.py agent resume edgar`"
    result = AnalystsCheck(
        lambda: {"local": None, "claude": None},
        lambda: [status("claude", degraded_since=NOON, last_error="claude: overloaded")],
    )()
    judged(result, WARN, "claude is degraded since 2026-11-22 12:00 UTC: claude: overloaded")
    assert "agent show claude" in result.fix


def test_an_agent_that_is_off_or_gone_is_nothing_to_warn_about() -> None:
    """What it did when it last was on is history."""
    was = [status("edgar", degraded_since=NOON, last_error="x")]
    judged(SourcesCheck(lambda: {"inbox": None, "edgar": "no contact"}, lambda: was)(), PASS)


def test_agents_that_cannot_be_asked_for_are_said_to_be_unknown() -> None:
    """The database that is away has a check of its own."""

    def away() -> list[AgentStatus]:
        raise DatabaseUnavailable("database", "gone")

    judged(SourcesCheck(lambda: {"inbox": None}, away)(), PASS, "how they do is not known")


def test_engine() -> None:
    """Running or not."""
    judged(EngineCheck(lambda: True)(), PASS, "running")
    judged(EngineCheck(lambda: False)(), FAIL, "not running")


# ---- words -------------------------------------------------------------------------------


def test_sizes_and_spans_in_words() -> None:
    """The largest unit that makes sense."""
    assert [megabytes(n) for n in (0, 12_400_000, 1_500_000_000)] == ["0 MB", "12 MB", "1.5 GB"]
    assert [duration(n) for n in (3, 119, 121, 7_200, 90_000, 400_000)] == [
        "3 s",
        "119 s",
        "2 min",
        "2 h",
        "25 h",
        "5 days",
    ]


def test_processes_that_say_nothing() -> None:
    """A silent one is named, with where it is, for how long, and what to do about it."""
    at = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    well = Instance("a-1", "a", "daemon", 7, "box", at, at, None, {}, silent_s=1.9)
    frozen = replace(well, executor="b-1", name="b", kind="worker", pid=8, silent_s=40.4)
    judged(InstancesCheck(running=list)(), PASS, "0 heard of")
    judged(InstancesCheck(running=lambda: [well])(), PASS, "1 heard of")
    result = InstancesCheck(running=lambda: [well, frozen])()
    judged(result, WARN, "b (pid 8 on box) has not been heard of for 40 s; its work waits for it")
    assert result.observed == 1
    assert result.details == {"a-1": "heard of 2 s ago", "b-1": "heard of 40 s ago"}
