"""An invented release and stand-ins for what an analyst is given."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from decimal import Decimal

from earnings.analysts.base import (
    Answer,
    AskedWith,
    Batchable,
    Begin,
    CallInDoubt,
    CallKey,
    NoAnswer,
    PaidAnswer,
    PaidCalls,
    Question,
)
from earnings.analysts.prices import Prices
from earnings.reading.base import Reading
from earnings.vocabulary import Company, Guidance
from resilience.outcomes import CallFailed, Rejected

PRICES = Prices(
    input_usd=Decimal(2),
    cache_write_usd=Decimal("2.5"),
    cache_read_usd=Decimal("0.2"),
    output_usd=Decimal(10),
)

RELEASE = """Quell Stores Reports Third Quarter Results

"We bought ahead of the tariffs. Shoppers noticed," said Mara Quell, CEO.

(In millions, except per share data)
Net sales | 1,204.8 | 1,187.0
Diluted earnings per share | 0.84 | 0.91

The company now expects adjusted diluted EPS of $3.05 to $3.20 for fiscal 2026.
"""


def question(
    text: str = RELEASE, *, sha256: str = "ab" * 32, previous: tuple[Guidance, ...] = ()
) -> Question:
    return Question(
        sha256=sha256,
        reading=Reading(text=text, tables=(), reader="test-1"),
        company=Company("QLLS", "Quell Stores, Inc."),
        published_at=datetime(2026, 11, 19, 12, 0, tzinfo=UTC),
        previous_guidance=previous,
    )


class PaidBook:
    """Keeps the promise of `PaidCalls` in memory. `free`: providers that bill nobody."""

    def __init__(self, free: Collection[str] = ()) -> None:
        self.free = free
        self.estimates: list[Decimal] = []
        self.answers: dict[CallKey, PaidAnswer] = {}
        self.in_doubt: set[CallKey] = set()
        self.asked: list[AskedWith | None] = []  # what each answered question was asked with

    def once(
        self,
        key: CallKey,
        estimate_usd: Decimal,
        call: Callable[[Begin], PaidAnswer],
        batch: Batchable | None = None,
    ) -> PaidAnswer:
        if key in self.answers:
            return self.answers[key]
        if key in self.in_doubt:
            raise CallInDoubt(f"{key.provider}: a call for {key.sha256[:8]} may have been paid")
        self.estimates.append(estimate_usd)
        self.in_doubt.add(key)
        try:
            answer = call(lambda: None)
        except Rejected:
            self.in_doubt.discard(key)
            raise
        except CallFailed as failed:
            if not failed.accepted or key.provider in self.free:
                self.in_doubt.discard(key)
            raise
        except NoAnswer:
            if key.provider in self.free:
                self.in_doubt.discard(key)
            raise
        self.answers[key] = answer
        self.asked.append(answer.asked or key.asked)
        self.in_doubt.discard(key)
        return answer


class ScriptedAnalyst:
    """Answers, or fails with what it is given."""

    def __init__(
        self, name: str, result: Answer | Exception | None = None, off: str | None = None
    ) -> None:
        self._name = name
        self._result = result or Answer(name, f"{name}-1", "1", ())
        self._off = off
        self.asked = 0

    @property
    def name(self) -> str:
        return self._name

    def greet(self) -> str:
        return "here"

    def switched_off(self) -> str | None:
        return self._off

    def analyse(self, question: Question, paid: PaidCalls) -> Answer:
        self.asked += 1
        if isinstance(self._result, Exception):
            raise self._result
        return self._result
