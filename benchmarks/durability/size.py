"""How much of each is measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """`is_short`: for CI, on a machine that others use as well. Then a wall clock proves
    nothing, and rows are judged by CPU time where they can be."""

    is_short: bool
    settle_s: float  # after a start, before the daemon counts as idle
    idle_s: float
    units: int
    slow_units_a_process: int
    processes: tuple[int, ...]  # of the curve
    at_work: tuple[int, ...]  # processes that share units and documents; the last counts
    documents: int
    ledger_rows: int
    stored_documents: int
    starts: int  # of which the median counts


FULL = Size(
    is_short=False,
    settle_s=20,
    idle_s=120,
    units=3000,
    slow_units_a_process=100,
    processes=(1, 2, 4),
    at_work=(1, 2),
    documents=1500,
    ledger_rows=1_000_000,
    stored_documents=100_000,
    starts=5,
)
SHORT = Size(
    is_short=True,
    settle_s=5,
    idle_s=20,
    units=400,
    slow_units_a_process=20,
    processes=(1, 2),
    at_work=(1,),
    documents=40,
    ledger_rows=50_000,
    stored_documents=5_000,
    starts=1,
)
