"""Says of an analyst that it works while its question is on its way, and of nobody else: one whose
gate is shut, or whose answer is stored already, does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from decimal import Decimal

from earnings.analysts.base import Batchable, Begin, CallKey, PaidAnswer, PaidCalls, TakeBack
from jobs.agents import Agents


class AtWork:
    """Paid calls, each in the agent of its provider's name. `began`: when each was last asked."""

    def __init__(self, paid: PaidCalls, agents: Agents) -> None:
        self._paid = paid
        self._agents = agents
        self.began: dict[str, float] = {}

    def once(
        self,
        key: CallKey,
        estimate_usd: Decimal,
        call: Callable[[Begin], PaidAnswer],
        batch: Batchable | None = None,
    ) -> PaidAnswer:
        def working(begin: Begin) -> PaidAnswer:
            with ExitStack() as work:
                return call(lambda: self._begin(key.provider, work, begin))

        return self._paid.once(key, estimate_usd, working, batch)

    def _begin(self, name: str, work: ExitStack, begin: Begin) -> TakeBack | None:
        """What cannot be said to be at work is not written down as asked either."""
        self.began[name] = self._agents.now()
        work.enter_context(self._agents.at_work(name))
        return begin()
