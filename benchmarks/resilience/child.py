"""A process that calls, with 8 threads, until it is killed: `python -m ...child PAPER`.

PAPER is JSON (`Orders`). Every call that is let through first appends a line to a file, so
that no kill can hide it. "ready" on stdout says that the threads begin.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.peers.base import Breaker, Call, Take, Wanted
from benchmarks.resilience.timing import together
from resilience.clock import SystemClock
from resilience.outcomes import CircuitOpen, QuotaExhausted
from resilience.quota import QuotaRule
from resilience.registry import SEEN_AFTER_S

THREADS = 8
OURS = "ours"
OPENED_BY, OPEN_S = 5, 60.0  # as ours is shipped

if TYPE_CHECKING:
    from benchmarks.resilience.house import House


@dataclass(frozen=True)
class Orders:
    """`port`: of the dead service; 0: it is a quota (`limit` a day, at `place`) to be spent."""

    who: str
    file: str
    folder: str
    instance: str
    pause_s: float
    port: int = 0
    dsn: str = ""
    limit: int = 0
    place: str = ""


def main(paper: str) -> None:
    orders = Orders(**json.loads(paper))
    clock = SystemClock()
    line = os.open(orders.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with ExitStack() as held:
        step = _calling(orders, held, line) if orders.port else _spending(orders, held, line)

        def work(_number: int) -> None:
            while True:
                step()
                clock.wait(orders.pause_s)

        if orders.who == OURS:  # one process of several: it waits for its part of the pace
            clock.wait(SEEN_AFTER_S)
        print("ready", flush=True)
        together(work, THREADS, patience_s=600)


def _calling(orders: Orders, held: ExitStack, line: int) -> Callable[[], None]:
    """One call through the breaker."""
    if orders.who == OURS:
        breaker = Breaker(_house(orders, held).policy.call, CircuitOpen)
    else:
        wanted = Wanted(OPENED_BY, OPEN_S, dsn=orders.dsn)
        breaker = import_module(f"benchmarks.peers.{orders.who}").breaker(wanted)
    attempt = partial(_ask, orders.port, line)

    def step() -> None:
        with suppress(Exception):  # rejected or failed: that is what it is here for
            breaker.run(attempt)

    return step


def _ask(port: int, line: int) -> object:
    """A request as small as can be, to a service of our own on this machine."""
    os.write(line, b"asked\n")
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        status = connection.makefile("rb").read()[:12]
    if b" 5" in status:
        raise OSError(f"the service failed: {status!r}")
    return None


def _spending(orders: Orders, held: ExitStack, line: int) -> Callable[[], None]:
    """One of the day's calls, if there is one left."""
    take: Take
    if orders.who == OURS:
        house = _house(orders, held)
        rules = (QuotaRule("requests", orders.limit),)
        policies = house.kept(house.policies(quotas=rules), house.application.executor_id)
        take = partial(_taken, partial(policies.of(house.policy.service).call, lambda: None))
    else:
        module = import_module(f"benchmarks.peers.{orders.who}")
        (take,) = module.quota(orders.limit, orders.place).values()

    def step() -> None:
        if take():
            os.write(line, b"let through\n")

    return step


def _taken(call: Call) -> bool:
    try:
        call()
    except QuotaExhausted:
        return False
    return True


def _house(orders: Orders, held: ExitStack) -> House:
    from benchmarks.resilience.house import opened  # two seconds that no other library needs

    return held.enter_context(opened(Path(orders.folder), orders.instance))


if __name__ == "__main__":
    main(sys.argv[1])
