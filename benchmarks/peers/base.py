"""What every module of a peer may offer, and how it is found.

    closed(fn) -> Call         limiter, breaker, bulkhead, retry (and budget, where it has one)
    breaker(wanted) -> Breaker
    limiter(per_s) -> Waiting            limiters that wait, by the name of their algorithm
    exact(per_s) -> dict[str, Take]      limiters that do not wait, likewise
    quota(limit, place) -> dict[str, Take]

A part a library does not have raises NotOffered; the row then says "n/a".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType

Call = Callable[[], object]
Run = Callable[[Call], object]  # makes the call that it is handed
Take = Callable[[], bool]  # whether one more is let through
Waiting = dict[str, Call]  # each waits for its turn


class NotOffered(Exception):
    """The library has no such thing."""


@dataclass(frozen=True)
class Wanted:
    """A breaker: opens after `threshold` failures in a row, tries again after `open_s`."""

    threshold: int = 5
    open_s: float = 60.0
    ignored: type[Exception] | None = None  # says nothing about the service
    counts: Callable[[BaseException], bool] | None = None  # whether an error is a failure
    on_change: Callable[[], None] | None = None  # told of every change of state
    dsn: str = ""  # keeps its state in this PostgreSQL


@dataclass(frozen=True)
class Breaker:
    run: Run
    rejects: type[Exception]


@dataclass(frozen=True)
class Peer:
    """`module` None: it cannot be used here, for the reason `why`."""

    name: str
    module: ModuleType | None
    why: str = ""


PACKAGES = {
    "pyresilience": "pyresilience",
    "circuitbreaker": "circuitbreaker",
    "pybreaker": "pybreaker",
    "interlock": "interlock-cb",
    "purgatory": "purgatory",
    "resilient_circuit": "resilient-circuit",
    "pyrate": "pyrate-limiter",
    "limits": "limits",
    "throttled": "throttled-py",
}


def peer(name: str) -> Peer:
    try:
        return Peer(name, import_module(f"benchmarks.peers.{name}"))
    except Exception as error:  # noqa: BLE001 - whatever it is, the table says it
        return Peer(name, None, f"cannot be used: {type(error).__name__}: {error}")


def versions() -> dict[str, str]:
    found = {}
    for package in (*PACKAGES.values(), "tenacity"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
