"""How long a start takes, measured while nothing else of the suite runs."""

from __future__ import annotations

import socket
import urllib.request

import pytest

from resilience.clock import SystemClock
from tests.acceptance.installation import Installation

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.alone]

READY_WITHIN_S = 2.0


def test_a_start_takes_little_and_a_port_that_is_taken_costs_nothing(house: Installation) -> None:
    """Ready in under 2 s on an idle machine (twice that is allowed for what else may run here);
    the next free port is used, and said."""
    clock = SystemClock()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(house.environ["RETAILXAI_WEB_PORT"])))
        taken.listen()
        began = clock.monotonic()
        daemon = house.daemon()
        assert clock.monotonic() - began < 2 * READY_WITHIN_S
        assert "is taken; listening on" in daemon.err
        url = next(line.split()[1] for line in daemon.err.splitlines() if "/health" in line)
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert answer.status == 200
        assert daemon.stop().code == 0
