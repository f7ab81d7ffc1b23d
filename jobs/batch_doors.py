"""Whether a question may wait for a batch, or is better asked of the next analyst at once.

A batch costs half and takes its time. While nothing can be sent to its provider that time has no
end: the circuit is open or held, a person paused it, it refuses the key, a long pause or a used-up
quota is in the way. Then whoever comes after it is asked. Where nobody does, waiting is the best
there is, and the question waits until the door opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from earnings.analysts.batching import BatchProvider
from jobs.agents import Paused
from jobs.context import JobContext
from resilience.explaining import GateVerdict
from resilience.outcomes import CallError, Rejected

SHORT = timedelta(minutes=5)  # a pause that is worth half the price


class BatchDoors:
    def __init__(self, context: JobContext, providers: Mapping[str, BatchProvider]) -> None:
        self._context = context
        self._providers = dict(providers)

    def has_next(self, provider: str) -> bool:
        """Whether somebody else would be asked after it."""
        context = self._context
        after = context.panel.after(provider)
        return bool(after) and not set(after) <= set(context.agents.paused())

    def shut(self, provider: str) -> CallError | None:
        """Why nothing is to wait for a batch of it now. Raises what the database raises."""
        why = self._shut(provider)
        return why if why is not None and self.has_next(provider) else None

    def _shut(self, provider: str) -> CallError | None:
        paused = self._context.agents.paused().get(provider)
        if paused is not None:
            return Paused(provider, str(paused), retry_at=paused.until)
        known = self._providers.get(provider)
        if known is None:
            return self._gate(provider)
        off = known.switched_off()
        if off is not None:
            return Rejected(provider, off)
        return known.refused() or self._gate(provider)

    def _gate(self, provider: str) -> CallError | None:
        policies = self._context.policies
        if provider not in policies.services():
            return None
        for verdict in policies.explain(provider).verdicts:
            if _is_shut(verdict):
                return Rejected(provider, verdict.why, verdict.opens_at)
        return None


def _is_shut(verdict: GateVerdict) -> bool:
    if verdict.is_open:
        return False
    is_long = verdict.wait_s > SHORT.total_seconds()
    return verdict.gate == "breaker" or (is_long and verdict.gate.startswith(("pause", "quota")))
