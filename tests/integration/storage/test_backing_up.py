"""A backup is one only after it was restored and compared; whatever goes wrong leaves none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from resilience.clock import SystemClock
from storage import proof, server_process
from storage.archive_errors import Damaged, Differs, FileExists, NotEmpty
from storage.archive_file import Manifest
from storage.archive_tables import Catalog
from storage.backing_up import BackedUp, Names, back_up, sweep_parts
from storage.backups import Backups
from storage.database import Database
from storage.proof import Comparison, prove
from storage.restoring import Restored, restore
from storage.scratch_database import scratch_database
from tests.integration.storage.moving import ENGINE, FILL, contents, execute, moved_out
from tests.integration.storage.test_moving import MakeDsn, empty, repacked  # noqa: F401

pytestmark = pytest.mark.database
ROOT = Path(__file__).parents[3]


@pytest.fixture
def used(dsn: str) -> str:
    execute(dsn, FILL)
    return dsn


def backed_up(dsn: str, path: Path, scratch: Path, on_table: object = None) -> BackedUp:
    return back_up(
        dsn,
        path,
        force=False,
        passphrase=None,
        engine=ENGINE,
        folder=scratch,
        clock=SystemClock(),
        version="1",
        on_table=on_table or (lambda *_: None),  # type: ignore[arg-type]
    )


def restored(dsn: str, path: Path) -> Restored:
    return restore(dsn, path, engine=ENGINE, clock=SystemClock(), on_table=lambda *_: None)


def test_it_is_restored_compared_and_counted(used: str, fast_path: Path, empty: MakeDsn) -> None:  # noqa: F811
    """Then a database that is filled from it is the same in every row, and knows that it was."""
    path, target = fast_path / "a.zip", empty()
    execute(used, "update document set sha256 = encode(sha256(content), 'hex') "
                  "from document_raw where id = document_id and id > 2")  # fmt: skip
    before = contents(used)
    made = backed_up(used, path, fast_path / "scratch")
    assert contents(used) == before
    assert path.stat().st_mode & 0o777 == 0o600
    assert made.entry.bytes == path.stat().st_size
    assert made.proof.bodies.count == made.entry.documents == 9
    assert made.proof.bodies.bytes == 9 * 9007
    assert made.proof.bodies.rotten == 2  # FILL's own are no sums of anything
    assert [one.name for one in (fast_path / "scratch").iterdir()] == ["look.lock"]
    done = restored(target, path)
    assert (done.queued, done.calls_open) == (0, 1)
    after = contents(target)
    (mark,) = after.pop("restoration")
    assert str(path) in mark
    assert before.pop("restoration") == []
    assert without_counter(after, "restoration") == without_counter(before, "restoration")
    with closing(Database(target)) as database:
        found = Backups(database).restored()
        assert found is not None
        assert found.taken_at == done.proof.taken_at == made.entry.taken_at
        assert found.restored_at >= found.taken_at


def without_counter(of: dict[str, list[str]], table: str) -> dict[str, list[str]]:
    return of | {"counters": [one for one in of["counters"] if f"'{table}'" not in one]}


def test_the_last_backup_is_known(database: Database) -> None:
    backups = Backups(database)
    assert backups.last() is None
    assert backups.restored() is None


def test_recorded(used: str, fast_path: Path) -> None:
    """The newest by the instant it is of; what is kept of them is bounded."""
    made = backed_up(used, fast_path / "a.zip", fast_path / "scratch").entry
    with closing(Database(used)) as database:
        backups = Backups(database)
        backups.record(made)
        assert backups.last() == made
        execute(used, "insert into backup (taken_at, verified_at, file, host, bytes, documents,"
                      " is_sealed) select '2026-01-01', now(), 'f', 'h', 1, 1, false"
                      " from generate_series(1, 600)")  # fmt: skip
        assert backups.last() == made
        backups.record(made)
    assert execute(used, "select count(*) from backup") == [(500,)]


# ---- what is no backup -------------------------------------------------------------------


def test_a_row_that_comes_back_otherwise(
    used: str, fast_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that stores something else than it was given: nothing is left, and its table is
    named."""
    compare = Comparison.__call__

    def spoiled(self: Comparison, catalog: Catalog, manifest: Manifest) -> None:
        with catalog._connection.cursor() as cursor:
            cursor.execute("alter table company disable trigger user")
            cursor.execute("update company set name = name || '.' where ticker = 'ACME'")
        compare(self, catalog, manifest)

    monkeypatch.setattr(proof.Comparison, "__call__", spoiled)
    with pytest.raises(Differs, match="table company is not what was written"):
        backed_up(used, fast_path / "a.zip", fast_path / "scratch")
    assert [one.name for one in fast_path.iterdir()] == ["scratch"]


