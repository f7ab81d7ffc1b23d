"""The web server: uvicorn in a thread of its own, on the loopback only.

It installs no signal handlers and no logging of its own. The port is bound and listening
before `start` returns; when it is taken, the next ones are tried. Until there are access
tokens it refuses every address that others can reach, but in a container, whose network and
published ports are the wall.
"""

from __future__ import annotations

import errno
import ipaddress
import logging
import socket
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # some 200 ms to import, so only `start` does
    from web.app import HealthSource
    from web.serving import Serving

DEFAULT_PORT = 8717
PORTS_TRIED = 10
START_WITHIN_S = 10.0
STOP_WITHIN_S = 2.0
BACKLOG = 128  # connections that may wait to be accepted
EVERYWHERE = "0.0.0.0"  # noqa: S104  every address of a container

log = logging.getLogger("web.server")


class WebError(Exception):
    """The web server cannot be had; the message says why and what to do."""


class NotLoopback(WebError):
    """The address can be reached by others. A wrong configuration (exit status 78)."""


class PortsTaken(WebError):
    """Every port that was tried belongs to somebody else."""


class WebServer:
    """Health and metrics over HTTP. `start` and `stop` once each.

    `in_container`: on every address of it, for the names that its network knows it by.
    """

    def __init__(
        self,
        health: HealthSource,
        metrics: Callable[[], bytes] | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
        hosts: Collection[str] = (),
        in_container: bool = False,
    ) -> None:
        self._health = health
        self._metrics = metrics
        self.host = require_loopback(host)
        self._listens_on = EVERYWHERE if in_container else self.host
        self._hosts = {*hosts, *(own_names() if in_container else ())}
        self._wanted = port
        self.port: int | None = None
        self._serving: Serving | None = None

    @property
    def url(self) -> str | None:
        """Where it can be asked from here, None before it was started."""
        if self.port is None:
            return None
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def start(self) -> int:
        """Listen and serve; the port it got. Raises WebError."""
        from web.app import create_app
        from web.serving import Serving

        listening = bind(self._listens_on, self._wanted)
        port = int(listening.getsockname()[1])
        serving = Serving(create_app(self._health, self._metrics, self._hosts), listening)
        if not serving.start(START_WITHIN_S):
            listening.close()
            raise WebError(
                f"web: the server did not come up on {self.host}:{port}; the log says why"
            )
        self._serving, self.port = serving, port
        if self._wanted and port != self._wanted:
            log.warning("port %d is taken; listening on %d instead", self._wanted, port)
        return port

    def stop(self) -> None:
        """Cut whoever is still connected and end the thread; at most some two seconds."""
        serving, self._serving, self.port = self._serving, None, None
        if serving is not None and not serving.stop(STOP_WITHIN_S):
            log.warning("the web server does not end; it is left to end with the process")


def own_names() -> set[str]:
    """This machine's name and the addresses it stands for: others may ask for it by these.
    A page of a stranger cannot (DNS rebinding): it is asked for by the stranger's name."""
    name = socket.gethostname()
    try:
        addresses = socket.gethostbyname_ex(name)[2]
    except OSError:
        addresses = []
    return {name, *addresses}


def require_loopback(host: str) -> str:
    """The address to bind for `host`. Raises NotLoopback if others could reach it."""
    try:
        answers = socket.getaddrinfo(host or "0.0.0.0", None, type=socket.SOCK_STREAM)  # noqa: S104
        addresses = [str(answer[4][0]) for answer in answers]
    except (OSError, UnicodeError):
        raise WebError(
            f"web: the host {host!r} means nothing on this machine; use 127.0.0.1"
        ) from None
    outside = [each for each in addresses if not ipaddress.ip_address(each).is_loopback]
    if outside or not addresses:
        raise NotLoopback(
            f"web: the host {host!r} can be reached from outside ({', '.join(outside)}), and "
            "these pages ask nobody who they are; use 127.0.0.1, and from elsewhere "
            "`ssh -L 8717:127.0.0.1:8717 THIS-MACHINE`"
        )
    return addresses[0]


def bind(host: str, wanted: int) -> socket.socket:
    """A socket that listens on `wanted` or, when that is taken, on one of the next ports.

    Listening, not only bound: on Linux two processes may bind one port as long as neither
    listens, and the loser would find out too late.
    """
    last = min(wanted + PORTS_TRIED - 1, 65_535) if wanted else 0
    for port in range(wanted, last + 1):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host, port))
            listening.listen(BACKLOG)
        except OSError as error:
            listening.close()
            if error.errno != errno.EADDRINUSE:
                raise WebError(
                    f"web: cannot listen on {host}:{port}: {error.strerror}; choose another port"
                ) from error
        else:
            return listening
    raise PortsTaken(
        f"web: the ports {wanted} to {last} on {host} are all taken; set another port, or end "
        "what listens there (`ss -ltnp` names it)"
    )
