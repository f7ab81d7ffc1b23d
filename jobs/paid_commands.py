"""What may be asked of a process about paid calls: take up again what a person released."""

from __future__ import annotations

from collections.abc import Mapping

from jobs.commands import Handler, Refused
from jobs.context import JobContext
from jobs.leads import enqueue_again
from storage.commands import Command

ASK = "paid.ask"


class PaidVerbs:
    def __init__(self, context: JobContext) -> None:
        self._context = context

    def table(self) -> dict[str, Handler]:
        return {ASK: self._ask}

    def _ask(self, command: Command) -> Mapping[str, object]:
        """Put documents back in the queue. Meant for one process: the queue is everybody's."""
        if command.target != self._context.executor_id:
            return {"queued": []}
        wanted = command.args.get("documents")
        if not isinstance(wanted, list) or not all(isinstance(one, int) for one in wanted):
            raise Refused("documents are named by their numbers")
        found = [self._context.documents.get(number) for number in wanted]
        queued = [one.id for one in found if one is not None and enqueue_again(self._context, one)]
        return {"queued": queued}
