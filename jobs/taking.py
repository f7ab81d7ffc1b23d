"""Work is taken the moment there is some, and hardly asked for while there is none.

A taker is a thread for one queue. It looks when it is woken, by word of new work or by a
hand that came free, and every so often besides, because word may be lost: seldom while it
is known to come, often while none would. `Hands` counts what is being done.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from operations.progress import Loop
from resilience.clock import Clock

log = logging.getLogger("jobs.taking")

BREATH_S = 0.02  # after a look in vain: a burst of news is one look, not a hundred
STOP_WITHIN_S = 2.0
AHEAD_S = 0.05  # what is done in so short a time may be taken before there is a hand for it
MOST_AHEAD = 60
_WEIGHT = 0.2  # of the latest piece in the mean


@dataclass(frozen=True, eq=False)
class Hold:
    """One piece of work in one hand; each time it is taken is another hold."""

    queue: str
    work_id: str


class Hands:
    """How much of each queue this process does, from the claim to the end of its function.

    Of work that takes a moment more is taken than there are hands, so that a look fetches
    many: as much as is done in `AHEAD_S`, which is also how long another process that has a
    hand free may wait for it.
    """

    def __init__(self, queues: Mapping[str, int], on_free: Callable[[str], None]) -> None:
        """`queues`: how many hands each has. `on_free` is told of a queue when it is time to
        take more."""
        self._queues = dict(queues)
        self._on_free = on_free
        self._holds: dict[str, set[Hold]] = {queue: set() for queue in queues}
        self._mean_s: dict[str, float] = {}
        self._changed = threading.Condition()

    def room(self, queue: str) -> int:
        with self._changed:
            return max(0, self._queues[queue] + self._ahead(queue) - len(self._holds[queue]))

    def take(self, queue: str, work_id: str) -> Hold:
        hold = Hold(queue, work_id)
        with self._changed:
            self._holds[queue].add(hold)
        return hold

    def let_go(self, hold: Hold, took_s: float | None = None) -> None:
        """Nothing if that was done before. `took_s`: how long its function took."""
        queue = hold.queue
        with self._changed:
            if hold not in self._holds[queue]:
                return
            self._holds[queue].remove(hold)
            if took_s is not None:
                mean_s = self._mean_s.get(queue, took_s)
                self._mean_s[queue] = mean_s + _WEIGHT * (took_s - mean_s)
            is_time = len(self._holds[queue]) <= self._low(queue)
            self._changed.notify_all()
        if is_time:
            self._on_free(queue)

    def holds(self) -> Counter[str]:
        """The ids of what is being done; one may be done twice, the elder in vain."""
        with self._changed:
            return Counter(hold.work_id for holds in self._holds.values() for hold in holds)

    def by_queue(self) -> Counter[str]:
        """How much of each is being done, without what was claimed ahead."""
        with self._changed:
            return Counter(
                {queue: min(len(held), self._queues[queue]) for queue, held in self._holds.items()}
            )

    def wait_until_empty(self, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not any(self._holds.values()), timeout_s)

    def _ahead(self, queue: str) -> int:
        """How much more than there are hands; nothing before it is known how long it takes."""
        mean_s = self._mean_s.get(queue)
        if mean_s is None:
            return 0
        return int(min(MOST_AHEAD, self._queues[queue] * AHEAD_S / max(mean_s, 1e-6)))

    def _low(self, queue: str) -> int:
        """So few are held that a look is due: a hand is free, or half of what was ahead is
        begun."""
        hands, ahead = self._queues[queue], self._ahead(queue)
        return hands - 1 if not ahead else hands + ahead // 2


class Taker:
    """Calls `take` (which returns how much it took) whenever there may be something."""

    def __init__(
        self, queue: str, take: Callable[[], int], every_s: Callable[[], float], clock: Clock
    ) -> None:
        self._queue = queue
        self._take = take
        self._every_s = every_s
        self._clock = clock
        self._looked_at: float | None = None
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name=f"take {queue}", daemon=True)

    def start(self) -> None:
        self._looked_at = self._clock.monotonic()
        self._thread.start()

    def loop(self) -> Loop | None:
        """How long ago it looked last; None before it was started."""
        looked_at = self._looked_at
        if looked_at is None:
            return None
        return Loop(
            name=f"the taker of the queue {self._queue}",
            quiet_s=self._clock.monotonic() - looked_at,
            every_s=self._every_s(),
            lives=self._thread.is_alive(),
        )

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        """Safe to call twice, and before `start`: a database that goes away while the engine is
        launched leaves takers that never were. One that waits for it is left behind."""
        self._stopping.set()
        self._woken.set()
        if self._thread.ident is not None:
            self._thread.join(STOP_WITHIN_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            if not self._look():
                self._stopping.wait(BREATH_S)
            self._looked_at = self._clock.monotonic()
            self._woken.wait(self._every_s())
            self._woken.clear()

    def _look(self) -> int:
        try:
            taken = self._take()
        except Exception as error:  # noqa: BLE001  the loop's border: told, never fatal
            if not self._failing:
                said = str(error).partition("\n")[0] or type(error).__name__
                log.warning("no work can be taken from the queue %s: %s", self._queue, said)
            self._failing = True
            return 0
        if self._failing:
            log.info("work is taken from the queue %s again", self._queue)
        self._failing = False
        return taken
