"""Whether this machine can run the program."""

from __future__ import annotations

import errno
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from operations import preflight
from operations.preflight import Finding, Severity, worst
from resilience.outcomes import CallFailed
from storage.server_errors import BinariesMissing, StartFailed

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GB = 1_000_000_000


def test_worst() -> None:
    """One error outweighs any number of warnings; nothing found is nothing wrong."""

    def of(*severities: str) -> Severity:
        return worst(Finding("x", Severity(one), "") for one in severities)

    assert of() is Severity.OK
    assert of("ok", "warning", "ok") is Severity.WARNING
    assert of("warning", "error", "ok") is Severity.ERROR


@pytest.mark.parametrize(
    ("version", "severity"),
    [((3, 11, 0), "ok"), ((3, 14, 1), "ok"), ((3, 10, 14), "error"), ((2, 7, 18), "error")],
)
def test_python(version: tuple[int, ...], severity: str) -> None:
    """3.11 is the oldest; compared as numbers, not as text."""
    assert preflight.python_version(version).severity == severity


def test_this_python() -> None:
    """The suite runs on one that will do."""
    assert preflight.python_version().severity is Severity.OK


def test_database_reached() -> None:
    """What answered is said."""
    found = preflight.database(lambda: "PostgreSQL 18.6, 3 ms", "set DATABASE_URL")

    assert found == Finding("database", Severity.OK, "PostgreSQL 18.6, 3 ms")


@pytest.mark.parametrize(
    ("failure", "message", "fix", "passes"),
    [
        (CallFailed("database", "no rights"), "no rights", "set DATABASE_URL", False),
        (CallFailed("database", "gone", retryable=True), "gone", "set DATABASE_URL", True),
        (CallFailed("database", "no role x", fix="create it"), "no role x", "create it", False),
        (ConnectionRefusedError(111, "Connection refused"), "refused", "set DATABASE_URL", True),
        (TimeoutError(), "TimeoutError", "set DATABASE_URL", True),
        (BinariesMissing("no binaries", "install them"), "no binaries", "install them", False),
        (StartFailed("disk full", "make room"), "disk full", "make room", True),
    ],
)
def test_database_not_reached(failure: Exception, message: str, fix: str, passes: bool) -> None:
    """An unreachable database is an error with the failure's own fix, said once, and with whether
    it is worth another start."""

    def ask() -> str:
        raise failure

    found = preflight.database(ask, "set DATABASE_URL")

    assert found.severity is Severity.ERROR
    assert message in found.message
    assert found.fix == fix
    assert fix not in found.message
    assert found.passes is passes


@pytest.mark.parametrize(
    ("found", "is_fit", "severity", "words"),
    [
        ("0003", True, "ok", "revision 0003"),
        ("0001", False, "ok", "migrated at the next start"),
        ("none", False, "ok", "empty"),
        ("0004", False, "error", "newer program"),
        ("0004", True, "warning", "works on it"),
    ],
)
def test_schema(found: str, is_fit: bool, severity: str, words: str) -> None:
    """Behind is mended by a start; ahead must not be touched, unless it says that it may."""
    finding = preflight.schema(found, "0003", is_fit)

    assert finding.severity == severity
    assert words in finding.message


def test_folder_is_made_and_left_clean(tmp_path: Path) -> None:
    """A missing folder is made, and the probe leaves nothing behind."""
    path = tmp_path / "a" / "b"

    assert preflight.folder("data", path).severity is Severity.OK
    assert list(path.iterdir()) == []


def test_folder_in_the_way(tmp_path: Path) -> None:
    """A file where the folder belongs is an error that names it."""
    path = tmp_path / "data"
    path.write_text("x")

    for place in (path, path / "below"):
        found = preflight.folder("data", place)
        assert found.severity is Severity.ERROR
        assert str(place) in found.message
        assert found.fix


