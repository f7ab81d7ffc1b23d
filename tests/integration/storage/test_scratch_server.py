"""The server that is there to be ill-treated: each fault is one, and what was committed stays."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from resilience.clock import SystemClock
from storage.scratch_server import ScratchServer, Stop
from tests.acceptance.processes import eventually

pytestmark = pytest.mark.database


@pytest.fixture
def server(fast_path: Path, postgres_binaries: None) -> Iterator[ScratchServer]:
    fast_path.chmod(0o711)
    made = ScratchServer(fast_path, SystemClock())
    try:
        made.make()
        yield made
    finally:
        made.close()


def asked(address: str, sql: str = "select 1") -> object:
    connection = psycopg2.connect(address, connect_timeout=2, options="-c statement_timeout=2s")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone() if cursor.description else None
    finally:
        connection.close()


def test_the_network_asks_for_the_password(server: ScratchServer) -> None:
    """Another account of this machine reaches neither the socket nor a database."""
    assert asked(server.dsn) == (1,)
    assert asked(server.url(server.port)) == (1,)
    stranger = f"postgresql://retailxai@127.0.0.1:{server.port}/retailxai"
    with pytest.raises(psycopg2.OperationalError, match="no password supplied"):
        asked(stranger)
    assert stat.S_IMODE(server.cluster.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize("how", ["fast", "immediate", "kill"])
def test_it_goes_and_comes_back_with_what_was_committed(
    server: ScratchServer, how: Stop | str
) -> None:
    asked(server.dsn, "create table kept as select 7 as seven")
    session = psycopg2.connect(server.dsn)
    if how == "kill":
        server.kill()
    else:
        server.stop("fast" if how == "fast" else "immediate")
    with pytest.raises(psycopg2.OperationalError):
        asked(server.dsn)
    server.start()
    assert asked(server.dsn, "select seven from kept") == (7,)
    with pytest.raises(psycopg2.Error), session.cursor() as cursor:
        cursor.execute("select 1")
    session.close()


def test_frozen_it_answers_nobody_and_forgets_nothing(server: ScratchServer) -> None:
    """Open sessions too: every one of its processes stands still."""
    session = psycopg2.connect(server.dsn)
    pid = session.get_backend_pid()
    server.freeze()
    eventually(lambda: _state(pid) == "T", "its process stands still", 10)
    with pytest.raises(psycopg2.OperationalError, match="timeout expired"):
        asked(server.dsn)
    server.thaw()
    with session.cursor() as cursor:
        cursor.execute("select 1")
        assert cursor.fetchone() == (1,)
    session.close()


def _state(pid: int) -> str:
    """As the kernel writes it: R, S, T."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