def test_a_counter_that_comes_back_otherwise(
    used: str, fast_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare = Comparison.__call__

    def spoiled(self: Comparison, catalog: Catalog, manifest: Manifest) -> None:
        catalog.rows("archive.set_sequence", table="document", column="id", last=3, is_called=True)
        compare(self, catalog, manifest)

    monkeypatch.setattr(proof.Comparison, "__call__", spoiled)
    with pytest.raises(Differs, match="counters"):
        backed_up(used, fast_path / "a.zip", fast_path / "scratch")


def test_verifying_finds_what_was_changed_since(used: str, fast_path: Path) -> None:
    """Also where zip's own checksums were put right, and in one that was made by an export."""
    path = fast_path / "a.zip"
    moved_out(used, path)
    looked = {"engine": ENGINE, "folder": fast_path / "scratch", "clock": SystemClock()}
    good = prove(path, **looked, on_table=lambda *_: None)  # type: ignore[arg-type]
    assert good.manifest.rows > 80

    def change(name: str, content: bytes) -> bytes:
        return content.replace(b"rose", b"fell") if "document_text" in name else content

    with pytest.raises(Damaged, match="document_text"):
        prove(repacked(path, change), **looked, on_table=lambda *_: None)  # type: ignore[arg-type]
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(Damaged, match="cut off"):
        prove(path, **looked, on_table=lambda *_: None)  # type: ignore[arg-type]
    assert [one.name for one in (fast_path / "scratch").iterdir()] == ["look.lock"]


def test_a_restore_wants_an_empty_database_and_a_free_name(used: str, fast_path: Path) -> None:
    path = fast_path / "a.zip"
    backed_up(used, path, fast_path / "scratch")
    before = contents(used)
    with pytest.raises(NotEmpty, match="holds rows"):
        restored(used, path)
    assert contents(used) == before
    with pytest.raises(FileExists):
        backed_up(used, path, fast_path / "scratch")
    assert zipfile.is_zipfile(path)


@pytest.mark.parametrize("nth", [5, 60, 100])
def test_ctrl_c_leaves_nothing(used: str, fast_path: Path, nth: int) -> None:
    """While it is written, restored, compared."""
    calls = 0

    def stop(done: int, total: int, what: str) -> None:
        nonlocal calls
        calls += 1
        if calls == nth:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backed_up(used, fast_path / "a.zip", fast_path / "scratch", stop)
    assert [one.name for one in fast_path.iterdir() if one.name != "scratch"] == []
    assert [*(fast_path / "scratch").glob("look-*")] == []


# ---- kill -9, and a disk that is full ------------------------------------------------------

PROGRAM = """
import os, signal, sys
from pathlib import Path
from tests.integration.storage.test_backing_up import backed_up
dsn, path, scratch, stage = sys.argv[1:]
def stop(done, total, what):
    if what.startswith(stage):
        print(what, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
backed_up(dsn, Path(path), Path(scratch), stop)
"""


@pytest.mark.parametrize("stage", ["company", "restoring document", "comparing document_raw"])
def test_kill_9_leaves_no_backup_and_the_next_one_sweeps(
    used: str, fast_path: Path, stage: str
) -> None:
    """Whenever it comes: no file that looks like a backup, no server that runs on, and the next
    backup takes away the rest."""
    names, scratch = Names("retailxai"), fast_path / "scratch"
    folder = fast_path / "backups"
    folder.mkdir()
    path = folder / names.new(datetime(2026, 11, 22, tzinfo=UTC), is_sealed=False)
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), used, str(path), str(scratch), stage],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert killed.stdout.startswith(stage)
    assert [*folder.glob("retailxai*")] == []
    assert len([*folder.iterdir()]) == 1
    clusters = [one / "postgres" for one in scratch.glob("look-*")]
    assert len(clusters) == (0 if stage == "company" else 1)
    clock = SystemClock()
    give_up_at = clock.monotonic() + 30
    while any(server_process.serving_pid(cluster) for cluster in clusters):
        assert clock.monotonic() < give_up_at, "its server runs on"
        clock.wait(0.05)
    (folder / "notes.part").write_text("somebody's")
    sweep_parts(folder, names)
    backed_up(used, path, scratch)
    assert sorted(one.name for one in folder.iterdir()) == ["notes.part", path.name]
    assert [one.name for one in scratch.iterdir()] == ["look.lock"]


