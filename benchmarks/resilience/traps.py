"""Row 6: what goes wrong in breakers, tried on every one. `trap_list` has the traps."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import ModuleType

from benchmarks.peers.base import Breaker, NotOffered, Wanted, peer
from benchmarks.resilience.house import House
from benchmarks.resilience.size import Size
from benchmarks.resilience.table import MET, WRONG, Line, Row
from benchmarks.resilience.trap_list import TRAPS, Trap
from benchmarks.resilience.trial import Fell, Trial

PEERS = (
    *("circuitbreaker", "pybreaker", "interlock", "purgatory", "pyresilience"),
    "resilient_circuit",
)


def run(house: House, size: Size) -> list[Row]:
    rows = []
    modules: dict[str, ModuleType | None] = {name: peer(name).module for name in PEERS}
    for title, trap in TRAPS.items():
        ours = _tried(house, trap, house.breaker)
        with ThreadPoolExecutor(len(PEERS)) as pool:  # they wait most of the time
            theirs = pool.map(partial(_theirs, house, trap), PEERS, modules.values())
            lines = [Line("ours", ours), *theirs]
        verdict = MET if ours == PASSES else WRONG
        rows.append(Row(6, f"trap: {title}", PASSES, verdict, lines))
    return rows


PASSES = "passes"


def _theirs(house: House, trap: Trap, name: str, module: ModuleType | None) -> Line:
    return Line(name, peer(name).why if module is None else _tried(house, trap, module.breaker))


def _tried(house: House, trap: Trap, make: Callable[[Wanted], Breaker]) -> str:
    try:
        trap(Trial(make, house.clock))
    except NotOffered as reason:
        return f"n/a: {reason}"
    except Fell as fell:
        return f"falls: {fell}"
    except Exception as error:  # noqa: BLE001 - an error where there should be none is a fall too
        return f"falls: {type(error).__name__}: {error}"
    return PASSES
