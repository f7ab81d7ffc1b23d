"""Who is asked, in which order, and what happens when one of them has no answer.

`local` reads every document first: it is free, it cannot fail, and its answer is both what
shows at once and the floor that the others are checked against. Then the configured ones
are asked in order until one answers. When none does, the document keeps the local answer
and the panel says so: degraded is a word for "an analyst was configured and did not answer",
not for "nobody configured one".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from earnings.analysts.base import (
    Analyst,
    Answer,
    AnswerLater,
    Batchable,
    Begin,
    CallInDoubt,
    CallKey,
    NoAnswer,
    PaidAnswer,
    PaidCalls,
    Question,
)
from earnings.analysts.tasks import Tasks, within
from resilience.fallback import Tried, first_answer
from resilience.outcomes import CallError, Rejected

LOCAL = "local"


@dataclass(frozen=True)
class PanelAnswer:
    """`tried`: who had no answer and why, in order; `failed`: those of them that were really
    asked. `instead_of`: the first of them that may answer another time (it was down, held, over
    its cap), with why, if somebody after it answered; ("", "") otherwise. `retry_at`: when the
    first of them may have one, None if nobody said. `later`: where the question waits, "" if it
    does not; the local answer holds until then."""

    answer: Answer
    degraded: bool
    tried: tuple[tuple[str, str], ...] = ()
    failed: tuple[str, ...] = ()
    retry_at: datetime | None = None
    later: str = ""
    instead_of: tuple[str, str] = ("", "")


class NothingToPay:
    """The paid calls of an analyst that makes none."""

    def once(
        self,
        key: CallKey,
        estimate_usd: Decimal,
        call: Callable[[Begin], PaidAnswer],
        batch: Batchable | None = None,
    ) -> PaidAnswer:
        raise NoAnswer(f"{key.provider} wanted a paid call where none is allowed")


class Panel:
    """The analysts in the configured order; `local` may stand anywhere in it, or be left out
    of it: it is the floor either way."""

    def __init__(
        self,
        local: Analyst,
        others: Sequence[Analyst],
        *,
        tell: Callable[[CallError], None] = lambda error: None,
        left_out: Mapping[str, str] | None = None,
        tasks: Tasks | None = None,
    ) -> None:
        self._local = local
        self._others = tuple(analyst for analyst in others if analyst.name != LOCAL)
        self._tell = tell
        self._left_out = dict(left_out or {})
        self._tasks = dict(tasks or {})

    def telling(self, tell: Callable[[CallError], None]) -> Panel:
        """The same panel, which tells `tell` of each call whose failure left a question with
        the local answer alone."""
        return self._with(tell=tell)

    def without(self, left_out: Mapping[str, str]) -> Panel:
        """The same panel, which asks none of those (name and why) and counts them among whom
        it tried: what they would have said is missing."""
        return self._with(left_out=left_out)

    def _with(
        self,
        tell: Callable[[CallError], None] | None = None,
        left_out: Mapping[str, str] | None = None,
    ) -> Panel:
        return Panel(
            self._local,
            self._others,
            tell=tell or self._tell,
            left_out=self._left_out if left_out is None else left_out,
            tasks=self._tasks,
        )

    @classmethod
    def of(cls, analysts: Sequence[Analyst], tasks: Tasks | None = None) -> Panel:
        """From one list that holds the local one. Raises ValueError if it does not."""
        for analyst in analysts:
            if analyst.name == LOCAL:
                return cls(analyst, analysts, tasks=tasks)
        raise ValueError(f"a panel needs the {LOCAL!r} analyst, whatever else is configured")

    def switched_off(self) -> tuple[tuple[str, str], ...]:
        """Which analysts cannot work, each with how to switch it on."""
        reasons = ((analyst.name, analyst.switched_off()) for analyst in self._others)
        return tuple((name, reason) for name, reason in reasons if reason is not None)

    def greet(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Each one that will be asked, with its cheapest question."""
        return ((a.name, a.greet) for a in self._others if a.switched_off() is None)

    def asks(self) -> tuple[str, ...]:
        """The names of those that will be asked, in order; empty when only `local` works."""
        return tuple(a.name for a in self._on() if a.name not in self._left_out)

    def after(self, name: str) -> tuple[str, ...]:
        """Those that would be asked if `name` had no answer."""
        asks = self.asks()
        return asks[asks.index(name) + 1 :] if name in asks else asks

    def left_out(self) -> tuple[tuple[str, str], ...]:
        """Those that would be asked, were they not left out, each with why."""
        return tuple((a.name, self._left_out[a.name]) for a in self._on()
                     if a.name in self._left_out)  # fmt: skip

    def names(self) -> tuple[str, ...]:
        """Everybody, `local` first, whether it is asked or not."""
        return (LOCAL, *(analyst.name for analyst in self._others))

    def read(self, question: Question) -> Answer:
        """The local answer."""
        return self._local.analyse(question, NothingToPay())

    def ask(
        self, question: Question, paid: PaidCalls, *, floor: Answer | None = None
    ) -> PanelAnswer:
        """The first answer of the configured analysts, else the local one (`floor`, if the
        caller has it already).

        An answer that finds nothing, or no results, where the rules found something is none: a
        document must not be able to talk a model into hiding its figures.
        """
        local = _Floor(floor, lambda: self.read(question))
        asked: list[tuple[str, Callable[[], Answer]]] = [
            (analyst.name, self._call(analyst, question, paid, local)) for analyst in self._on()
        ]
        asked.append((LOCAL, local))
        try:
            found = first_answer(asked, also=(CallInDoubt, NoAnswer))
        except AnswerLater as later:
            return PanelAnswer(local(), degraded=True, later=str(later))
        degraded = found.degraded and found.origin == LOCAL
        if degraded:
            for each in found.tried:
                if isinstance(each.error, CallError):
                    self._tell(each.error)
        return PanelAnswer(
            found.value,
            degraded,
            tuple((each.origin, str(each.error)) for each in found.tried),
            tuple(one.origin for one in found.tried if not isinstance(one.error, _NOT_ASKED)),
            retry_at=found.retry_at if degraded else None,
            instead_of=("", "") if degraded else _passed_over(found.tried),
        )

    def _on(self) -> Iterator[Analyst]:
        return (analyst for analyst in self._others if analyst.switched_off() is None)

    def _call(
        self, analyst: Analyst, question: Question, paid: PaidCalls, local: _Floor
    ) -> Callable[[], Answer]:
        why = self._left_out.get(analyst.name)
        if why is not None:
            return partial(_leave_out, why)
        return partial(_ask, analyst, question, paid, local, self._tasks)


