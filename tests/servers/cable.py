"""A way to PostgreSQL over TCP that can be cut, as networks and proxies cut it.

    with Cable(("127.0.0.1", port)) as cable:
        cable.cut()      # packets are dropped without a word, in both directions
        cable.mend()
        cable.hang()     # everything is acknowledged, and nothing passed on
        cable.mend()     # new connections work; what hung stays dead until its client hangs up
    cable.snap_after(2000)   # once the server said so many bytes more: every connection ends there

`cut` hangs a packet filter that lets nothing through on each socket: the kernel drops what
arrives before TCP sees it, so nothing is acknowledged either. That needs no rights (Linux).
"""

from __future__ import annotations

import ctypes
import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

_ATTACH_FILTER, _DETACH_FILTER = 26, 27
_RETURN_NOTHING = struct.pack("HBBI", 0x06, 0, 0, 0)
_CHUNK = 65_536


class _Line:
    """One connection through the cable: the client's end and the server's."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.ends = (client, server)
        self.swallows = False

    def hang_up(self) -> None:
        for end in self.ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Cable:
    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self._lock = threading.Lock()
        self._lines: list[_Line] = []
        self._serving: list[threading.Thread] = []
        self._open = threading.Event()
        self._open.set()
        self._closed = False
        self._is_cut = False
        self._left: int | None = None

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def cut(self) -> None:
        with self._lock:
            self._is_cut = True
            for end in self._all():
                _drop_everything(end)

    def hang(self) -> None:
        with self._lock:
            self._open.clear()
            for line in self._lines:
                line.swallows = True

    def snap_after(self, server_bytes: int) -> None:
        """Those are still passed on; new connections are hung up at once."""
        with self._lock:
            self._left = server_bytes

    @property
    def has_snapped(self) -> bool:
        return self._left == 0

    def mend(self) -> None:
        with self._lock:
            self._left = None
            if self._is_cut:
                self._is_cut = False
                for end in self._all():
                    with suppress(OSError):
                        end.setsockopt(socket.SOL_SOCKET, _DETACH_FILTER, 0)
            self._open.set()

    def __enter__(self) -> Self:
        accepting = threading.Thread(target=self._accept, daemon=True)
        accepting.start()
        self._serving.append(accepting)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closed = True
        self._open.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for line in self._lines:
                line.hang_up()
        for serving in self._serving:
            serving.join(5)

    # ---- within -------------------------------------------------------------------------

    def _all(self) -> list[socket.socket]:
        return [self._listener, *(end for line in self._lines for end in line.ends)]

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._open.wait()
            if self._closed:
                client.close()
                return
            if self.has_snapped:
                client.close()
                continue
            try:
                server = socket.create_connection(self._server, timeout=5)
            except OSError:  # no server: the client is told so by the end of its connection
                client.close()
                continue
            server.settimeout(None)
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line = _Line(client, server)
            with self._lock:
                self._lines.append(line)
                if self._is_cut:
                    for end in line.ends:
                        _drop_everything(end)
            serving = threading.Thread(target=self._serve, args=(line,), daemon=True)
            serving.start()
            self._serving.append(serving)

    def _serve(self, line: _Line) -> None:
        """Until either end hangs up."""
        client, server = line.ends
        back = threading.Thread(target=self._pump, args=(line, server, client, True), daemon=True)
        back.start()
        self._pump(line, client, server, False)
        back.join()
        with self._lock:
            self._lines.remove(line)
            for end in line.ends:
                end.close()

    def _pump(
        self, line: _Line, source: socket.socket, target: socket.socket, is_answer: bool
    ) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                if is_answer:
                    data = self._rationed(data)
                if not line.swallows:
                    target.sendall(data)
        line.hang_up()

    def _rationed(self, data: bytes) -> bytes:
        """What is still let through of it. Raises OSError, for all lines, when nothing is."""
        with self._lock:
            if self._left is None:
                return data
            if self._left == 0:
                raise ConnectionAbortedError
            data = data[: self._left]
            self._left -= len(data)
            if self._left == 0:
                for line in self._lines:
                    line.hang_up()
            return data


def _drop_everything(end: socket.socket) -> None:
    program = ctypes.create_string_buffer(_RETURN_NOTHING)
    with suppress(OSError):  # it ended meanwhile
        end.setsockopt(
            socket.SOL_SOCKET, _ATTACH_FILTER, struct.pack("HL", 1, ctypes.addressof(program))
        )
