"""What the service manager hears of the daemon: that it has begun, what it does, that it gets
on. All of it from the main thread, so that a main thread that hangs says nothing more."""

from __future__ import annotations

import faulthandler
import logging
from collections.abc import Callable
from datetime import datetime

from bootstrap.application import Application
from jobs.registration import DOCUMENTS_QUEUE, JOBS_QUEUE
from jobs.slots import next_slot
from operations.doing import Doing, in_words
from operations.progress import what_hangs
from operations.supervisor import ServiceManager
from resilience.clock import Clock

log = logging.getLogger("main")

TELL_S = 5.0  # the status and the watchdog's due are looked at so often
HELD_UP_S = 10.0  # main thread not come round for so long: the whole machine stood still
FIRST = ("beat", "jobs")  # ticks of which each must have ended once


class Supervision:
    """The `scheduler.Watcher` of a daemon. `read_again` says whether there are other settings
    that it can be begun anew with."""

    def __init__(
        self,
        manager: ServiceManager,
        application: Application,
        clock: Clock,
        read_again: Callable[[], bool],
    ) -> None:
        self._manager = manager
        self._application = application
        self._clock = clock
        self._read_again = read_again
        self._ready = False
        self._hangs = False
        self._told_at: float | None = None
        self._looked_at = self._since = clock.monotonic()
        self.is_renewing = False
        if manager.watchdog_s is not None:
            faulthandler.enable()  # it ends us by SIGABRT: where each thread is goes to stderr

    def look(self) -> None:
        now = self._clock.monotonic()
        if now - self._looked_at > HELD_UP_S:
            self._since = now
        self._looked_at = now
        if not self._ready and self._has_begun():
            self._ready = True
            self._manager.status(self._in_words())
            self._manager.ready()
            self._told_at = None
        if self._ready and (self._told_at is None or now - self._told_at >= self._every_s()):
            self._told_at = now
            self._manager.status(self._in_words())
            self._feed()

    def begins_anew(self) -> bool:
        self._manager.reloading()
        self._manager.status("reading the settings again")
        if self._read_again():
            self._manager.progress()
            self._manager.status("ending what is under way, to begin anew with the new settings")
            self.is_renewing = True
            return True
        self._manager.ready()
        self._told_at = None
        return False

    def stopping(self) -> None:
        if not self.is_renewing and not self._application.pulse.fenced:
            self._manager.stopping()
            self._manager.status("stopping: finishing or checkpointing what is under way")

    def _every_s(self) -> float:
        watchdog_s = self._manager.watchdog_s
        return TELL_S if watchdog_s is None else min(TELL_S, watchdog_s / 4)

    def _has_begun(self) -> bool:
        """The engine takes work, and the schedule was looked at."""
        scheduler = self._application.scheduler
        return bool(self._application.engine.loops()) and all(
            scheduler.last_tick_age_s(name) is not None for name in scheduler.names() & {*FIRST}
        )

    def _feed(self) -> None:
        limit_s = self._manager.watchdog_s
        if limit_s is None or self._hangs:
            return
        application = self._application
        loops = [*application.scheduler.loops(), *application.engine.loops()]
        hanging = what_hangs(loops, self._heard_s(), limit_s)
        if not hanging:
            self._manager.progress()
            return
        self._hangs = True
        log.critical("this process hangs, and is to be started anew: %s", "; ".join(hanging))
        self._manager.hangs()

    def _heard_s(self) -> float | None:
        """How long the database hears us, at most since we ourselves were held up."""
        lock = self._application.lock
        if not lock.held():
            return None
        here_s = self._clock.monotonic() - self._since
        held_for_s = lock.held_for_s()
        return here_s if held_for_s is None else min(here_s, held_for_s)

    def _in_words(self) -> str:
        application = self._application
        doing = application.engine.doing()
        return in_words(
            Doing(
                jobs=doing.get(JOBS_QUEUE, 0),
                documents=doing.get(DOCUMENTS_QUEUE, 0),
                next_job=_next_job(application),
                services=application.services.policies.statuses(),
                database_hears=application.lock.held(),
                zone=application.context.zone,
            )
        )


def _next_job(application: Application) -> tuple[str, datetime] | None:
    if application.kind != "daemon" or not application.plans:
        return None
    now = application.clock.now()
    due = [(next_slot(plan.schedule, now).due_at, plan.job) for plan in application.plans]
    at, job = min(due)
    return job, at
