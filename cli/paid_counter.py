"""Where the commands look at paid calls and decide about those in doubt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cli import stored_policies
from cli.exit_codes import ExitCode
from cli.failures import Failure
from cli.paid_views import (
    BatchesView,
    BatchView,
    PaidCallView,
    PaidDecision,
    PaidListView,
    PaidOutcome,
)
from jobs.asking import Asking
from jobs.paid_commands import ASK
from resilience.clock import Clock
from storage.paid_batches import PaidBatch, PaidBatches
from storage.paid_desk import OPEN, PaidCall, PaidDesk
from storage.states import CallState

ANSWER_S = 3.0
OPEN_WORD, ALL_WORD = "open", "all"
WORDS = (*(str(state) for state in CallState), OPEN_WORD, ALL_WORD)


@dataclass(frozen=True)
class PaidHouse:
    """`by` is who sits at the terminal."""

    desk: PaidDesk
    batches: PaidBatches
    is_dead: Callable[[str], bool]
    asking: Asking
    clock: Clock
    by: str


class PaidCounter:
    def __init__(self, house: PaidHouse) -> None:
        self._house = house

    def listed(self, word: str) -> PaidListView:
        """`word`: a state, "open" (without an answer) or "all"."""
        states = {OPEN_WORD: OPEN, ALL_WORD: tuple(CallState)}.get(word)
        found = self._house.desk.listed(states or (CallState(word),))
        calls = tuple(self._view(one, self._house.clock.now()) for one in found)
        return PaidListView(calls, sum((one.estimate_usd for one in calls), Decimal(0)))

    def batches(self) -> BatchesView:
        return BatchesView(tuple(_batch(one) for one in self._house.batches.recent()))

    def retry(self, ids: Sequence[int], reason: str, billed: bool | None) -> PaidDecision:
        """Raises Failure for an unknown number, before anything is done."""
        said = self._said("asked again", reason)
        outcomes, won = self._decide(
            ids, lambda number: self._house.desk.retry(number, said, billed=billed)
        )
        hashes = dict.fromkeys(one.key.sha256 for one in won)
        documents = [each for sha256 in hashes for each in self._house.desk.documents(sha256)]
        who, note = self._take_up(documents)
        return PaidDecision("retry", outcomes, tuple(documents), who, note)

    def drop(self, ids: Sequence[int], reason: str, billed: bool | None) -> PaidDecision:
        """Raises Failure for an unknown number, before anything is done."""
        said = self._said("given up", reason)
        outcomes, _ = self._decide(
            ids, lambda number: self._house.desk.drop(number, said, billed=billed)
        )
        return PaidDecision("drop", outcomes)

    # ---- within -------------------------------------------------------------------------

    def _decide(
        self, ids: Sequence[int], order: Callable[[int], bool]
    ) -> tuple[tuple[PaidOutcome, ...], list[PaidCall]]:
        """What became of each, and those that were decided."""
        numbers = list(dict.fromkeys(ids))
        for number in numbers:
            self._known(number)
        outcomes, won = [], []
        for number in numbers:
            done = order(number)
            call = self._known(number)
            if done:
                won.append(call)
            view = self._view(call, self._house.clock.now())
            outcomes.append(PaidOutcome(number, done, "" if done else _why_not(call), view))
        return tuple(outcomes), won

    def _take_up(self, documents: Sequence[int]) -> tuple[str, str]:
        """Who asks again at once, and what there is to say if nobody does."""
        daemons = self._house.asking.running(("daemon",))
        if not documents or not daemons:
            return "", "no daemon runs" if documents else ""
        daemon, args = daemons[0], {"documents": list(documents)}
        asked = self._house.asking.ask(
            ASK, daemon.executor, args, by=self._house.by, within_s=ANSWER_S, running=[daemon]
        )
        who = stored_policies.process(daemon)
        answer = next((one for one in asked.answers if one.executor == daemon.executor), None)
        if answer is None:
            return "", f"{who} did not answer within {ANSWER_S:g} s"
        return ("", f"{who}: {answer.why}") if answer.why else (who, "")

    def _said(self, what: str, reason: str) -> str:
        return f"{what} by {self._house.by}" + (f": {reason}" if reason else "")

    def _known(self, number: int) -> PaidCall:
        call = self._house.desk.get(number)
        if call is None:
            raise Failure(
                ExitCode.UNKNOWN,
                "unknown_paid_call",
                f"there is no paid call {number}; nothing was changed",
                "python main.py paid list --state all lists them",
            )
        return call

    def _view(self, call: PaidCall, now: datetime) -> PaidCallView:
        asker = call.asker
        is_known = asker.instance is not None
        return PaidCallView(
            id=call.id,
            state=str(call.state),
            provider=call.key.provider,
            model=call.key.model,
            prompt_version=call.key.prompt_version,
            document_id=call.document_id,
            ticker=call.ticker or "",
            title=call.title or f"no stored document ({call.key.sha256[:12]})",
            asked_at=call.begun_at,
            age_s=round((now - call.begun_at).total_seconds(), 1),
            times_asked=call.asked,
            estimate_usd=call.estimate_usd,
            cost_usd=call.cost_usd if call.state is CallState.ANSWERED else None,
            taken_usd=call.taken_usd,
            process=f"{asker.instance}, pid {asker.pid}" if is_known else asker.executor,
            host=asker.host or "",
            process_lives=None
            if asker.instance is None
            else not self._house.is_dead(asker.executor),
            why=call.reason or _where(call),
            billed=call.billed,
            batch=call.batch_id,
        )


def _why_not(call: PaidCall) -> str:
    """Only a doubt can be decided about: what it is instead."""
    return {
        CallState.ANSWERED: "its answer came: it is paid for and used, nothing is in doubt",
        CallState.REFUSED: "it is free to be asked already: the next scan asks",
        CallState.INTENT: "it is being asked just now: wait for its answer",
        CallState.DROPPED: f"it was dropped already ({call.reason})",
    }.get(call.state, f"it is {str(call.state).replace('_', ' ')}, not in doubt")


def _where(call: PaidCall) -> str:
    if call.state is CallState.QUEUED:
        return "waits for the next batch"
    return f"in batch {call.batch_id}" if call.batch_id is not None else ""


def _batch(one: PaidBatch) -> BatchView:
    return BatchView(
        id=one.id,
        provider=one.provider,
        state=str(one.state),
        requests=one.requests,
        remote_id=one.remote_id or "",
        sent_at=one.begun_at,
        deadline_at=one.deadline_at,
        ended_at=one.ended_at,
        why=one.reason,
    )