def test_a_server_that_does_not_end_by_itself_is_ended(fast_path: Path) -> None:
    """As one whose disk is full: told to stop, it does not; nothing of it is left."""
    clock = SystemClock()
    with scratch_database(fast_path, clock) as dsn:
        (cluster,) = (one / "postgres" for one in fast_path.glob("look-*"))
        pid = server_process.serving_pid(cluster)
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        assert dsn
        thaw = threading.Timer(7, os.kill, (pid, signal.SIGCONT))  # past the time it is given
        thaw.start()
    assert b"postgres" not in command_line(pid), "it is gone when its place is"
    thaw.join()
    assert [one.name for one in fast_path.iterdir()] == ["look.lock"]


def command_line(pid: int) -> bytes:
    """Nothing for one that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


FULL = """
import resource, sys
from pathlib import Path
from storage.archive_errors import FileUnusable
from tests.integration.storage.test_backing_up import backed_up
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
try:
    backed_up(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
except FileUnusable as error:
    print(error)
"""


def test_a_disk_that_takes_no_more(used: str, fast_path: Path) -> None:
    """The system refuses in the middle of a table: a named error, and no half file."""
    execute(used, "update document_raw set content = content || "
                  "decode(md5(random()::text) || md5(random()::text), 'hex')")  # fmt: skip
    path, scratch = fast_path / "a.zip", fast_path / "scratch"
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL), used, str(path), str(scratch)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == f"{path}: File too large"
    assert [*fast_path.iterdir()] == []


def test_what_lives_is_not_swept(tmp_path: Path) -> None:
    """Another backup that is being written just now, and files of other names."""
    names = Names("main")
    part = tmp_path / ".main-20261122T000000Z.zip.77.part"
    with part.open("wb") as stream:
        import fcntl

        fcntl.flock(stream, fcntl.LOCK_EX)
        sweep_parts(tmp_path, names)
        assert part.exists()
    (tmp_path / ".other-20261122T000000Z.zip.77.part").touch()
    sweep_parts(tmp_path, names)
    assert [one.name for one in tmp_path.iterdir()] == [".other-20261122T000000Z.zip.77.part"]


def test_which_backups_go(tmp_path: Path) -> None:
    """The oldest by name, sealed or not; never a file of another name or installation."""
    names = Names("main")
    for day in range(1, 5):
        at = datetime(2026, 11, day, 7, tzinfo=UTC)
        (tmp_path / names.new(at, is_sealed=day % 2 == 0)).touch()
    others = ("main-x.zip", "main-20261101T070000Z.zip.old", "other-20261101T070000Z.zip", "a.zip")
    for name in others:
        (tmp_path / name).touch()
    new = tmp_path / "main-20261104T070000Z.zip.sealed"
    gone = [path.name for path in names.older(new, 2)]
    assert gone == ["main-20261102T070000Z.zip.sealed", "main-20261101T070000Z.zip"]
    assert names.older(new, 9) == []
    set_back = tmp_path / "main-20261101T070000Z.zip"  # made last, by a clock that was put right
    assert set_back not in names.older(set_back, 1)
    assert len(names.older(set_back, 1)) == 3
