"""What the dead left behind goes back through the door it came in by.

A process is dead when nobody holds its lock (storage/leases.py), never because it is slow; and
before anything of it is given to others it is fenced, so that what it may still send is
refused. Its runs in the ledger become free to be claimed, its work goes back into the queues;
here nothing is executed.

The look for the dead is one cheap statement, made every other second; everything else is done
when there are any, and now and then for what no dead process explains (work that this one
claimed and then lost).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from jobs.ports import Engine, Ledger
from resilience.clock import Clock

log = logging.getLogger("jobs.recovery")


FULL_S = 30.0  # between looks at everything while nobody is dead


class Dead(Protocol):
    """storage.leases.Instances."""

    def gone(self) -> Sequence[str]: ...

    def fence(self, executor: str) -> bool: ...

    def settle(self, executors: Collection[str]) -> int: ...


Step = Callable[[Callable[[str], bool]], Mapping[str, int]]


class Recovery:
    """`settle_calls` puts the paid calls that the dead left open in doubt (and asks none).
    `troubled`: the database was away a moment ago, so everything is looked at each time.
    `further` sees to the rest: it is told who is dead and returns how much it put right, by what
    that is. `tell` hears of everything that is put right, as soon as it is.
    """

    def __init__(
        self,
        ledger: Ledger,
        engine: Engine,
        dead: Dead,
        clock: Clock,
        *,
        settle_calls: Callable[[], int] = lambda: 0,
        troubled: Callable[[], bool] = lambda: False,
        further: Step = lambda is_dead: {},
        tell: Callable[[str, int], None] = lambda what, count: None,
    ) -> None:
        self._ledger = ledger
        self._engine = engine
        self._dead = dead
        self._clock = clock
        self._settle_calls = settle_calls
        self._troubled = troubled
        self._full_at: float | None = None
        self._further = further
        self._tell = tell

    def sweep(self) -> int:
        """Look once; returns how much work went back. Raises what the database raises."""
        gone = [each for each in self._dead.gone() if each != self._engine.executor_id]
        if not gone and not self._is_due():
            return 0
        recovered = self._sweep_all(gone)
        self._full_at = self._clock.monotonic()
        return recovered

    def _is_due(self) -> bool:
        at = self._full_at
        return at is None or self._troubled() or self._clock.monotonic() - at >= FULL_S

    def _sweep_all(self, gone: Sequence[str]) -> int:
        verdicts: dict[str, bool] = {self._engine.executor_id: False}

        def is_dead(executor: str) -> bool:
            if executor not in verdicts:
                verdicts[executor] = self._dead.fence(executor)
            return verdicts[executor]

        fenced = [executor for executor in gone if is_dead(executor)]
        # The ledger first: work that is taken up again must find its run free.
        owners = {run.executor for run in self._ledger.running() if run.executor}
        dead = sorted(executor for executor in owners if is_dead(executor))
        if dead:
            abandoned = self._ledger.abandon_of(dead)
            self._tell("runs", abandoned)
            log.warning("%d run(s) of dead processes are free again", abandoned)
        recovered = self._engine.recover(is_dead)
        self._tell("work", recovered)
        if recovered:
            log.warning("%d piece(s) of work of dead processes are queued again", recovered)
        doubtful = self._settle_calls()
        self._tell("calls", doubtful)
        if doubtful:
            log.warning("%d paid call(s) of dead processes are in doubt", doubtful)
        for what, count in self._further(is_dead).items():
            self._tell(what, count)
        if fenced:
            self._tell("processes", self._dead.settle(fenced))
        return recovered
