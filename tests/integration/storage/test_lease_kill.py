"""kill -9 of the server: what was leased stays leased."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from resilience.state import QuotaKey
from storage import server_process
from storage.database import Database
from storage.embedded import EmbeddedServer
from storage.policy_state import PolicyStates
from storage.schema import migrate

pytestmark = pytest.mark.database

QUOTA = QuotaKey("claude", "usd", "month", "UTC", 10.0)


def test_a_killed_server_forgets_no_lease(postgres_binaries: None, fast_path: Path) -> None:
    """Each was on the disk before it was spent: after the kill the rest is leased, no more."""
    server = EmbeddedServer(fast_path / "data", fsync=False, start_within_s=30)
    spent = 0.0
    try:
        for round_number in range(3):
            dsn = server.start()
            migrate(dsn)
            database = Database(dsn)
            states = PolicyStates(database, "main", f"ex-{round_number}")
            lease = states.lease(QUOTA, 4.0)
            spent += lease.granted
            pid = server_process.serving_pid(server.cluster)
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            database.close()
            assert lease.taken == spent
        assert spent == QUOTA.limit
    finally:
        server.leave()
        pid = server_process.serving_pid(server.cluster)
        if pid is not None:
            os.kill(pid, signal.SIGQUIT)
