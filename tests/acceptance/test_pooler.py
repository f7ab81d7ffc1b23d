"""The shipped program through a real PgBouncer: it refuses one that lends sessions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.acceptance.installation import SCAN, Installation
from tests.acceptance.processes import eventually
from tests.servers.pgbouncer import Bouncer, needs_pgbouncer, tell
from tests.servers.tcp_postgres import tcp_postgres

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

SAMPLES = 5


@pytest.fixture
def direct(postgres_binaries: None, fast_path: Path) -> Iterator[str]:
    needs_pgbouncer()
    with tcp_postgres(fast_path) as dsn:
        yield dsn


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_in_transaction_mode_nothing_begins(direct: str, fast_path: Path, held: ExitStack) -> None:
    """Though nobody else uses the pooler: daemon, worker and scan end with 78 and say what to do,
    `check` and `doctor` say it too; no lock is left on a session that others will get."""
    bouncer = held.enter_context(Bouncer(fast_path, direct, "transaction"))
    house = held.enter_context(Installation(fast_path / "house", dsn=bouncer.dsn))
    for arguments in ((), ("worker",), ("scan",)):
        ended = house.run(*arguments)
        assert ended.code == 78, ended.said
        for words in ("pooler", "transaction mode", f":{bouncer.port}", "pool_mode = session"):
            assert words in ended.err, ended.said
        assert "already exists" not in ended.err
    check = json.loads(house.run("check", "--json").out)
    (found,) = [one for one in check["findings"] if one["name"] == "pooler"]
    assert found["severity"] == "error"
    assert "pool_mode = session" in found["fix"]
    assert "transaction mode" in house.run("doctor").out
    assert tell(direct, "select count(*) from pg_locks where locktype = 'advisory'") == [(0,)]


@pytest.mark.timeout(300)
def test_in_session_mode_it_works(direct: str, fast_path: Path, held: ExitStack) -> None:
    """A scan that was missed is done, a second daemon of the name is refused, and after a kill -9
    the next daemon finds the first one dead and goes on."""
    bouncer = held.enter_context(Bouncer(fast_path, direct, "session", default_pool_size=80))
    house = held.enter_context(Installation(fast_path / "house", dsn=bouncer.dsn))
    house.miss_a_slot()
    daemon = house.daemon()
    eventually(lambda: [state for _, state in house.runs()] == ["succeeded"], "the scan is done")
    assert house.counts()["analysis"] == SAMPLES
    second = house.run()
    assert second.code == 75, second.said
    assert f"pid {daemon.pid}" in second.err
    assert "keeps sessions" in house.run("check").out
    daemon.kill()
    after = house.daemon()
    gone = "select count(*) from instance where pid = %s and fenced_at is not null"
    eventually(lambda: house.one(gone, daemon.pid) == 1, "the first one is found dead")
    assert [state for _, state in house.runs(SCAN)] == ["succeeded"]
    assert after.stop().code == 0
