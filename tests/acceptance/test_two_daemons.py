"""Daemons beside each other: one name is one daemon, one slot is one run."""

from __future__ import annotations

import os
import signal
import urllib.error
import urllib.request

import pytest

from tests.acceptance.conftest import MakeHouse, ScheduledPair
from tests.acceptance.installation import Installation
from tests.acceptance.processes import eventually

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

MOST_BYTES = 250_000_000
SAMPLES = 5


def page(house: Installation, path: str) -> tuple[int, str]:
    """Status and body; 0 where nobody listens."""
    url = f"http://127.0.0.1:{house.environ['RETAILXAI_WEB_PORT']}{path}"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.read().decode()
    except OSError:
        return 0, ""


def test_a_slot_is_run_once_whoever_ticks(scheduled_pair: ScheduledPair) -> None:
    """Two daemons of different names share one database; a third that takes a name in use is
    refused with its pid and 75. Both are ready quickly, healthy and measured over HTTP, and
    when the configured minute comes exactly one of them runs the scan. The embedded server
    lives until the last of them leaves."""
    house, first, second = scheduled_pair.house, scheduled_pair.first, scheduled_pair.second
    for daemon in (first, second):
        daemon.says("Ready in")
    taken, status_page = house.run_together((), ("status",))
    assert taken.code == 75, taken.said
    assert f"pid {first.pid}" in taken.err
    assert "RETAILXAI_INSTANCE" in taken.err

    status, metrics = page(house, "/metrics")
    assert status == 200
    assert "retailxai_build_info" in metrics
    for path in ("/health", "/health/live", "/health/ready"):
        assert page(house, path) == (200, '{"status":"pass"}')
    for daemon in (first, second):
        assert f"pid {daemon.pid}" in status_page.out

    eventually(lambda: [state for _, state in house.runs()] == ["succeeded"], "the minute", 100)
    slot, _ = house.runs()[0]
    assert slot == scheduled_pair.slot
    assert house.counts()["analysis"] == SAMPLES
    work = "select count(*) from dbos.workflow_status where workflow_uuid like 'daily%' "
    assert house.one(work + "and name = 'job'") == 1  # other jobs may have run meanwhile
    for daemon in (first, second):
        assert daemon.rss_bytes() < MOST_BYTES
    assert first.stop().code == 0
    assert house.postmaster() is not None, "somebody still uses it"
    assert second.stop().code == 0
    assert house.postmaster() is None


def test_the_embedded_server_is_started_again_if_it_dies(own_house: MakeHouse) -> None:
    """kill -9 of PostgreSQL under a running daemon, which nobody else watches over: it is
    unready, stays alive, starts the server again by itself and goes on; no traceback for what
    is no bug."""
    house = own_house()
    daemon = house.daemon()
    before = house.postmaster()
    assert before is not None
    os.kill(before, signal.SIGKILL)
    eventually(lambda: house.postmaster() not in (None, before), "a new server", 20)
    eventually(lambda: page(house, "/health/ready")[0] == 200, "it is ready again", 30)
    assert daemon.lives()
    assert house.run("scan").code == 0
    assert house.counts()["analysis"] == 5
    ended = daemon.stop()
    assert ended.code == 0, ended.said
    assert "the embedded PostgreSQL answers again" in ended.err
    assert "Traceback" not in ended.err.replace("polling schedules: Traceback", "")
    assert house.postmaster() is None
