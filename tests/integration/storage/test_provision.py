"""storage.provision: a role and a database of one's own, made by a superuser; none is taken."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from storage import server_binaries
from storage.provision import REFUSED, TRY_LATER
from tests.integration.storage.moving import tcp_server

pytestmark = pytest.mark.database
ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "only%40in-tests"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of a server as others run it, whose superuser is `boss`."""
    with tcp_server(tmp_path_factory.mktemp("server") / "pg", server_binaries.find()) as dsn:
        yield dsn.rpartition("@")[2].partition("/")[0]


def ordered(server: str, name: str, **more: object) -> subprocess.CompletedProcess[str]:
    """As the installer asks for it: everything by standard input."""
    order = {
        "admin": f"postgresql://boss@{server}/postgres",
        "url": f"postgresql://{name}:{PASSWORD}@{server}/{name}",
        "may_take_over": False,
        **more,
    }
    return subprocess.run(
        [sys.executable, "-m", "storage.provision"],
        cwd=ROOT, input=json.dumps(order), capture_output=True, text=True, check=False,
    )  # fmt: skip


def asked(server: str, name: str, question: str) -> object:
    connection = psycopg2.connect(f"postgresql://{name}:{PASSWORD}@{server}/{name}")
    with connection, connection.cursor() as cursor:
        cursor.execute(question)
        (found,) = cursor.fetchone() or (None,)
    connection.close()
    return found


def test_a_role_and_its_database_are_made(server: str) -> None:
    """It may make tables there, and is nothing more than a role that logs in."""
    done = ordered(server, "shop")
    assert (done.returncode, done.stdout) == (0, "role shop, database shop\n"), done.stderr
    asked(server, "shop", "create table t (x int); select 1")
    rights = "select rolsuper or rolcreatedb or rolcreaterole from pg_roles where rolname = 'shop'"
    assert asked(server, "shop", rights) is False
    kept = psycopg2.connect(f"postgresql://boss@{server}/postgres")
    with kept, kept.cursor() as cursor:
        cursor.execute("select rolpassword from pg_authid where rolname = 'shop'")
        assert (cursor.fetchone() or [""])[0].startswith("SCRAM-SHA-256$")
    kept.close()


def test_nobody_elses_role_is_taken(server: str) -> None:
    """Unless an interrupted run of ours made it: then it is finished."""
    boss = psycopg2.connect(f"postgresql://boss@{server}/postgres")
    boss.autocommit = True
    with boss.cursor() as cursor:
        cursor.execute("create role theirs")
    boss.close()
    refused = ordered(server, "theirs")
    assert refused.returncode == REFUSED
    assert "has a role theirs already" in refused.stderr
    taken = ordered(server, "theirs", may_take_over=True)
    assert (taken.returncode, taken.stdout) == (0, "database theirs\n"), taken.stderr
    assert asked(server, "theirs", "select 1") == 1


def test_a_server_that_is_away_is_to_be_tried_again(server: str) -> None:
    done = ordered(server, "shop", admin="postgresql://boss:hush@127.0.0.1:1/postgres")
    assert done.returncode == TRY_LATER
    assert "hush" not in done.stderr
    assert PASSWORD not in done.stderr
