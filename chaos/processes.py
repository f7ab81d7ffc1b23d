"""The processes of a storm: providers that take orders, daemons that are killed and come back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from chaos.house import ROOT, House
from chaos.proxy import Proxy
from resilience.clock import Clock
from resilience.outcomes import CallFailed

_READY = "Ready in"
TRY_LATER = 75  # the exit code of a daemon whose database or whose name is not to be had yet


class ProviderProcess:
    """A provider of ours, started; `url` is where it listens."""

    def __init__(self, module: str, arguments: Sequence[object], notes: Path) -> None:
        self._name = module
        with notes.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *map(str, arguments)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                start_new_session=True,  # Ctrl-C at our terminal is not for it
            )
        self.url = f"http://127.0.0.1:{int(self._line())}"

    def order(self, words: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(words + "\n")
        self._process.stdin.flush()
        return self._line()

    def close(self) -> None:
        self._process.kill()
        self._process.wait(10)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise CallFailed(self._name, "the invented provider ended; see its .err file")
        return line


class Lived:
    """A process of the product in one of its lives."""

    def __init__(self, process: subprocess.Popen[bytes], notes: Path) -> None:
        self._process = process
        self.notes = notes
        self._is_ready = False

    @property
    def pid(self) -> int:
        return self._process.pid

    def code(self) -> int | None:
        return self._process.poll()

    def is_ready(self) -> bool:
        """It has said so, and lives."""
        if not self._is_ready:
            said = self.notes.read_text(encoding="utf-8", errors="replace")
            self._is_ready = _READY in said
        return self._is_ready and self.code() is None

    def tell(self, number: signal.Signals) -> None:
        if self.code() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """No handler, no goodbye."""
        self.tell(signal.SIGKILL)
        self._process.wait(10)

    def ended_within(self, seconds: float) -> int | None:
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None


class Daemon:
    """One name, many lives. Whatever ends it, it is started again, as a supervisor would."""

    def __init__(self, name: str, house: House, url: str, proxy: Proxy, clock: Clock) -> None:
        self.name = name
        self.proxy = proxy
        self._house = house
        self._url = url
        self._clock = clock
        self._start_at: float | None = None  # not before it is told to
        self._expected = False
        self.life: Lived | None = None
        self.deaths: list[str] = []

    def is_ready(self) -> bool:
        return self.life is not None and self.life.is_ready()

    def lives(self) -> bool:
        return self.life is not None and self.life.code() is None

    def kill(self, back_after_s: float) -> None:
        assert self.life is not None
        self._expected = True
        self.life.kill()
        self._start_at = self._clock.monotonic() + back_after_s

    def look(self) -> None:
        """Bury it if it died, start it if its time has come."""
        if self.life is not None and (code := self.life.code()) is not None:
            if not self._expected:
                if code != TRY_LATER:
                    self.deaths.append(f"{self.name} ended with {code}: {self.life.notes}")
                self._start_at = self._clock.monotonic() + 1.0
            self.life = None
        due_at = self._start_at
        if self.life is None and due_at is not None and self._clock.monotonic() >= due_at:
            self.start()

    def start(self) -> None:
        self.life = Lived(*self._house.start(self.name, self._url))
        self._expected = False
        self._start_at = None

    def restart(self, within_s: float) -> None:
        """As for an upgrade."""
        self.stop(within_s)
        self.start()

    def stop(self, within_s: float) -> None:
        """SIGTERM; what does not end in time is killed, and that is a death to be told."""
        self._start_at = None
        if self.life is None:
            return
        self._expected = True
        was_ready = self.life.is_ready()
        self.life.tell(signal.SIGTERM)
        code = self.life.ended_within(within_s)
        # Told before it could listen to anybody, it just ends.
        if code != 0 and not (code == -signal.SIGTERM and not was_ready):
            self.deaths.append(f"{self.name}: SIGTERM, exit {code}: {self.life.notes}")
        self.life.kill()

    def end(self) -> None:
        """At once, whatever it does."""
        self._start_at = None
        if self.life is not None:
            self.life.kill()
