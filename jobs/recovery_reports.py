"""Recovery, and a word about it: what was found at a start, what was done about each.

Recovery tells what it puts right as it goes; nothing told is lost if it stops half-way, for
the next report that can be stored holds it. A report is stored for every start, and for a
later look only if it found something.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from resilience.clock import Clock
from storage.agents import Agents
from storage.recovery_reports import Finding, RecoveryReports

log = logging.getLogger("jobs.recovery")

# what the dead leave behind, in the order in which it is put right
MENDED: Mapping[str, tuple[str, str]] = {
    "runs": ("runs whose process died", "free to be claimed again"),
    "work": ("pieces of work whose process died", "back in their queues"),
    "calls": ("paid calls whose process died before the answer", "in doubt: not made again"),
    "agents": ("agents that dead processes worked in", "at rest"),
    "claims": ("weekly reports claimed by dead processes", "free to be composed"),
    "processes": ("processes that ended without a word", "written down as gone"),
}
# what is not done yet and needs nothing but its turn
WAITS: Mapping[str, str] = {
    "processes silent": "not judged yet: the database has just started and they may come back",
    "runs waiting": "run by whoever is free",
    "runs deferred": "run when their time has come",
    "runs under way": "run by living processes",
    "work": "done by whoever is free",
    "documents discovered": "taken up by the next scan, if they are not queued",
    "documents fetched": "taken up by the next scan, if they are not queued",
    "documents read": "taken up by the next scan, if they are not queued",
    "documents failed": "tried again by the next scan, but for those that failed too often",
    "calls under way": "asked by living processes",
    "calls in doubt": "wait for a person",
    "dead letters waiting": "wait for their service, or for a person (dead-letters)",
}


class Reports(Protocol):
    """storage.recovery_reports.RecoveryReports."""

    def begin(self, executor: str) -> int: ...

    def finish(self, report_id: int, found: Sequence[Finding], took_s: float) -> bool: ...

    def add(self, executor: str, found: Sequence[Finding], took_s: float) -> None: ...


class Told:
    """What recovery said that it put right and no report holds yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def __call__(self, what: str, count: int) -> None:
        with self._lock:
            self._counts[what] += count

    def counts(self) -> dict[str, int]:
        with self._lock:
            return {what: count for what, count in self._counts.items() if count}

    def stored(self, counts: Mapping[str, int]) -> None:
        with self._lock:
            self._counts.subtract(counts)


class ReportedRecovery:
    """`sweep` is recovery's own, which tells `told`; `left` what is not done yet, by name.
    `starts`: the first look is a daemon's start, and is reported whatever it finds."""

    def __init__(
        self,
        sweep: Callable[[], object],
        told: Told,
        left: Callable[[], Mapping[str, int]],
        reports: Reports,
        executor_id: str,
        clock: Clock,
        *,
        starts: bool = True,
    ) -> None:
        self._sweep = sweep
        self._told = told
        self._left = left
        self._reports = reports
        self._executor_id = executor_id
        self._clock = clock
        self._has_started = not starts

    def look(self) -> None:
        """The first time as a start, then as a sweep. Raises what the database raises; a start
        that could not be reported is one the next time."""
        began = self._clock.monotonic()
        if self._has_started:
            self._sweep()
            counts = self._told.counts()
            if counts:
                self._reports.add(self._executor_id, mended(counts), self._took_s(began))
                self._told.stored(counts)
            return
        report_id = self._reports.begin(self._executor_id)
        self._sweep()
        counts, left = self._told.counts(), self._left()
        found = (*mended(counts), *waiting(left))
        took_s = self._took_s(began)
        self._reports.finish(report_id, found, took_s)
        self._told.stored(counts)
        self._has_started = True
        _say(report_id, found, took_s)

    def _took_s(self, began: float) -> float:
        return round(self._clock.monotonic() - began, 4)


def mended(counts: Mapping[str, int]) -> tuple[Finding, ...]:
    return tuple(
        Finding(words, counts[what], done, is_mended=True)
        for what, (words, done) in MENDED.items()
        if counts.get(what)
    )


def waiting(left: Mapping[str, int]) -> tuple[Finding, ...]:
    return tuple(
        Finding(_named(what), left[what], done, is_mended=False)
        for what, done in WAITS.items()
        if left.get(what)
    )


class Holdings:
    """What processes hold besides runs and work: agents they work in, reports they claimed."""

    def __init__(self, agents: Agents, reports: RecoveryReports) -> None:
        self._agents = agents
        self._reports = reports

    def take_back(self, is_dead: Callable[[str], bool]) -> Mapping[str, int]:
        """From the dead, how much by what it is. Of the living nothing more is asked than who
        holds something."""
        dead = [executor for executor in self._reports.holders() if is_dead(executor)]
        if not dead:
            return {}
        agents = len(self._agents.evict(dead))
        return {"agents": agents, "claims": self._reports.release_claims(dead)}


def _named(what: str) -> str:
    return "pieces of work queued or under way" if what == "work" else what


def _say(report_id: int, found: Sequence[Finding], took_s: float) -> None:
    put_right = [one for one in found if one.is_mended]
    said = "; ".join(f"{one.count} {one.what}: {one.done}" for one in put_right)
    left = ", ".join(f"{one.count} {one.what}" for one in found if not one.is_mended)
    log.log(
        logging.WARNING if put_right else logging.INFO,
        "recovery #%d in %.3f s: %s%s",
        report_id,
        took_s,
        said or "nothing to put right",
        f"; not done yet: {left}" if left else "",
        extra={"fields": {"report": report_id, "took_s": took_s,
                          "found": {one.what: one.count for one in found}}},
    )  # fmt: skip
