"""Word to the service manager that started us: sd_notify(3), without its library.

One datagram of NAME=value lines to the socket it named, a path or (with "@") an abstract name.
Without one nothing is sent: on a terminal, in a container. Whoever starts children need not
mind that they inherit the variable: the unit says NotifyAccess=main.
"""

from __future__ import annotations

import logging
import socket

from resilience.clock import Clock

log = logging.getLogger("operations.supervisor")

SEND_WITHIN_S = 2.0  # a manager that hangs itself must not hang us
LONGEST_STATUS = 400


class ServiceManager:
    """`address` "": there is none. `watchdog_s`: how long it waits for a sign of progress."""

    def __init__(self, address: str, watchdog_s: float | None, clock: Clock) -> None:
        self.listens = address.startswith(("/", "@"))
        self.watchdog_s = watchdog_s if self.listens else None
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._clock = clock
        self._status = ""
        self._failed = False
        if address and not self.listens:
            log.warning("the service manager listens at %s, which is no local socket", address)

    def status(self, words: str) -> None:
        """What `systemctl status` shows; sent when it is another than before."""
        words = " ".join(words.split())[:LONGEST_STATUS]  # a line end would begin a word of ours
        if words != self._status and self._send(f"STATUS={words}"):
            self._status = words

    def ready(self) -> None:
        """Started, or done with reloading."""
        self._send("READY=1")

    def progress(self) -> None:
        """Only ever from evidence of it."""
        if self.watchdog_s is not None:
            self._send("WATCHDOG=1")

    def hangs(self) -> None:
        """Have it act as if it had waited in vain: end us, start us anew."""
        if self.watchdog_s is not None:
            self._send("WATCHDOG=trigger")

    def reloading(self) -> None:
        since = int(self._clock.monotonic() * 1e6)
        self._send("RELOADING=1", f"MONOTONIC_USEC={since}")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def _send(self, *lines: str) -> bool:
        if not self.listens:
            return False
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as way:
                way.settimeout(SEND_WITHIN_S)
                way.sendto("\n".join(lines).encode(errors="replace"), self._address)
        except OSError as error:
            if not self._failed:
                log.warning("the service manager cannot be told %s: %s", lines[0], error)
            self._failed = True
            return False
        self._failed = False
        return True
