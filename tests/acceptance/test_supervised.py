"""The daemon under a service manager: what it says to it, and what it does when told."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.embedded import EmbeddedServer
from tests.acceptance.installation import SCAN, Installation
from tests.acceptance.processes import Running, eventually
from tests.servers.http import closed_port

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

WATCHDOG_S = 6.0
# Loaded by Python itself before main.py: on SIGUSR1 the tick of the schedule waits for ever, as
# one that is deadlocked does.
STUCK_TICK = """
import signal, sys, threading

def stick(number, frame):
    sys.modules["jobs.ticker"].Ticker._enqueue = lambda self: threading.Event().wait()

signal.signal(signal.SIGUSR1, stick)
"""


class Manager:
    """Listens as systemd does, at an abstract name."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        name = f"retailxai-test-{os.getpid()}-{id(self)}"
        self._socket.bind(f"\0{name}")
        self._socket.setblocking(False)
        self.environ = {
            "NOTIFY_SOCKET": f"@{name}",
            "WATCHDOG_USEC": str(int(WATCHDOG_S * 1e6)),
        }
        self.told: list[str] = []

    def heard(self) -> list[str]:
        """Everything so far."""
        while True:
            try:
                self.told.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return self.told

    def hears(self, message: str, times: int = 1) -> None:
        eventually(lambda: self.heard().count(message) >= times, f"{message} {times} times")

    def hears_status(self, words: str) -> None:
        eventually(
            lambda: any(m.startswith("STATUS=") and words in m for m in self.heard()),
            f"a status with {words!r}",
        )

    def forget(self) -> None:
        self.heard()
        self.told.clear()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager() -> Iterator[Manager]:
    manager = Manager()
    yield manager
    manager.close()


def started(house: Installation, manager: Manager, **environ: str) -> Running:
    running = house.start(cwd=None, prefix=(), **manager.environ, **environ)
    manager.hears("READY=1")
    return running


def test_it_says_when_it_has_begun_and_when_it_stops(house: Installation, manager: Manager) -> None:
    """READY once, after the phases of its start and after it took what was in the queues; what
    it does, in words; signs of progress; STOPPING before the end."""
    house.schedule(-600, SCAN)
    daemon = started(house, manager)
    before, _, _ = "\n".join(manager.told).partition("READY=1")
    assert "STATUS=taking up what was under way" in before
    assert "Ready in" in daemon.err
    manager.hears_status("waiting for work; next ")
    manager.forget()
    manager.hears("WATCHDOG=1", times=2)
    assert daemon.stop().code == 0
    assert "STOPPING=1" in manager.heard()
    assert "READY=1" not in manager.told
    assert "WATCHDOG=trigger" not in manager.told


def test_a_hangup_takes_settings_that_are_right(house: Installation, manager: Manager) -> None:
    """Wrong ones are told of and not taken. With others it begins anew, as the same process, and
    is not thought to be stopping meanwhile."""
    house.schedule(-600, SCAN)
    del house.environ["RETAILXAI_WEB_PORT"]
    (house.folder / "retailxai.toml").write_text(f"[web]\nport = {closed_port()}\n")
    daemon = started(house, manager)

    (house.folder / "retailxai.toml").write_text('[web]\nport = "nonsense"\n')
    manager.forget()
    daemon.tell(signal.SIGHUP)
    manager.hears("READY=1")
    assert manager.told[0].startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert "web.port" in daemon.err
    assert "those of the start stay" in daemon.err
    assert daemon.err.count("Ready in") == 1

    port = closed_port()
    (house.folder / "retailxai.toml").write_text(f"[web]\nport = {port}\n")
    manager.forget()
    daemon.tell(signal.SIGHUP)
    manager.hears("READY=1")
    assert f"http://127.0.0.1:{port}/health" in daemon.err
    assert daemon.err.count(f"pid {daemon.pid}") == 2
    assert "STOPPING=1" not in manager.told
    assert daemon.stop().code == 0


def test_a_tick_that_is_deadlocked_is_a_hang(
    house: Installation, manager: Manager, tmp_path: Path
) -> None:
    """The main thread lives and could go on feeding the watchdog: it asks to be ended instead,
    and the SIGABRT that follows shows where each thread is."""
    (tmp_path / "sitecustomize.py").write_text(STUCK_TICK)
    house.schedule(-600, SCAN)  # ticks five times a second
    daemon = started(house, manager, PYTHONPATH=str(tmp_path))
    daemon.tell(signal.SIGUSR1)
    manager.hears("WATCHDOG=trigger")
    assert "the jobs tick has not come round for" in daemon.err
    manager.forget()
    daemon.tell(signal.SIGABRT)
    ended = daemon.ended()
    assert ended.code == -signal.SIGABRT
    assert "Current thread" in ended.err
    assert "in wait" in ended.err
    assert "WATCHDOG=1" not in manager.heard(), "one that hangs shows no progress any more"


def test_a_database_that_is_away_is_no_hang(fast_path: Path, manager: Manager) -> None:
    """Away for longer than the watchdog waits: it is told of, progress is shown on, and when the
    database is back all is as before."""
    server = EmbeddedServer(fast_path / "server", fsync=False)
    dsn = server.start()
    try:
        with Installation(fast_path / "house", dsn=dsn) as house:
            house.schedule(-600, SCAN)
            daemon = started(house, manager)
            server.leave()
            manager.hears_status("the database does not answer")
            manager.forget()
            fed = int(3 * WATCHDOG_S / (WATCHDOG_S / 4))  # for three times as long
            manager.hears("WATCHDOG=1", times=fed)
            server.start()
            manager.forget()
            manager.hears_status("waiting for work")
            assert "WATCHDOG=trigger" not in manager.told
            assert daemon.stop().code == 0
            assert "hangs" not in daemon.err
    finally:
        server.leave()
