"""Asking the sources what is new: a few scopes at a time, each for itself.

One scope that cannot be asked is a problem of the report; a source whose circuit is open is
left alone for the rest of the scan, and the other sources are asked all the same.
"""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from earnings.sources.base import ByChoice, Discovery, Scope, Source
from earnings.vocabulary import Company
from jobs.agents import Paused
from jobs.context import JobContext
from jobs.filed_facts import bring
from jobs.leads import record
from resilience.outcomes import CallError, Rejected, ShuttingDown

log = logging.getLogger("jobs.discovery")


@dataclass(frozen=True)
class Problem:
    """What could not be asked, for a person."""

    source: str
    scope: str
    what: str


@dataclass(frozen=True)
class Asked:
    """One scope, asked or not."""

    source: str
    scope: str
    ticker: str = ""  # of the company it is about
    new: tuple[int, ...] = ()  # documents
    notes: tuple[str, ...] = ()
    problem: str = ""
    was_asked: bool = True
    gate: Rejected | None = None  # that was shut
    headlines: int = 0  # that were new
    is_aside: bool = False  # could only have brought headlines
    can_wait: bool = False  # until the next scan


@dataclass(frozen=True)
class Discovered:
    asked: tuple[Asked, ...] = ()
    off: Mapping[str, str] = field(default_factory=dict)  # source -> why, and how to switch it on
    paused: Mapping[str, str] = field(default_factory=dict)  # source -> who paused it, and why

    @property
    def new(self) -> list[int]:
        return [document for one in self.asked for document in one.new]

    @property
    def headlines(self) -> int:
        return sum(one.headlines for one in self.asked)

    @property
    def gate(self) -> Rejected | None:
        """A gate that was shut and says when it opens: what it kept back can be asked then.
        Not one that only kept back what can wait for the next scan."""
        gates = (a.gate for a in self.asked if not (a.is_aside or a.can_wait))
        return next((gate for gate in gates if gate and gate.retry_at), None)

    @property
    def companies(self) -> int:
        """How many companies were asked about without a problem, at every source."""
        asked = [one for one in self.asked if not one.is_aside]
        every = {one.ticker for one in asked if one.ticker}
        missed = {one.ticker for one in asked if one.problem or not one.was_asked}
        return len(every - missed)

    @property
    def problems(self) -> list[Problem]:
        """Scopes that were not asked for one common reason count as one."""
        found = [Problem(a.source, a.ticker or a.scope, a.problem) for a in self.asked if a.problem]
        for source in sorted({a.source for a in self.asked if not a.was_asked}):
            left = [a.scope for a in self.asked if a.source == source and not a.was_asked]
            found.append(Problem(source, "", f"{len(left)} more not asked this time"))
        return found


def discover(
    context: JobContext,
    companies: Sequence[Company],
    *,
    since: date | None = None,
    with_folders: bool = True,
    deadline_at: float | None = None,
    on_asked: Callable[[Asked, int], None] = lambda *_: None,
) -> Discovered:
    """Ask every source that is on about `companies`, and its other scopes (folders) too.

    `on_asked` is told each scope and how many there are, from several threads, one at a
    time. Raises ShuttingDown.
    """
    off: dict[str, str] = {}
    paused: dict[str, str] = {}
    pauses = context.agents.paused()
    questions: list[tuple[_SourceDesk, Scope]] = []
    for source in context.sources.values():
        why = source.switched_off()
        if why is not None:
            if not isinstance(why, ByChoice):
                off[source.name] = why
            continue
        if source.name in pauses:
            paused[source.name] = str(pauses[source.name])
            continue
        desk = _SourceDesk(context, source, since, deadline_at)
        scopes = source.scopes(companies)
        questions += [(desk, s) for s in scopes if s.company is not None or with_folders]
    told = threading.Lock()
    left = threading.Event()

    def ask(desk: _SourceDesk, scope: Scope) -> Asked:
        asked = desk.ask(scope)
        with told:
            if not left.is_set():
                on_asked(asked, len(questions))
        return asked

    pool = ThreadPoolExecutor(context.limits.scopes_at_once, "discover")
    try:
        # What is bound round this run (for its log lines) holds in their threads too.
        each_in = [contextvars.copy_context() for _ in questions]
        asked = pool.map(lambda bound, question: bound.run(ask, *question), each_in, questions)
        return Discovered(tuple(asked), off, paused)
    finally:
        # Whoever interrupts a scan does not wait for a slow server's answer.
        left.set()
        pool.shutdown(wait=False, cancel_futures=True)


def ask(context: JobContext, source: Source, scope: Scope) -> Asked:
    """One source about one scope. Raises ShuttingDown."""
    return _SourceDesk(context, source, None, None).ask(scope)


class _SourceDesk:
    """One source during one scan."""

    def __init__(
        self, context: JobContext, source: Source, since: date | None, deadline_at: float | None
    ) -> None:
        self._context = context
        self._source = source
        self._since = since
        self._deadline_at = deadline_at
        self._is_down = False

    def ask(self, scope: Scope) -> Asked:
        name = self._source.name
        clock = self._context.clock
        if self._context.stopping.is_set():
            raise ShuttingDown(name, "stopped before everything was asked")
        is_late = self._deadline_at is not None and clock.monotonic() >= self._deadline_at
        if self._is_down or is_late:
            return _asked(name, scope, was_asked=False)
        try:
            return self._ask(scope)
        except ShuttingDown:
            raise
        except CallError as error:
            # one that was paused meanwhile waits for a person, not for its time
            gate = error if isinstance(error, Rejected) and not isinstance(error, Paused) else None
            if isinstance(error, Rejected):
                self._is_down = True
            return _asked(name, scope, problem=str(error), gate=gate)
        except Exception as bug:
            log.exception("%s %s: asking broke", name, scope.key)
            return _asked(name, scope, problem=f"{type(bug).__name__}: {bug}")

    def _ask(self, scope: Scope) -> Asked:
        source, agents = self._source, self._context.agents
        agents.check(source.name)
        cursor = self._context.documents.cursor(source.name, scope.key)
        with agents.at_work(source.name):
            began = agents.now()
            try:
                found = source.discover(scope, cursor, self._since)
            except Exception as error:
                agents.failed(agents.execution(source.name, scope.key, began), error)
                raise
            execution = agents.execution(source.name, scope.key, began, _reached(scope, found))
            is_first = cursor is None and self._since is None
            new = record(self._context, source, scope, found, cursor, is_first=is_first,
                         execution=execution)  # fmt: skip
        notes = (*found.notes, *bring(self._context, source, scope, found))
        return _asked(source.name, scope, new=new.documents, notes=notes, headlines=new.headlines)


def _reached(scope: Scope, found: Discovery) -> str:
    return f"{scope.key} {found.cursor}" if found.cursor else scope.key


def _asked(source: str, scope: Scope, **became: Any) -> Asked:
    ticker = scope.company.ticker if scope.company is not None else ""
    became |= {"is_aside": scope.is_aside, "can_wait": scope.can_wait}
    return Asked(source, scope.key, ticker, **became)
