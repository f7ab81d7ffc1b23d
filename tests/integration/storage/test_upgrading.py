"""The embedded database from one major version to the next, with the programs of both: nothing is
lost, whenever it is killed, and the old folder stays."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from resilience.clock import SystemClock
from storage import server_binaries, switching
from storage.archive_errors import Differs, InUse, OthersThere
from storage.archive_tables import Catalog
from storage.embedded import EmbeddedServer
from storage.schema import migrate
from storage.server_binaries import Binaries
from storage.server_errors import BinariesMissing, StartFailed, VersionMismatch
from storage.upgrading import Upgraded, Versions, drop_former, upgrade, versions
from tests.conftest import make_engine
from tests.integration.storage.moving import ENGINE, FILL, contents, execute
from tests.integration.storage.test_moving import majors
from tests.leftovers import fresh_folder

pytestmark = pytest.mark.database
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def old(postgres_binaries: None) -> Binaries:
    """Programs of an older version: `make ci-deps` installs the system's."""
    older = majors()[:-1]
    if not older:
        reason = "there is one PostgreSQL only on this machine"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return server_binaries.find(older[-1])


@pytest.fixture(scope="module")
def original(old: Binaries) -> Iterator[Path]:
    """A data folder that the old version made, filled with odd rows, stopped."""
    folder = fresh_folder()
    server = EmbeddedServer(folder / "data", fsync=False, binaries=old)
    dsn = server.start()
    migrate(dsn)
    make_engine(dsn)
    execute(dsn, FILL)
    assert server.leave()
    yield folder / "data"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def data(original: Path, fast_path: Path) -> Path:
    """A copy of it, to be upgraded."""
    shutil.copytree(original, fast_path / "data", symlinks=True)
    (fast_path / "backups").mkdir()
    return fast_path / "data"


def upgraded(data: Path, name: str = "a.zip", **more: object) -> Upgraded:
    wanted = {"old_programs": None, "leave_others": False, "passphrase": None, **more}
    return upgrade(
        data,
        versions(data, SystemClock()),
        data.parent / "backups" / name,
        engine=ENGINE,
        clock=SystemClock(),
        version="1",
        on_table=lambda *_: None,
        **wanted,  # type: ignore[arg-type]
    )


def held(data: Path) -> tuple[int, dict[str, list[str]]]:
    """Which version serves it, as any user would start it, and all it holds."""
    server = EmbeddedServer(data, fsync=False)
    try:
        dsn = server.start()
        ((number,),) = execute(dsn, "select current_setting('server_version_num')::int / 10000")
        assert isinstance(number, int)
        return number, contents(dsn)
    finally:
        server.leave()


def test_every_row_is_there_and_the_old_folder_stays(data: Path, old: Binaries) -> None:
    major, before = held(data)
    assert major == old.major, "a folder of an older version goes on with its programs"
    assert sum(map(len, before.values())) > 80
    done = upgraded(data)
    new = server_binaries.find().major
    assert held(data) == (new, before)
    assert new > old.major
    assert done.kept == data / f"postgres.old-{old.major}"
    assert (done.kept / "PG_VERSION").read_text().strip() == str(old.major)
    assert (data.parent / "backups" / "a.zip").stat().st_size == done.bytes
    assert done.proof.bodies.count == 9
    assert not switching.workshop(data).exists()
    assert versions(data, SystemClock()).is_current
    assert drop_former(data) == [done.kept]
    assert not done.kept.exists()
    assert held(data) == (new, before)


