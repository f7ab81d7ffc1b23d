"""A provider in a process of its own: a small HTTP server on the loopback interface.

It says its port on stdout, then takes orders on stdin, one a line, each answered with a
line. When stdin ends, whoever started it is gone, and it ends too.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from resilience.clock import Clock


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True)
class Reply:
    """`after_s`: the answer takes so long. `cut`: the connection ends instead of an answer.
    `sent`: told when the last byte is on its way."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    cut: bool = False
    sent: Callable[[], None] = lambda: None

    @classmethod
    def json(cls, value: object, status: int = 200, **more: Any) -> Reply:
        headers = {"content-type": "application/json", **more.pop("headers", {})}
        return cls(status, json.dumps(value).encode(), headers, **more)


Answering = Callable[[Request], Reply]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    answering: Answering
    clock: Clock

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients are killed in the middle of a request here; that is what it is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (inherited name)
        """Nothing: the record says it."""

    def _answer(self) -> None:
        split = urlsplit(self.path)
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            return  # the client died while it asked: nothing was received
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, split.path, parse_qs(split.query), headers, body)
        reply = self.server.answering(request)
        if reply.after_s:
            self.server.clock.wait(reply.after_s)
        if reply.cut:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)
        self.wfile.flush()
        reply.sent()

    do_GET = do_POST = do_DELETE = _answer  # noqa: N815 (inherited names)


def serve(answering: Answering, clock: Clock, on_order: Callable[[list[str]], str]) -> None:
    """Until stdin ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.answering, server.clock = answering, clock
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _say(str(server.server_address[1]))
    for line in sys.stdin:
        _say(on_order(line.split()))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
