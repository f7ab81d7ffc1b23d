"""How a process hears of orders and of work: the queue of orders, who answers, who listens."""

from __future__ import annotations

from collections.abc import Callable, Collection

from jobs.commands import CommandDesk
from jobs.listening import Listener
from jobs.policy_commands import Changes, PolicyVerbs
from resilience.clock import Clock
from resilience.registry import Policies
from storage import commands, work_news
from storage.commands import Commands
from storage.database import Database
from storage.notifications import Notifications
from storage.policy_state import PolicyStates

QUIET_LOOK_S = 10.0  # while word of orders comes in


class Hearing:
    def __init__(
        self,
        database: Database,
        policies: Policies,
        states: PolicyStates,
        executor: str,
        clock: Clock,
    ) -> None:
        self.commands = Commands(database)
        changes = Changes()
        policies.hooks.subscribe(changes)
        verbs = PolicyVerbs(policies, states.shared, clock, changes)
        self.desk = CommandDesk(self.commands, executor, verbs.table())
        self._dsn = database.dsn
        self._clock = clock
        self._notifications: Notifications | None = None
        self._looked_at: float | None = None

    def is_told(self) -> bool:
        """Whether word of orders and of work comes in just now."""
        return self._notifications is not None and self._notifications.listening

    def look(self) -> None:
        """What a tick does: run what was asked, now and then also if word of it comes in."""
        now = self._clock.monotonic()
        if self._looked_at is None or not self.is_told() or now - self._looked_at >= QUIET_LOOK_S:
            self.desk.run_pending()
            self._looked_at = now

    def listener(self, on_work: Callable[[Collection[str]], object]) -> Listener:
        """Not started. It takes a connection of its own. `on_work` is given the names of the
        queues in which there is new work, none: perhaps in any."""
        self._notifications = Notifications(self._dsn, clock=self._clock)
        return Listener(
            self._notifications,
            {
                commands.CHANNEL: lambda _: self.desk.run_pending(),
                work_news.CHANNEL: on_work,
            },
        )
