"""Where the commands decide about runs, and read their log lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cli.door import OnStep
from cli.exit_codes import ExitCode
from cli.failures import Failure
from cli.run_counter import RunCounter, RunHouse
from cli.run_views import CancelView, RetryRunView, RunLogView
from cli.stored_policies import process
from cli.views import RunView
from jobs.commands import Refused
from jobs.run_life import outlook
from jobs.run_log import RunLog
from jobs.run_orders import RunOrders, why_no_retry


@dataclass(frozen=True)
class RunHands:
    """`by_hand` runs a job now, with options as the ledger keeps them, to its end."""

    orders: RunOrders
    by_hand: Callable[[str, Mapping[str, Any], OnStep], RunView]
    log: RunLog


class RunDecisions(RunCounter):
    """Beside what is looked at. Every method raises Failure for what is refused or unknown."""

    def __init__(self, house: RunHouse, hands: RunHands) -> None:
        super().__init__(house)
        self._hands = hands

    def log(self, which: str, slot: str | None, most: int) -> RunLogView:
        run = self.known(which, slot)
        found = self._hands.log.of(run, self._house.lives.moves(run.id), most)
        return RunLogView(
            run=self.view(run),
            lines=found.lines,
            total=found.total,
            files=tuple(str(path) for path in found.files),
            notes=found.notes,
        )

    def cancel(self, which: str, slot: str | None, why: str) -> CancelView:
        run = self.known(which, slot)
        try:
            found = self._hands.orders.cancel(run.id, why)
        except Refused as refused:
            raise _refused(refused) from refused
        told = process(found.process) if found.process is not None else ""
        return CancelView(self.view(found.run), str(found.outcome), told)

    def retry(self, which: str, slot: str | None, on_step: OnStep) -> RetryRunView:
        """A slot of the schedule is due once more; what was asked for by hand is run again here,
        with the same options."""
        run = self.known(which, slot)
        refusal = why_no_retry(run, self._house.is_dead)
        if refusal:
            raise _refused(Refused(refusal))
        if not run.scheduled:
            return RetryRunView(self._hands.by_hand(run.job, run.options, on_step), by_hand=True)
        try:
            now = self._hands.orders.retry(run)
        except Refused as refused:
            raise _refused(refused) from refused
        coming = outlook(now, is_dead=False, daemons=self._house.daemons())
        return RetryRunView(self.view(now), by_hand=False, next=coming)


def _refused(why: Refused) -> Failure:
    return Failure(ExitCode.REFUSED, "refused", str(why))
