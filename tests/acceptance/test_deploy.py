"""`python -m deploy` from an empty tree to an empty one: real processes, a real database."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from deploy.upgrading.journal import JournalFile, Phase
from deploy.waiting import until
from storage import server_binaries
from storage.schema import expected, schema_standing
from tests.acceptance.deployed import NEXT, Deployed, tree, with_harsh_schema, with_next_schema
from tests.integration.storage.moving import tcp_server

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]
BROKEN = 'import sys\nsys.stderr.write("it does not start\\\\n")\nsys.exit(3)\n'


@pytest.fixture
def machine(fast_path: Path, dsn: str) -> Iterator[Deployed]:
    with Deployed(fast_path / "deployed", dsn) as made:
        yield made


def killed_when(machine: Deployed, phase: Phase, *arguments: str) -> None:
    """An upgrade, and all that it started, ended by kill -9 as soon as its journal says so."""
    going = machine.start("upgrade", *arguments)
    journal = JournalFile(machine.places.journal)

    def has_come() -> bool:
        found = journal.read()
        return found is not None and found.has(phase)

    assert until(lambda: has_come() or going.poll() is not None, 120, 0.002)
    os.killpg(going.pid, signal.SIGKILL)
    going.communicate()
    assert going.returncode == -signal.SIGKILL
    assert journal.read() is not None, "it was killed in the middle"


def everything(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if "run" not in path.relative_to(root).parts)


@pytest.mark.timeout(600)  # a dozen commands of a person, each with processes of its own
def test_a_life_from_install_to_uninstall(machine: Deployed, fast_path: Path, dsn: str) -> None:
    """Installed; again: nothing; upgraded, killed, gone on; back, on the newer schema; away."""
    first = tree(fast_path / "first", "1.0.0")
    second = with_next_schema(tree(fast_path / "second", "1.1.0"))
    code, said = machine.install(first)
    assert code == 0, said
    one = machine.releases.current() or ""
    assert one.startswith("1.0.0-")
    assert machine.running() == one
    secret = machine.places.credential("DATABASE_URL")
    assert secret.stat().st_mode & 0o777 == 0o600
    assert dsn not in said
    assert machine.places.environment.read_text().startswith("APP_ENV=development")
    code, said = machine.install(first)
    assert (code, "0 changed" in said) == (0, True), said
    code, said = machine.do("ask", "doctor")
    assert code == 0, said
    assert "DATABASE_URL (credential)" in said, "with what the service is handed"
    assert f"pid {machine.keeper.pid()} on" in said
    code, said = machine.do("ask", "--dry-run", "nonsense")
    assert (code, "would run, as the service: main.py nonsense" in said) == (0, True), said

    pid = machine.keeper.pid()
    killed_when(machine, Phase.SAVED, "--source", str(second))
    assert (machine.releases.current(), machine.keeper.pid()) == (one, pid), "the old one runs"
    code, said = machine.do("upgrade", "--source", str(second))
    assert code == 0, said
    assert "was interrupted when saved; going on" in said
    two = machine.releases.current() or ""
    assert two.startswith("1.1.0-")
    assert (machine.running(), machine.releases.former()) == (two, one)
    assert schema_standing(dsn).current == NEXT
    (backup,) = {path.name for path in machine.places.backups.glob("*.zip")}
    assert backup.startswith(f"before-upgrade-{one}-")

    taken_back(machine, tree(fast_path / "broken", "1.2.0"))
    refused(machine, with_harsh_schema(tree(fast_path / "harsh", "2.0.0")))
    smoke, said = machine.do("smoke")
    assert (smoke, said.count("PASS")) == (0, 5), said

    code, said = machine.do("rollback")
    assert code == 0, said
    assert "is live and ready" in said, "the old program works on the newer schema"
    assert machine.running() == one
    code, said = machine.do("rollback")
    assert (code, "no former release" in said) == (5, True), said

    code, said = machine.do("uninstall")
    assert code == 0, said
    assert not machine.places.program.exists()
    assert not machine.places.environment.exists()
    assert (machine.running(), machine.places.backups.exists(), secret.exists()) == ("", True, True)
    assert str(machine.places.state) in said


def taken_back(machine: Deployed, broken: Path) -> None:
    """A release that does not start: by itself, with exit 1 and the reason."""
    was, former = machine.running(), machine.releases.former()
    serving = broken / "bootstrap/daemon.py"
    serving.write_text(BROKEN + serving.read_text().replace("from __future__", "#", 1))
    code, said = machine.do("upgrade", "--source", str(broken), "--healthy-within", "20")
    assert code == 1, said
    assert "it does not start" in said
    assert f"{was} runs again" in said
    stands = (machine.running(), machine.releases.current(), machine.releases.former())
    assert stands == (was, was, former)
    assert not machine.places.journal.exists()


def refused(machine: Deployed, harsh: Path) -> None:
    """A schema that takes away, before anything is done to the one that runs."""
    pid = machine.keeper.pid()
    code, said = machine.do("upgrade", "--source", str(harsh))
    assert (code, "nothing could go back" in said) == (5, True), said
    assert machine.keeper.pid() == pid


def test_a_plan_and_a_dry_run_change_nothing(machine: Deployed, fast_path: Path, dsn: str) -> None:
    before = everything(machine.root)
    first = tree(fast_path / "first", "1.0.0")
    address = ("--source", str(first), "--credential", f"DATABASE_URL={machine.address}")
    for verb, more in (("plan", ()), ("install", ("--dry-run",))):
        code, said = machine.do(verb, *address, *more)
        assert code == 0, said
        assert "would change" in said
    assert machine.do("uninstall", "--dry-run")[0] == 0
    assert machine.do("upgrade", "--source", str(first))[0] == 78
    (machine.places.program / "deploy.lock").unlink()
    machine.places.program.rmdir()
    machine.places.program.parent.rmdir()
    assert everything(machine.root) == before
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from job_run")
        assert cursor.fetchone() == (0,)
    connection.close()


@pytest.mark.timeout(300)
def test_a_database_is_made_by_one_who_may(machine: Deployed, fast_path: Path) -> None:
    """With a password that nobody has seen; done again nothing is changed, and no new one made."""
    first, admin = tree(fast_path / "first", "1.0.0"), fast_path / "admin"
    with tcp_server(fast_path / "server", server_binaries.find()) as theirs:
        address = theirs.rpartition("@")[2].partition("/")[0]
        boss = f"postgresql://boss@{address}/postgres"
        with closing(psycopg2.connect(boss)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute("drop database retailxai")
        admin.write_text(boss + "\n")
        order = ("--source", str(first), "--database-admin", str(admin))
        code, said = machine.do("install", *order)
        assert (code, "has a role retailxai already" in said) == (5, True), said
        with closing(psycopg2.connect(boss)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute("drop role retailxai")
        code, said = machine.do("install", *order)
        assert code == 0, said
        secret = machine.places.credential("DATABASE_URL").read_text().strip()
        assert secret.startswith("postgresql://retailxai:")
        assert secret.split(":")[2].partition("@")[0] not in said
        assert schema_standing(secret).current == expected()
        code, said = machine.do("install", *order)
        assert (code, "0 changed" in said) == (0, True), said
        assert machine.places.credential("DATABASE_URL").read_text().strip() == secret
        machine.keeper.stop()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("install", "--credential", "GROQ_API_KEYS=x"), 2, "did you mean GROQ_API_KEY?"),
        (("install", "--credential", "GROQ_API_KEY=/nowhere"), 2, "/nowhere"),
        (("install",), 78, "which PostgreSQL"),
        (("smoke",), 78, "nothing is installed"),
        (("rollback",), 5, "no former release"),
        (("uninstall", "--purge"), 5, "nobody to ask"),
    ],
)
def test_what_cannot_be_done_says_why(
    machine: Deployed, arguments: tuple[str, ...], code: int, words: str
) -> None:
    ended, said = machine.do(*arguments)
    assert (ended, words in said) == (code, True), said


def test_a_deploy_waits_for_what_a_killed_one_started(machine: Deployed) -> None:
    """Its children hold the lock: two never write into one release."""
    machine.places.program.mkdir(parents=True)
    holder = subprocess.Popen(["flock", str(machine.places.lock), "sleep", "1"])
    ended, said = machine.do("rollback")
    assert holder.poll() is not None, "it did not wait"
    assert ended == 5, said
