"""Watching the SEC's feed of the latest filings, all day: a release is read minutes after it was
accepted, and not with the next scan.

One run is one day, so the ledger has one row for it: it looks every quarter of an hour while it
is the time to, and ends when the day does or nothing more can come of it. What the feed shows
of a watched company makes that company be asked about, in the very way the scan asks; so what
both find is stored once and read once. Its documents go to the shared queue and are not waited
for.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from earnings.sources.base import Look, Scope, Source, Watchable
from earnings.vocabulary import DocumentState
from earnings.watching import Rest, rest
from jobs.context import JobContext
from jobs.discovery import ask
from jobs.job import FAILED, SAID, STOPPED, Run, Summary
from jobs.leads import enqueue, enqueue_again
from jobs.slots import first_instant, is_slot
from resilience.outcomes import CallError, ShuttingDown
from storage.errors import DatabaseUnavailable

log = logging.getLogger("jobs.edgar_watch")

EDGAR = "edgar"
FEED = "latest filings"  # the scope whose cursor says how far the feed is known
BEFORE_THE_NEXT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=5)  # then settings, watch list and clock are looked at anew
LISTED = 50


@dataclass
class _Tally:
    looks: int = 0
    failed: int = 0
    requests: int = 0
    asked: int = 0
    new: list[int] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    error: str = ""  # of the latest look, "" if it was good


def edgar_watch(context: JobContext, run: Run) -> Summary:
    """By schedule it watches until the next slot; by hand it looks once."""
    source = context.sources.get(EDGAR)
    off = source.switched_off() if source is not None else "there is no such source"
    if source is None or off is not None or not isinstance(source, Watchable):
        return {SAID: f"nothing to watch: EDGAR is off ({off})", "looks": 0}
    return _Watch(context, run, source).run()


class _Watch:
    def __init__(self, context: JobContext, run: Run, source: Source) -> None:
        self._context = context
        self._run = run
        self._source = source
        self._tally = _Tally()
        self._ends_at = _end(run.slot, context)

    def run(self) -> Summary:
        try:
            why = self._watch()
        except ShuttingDown:
            if not self._run.is_cancelled():
                raise
            return {**self._summary("stopped"), STOPPED: True}
        return self._summary(why)

    def _watch(self) -> str:
        """Why it ended. Raises ShuttingDown, DatabaseUnavailable."""
        clock, rule = self._context.clock, self._context.watch
        if self._ends_at is None:
            self._look()
            return "one look, by hand"
        look_at = clock.now()
        while True:
            now = clock.now()
            if now >= self._ends_at:
                return "the day is over"
            resting = rest(rule, self._context.companies.watched(), now)
            if resting is not None and self._is_over(resting):
                return resting.why
            if resting is None and now >= look_at:
                look_at = now + rule.every
                self._look()
                continue
            self._wait(min(filter(None, (
                self._ends_at, now + LONGEST_WAIT,
                look_at if resting is None else resting.until,
            ))) - now)  # fmt: skip

    def _is_over(self, resting: Rest) -> bool:
        return resting.until is None or (
            self._ends_at is not None and resting.until >= self._ends_at
        )

    def _wait(self, span: timedelta) -> None:
        if self._context.clock.wait(max(0.0, span.total_seconds()), self._context.stopping):
            raise ShuttingDown(EDGAR, "stopped while the latest filings were watched")

    # ---- one look -----------------------------------------------------------------------

    def _look(self) -> None:
        """What goes wrong with one look is told, and left to the next."""
        tally, context = self._tally, self._context
        tally.looks += 1
        try:
            context.agents.check(EDGAR)
            self._looked()
            tally.error = ""
        except (ShuttingDown, DatabaseUnavailable):
            raise
        except CallError as error:
            tally.failed += 1
            tally.error = str(error)
            log.warning("the latest filings were not seen: %s", error)

    def _looked(self) -> None:
        context, source = self._context, self._source
        assert isinstance(source, Watchable)
        before = context.documents.cursor(EDGAR, FEED)
        agents, began = context.agents, context.agents.now()
        with agents.at_work(EDGAR):
            try:
                look = source.look(context.companies.watched(), before)
            except CallError as error:
                agents.failed(agents.execution(EDGAR, FEED, began), error)
                raise
        self._tally.requests += look.requests
        self._tally.notes.update(dict.fromkeys(look.notes))
        self._ask(_scopes(look))
        cursor = source.looked(look.cursor, self._stored(look.hits))
        context.documents.record(EDGAR, FEED, [], cursor, before)
        self._take_up()

    def _ask(self, scopes: Iterable[Scope]) -> None:
        """The companies that filed something, as the scan would."""
        for scope in scopes:
            asked = ask(self._context, self._source, scope)
            self._tally.asked += 1
            self._tally.notes.update(dict.fromkeys(asked.notes))
            if asked.problem:
                log.warning("%s filed and cannot be asked about: %s", asked.ticker, asked.problem)
                self._tally.notes[asked.problem] = None
            self._tally.new += asked.new
            enqueue(self._context, asked.new, later=True)

    def _stored(self, names: Iterable[str]) -> list[str]:
        documents = self._context.documents
        return [name for name in names if documents.find(EDGAR, name) is not None]

    def _take_up(self) -> None:
        """What a watch found that died before it was in the queue. What is in it, or was, is
        none of our business: the engine and the scan see to it."""
        context = self._context
        for document in context.documents.in_state(DocumentState.DISCOVERED, LISTED):
            young = context.clock.now() - document.discovered_at < timedelta(hours=1)
            if document.source == EDGAR and young and not document.attempts:
                enqueue_again(context, document, later=True)

    # ---- what to tell -------------------------------------------------------------------

    def _summary(self, why: str) -> Summary:
        tally = self._tally
        said = f"{tally.looks} look{'' if tally.looks == 1 else 's'}, {len(tally.new)} new"
        if tally.failed:
            said += f", {tally.failed} in vain"
        summary: Summary = {
            SAID: f"{said}; {why}",
            "looks": tally.looks,
            "failed_looks": tally.failed,
            "requests": tally.requests,
            "asked": tally.asked,
            "new": len(tally.new),
            "documents": tally.new[:LISTED],
            "notes": list(tally.notes)[:LISTED],
        }
        if tally.looks and tally.failed == tally.looks:
            summary[FAILED] = f"the latest filings could not be seen: {tally.error}"
        return summary


def _scopes(look: Look) -> list[Scope]:
    return list({scope.key: scope for scope in look.hits.values()}.values())


def _end(slot: str, context: JobContext) -> datetime | None:
    """Shortly before the slot of the next day; None for a run by hand."""
    if not is_slot(slot):
        return None
    nominal = datetime.fromisoformat(slot) + timedelta(days=1)
    return first_instant(nominal, context.zone) - BEFORE_THE_NEXT
