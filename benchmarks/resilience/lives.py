"""Starts a child again and again, kills it each time, and counts what it let through."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from benchmarks.resilience.child import Orders
from resilience.clock import Clock

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Life:
    """`lines` it added to the file; killed `at_s` after the first of all was ready."""

    lines: int
    at_s: float


class DidNotStart(Exception):
    """With the child's last words."""


def lived(
    orders: Orders, starts: int, clock: Clock, until: Callable[[Callable[[], int]], None]
) -> list[Life]:
    """How each start went. `until` returns when the child is to be
    killed; it is handed what counts this start's lines. Raises DidNotStart."""
    file = Path(orders.file)
    file.touch()
    lives: list[Life] = []
    began: float | None = None
    for _ in range(starts):
        before = _lines(file)
        with _started(orders) as child:
            began = began or clock.monotonic()
            try:
                until(partial(_added, file, before))
            finally:
                child.kill()
        lives.append(Life(_added(file, before), clock.monotonic() - began))
    return lives


def told(lives: list[Life]) -> str:
    return (
        f"{sum(life.lines for life in lives):4}  ({', '.join(str(life.lines) for life in lives)})"
    )


def _started(orders: Orders) -> subprocess.Popen[str]:
    """Running, and past its "ready"."""
    words = Path(f"{orders.file}.stderr")
    with words.open("w", encoding="utf-8") as stderr:
        child = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.resilience.child", json.dumps(asdict(orders))],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    assert child.stdout is not None
    for said in child.stdout:
        if said.strip() == "ready":
            return child
    with child:
        said = words.read_text(encoding="utf-8").strip()
        raise DidNotStart(said.rpartition("\n")[2])


def _added(file: Path, before: int) -> int:
    return _lines(file) - before


def _lines(file: Path) -> int:
    return file.read_bytes().count(b"\n")
