"""The checks before a start, while the database goes away under them."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bootstrap.preflight import preflight
from operations.preflight import Severity, may_pass
from resilience.clock import SystemClock
from storage.schema import migrate
from tests.integration.bootstrap.test_application import settings_for
from tests.servers.cable import Cable
from tests.servers.tcp_postgres import tcp_postgres

pytestmark = pytest.mark.database

STEP = 83  # bytes of the server's answers


@pytest.mark.usefixtures("postgres_binaries")
def test_a_database_that_goes_away_at_any_byte_may_come_back(fast_path: Path) -> None:
    """Wherever its answers end, the start is to be tried again: who ends with 78 stays down."""
    clock = SystemClock()
    with tcp_postgres(fast_path) as dsn:
        migrate(dsn)
        server = urlsplit(dsn)
        with Cable((str(server.hostname), 5432)) as cable:
            through = server._replace(netloc=f"{server.username}@127.0.0.1:{cable.port}")
            settings = settings_for(through.geturl(), fast_path)
            for spoken in count(1, STEP):
                cable.snap_after(spoken)
                found = preflight(settings, clock, online=False)
                if not cable.has_snapped:
                    break
                wrong = [one for one in found if one.severity is Severity.ERROR]
                assert wrong, f"nothing is wrong although it ended after {spoken} bytes"
                assert may_pass(wrong), (spoken, wrong)
                cable.mend()
    assert not [one for one in found if one.severity is Severity.ERROR]
    assert spoken > 50 * STEP, "it was hardly spoken to"
