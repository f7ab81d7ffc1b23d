"""Real processes of the program under test: started, watched, killed, always reaped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from resilience.clock import SystemClock

PYTHON_MAIN = (sys.executable, str(Path(__file__).resolve().parents[2] / "main.py"))
PATIENCE_S = 60.0
_POLL_S = 0.05
T = TypeVar("T")


@dataclass(frozen=True)
class Ended:
    """A process that came to its end. `code` is negative for a signal that killed it."""

    code: int
    out: str
    err: str
    took_s: float

    @property
    def said(self) -> str:
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


def eventually(look: Callable[[], T], what: str, within_s: float = PATIENCE_S) -> T:
    """The first truthy answer of `look`; fails if none comes in time."""
    clock = SystemClock()
    give_up_at = clock.monotonic() + within_s
    while not (answer := look()):
        if clock.monotonic() >= give_up_at:
            raise AssertionError(f"not within {within_s:g} s: {what}")
        clock.wait(_POLL_S)
    return answer


class Running:
    """A process of the program. Its output goes to files, so that no pipe can fill up."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path,
        environ: Mapping[str, str],
        notes: Path,
        prefix: Sequence[str] = (),
        program: Sequence[str] = PYTHON_MAIN,
    ) -> None:
        self._clock = SystemClock()
        self._out, self._err = notes.with_suffix(".out"), notes.with_suffix(".err")
        self._began = self._clock.monotonic()
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                [*prefix, *program, *arguments],
                cwd=cwd,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def out(self) -> str:
        return self._out.read_text(encoding="utf-8", errors="replace")

    @property
    def err(self) -> str:
        return self._err.read_text(encoding="utf-8", errors="replace")

    def lives(self) -> bool:
        return self._process.poll() is None

    def rss_bytes(self) -> int:
        pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def says(self, words: str, within_s: float = PATIENCE_S) -> str:
        """Waits until it has said `words` on stderr; all it said so far."""

        def look() -> str:
            said = self.err
            if words in said:
                return said
            if not self.lives():
                raise AssertionError(f"it ended without saying {words!r}: {self.err[-3000:]}")
            return ""

        return eventually(look, f"{words!r} on stderr, which is:\n{self.err[-3000:]}", within_s)

    def tell(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """As a crash would: no handler, no goodbye."""
        if self.lives():
            os.kill(self.pid, signal.SIGKILL)
        self._process.wait(10)

    def ended(self, within_s: float = PATIENCE_S) -> Ended:
        """Waits for its end; one that does not come is killed and fails the test."""
        try:
            code = self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"it did not end within {within_s:g} s: {self.err[-3000:]}"
            ) from None
        return Ended(code, self.out, self.err, self._clock.monotonic() - self._began)

    def stop(self, within_s: float = 30.0) -> Ended:
        """SIGTERM, and its end."""
        if self.lives():
            self.tell(signal.SIGTERM)
        return self.ended(within_s)
