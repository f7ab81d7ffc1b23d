"""A process of the program that calls services, in threads, until it is told to stop or killed.

    python -m tests.acceptance.caller NOTES [options] SERVICE[=URL] ...

It is the daemon in all but its door to the web: opened, served and drained as the daemon is.
What it calls is the URL, through the HTTP door, or else a function that fails while a file
`SERVICE.down` lies beside its notes. Everything it meets is one line in NOTES, written by the
system call itself before anything else happens, so that kill -9 takes none of it back.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from bootstrap.application import Application, open_application
from resilience.clock import SystemClock
from resilience.outcomes import CallError, CircuitOpen, Rejected, ShuttingDown
from scheduler import serve

DRAIN_S = 27.0
AGAIN_S = 0.1  # before a call that was rejected is made again
ONE_LINE = os.O_WRONLY | os.O_APPEND | os.O_CREAT

MADE, FAILED, READY = "made", "failed", "ready"  # else: the name of a Rejected


@dataclass(frozen=True)
class Note:
    """`at`: monotonic seconds, which all processes of a machine count alike."""

    at: float
    pid: int
    service: str
    what: str
    said: str = ""
    retry_at: str | None = None
    took_s: float = 0.0


class Notes:
    """Written by callers, read by tests."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def write(self, note: Note) -> None:
        if self._descriptor is None:
            self._descriptor = os.open(self.path, ONE_LINE, 0o600)
        os.write(self._descriptor, f"{json.dumps(asdict(note))}\n".encode())

    def read(self, service: str = "", what: str = "", pid: int | None = None) -> list[Note]:
        """The notes of a service, a kind, a process; all lines that are whole."""
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").split("\n")[:-1]
        notes = [Note(**json.loads(line)) for line in lines]
        return [
            note
            for note in notes
            if service in ("", note.service) and what in ("", note.what) and pid in (None, note.pid)
        ]

    def down(self, service: str) -> Path:
        """While it exists the service is dead."""
        return self.path.parent / f"{service}.down"


class ShiftedClock(SystemClock):
    """A machine whose wall clock is wrong."""

    def __init__(self, ahead_s: float) -> None:
        self._ahead = timedelta(seconds=ahead_s)

    def now(self) -> datetime:
        return super().now() + self._ahead


class Caller:
    def __init__(self, app: Application, notes: Notes) -> None:
        self._app = app
        self._notes = notes
        self._pid = os.getpid()

    def note(
        self, service: str, what: str, error: Exception | None = None, took_s: float = 0.0
    ) -> None:
        retry_at = getattr(error, "retry_at", None)
        self._notes.write(
            Note(
                at=self._app.clock.monotonic(),
                pid=self._pid,
                service=service,
                what=what,
                said=str(error) if error is not None else "",
                retry_at=retry_at.isoformat() if retry_at is not None else None,
                took_s=took_s,
            )
        )

    def go_on(self, service: str, call: Callable[[], object]) -> None:
        """Call it until we are stopped."""
        while not self._app.stopping.is_set():
            try:
                call()
            except ShuttingDown as stopped:
                self.note(service, type(stopped).__name__, stopped)
            except Rejected as rejected:
                self.note(service, type(rejected).__name__, rejected)
                self._app.stopping.wait(AGAIN_S)
            except (CallError, ConnectionError) as failed:
                self.note(service, FAILED, failed)

    def fail_fast(self, service: str, call: Callable[[], object], times: int) -> None:
        """Call it until its circuit is open, then `times` more; note how they ended, and in
        which time all of them."""
        ends: Counter[str] = Counter()
        while not ends[CircuitOpen.__name__] and not self._app.stopping.is_set():
            ends[_end_of(call)] += 1
        ends.clear()
        began = self._app.clock.monotonic()
        for _ in range(times):
            ends[_end_of(call)] += 1
        took_s = self._app.clock.monotonic() - began
        for how, count in ends.items():
            self.note(service, f"{count} {how}", took_s=took_s)

    def call_of(self, service: str, url: str) -> Callable[[], object]:
        services = self._app.services
        if url:
            return partial(self._ask, service, url)
        return partial(services.policies.of(service).call, self._answer, service)

    def _ask(self, service: str, url: str) -> None:
        self._app.services.door.get(service, url)
        self.note(service, MADE)

    def _answer(self, service: str) -> None:
        self.note(service, MADE)
        if self._notes.down(service).exists():
            raise ConnectionRefusedError(f"{service}: nobody listens")


def _end_of(call: Callable[[], object]) -> str:
    try:
        call()
    except (CallError, ConnectionError) as error:
        return type(error).__name__
    return MADE


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("notes", type=Path)
    parser.add_argument("services", nargs="+")
    parser.add_argument("--threads", type=int, default=8, help="of each service")
    parser.add_argument("--ahead-s", type=float, default=0.0, help="of the wall clock")
    parser.add_argument("--fail-fast", type=int, default=0, help="calls of an open circuit")
    asked = parser.parse_args()
    with open_application(kind="daemon", clock=ShiftedClock(asked.ahead_s)) as app:
        app.begin_work()
        caller = Caller(app, Notes(asked.notes))
        for named in asked.services:
            service, _, url = named.partition("=")
            call = caller.call_of(service, url)
            run = partial(caller.go_on, service, call)
            if asked.fail_fast:
                run = partial(caller.fail_fast, service, call, asked.fail_fast)
            for _ in range(1 if asked.fail_fast else asked.threads):
                threading.Thread(target=run, name=f"calls {service}").start()
        caller.note("", READY)
        serve(app.scheduler, stop=app.stopping, drain=app.close, drain_s=DRAIN_S)


if __name__ == "__main__":
    main()
