"""A small HTTP server on the loopback interface that answers as a test tells it to.

    with LoopbackServer() as server:
        server.route("GET", "/a", Reply.json({"x": 1}))
        server.route("GET", "/b", Reply(status=429, headers={"retry-after": "7"}), Reply.json({}))
        ...
        assert server.requests[0].headers["user-agent"] == "..."

Several replies on one route are given in turn, the last one for ever. A route may also be a
callable that makes the reply from the request. Slow replies wait on the server's own stop
event, so leaving the `with` ends them at once and nothing sleeps.
"""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class RecordedRequest:
    """One request as it came. Header names are lower-cased."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """One answer, or one way of failing to give it.

    `wait_s`: before the status line. `pieces`: the body is cut into so many parts with
    `piece_wait_s` after each. `announce`: the Content-Length to claim (None: the true one).
    `chunked`: Transfer-Encoding chunked, no length. `until_close`: neither, the end of the
    connection ends the body. `cut_after`: only so many bytes are sent, then the connection is
    closed. `drop`: it is closed without a word.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    wait_s: float = 0.0
    pieces: int = 1
    piece_wait_s: float = 0.0
    announce: int | None = None
    chunked: bool = False
    until_close: bool = False
    cut_after: int | None = None
    drop: bool = False

    @classmethod
    def json(cls, value: object, status: int = 200, **headers: str) -> Reply:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(
            status=status,
            headers={"content-type": "application/json", **named},
            body=json.dumps(value).encode(),
        )

    @classmethod
    def html(cls, text: str, status: int = 200) -> Reply:
        return cls(
            status=status, headers={"content-type": "text/html; charset=utf-8"}, body=text.encode()
        )

    @classmethod
    def sse(cls, text: str) -> Reply:
        return cls(headers={"content-type": "text/event-stream"}, body=text.encode(), chunked=True)

    def gzipped(self) -> Reply:
        return replace(
            self,
            body=gzip.compress(self.body),
            headers={**self.headers, "content-encoding": "gzip"},
        )

    def truncated(self, keep: int) -> Reply:
        """The full length is announced, `keep` bytes come, the connection ends."""
        return replace(self, announce=len(self.body), cut_after=keep)

    def slow(self, pieces: int, piece_wait_s: float) -> Reply:
        return replace(self, pieces=pieces, piece_wait_s=piece_wait_s)


Answering = Reply | Callable[[RecordedRequest], Reply]


class LoopbackServer:
    """The server, on `port` (0: a free one). `url` is its base; unknown routes answer 404; every
    request is recorded."""

    def __init__(self, port: int = 0) -> None:
        self.requests: list[RecordedRequest] = []
        self.connections = 0
        self._routes: dict[tuple[str, str], list[Answering]] = {}
        self._fallback: Answering = Reply.html("<html><title>not here</title></html>", 404)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._started = False

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def route(self, method: str, path: str, *replies: Answering) -> None:
        """Answer `method path` (without query) with `replies` in turn, the last for ever."""
        with self._lock:
            self._routes[(method, path)] = list(replies)

    def forget_routes(self, method: str) -> None:
        """Of this method."""
        with self._lock:
            self._routes = {key: each for key, each in self._routes.items() if key[0] != method}

    def otherwise(self, reply: Answering) -> None:
        """Answer whatever has no route."""
        self._fallback = reply

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    def start(self) -> Self:
        self._thread.start()
        self._started = True
        return self

    def stop(self) -> None:
        self._stopping.set()
        if self._started:
            self._server.shutdown()
            self._thread.join(5)
        self._server.drop_connections()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # ---- called by the handler threads

    def pause(self, seconds: float) -> None:
        self._stopping.wait(seconds)

    def reply_to(self, request: RecordedRequest) -> Reply:
        with self._lock:
            self.requests.append(request)
            replies = self._routes.get((request.method, request.path))
            if replies is None:
                answering = self._fallback
            else:
                answering = replies.pop(0) if len(replies) > 1 else replies[0]
        return answering if isinstance(answering, Reply) else answering(request)


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing the server waits for them
    owner: LoopbackServer

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
            self.owner.connections += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def drop_connections(self) -> None:
        with self._open_lock:
            for connection in self._open:
                _hang_up(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up early is part of the tests, not worth a traceback."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (inherited name)
        """Nothing: the test has `requests`."""

    def _answer(self) -> None:
        split = urlsplit(self.path)
        length = int(self.headers.get("content-length") or 0)
        request = RecordedRequest(
            method=self.command,
            path=split.path,
            query=parse_qs(split.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length) if length else b"",
        )
        owner = self.server.owner
        reply = owner.reply_to(request)
        if reply.wait_s:
            owner.pause(reply.wait_s)
        if reply.drop:
            self._hang_up()
            return
        self._head(reply)
        self._body(reply)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer  # noqa: N815 (inherited names)

    def _head(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.chunked:
            self.send_header("transfer-encoding", "chunked")
        elif reply.until_close:
            self.send_header("connection", "close")
        else:
            announced = len(reply.body) if reply.announce is None else reply.announce
            self.send_header("content-length", str(announced))
        self.end_headers()
        self.wfile.flush()

    def _body(self, reply: Reply) -> None:
        body = reply.body if reply.cut_after is None else reply.body[: reply.cut_after]
        size = max(1, -(-len(body) // max(1, reply.pieces)))
        for start in range(0, len(body), size):
            piece = body[start : start + size]
            if reply.chunked:
                piece = f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
            self.wfile.write(piece)
            self.wfile.flush()
            if reply.piece_wait_s:
                self.server.owner.pause(reply.piece_wait_s)
        if reply.cut_after is not None:
            self._hang_up()
        elif reply.chunked:
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = self.close_connection or reply.until_close

    def _hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        _hang_up(self.connection)


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was faster


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
