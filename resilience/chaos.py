"""Faults on purpose: what the policies promise can be watched, and tested, on a real daemon.

An attempt fails, or takes longer, before anything is sent. Configuration allows it in
development and tests only.
"""

from __future__ import annotations

import random
import threading

from resilience.clock import Clock
from resilience.outcomes import CallFailed
from resilience.spec import ChaosRule


class Chaos:
    def __init__(
        self,
        service: str,
        rule: ChaosRule,
        clock: Clock,
        shutdown: threading.Event | None = None,
        source: random.Random | None = None,
    ) -> None:
        self._service = service
        self._rule = rule
        self._clock = clock
        self._shutdown = shutdown
        self._random = source or random.Random()  # noqa: S311 - faults, no secrets

    def strike(self) -> None:
        """Raises CallFailed, or takes its time, or does nothing, as the rule's shares say."""
        rule = self._rule
        if self._hits(rule.latency_pct):
            self._clock.wait(rule.latency_s, self._shutdown)
        drawn = self._random.random() * 100  # once: both are shares of all attempts
        if drawn < rule.refuse_pct:
            raise CallFailed(
                self._service, "connection refused (injected)", retryable=True, accepted=False
            )
        if drawn < rule.refuse_pct + rule.fault_pct:
            raise CallFailed(self._service, "the connection broke (injected)", retryable=True)

    def _hits(self, pct: float) -> bool:
        return pct > 0 and self._random.random() * 100 < pct
