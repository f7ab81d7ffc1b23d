"""A queue of commands, processes and decisions in memory, for tests of who asks and who answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from resilience.outcomes import CallFailed
from resilience.state import Remembered, StoredBreaker, StoredHold, StoredPause
from resilience.testing import START, FakeClock
from storage.commands import Ack, Command
from storage.leases import Instance
from storage.policy_desk import BreakerView, HoldKind


def away() -> CallFailed:
    return CallFailed("database", "nobody listens", retryable=True)


def instance(
    executor: str, name: str = "retailxai", kind: str = "daemon", pid: int = 7
) -> Instance:
    return Instance(executor, name, kind, pid, "retail-01", START, START, None, {})


class MemoryBoard:
    """Commands and their answers. `errors` are raised by the next acknowledgements."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.answers: dict[int, dict[str, Ack]] = {}
        self.errors: list[Exception] = []
        self.looked_at = 0  # commands, by the last `pending`

    def ask(
        self, verb: str, target: str = "", args: Mapping[str, object] | None = None, *, by: str
    ) -> int:
        number = len(self.commands) + 1
        at = START + timedelta(minutes=number)
        self.commands.append(Command(number, verb, target, dict(args or {}), by, at))
        self.answers[number] = {}
        return number

    def pending(self, executor: str, since: datetime | None = None) -> Sequence[Command]:
        asked = [one for one in self.commands if since is None or one.asked_at >= since]
        self.looked_at = len(asked)
        return [one for one in asked if executor not in self.answers[one.id]]

    def acknowledge(
        self, command_id: int, executor: str, outcome: str, answer: Mapping[str, object]
    ) -> bool:
        if self.errors:
            raise self.errors.pop(0)
        is_first = executor not in self.answers[command_id]
        self.answers[command_id].setdefault(executor, Ack(executor, outcome, dict(answer), START))
        return is_first

    def acks(self, command_id: int) -> Sequence[Ack]:
        return list(self.answers[command_id].values())

    def said(self, number: int, executor: str = "us") -> tuple[str, dict[str, Any]]:
        ack = self.answers[number][executor]
        return ack.outcome, ack.answer


class Town:
    """Those who run."""

    def __init__(self, *running: Instance) -> None:
        self.here = list(running)

    def running(self) -> Sequence[Instance]:
        return self.here


class Decisions:
    """What people decided and what instances left of their breakers."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.holds: dict[str, tuple[HoldKind, float | None, str, str]] = {}
        self.pauses: set[str] = set()
        self.left: list[BreakerView] = []
        self.saved: dict[str, StoredBreaker] = {}  # by instance
        self.recalled: list[str] = []

    def set_hold(
        self, service: str, kind: HoldKind, seconds: float | None, why: str, by: str
    ) -> None:
        ends = None if seconds is None else self.clock.monotonic() + seconds
        self.holds[service] = (kind, ends, why, by)

    def clear_hold(self, service: str) -> bool:
        return self.holds.pop(service, None) is not None

    def clear_pause(self, service: str) -> bool:
        was = service in self.pauses
        self.pauses.discard(service)
        return was

    def breakers(self) -> Sequence[BreakerView]:
        return self.left

    def shared(self) -> Remembered:
        now = self.clock.monotonic()
        return Remembered(
            holds=tuple(
                StoredHold(service, kind, None if ends is None else ends - now, why)
                for service, (kind, ends, why, _) in self.holds.items()
                if ends is None or ends > now
            )
        )

    def leave(self, instance: str, state: str = "closed", failures: int = 0) -> None:
        until = START + timedelta(minutes=5) if state == "open" else None
        self.left.append(
            BreakerView(
                *(instance, "edgar", state, failures, 1, until, "HTTP 503", 9, 5, 0, "x", START)
            )
        )

    def states_of(self, instance: str) -> States:
        return States(self, instance)


class States:
    def __init__(self, decisions: Decisions, instance: str) -> None:
        self._decisions = decisions
        self._instance = instance

    def recall(self) -> Remembered:
        self._decisions.recalled.append(self._instance)
        return self._decisions.shared()

    def save(self, breakers: Sequence[StoredBreaker], pauses: Sequence[StoredPause]) -> None:
        (self._decisions.saved[self._instance],) = breakers
