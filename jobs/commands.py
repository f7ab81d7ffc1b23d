"""What people ask of processes that run: each process takes it up, once, and says what came of it.

A page or a command never reaches into another process. It writes a row (`jobs.asking`), and
whoever runs finds it here: at once when told (`jobs.listening`), else at the next tick. An
order that makes no sense here is refused with the reason, one that breaks is failed with its
message; neither ends anything.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from storage.commands import AckOutcome, Command

log = logging.getLogger("jobs.commands")

# A command is stamped when its transaction begins; one that was slow to commit shows up late.
LATE = timedelta(minutes=5)

Answer = Mapping[str, object]  # JSON: what the person who asked is told
Handler = Callable[[Command], Answer]


class Refused(Exception):
    """It cannot be done here; the message says why."""


class Queue(Protocol):
    """storage.commands.Commands, as far as it is answered. Every method may raise CallError."""

    def pending(self, executor: str, since: datetime | None = None) -> Sequence[Command]:
        """Oldest first; without `since` from the executor's start on."""
        ...

    def acknowledge(
        self, command_id: int, executor: str, outcome: AckOutcome, answer: Answer
    ) -> bool: ...


class CommandDesk:
    """Answers what is asked of the process `executor`, by a table of verbs."""

    def __init__(self, queue: Queue, executor: str, verbs: Mapping[str, Handler]) -> None:
        self._queue = queue
        self._executor = executor
        self._verbs = dict(verbs)
        self._running = threading.Lock()  # the tick and the listener: one order after the other
        self._since: datetime | None = None  # nothing of before is open, whatever was asked
        self._unsaid: dict[int, tuple[AckOutcome, Answer]] = {}  # done, and not yet told

    def learn(self, verbs: Mapping[str, Handler]) -> None:
        """More that is answered here; before the process takes part."""
        self._verbs |= verbs

    def run_pending(self) -> int:
        """Do what was asked and not answered, oldest first; how much that was. Raises
        CallError when the database is away."""
        with self._running:
            pending = self._queue.pending(self._executor, self._since)
            for command in pending:
                self._answer(command)
            if pending:
                self._since = pending[-1].asked_at - LATE
            return len(pending)

    def _answer(self, command: Command) -> None:
        """What was done and could not be told is told later, and not done again: an order of
        before the outage must not undo one of after it."""
        if command.id not in self._unsaid:
            self._unsaid[command.id] = self._done(command)
        outcome, answer = self._unsaid[command.id]
        self._queue.acknowledge(command.id, self._executor, outcome, answer)
        del self._unsaid[command.id]

    def _done(self, command: Command) -> tuple[AckOutcome, Answer]:
        handler = self._verbs.get(command.verb)
        try:
            if handler is None:
                raise Refused(f"this process knows no {command.verb!r}")
            answer = handler(command)
        except Refused as refused:
            _say(logging.WARNING, command, f"refused: {refused}")
            return "refused", {"why": str(refused)}
        except Exception as broken:
            log.exception(
                "%s %s, asked by %s, broke", command.verb, command.target, command.asked_by
            )
            return "failed", {"why": f"{type(broken).__name__}: {broken}"}
        if not command.verb.startswith("policy."):  # who only looks leaves no line
            _say(logging.INFO, command, "done")
        return "done", answer


def _say(level: int, command: Command, what: str) -> None:
    log.log(
        level,
        "%s %s, asked by %s: %s",
        command.verb,
        command.target,
        command.asked_by,
        what,
        extra={
            "fields": {
                "command": command.id,
                "verb": command.verb,
                "target": command.target,
                "asked_by": command.asked_by,
            }
        },
    )