class _LeftOut(NoAnswer):
    """It was not asked, because a person said so."""


def _passed_over(tried: Sequence[Tried]) -> tuple[str, str]:
    for one in tried:
        if isinstance(one.error, CallError | _LeftOut):
            return one.origin, str(one.error)
    return "", ""


_NOT_ASKED = (_LeftOut, Rejected, CallInDoubt)


def _leave_out(why: str) -> Answer:
    raise _LeftOut(why)


class _Floor:
    """The local answer, made when it is first wanted."""

    def __init__(self, answer: Answer | None, read: Callable[[], Answer]) -> None:
        self._answer = answer
        self._read = read

    def __call__(self) -> Answer:
        if self._answer is None:
            self._answer = self._read()
        return self._answer


def _ask(
    analyst: Analyst, question: Question, paid: PaidCalls, local: _Floor, tasks: Tasks
) -> Answer:
    answer = analyst.analyse(question, paid)
    if not (answer.drafts and answer.is_results) and (found := len(local().drafts)):
        raise NoAnswer(_nothing(found))
    allowed = within(answer, tasks)
    if answer.drafts and not allowed.drafts:
        raise NoAnswer(f"it reports nothing that is its task: {'; '.join(allowed.notes)}")
    return allowed


def _nothing(found: int) -> str:
    return f"it reports nothing where the local rules found {found}"
