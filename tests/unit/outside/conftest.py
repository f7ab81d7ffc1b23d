"""A door to a server on the loopback interface."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from outside.http import HttpDoor
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.testing import FakeClock
from tests.servers.http import LoopbackServer


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy configured on the developer's machine must not stand in between."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        yield running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def policies(clock: FakeClock) -> Policies:
    return Policies({"default": PolicySpec(attempts=3, timeout_s=5, at_once=0)}, clock)


@pytest.fixture
def door(policies: Policies, clock: FakeClock) -> Iterator[HttpDoor]:
    opened = HttpDoor(policies, clock, "RetailXAI/test tests@example.com")
    yield opened
    opened.close()
