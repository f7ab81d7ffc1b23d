"""This process's agents at work: who works in which, and whose execution it was.

    with agents.at_work("edgar"):
        began = agents.now()
        found = source.discover(...)
        documents.record(..., execution=agents.execution("edgar", "CIK 42", began))

That a process works in an agent is written when it begins, and taken back when it has had
nothing to do in it for a while: an analyst that reads fifty documents a second is not written
twice for each of them. Effects belong inside `at_work`.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from earnings.analysts.panel import LOCAL
from resilience.clock import Clock
from resilience.outcomes import CallError, CallFailed, Rejected
from storage.agents import AgentKind, Pause
from storage.agents import Agents as AgentStore
from storage.errors import DatabaseError
from storage.executions import Execution

log = logging.getLogger("jobs.agents")

WRITER = "weekly"
IDLE_S = 2.0  # so long without work, and it is said to rest
RESUME = "python main.py agent resume"


class Paused(Rejected):
    """A person paused the agent; it begins nothing new."""

    gate = "pause"


class Agents:
    """`kept`: entries per agent. `redact` takes secrets out of errors."""

    def __init__(
        self,
        store: AgentStore,
        executor_id: str,
        clock: Clock,
        *,
        kept: int = 1000,
        redact: Callable[[str], str] = str,
    ) -> None:
        self.store = store
        self._executor_id = executor_id
        self._clock = clock
        self._kept = kept
        self._redact = redact
        self._lock = threading.Lock()
        self._doing: Counter[str] = Counter()
        self._last: dict[str, float] = {}  # those we are said to work in, and until when we did

    # ---- working ------------------------------------------------------------------------

    @contextmanager
    def at_work(self, agent: str) -> Iterator[None]:
        """Raises what the database raises, before anything is begun."""
        with self._lock:
            if agent not in self._last:
                self.store.enter(agent, self._executor_id)
            self._last[agent] = self._clock.monotonic()
            self._doing[agent] += 1
        try:
            yield
        finally:
            with self._lock:
                self._doing[agent] -= 1
                self._last[agent] = self._clock.monotonic()

    def rest(self, *, idle_s: float = IDLE_S) -> None:
        """Say so of the agents we have not worked in for so long. Raises what the database
        raises; what could not be said is said the next time."""
        with self._lock:
            now = self._clock.monotonic()
            for agent, until in list(self._last.items()):
                if not self._doing[agent] and now - until >= idle_s:
                    self.store.rest(agent, self._executor_id)
                    del self._last[agent]

    def now(self) -> float:
        """For `began`."""
        return self._clock.monotonic()

    def execution(self, agent: str, what: str, began: float, cursor: str = "") -> Execution:
        took_s = max(0.0, self._clock.monotonic() - began)
        return Execution(agent, self._executor_id, what, took_s, cursor, self._kept)

    def failed(self, execution: Execution, error: BaseException | str) -> None:
        """Write a failed execution down, in a transaction of its own; of the database's own
        failures, gates that were shut and a stop no agent is to blame."""
        if isinstance(error, DatabaseError) or _was_shut(error):
            return
        said = error if isinstance(error, str | CallError) else f"{type(error).__name__}: {error}"
        self.store.failed(execution, self._redact(str(said)))

    # ---- pausing ------------------------------------------------------------------------

    def paused(self) -> Mapping[str, Pause]:
        """Those that are to begin nothing now, asked anew: it holds in every process at once."""
        return self.store.paused()

    def check(self, agent: str) -> None:
        """Raises Paused."""
        pause = self.paused().get(agent)
        if pause is not None:
            raise Paused(agent, str(pause), retry_at=pause.until, fix=f"{RESUME} {agent}")


def _was_shut(error: BaseException | str) -> bool:
    """Nothing was asked. A refusal that shuts the gate for whoever comes next was an answer."""
    return isinstance(error, Rejected) and not isinstance(error.__cause__, CallFailed)


def configured(sources: Iterable[str], analysts: Iterable[str]) -> dict[str, AgentKind]:
    """Every agent of an installation. Raises ValueError if two would have one name."""
    named = [(name, AgentKind.COLLECTOR) for name in sources]
    named += [(name, AgentKind.ANALYST) for name in dict.fromkeys((LOCAL, *analysts))]
    named.append((WRITER, AgentKind.WRITER))
    twice = [name for name, count in Counter(name for name, _ in named).items() if count > 1]
    if twice:
        raise ValueError(f"two agents are called {twice[0]!r}")
    return dict(named)