def test_folder_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fix is room, not rights."""

    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("operations.preflight.tempfile.TemporaryFile", full)
    found = preflight.folder("data", tmp_path)
    assert found.severity is Severity.ERROR
    assert "No space left" in found.message
    assert found.fix == "make room there, or set RETAILXAI_DATA_DIR to another folder"
    assert found.passes


def test_folder_nobody_may_write() -> None:
    """Even root may not write to /proc."""
    found = preflight.folder("log", Path("/proc/1/logs"))
    assert found.severity is Severity.ERROR
    assert not found.passes


@pytest.mark.parametrize(
    ("free", "severity"),
    [(50 * GB, "ok"), (GB, "ok"), (GB - 1, "warning"), (99_000_000, "error"), (0, "error")],
)
def test_disk(tmp_path: Path, free: int, severity: str) -> None:
    """A gigabyte is comfortable, a tenth of it the least."""
    found = preflight.free_disk(tmp_path, lambda _: free)

    assert found.severity == severity
    assert bool(found.fix) == (severity != "ok")


def test_disk_of_a_folder_to_be(tmp_path: Path) -> None:
    """The nearest parent that exists is asked."""
    asked: list[Path] = []

    def free(path: Path) -> int:
        asked.append(path)
        return GB

    preflight.free_disk(tmp_path / "x" / "y", free)

    assert asked == [tmp_path]


def test_disk_that_cannot_be_asked(tmp_path: Path) -> None:
    """A dead mount is an error, not a crash."""

    def dead(path: Path) -> int:
        raise OSError(5, "Input/output error")

    assert preflight.free_disk(tmp_path, dead).severity is Severity.ERROR
    assert preflight.free_disk(tmp_path).message


def test_time_zone() -> None:
    """A zone says its time of day; one without rules is an error."""
    assert "07:00" in preflight.time_zone("America/New_York", NOW).message
    for unknown in ("Mars/Olympus", "../x", "America", ""):
        assert preflight.time_zone(unknown, NOW).severity is Severity.ERROR


@pytest.mark.parametrize(
    ("skew_s", "severity"),
    [(0, "ok"), (59, "ok"), (-59, "ok"), (120, "warning"), (-120, "warning"), (7200, "error")],
)
def test_clock_against_the_database(skew_s: int, severity: str) -> None:
    """Leases go by the database's clock: a small difference is told, a large one stops."""
    found = preflight.system_clock(NOW, NOW - timedelta(seconds=skew_s))

    assert found.severity == severity
    if skew_s > 60:
        assert "ahead" in found.message


def test_clock_that_was_never_set() -> None:
    """A machine without a battery wakes up in 1970."""
    never_set = preflight.system_clock(datetime(1970, 1, 1, tzinfo=UTC))
    assert never_set.severity is Severity.ERROR
    assert never_set.passes
    assert preflight.system_clock(NOW).severity is Severity.OK


def test_sources() -> None:
    """One must work; one that is wanted and cannot costs function and says how to mend it."""
    assert preflight.sources({"edgar": None, "inbox": None}).severity is Severity.OK
    off = preflight.sources({"edgar": "set SEC_CONTACT", "inbox": None})
    assert (off.severity, off.fix) == (Severity.WARNING, "edgar is off: set SEC_CONTACT")
    assert preflight.sources({"edgar": "set SEC_CONTACT"}).severity is Severity.ERROR
    assert preflight.sources({}).severity is Severity.ERROR
    every = {"edgar": None, "feeds": "set enabled = true"}
    told = preflight.sources({"edgar": None}, every)
    assert (told.severity, told.fix) == (Severity.OK, "")
    assert told.message == "on: edgar; feeds is off: set enabled = true"


def test_analysts() -> None:
    """Without a key it is a choice; with nobody left it is an error."""
    told = preflight.analysts({"claude": "set ANTHROPIC_API_KEY", "local": None})
    assert told.severity is Severity.OK
    assert "ANTHROPIC_API_KEY" in told.message
    assert preflight.analysts({"claude": "no key"}).severity is Severity.ERROR


def test_connection_budget() -> None:
    """A pool that had to shrink is a warning with what to change."""
    assert preflight.connection_budget(None, 200, 30, 4).severity is Severity.OK
    found = preflight.connection_budget("4 processes want 140. Raise it to 140.", 100, 20, 4)
    assert (found.message, found.fix) == ("4 processes want 140", "Raise it to 140")


def test_online() -> None:
    """A provider that does not answer is a warning: the program runs without it."""

    def refused() -> str:
        raise CallFailed("claude", "key refused (401)", fix="make a new key")

    assert preflight.online("edgar", lambda: "200 in 0.1 s").name == "edgar online"
    assert preflight.online("claude", refused).severity is Severity.WARNING
    assert preflight.online("claude", refused).fix == "make a new key"
