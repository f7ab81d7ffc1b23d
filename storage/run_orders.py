"""A person's word on a run, by compare-and-set: False says that the run had moved on."""

from __future__ import annotations

from resilience.clock import Clock, SystemClock
from storage.database import Database


class RunOrders:
    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()

    def skip(self, run_id: int, words: str) -> bool:
        """Do not run what waits to be."""
        return self._run("run_orders.skip", id=run_id, words=words, at=self._clock.now())

    def ask(self, run_id: int, executor: str, attempts: int, words: str) -> bool:
        """Have the attempt that runs end as cancelled; whoever finds its process dead ends it."""
        return self._run(
            "run_orders.ask", id=run_id, executor=executor, attempts=attempts, words=words
        )

    def end(self, run_id: int, executor: str) -> bool:
        """Cancel at once what was asked to stop and whose process is dead."""
        return self._run("run_orders.end", id=run_id, executor=executor, at=self._clock.now())

    def again(self, run_id: int, retries: int, words: str) -> bool:
        """Make a slot due once more that was retried `retries` times before."""
        return self._run("run_orders.again", id=run_id, retries=retries, words=words)

    def _run(self, statement: str, **parameters: object) -> bool:
        with self._database.transaction() as tx:
            return tx.run(statement, **parameters) == 1
