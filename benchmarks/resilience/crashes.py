"""Row 9: a crash loop at a dead service: how many calls reach it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.peers.base import peer
from benchmarks.resilience.child import OPEN_S, OURS, Orders
from benchmarks.resilience.house import House
from benchmarks.resilience.lives import DidNotStart, Life, lived, told
from benchmarks.resilience.size import Size
from benchmarks.resilience.table import MET, WRONG, Line, Row

MOST = 12
PAUSE_S = 0.001
PEERS = ("pybreaker", "circuitbreaker", "pyresilience", "interlock", "resilient_circuit")


def run(house: House, size: Size) -> list[Row]:
    """Ours at both services first, then all peers side by side: they wait most of the time."""
    with _refusing() as closed, _failing() as (failing, answered):
        services = {"closed port": closed, "answers 503": failing}
        with ThreadPoolExecutor(2) as pool:
            ours = list(pool.map(lambda one: _ours(house, size, *one), services.items()))
        served = answered()
        with ThreadPoolExecutor(len(PEERS)) as pool:
            lines = list(pool.map(lambda name: _theirs(house, size, name, closed), PEERS))
    right = all(map(_is_right, ours)) and served <= sum(life.lines for life in ours[1])
    said = [
        Line(f"ours, {what}", _told(lives), None, sum(life.lines for life in lives))
        for what, lives in zip(services, ours, strict=True)
    ]
    return [
        Row(
            9,
            f"crash loop, {size.starts} x kill -9 after {size.lives_s:g} s, dead service",
            f"<= {MOST} calls in all, 0 after the first start while the stored wait runs",
            MET if right else WRONG,
            [*said, Line("the server that answers 503 counted", f"{served:4}"), *lines],
        )
    ]


def _is_right(lives: list[Life]) -> bool:
    """A start that outlives the stored wait is to try again: on a slow machine, that is."""
    within = [life for life in lives if life.at_s < OPEN_S]
    return sum(life.lines for life in within) <= MOST and not any(life.lines for life in within[1:])


def _told(lives: list[Life]) -> str:
    late = sum(life.at_s >= OPEN_S for life in lives)
    return told(lives) + (f"; the last {late} after its wait of {OPEN_S:g} s" if late else "")


def _ours(house: House, size: Size, what: str, port: int) -> list[Life]:
    return _lived(house, size, OURS, f"crash-{what.split()[0]}", port)


def _theirs(house: House, size: Size, name: str, port: int) -> Line:
    title = "resilient-circuit + Postgres" if name == "resilient_circuit" else name
    found = peer(name)
    if found.module is None:
        return Line(title, found.why)
    if name == "resilient_circuit":
        found.module.prepare(house.dsn)
    try:
        lives = _lived(house, size, name, name, port)
    except DidNotStart as words:
        return Line(title, f"did not start: {words}")
    return Line(title, _told(lives), None, sum(life.lines for life in lives))


def _lived(house: House, size: Size, who: str, instance: str, port: int) -> list[Life]:
    orders = Orders(
        who=who,
        file=str(house.folder / f"crashes-{instance}"),
        folder=str(house.folder),
        instance=instance,
        pause_s=PAUSE_S,
        port=port,
        dsn=house.dsn if who == "resilient_circuit" else "",
    )
    return lived(orders, size.starts, house.clock, lambda _: _wait(house, size.lives_s))


def _wait(house: House, seconds: float) -> None:
    house.clock.wait(seconds)


@contextmanager
def _refusing() -> Iterator[int]:
    """A port that nobody listens at and nobody else can take."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@contextmanager
def _failing() -> Iterator[tuple[int, Callable[[], int]]]:
    """A server that answers 503, and how many it answered."""
    answered: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answered.append(1)
            self.send_response(503)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - likewise
            """Nothing is said."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=partial(server.serve_forever, 0.05), daemon=True)
    thread.start()
    try:
        yield server.server_port, lambda: len(answered)
    finally:
        server.shutdown()
        server.server_close()