def test_a_folder_without_its_programs_names_the_way(
    data: Path, old: Binaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the wheel alone is installed, a start is refused, and the upgrade is told of the
    programs; they may lie where a wheel was unpacked."""
    new = server_binaries.find()
    monkeypatch.setattr(server_binaries, "_candidates", lambda: iter([new.folder]))
    with pytest.raises(VersionMismatch, match="db upgrade --old-binaries"):
        EmbeddedServer(data).start()
    with pytest.raises(VersionMismatch, match=f"was made by PostgreSQL {old.major}"):
        upgraded(data)
    with pytest.raises(VersionMismatch, match=f"are {new.major}"):
        upgraded(data, old_programs=new.folder)
    with pytest.raises(BinariesMissing, match="holds no PostgreSQL programs"):
        upgraded(data, old_programs=data)
    unpacked = data.parent / "wheel" / "pgserver" / "pginstall"
    unpacked.mkdir(parents=True)
    (unpacked / "bin").symlink_to(old.folder)
    upgraded(data, old_programs=data.parent / "wheel")
    assert (data / "postgres" / "PG_VERSION").read_text().strip() == str(new.major)


def test_a_newer_folder_is_not_brought_down(data: Path) -> None:
    marker = data / "postgres" / "PG_VERSION"
    marker.write_text("99\n")
    with pytest.raises(VersionMismatch, match="was made by PostgreSQL 99"):
        versions(data, SystemClock())


def test_nobody_else_may_use_it(data: Path) -> None:
    """Before it begins it looks; while it runs nobody gets in."""
    user = EmbeddedServer(data)
    user.start()
    try:
        with pytest.raises(InUse, match="processes use the database"):
            upgraded(data)
    finally:
        user.leave()
    tried: list[str] = []

    def other(done: int, of: int, what: str) -> None:
        if what.startswith("filling") and not tried:
            with pytest.raises(StartFailed) as refused:
                EmbeddedServer(data, start_within_s=0.1).start()
            tried.append(str(refused.value))

    upgrade(
        data, versions(data, SystemClock()), data.parent / "a.zip", old_programs=None,
        passphrase=None, leave_others=False, engine=ENGINE, clock=SystemClock(), version="1",
        on_table=other,
    )  # fmt: skip
    assert len(tried) == 1
    assert "postgres.lock" in tried[0]


def test_what_is_not_the_programs_is_not_left_behind_unasked(data: Path) -> None:
    server = EmbeddedServer(data)
    dsn = server.start()
    execute(dsn, "create table notes (x int); create materialized view mine as select 1 as x")
    server.leave()
    before = held(data)
    with pytest.raises(OthersThere, match=r"there is: mine, notes"):
        upgraded(data)
    assert held(data) == before
    assert [*(data.parent / "backups").iterdir()] == []
    upgraded(data, leave_others=True)
    assert held(data)[1] == before[1]


def test_a_row_that_comes_back_otherwise_changes_nothing(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = held(data)
    monkeypatch.setattr(Catalog, "sequences", sequences_of_another())
    with pytest.raises(Differs):
        upgraded(data)
    monkeypatch.undo()
    assert held(data) == before
    assert [*(data.parent / "backups").iterdir()] == []
    assert not switching.workshop(data).exists()


def sequences_of_another() -> object:
    calls = [0]
    real = Catalog.sequences

    def found(self: Catalog, tables: list[str]) -> object:
        calls[0] += 1
        return real(self, tables)[calls[0] - 1 :]

    return found


# ---- kill -9 -----------------------------------------------------------------------------

PROGRAM = """
import os, signal, sys
from pathlib import Path
from storage import switching
from tests.integration.storage import test_upgrading as tested
data, stage = Path(sys.argv[1]), sys.argv[2]
def die(*_):
    print("killed", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
def on_table(done, of, what):
    if what.startswith(stage):
        die()
write = switching._write
if stage == "ready":
    switching._write = lambda *what: (write(*what), die())
if stage == "moved":
    sync = switching._sync
    switching._sync = lambda folder: die() if folder.name == "data" else sync(folder)
tested.upgrade(data, tested.versions(data, tested.SystemClock()), data.parent / "backups" / "a.zip",
    old_programs=None, passphrase=None, leave_others=False, engine=tested.ENGINE,
    clock=tested.SystemClock(), version="1", on_table=on_table)
"""


@pytest.mark.parametrize(
    "stage", ["document", "filling document", "comparing job", "ready", "moved"]
)
def test_kill_9_leaves_the_one_or_the_other_whole(data: Path, old: Binaries, stage: str) -> None:
    """Whoever starts next serves all of it; the command, given again, comes to its end."""
    before = held(data)
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), str(data), stage],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (killed.returncode, killed.stdout) == (-signal.SIGKILL, "killed\n"), killed.stderr
    decided = stage == "moved"
    assert (data / "postgres").exists() is not decided
    new = server_binaries.find().major
    assert held(data) == (new if decided else old.major, before[1])
    if not decided:
        execute_in(data, "insert into company (ticker, name) values ('LATE', 'After the kill')")
        before = held(data)
        upgraded(data, "b.zip")
    assert held(data) == (new, before[1])
    assert versions(data, SystemClock()) == Versions(new, server_binaries.find())
    assert not switching.workshop(data).exists()
    assert len(switching.former(data)) == 1


def execute_in(data: Path, statement: str) -> None:
    server = EmbeddedServer(data)
    execute(server.start(), statement)
    server.leave()


def test_former_folders_do_not_meet(fast_path: Path) -> None:
    """One that was kept before is not written over."""
    for number in (1, 2):
        (fast_path / "postgres").mkdir()
        (switching.workshop(fast_path) / "postgres").mkdir(parents=True)
        (switching.workshop(fast_path) / "postgres" / str(number)).touch()
        switching.switch(fast_path / "postgres", "postgres.old-15")
        assert [one.name for one in (fast_path / "postgres").iterdir()] == [str(number)]
        shutil.rmtree(fast_path / "postgres")
    kept = [one.name for one in switching.former(fast_path)]
    assert kept == ["postgres.old-15", "postgres.old-15.2"]
