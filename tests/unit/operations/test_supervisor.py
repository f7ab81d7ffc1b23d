"""Word to the service manager, over real sockets."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.supervisor import LONGEST_STATUS, ServiceManager
from resilience.testing import FakeClock
from settings.environment import supervisor


class Manager:
    """What systemd is to us: a socket that datagrams come to."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        self._socket.settimeout(0.0)

    def heard(self) -> list[str]:
        messages = []
        while True:
            try:
                messages.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return messages

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest) -> Iterator[Manager]:
    with tempfile.TemporaryDirectory() as folder:  # short: a socket's path has its limit
        path = str(Path(folder) / "notify")
        manager = Manager(path if request.param == "path" else f"@{path}")
        yield manager
        manager.close()


def test_it_is_told_what_it_must_hear(manager: Manager) -> None:
    """The words of sd_notify(3), by a path and by an abstract name."""
    clock = FakeClock()
    ours = ServiceManager(manager.address, 20.0, clock)
    ours.ready()
    ours.progress()
    ours.reloading()
    ours.stopping()
    ours.hangs()
    since = int(clock.monotonic() * 1e6)
    assert manager.heard() == [
        "READY=1",
        "WATCHDOG=1",
        f"RELOADING=1\nMONOTONIC_USEC={since}",
        "STOPPING=1",
        "WATCHDOG=trigger",
    ]


def test_a_status_is_one_line_and_told_once(manager: Manager) -> None:
    """Its words may be a person's reason for a hold: a line end in it must not be a command."""
    ours = ServiceManager(manager.address, None, FakeClock())
    ours.status("edgar held: \nWATCHDOG=trigger\r\N{LINE SEPARATOR}READY=1 \udcff")
    ours.status("waiting for work")
    ours.status("waiting for work")
    ours.status("x" * 5000)
    first, second, third = manager.heard()
    assert first == "STATUS=edgar held: WATCHDOG=trigger READY=1 ?"
    assert second == "STATUS=waiting for work"
    assert len(third) == len("STATUS=") + LONGEST_STATUS


def test_without_a_watchdog_it_is_not_fed(manager: Manager) -> None:
    ours = ServiceManager(manager.address, None, FakeClock())
    ours.progress()
    ours.hangs()
    assert manager.heard() == []


def test_without_a_manager_nothing_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    """On a terminal, and where it listens in a way that we do not speak."""
    ServiceManager("", 20.0, FakeClock()).ready()
    assert caplog.text == ""
    ours = ServiceManager("vsock:2:1234", 20.0, FakeClock())
    assert ours.watchdog_s is None
    ours.ready()
    assert "vsock:2:1234" in caplog.text


def test_a_manager_that_is_gone_is_told_of_once(
    manager: Manager, caplog: pytest.LogCaptureFixture
) -> None:
    """And hears the status as soon as it is there again."""
    manager.close()
    ours = ServiceManager(f"{manager.address}.gone", 20.0, FakeClock())
    ours.status("waiting for work")
    ours.progress()
    assert caplog.text.count("cannot be told") == 1
    again = Manager(f"{manager.address}.gone")
    ours.status("waiting for work")
    assert again.heard() == ["STATUS=waiting for work"]
    again.close()


def test_a_manager_that_hears_nobody_holds_nothing_up(
    monkeypatch: pytest.MonkeyPatch, manager: Manager
) -> None:
    """Its queue is full: what does not fit is dropped after a moment."""
    monkeypatch.setattr("operations.supervisor.SEND_WITHIN_S", 0.01)
    ours = ServiceManager(manager.address, 20.0, FakeClock())
    for _ in range(2000):
        ours.progress()
        if ours._failed:
            break
    assert ours._failed


@pytest.mark.parametrize(
    ("environ", "watchdog_s"),
    [
        ({"WATCHDOG_USEC": "180000000"}, 180.0),
        ({"WATCHDOG_USEC": "180000000", "WATCHDOG_PID": "77"}, 180.0),
        ({"WATCHDOG_USEC": "180000000", "WATCHDOG_PID": "78"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_a_watchdog_is_ours_only_if_it_names_us(
    environ: dict[str, str], watchdog_s: float | None
) -> None:
    """A child inherits the variables of its parent's."""
    told = supervisor({**environ, "NOTIFY_SOCKET": "/run/notify"}, pid=77)
    assert told.watchdog_s == watchdog_s
    assert told.notify_socket == "/run/notify"
    assert supervisor({}, os.getpid()).notify_socket == ""
