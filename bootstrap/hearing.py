"""How a process hears what people ask of it: the queue of orders, who answers, who listens."""

from __future__ import annotations

from jobs.commands import CommandDesk
from jobs.listening import Listener
from jobs.policy_commands import Changes, PolicyVerbs
from resilience.clock import Clock
from resilience.registry import Policies
from storage.commands import Commands
from storage.database import Database
from storage.notifications import Notifications
from storage.policy_state import PolicyStates


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

    def listener(self) -> Listener:
        """Not started. It takes a connection of its own."""
        return Listener(Notifications(self._dsn, clock=self._clock), self.desk.run_pending)
