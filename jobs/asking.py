"""Asking those who run: the order is written down, and their answers are waited for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from resilience.clock import Clock
from storage.commands import Ack
from storage.leases import Instance

_POLL_S = 0.05


class Board(Protocol):
    """storage.commands.Commands, as far as one asks."""

    def ask(
        self, verb: str, target: str = "", args: Mapping[str, object] | None = None, *, by: str
    ) -> int: ...

    def acks(self, command_id: int) -> Sequence[Ack]: ...


class Living(Protocol):
    """storage.leases.Instances."""

    def running(self) -> Sequence[Instance]: ...


@dataclass(frozen=True)
class Answered:
    """What one process made of it. `process` None: it came while we waited."""

    executor: str
    process: Instance | None
    outcome: str  # done | refused | failed
    body: dict[str, Any]

    @property
    def why(self) -> str:
        """It was not done."""
        return str(self.body.get("why", "")) if self.outcome != "done" else ""


@dataclass(frozen=True)
class Asked:
    """`silent`: processes that live and did not answer in time; they may do so later."""

    answers: tuple[Answered, ...] = ()
    silent: tuple[Instance, ...] = ()

    @property
    def done(self) -> tuple[Answered, ...]:
        return tuple(one for one in self.answers if one.outcome == "done")

    @property
    def nobody_runs(self) -> bool:
        return not self.answers and not self.silent


class Asking:
    def __init__(self, board: Board, living: Living, clock: Clock) -> None:
        self._board = board
        self._living = living
        self._clock = clock

    def running(self, kinds: Collection[str] = ("daemon", "worker", "command")) -> list[Instance]:
        """Newest first."""
        return [one for one in self._living.running() if one.kind in kinds]

    def ask(
        self,
        verb: str,
        target: str = "",
        args: Mapping[str, object] | None = None,
        *,
        by: str,
        within_s: float,
        running: Sequence[Instance] | None = None,
    ) -> Asked:
        """Returns when each of `running` (everybody, if not given) has answered, or after
        `within_s`. Nobody runs: nothing is asked. Raises CallError."""
        expected = {
            one.executor: one for one in (running if running is not None else self.running())
        }
        if not expected:
            return Asked()
        number = self._board.ask(verb, target, args, by=by)
        give_up_at = self._clock.monotonic() + within_s
        while True:
            answers = tuple(
                Answered(ack.executor, expected.get(ack.executor), ack.outcome, ack.answer)
                for ack in self._board.acks(number)
            )
            silent = set(expected) - {one.executor for one in answers}
            if not silent or self._clock.monotonic() >= give_up_at:
                return Asked(answers, tuple(expected[one] for one in sorted(silent)))
            self._clock.wait(_POLL_S)
