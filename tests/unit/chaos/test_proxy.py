"""The cable: whole it passes everything, cut it passes nothing and tells nobody, mended again."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from chaos.dropping import CAN_DROP
from chaos.proxy import Proxies, Proxy


class _Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(1000):
            self.request.sendall(data.upper())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@pytest.fixture
def cable() -> Iterator[Proxy]:
    server = _Server(("127.0.0.1", 0), _Echo)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    proxies = Proxies()
    try:
        yield proxies.make(("127.0.0.1", int(server.server_address[1])))
    finally:
        proxies.close()
        server.shutdown()
        server.server_close()
        thread.join(5)


def joined(cable: Proxy, patience_s: float = 5.0) -> socket.socket:
    return socket.create_connection(("127.0.0.1", cable.port), patience_s)


def said(connection: socket.socket, words: bytes) -> bytes:
    connection.sendall(words)
    return connection.recv(1000)


def test_a_cable_that_is_cut_and_mended(cable: Proxy) -> None:
    """What was sent meanwhile arrives when it is whole again: it was never acknowledged."""
    with closing(joined(cable)) as connection:
        assert said(connection, b"before") == b"BEFORE"
        cable.cut()
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            said(connection, b"meanwhile")
        cable.mend()
        connection.settimeout(10)
        assert connection.recv(1000) == b"MEANWHILE"
        assert said(connection, b"after") == b"AFTER"


@pytest.mark.skipif(not CAN_DROP, reason="only Linux lets a socket drop what comes")
def test_nobody_can_join_while_it_is_cut(cable: Proxy) -> None:
    """A connect gets no answer at all, not even a refusal."""
    cable.cut()
    with pytest.raises(TimeoutError):
        joined(cable, 0.3)
    cable.mend()
    with closing(joined(cable)) as connection:
        assert said(connection, b"again") == b"AGAIN"


@pytest.mark.skipif(not CAN_DROP, reason="only Linux lets a socket drop what comes")
def test_what_is_sent_is_not_even_acknowledged(cable: Proxy) -> None:
    """So a time limit on unacknowledged data ends the connection, as with a real cable."""
    with closing(joined(cable)) as connection:
        assert said(connection, b"before") == b"BEFORE"
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 500)
        cable.cut()
        connection.settimeout(10)
        connection.sendall(b"lost")
        with pytest.raises(OSError) as ended:
            connection.recv(1000)
        assert not isinstance(ended.value, TimeoutError) or "timed out" in str(ended.value)
        assert ended.value.errno == 110, "ETIMEDOUT, from the kernel and not from our patience"
        cable.mend()


def test_the_death_of_one_side_is_told_to_the_other(cable: Proxy) -> None:
    """Killed daemons free their locks at once."""
    connection = joined(cable)
    assert said(connection, b"x") == b"X"
    connection.close()
    with closing(joined(cable)) as another:
        assert said(another, b"y") == b"Y"
