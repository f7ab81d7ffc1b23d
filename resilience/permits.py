"""Leave for one call, given by `Policy.admit`; what became of it is told with `settle`.

For whoever makes the call in his own way (a stream, a batch that ends tomorrow); everybody
else uses `Policy.call`. As a context manager it settles by what the block raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Protocol

from resilience.breaker import Pass
from resilience.gates import Plan
from resilience.outcomes import Outcome


class Settle(Protocol):
    def __call__(
        self,
        permit: Permit,
        outcome: Outcome,
        *,
        error: str,
        cost: Mapping[str, float] | None,
        retry_after_s: float | None,
    ) -> None: ...


class Permit:
    """`ends_at` (monotonic) is when the call's time is up."""

    __slots__ = ("_raised", "_settle", "began", "ends_at", "is_settled", "passed", "plan")

    def __init__(
        self,
        passed: Pass,
        plan: Plan,
        began: float,
        ends_at: float,
        settle: Settle,
        raised: Callable[[Permit, BaseException], None],
    ) -> None:
        self.passed = passed
        self.plan = plan
        self.began = began
        self.ends_at = ends_at
        self.is_settled = False
        self._settle = settle
        self._raised = raised

    @property
    def is_probe(self) -> bool:
        return self.passed.probe

    @property
    def era(self) -> int:
        return self.passed.era

    def settle(
        self,
        outcome: Outcome,
        *,
        error: str = "",
        cost: Mapping[str, float] | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        """Once; a second time changes nothing. `cost`: what it took in truth."""
        self._settle(self, outcome, error=error, cost=cost, retry_after_s=retry_after_s)

    def __enter__(self) -> Permit:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.settle(Outcome.SUCCESS)
        else:
            self._raised(self, error)
