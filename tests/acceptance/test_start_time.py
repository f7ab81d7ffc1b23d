"""What a start takes, in processor time: what else runs on the machine is no fault of its own."""

from __future__ import annotations

import socket
import urllib.request

import psutil
import pytest

from tests.acceptance.installation import Installation

pytestmark = [pytest.mark.acceptance, pytest.mark.database]

READY_WITHIN_S = 2.0  # of an idle machine; cores that share one take twice as long


def test_a_start_takes_little_and_a_port_that_is_taken_costs_nothing(house: Installation) -> None:
    """Ready in under 2 s; the next free port is used, and said."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(house.environ["RETAILXAI_WEB_PORT"])))
        taken.listen()
        daemon = house.daemon()
        taken_s = psutil.Process(daemon.pid).cpu_times()
        assert taken_s.user + taken_s.system < 2 * READY_WITHIN_S
        assert "is taken; listening on" in daemon.err
        url = next(line.split()[1] for line in daemon.err.splitlines() if "/health" in line)
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert answer.status == 200
        assert daemon.stop().code == 0
