"""An analyst that thinks of nothing: it knows beforehand what the releases of `service` say."""

from __future__ import annotations

from benchmarks.durability.service import said_of_each
from earnings.analysts.answer import read_answer
from earnings.analysts.base import Answer, PaidCalls, Question


class Stub:
    """Implements `earnings.analysts.base.Analyst` in the place of the local rules."""

    @property
    def name(self) -> str:
        return "local"

    def switched_off(self) -> str | None:
        return None

    def greet(self) -> str:
        return "knows its answer"

    def analyse(self, question: Question, paid: PaidCalls) -> Answer:
        found = read_answer(said_of_each())
        return Answer(
            self.name, "stub", "stub-1", found.drafts, found.period, is_results=found.is_results
        )
