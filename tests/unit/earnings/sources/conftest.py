"""EDGAR on the loopback interface, and the source that asks it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from earnings.sources.edgar import Edgar
from outside.http import HttpDoor
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.testing import FakeClock
from tests.servers.edgar import BRIGHTWATER, EdgarServer

NOW = datetime(2026, 8, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def sec() -> Iterator[EdgarServer]:
    server = EdgarServer()
    server.add(BRIGHTWATER)
    with server:
        yield server


@pytest.fixture
def door(clock: FakeClock) -> Iterator[HttpDoor]:
    policies = Policies({"edgar": PolicySpec(attempts=2, timeout_s=5)}, clock)
    opened = HttpDoor(policies, clock, "RetailXAI/test")
    yield opened
    opened.close()


@pytest.fixture
def edgar(sec: EdgarServer, door: HttpDoor, clock: FakeClock) -> Edgar:
    return Edgar(
        door,
        clock,
        contact="Acme Research desk@acme.example",
        version="0.1.0",
        www_url=sec.url,
        data_url=sec.url + "/",
        max_document_bytes=1_000_000,
    )
