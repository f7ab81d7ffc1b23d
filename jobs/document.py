"""One document's way: fetched, read, understood.

    DISCOVERED ─ fetch ─► FETCHED ─ read ─► READ ─ local analysis ─► ANALYSED ─ ask the panel

A step begins by looking where the document stands, so that doing it twice does no harm: the
document's own state, stored with each effect, is the checkpoint, and the engine records none. What
goes wrong ends here too: a document that can never be read is refused, one that holds no
results is irrelevant, one whose way failed is tried again by a later scan, and one that a
gate held up (an open circuit, a pace, the database away) or that met a service which is down
stays where it is. Of the last two a dead letter is kept, so that they go on when they can.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace

from earnings.analysts.base import PaidCalls
from earnings.analysts.panel import LOCAL
from earnings.reading.base import UnreadableDocument
from earnings.sources.base import DocumentRefused, NotResults, Source
from earnings.vocabulary import DocumentState
from jobs.context import JobContext
from jobs.dead_letters import Letters
from jobs.leads import record_earlier
from jobs.understanding import NoResults, Understanding, said_by
from jobs.work import Work
from operations.telemetry.events import context as log_context
from resilience.outcomes import CallError, CallFailed, Rejected, ShuttingDown
from storage.documents import StoredDocument
from storage.errors import DatabaseError
from storage.executions import Execution

log = logging.getLogger("jobs.document")

DOCUMENT_WORK = "document"
DATABASE_PAUSE_S = 2.0
OUTAGE_S = 1800.0  # longest a document waits for the database; then the next scan takes it up
WAITING = (DocumentState.DISCOVERED, DocumentState.FETCHED, DocumentState.READ)
FETCHABLE = (DocumentState.DISCOVERED, DocumentState.FAILED)


@dataclass(frozen=True)
class Step:
    """Where a document stands after a step. `held_up`: why it stays there, "" if it moved.
    `earlier`: the work of a document that is now looked at instead. `degraded`: why the
    configured analysts did not answer, `later`: where the question waits for its answer instead.
    `instead`: who answered for whom. `letter`: the cause for which a dead letter is kept."""

    state: DocumentState
    reason: str = ""
    held_up: str = ""
    earlier: str = ""
    degraded: str = ""
    later: str = ""
    letter: str = ""
    instead: str = ""

    @property
    def goes_on(self) -> bool:
        return not self.held_up and self.state in WAITING


class DocumentWay:
    """Registered with the engine as the work "document"."""

    def __init__(self, context: JobContext) -> None:
        self._context = context

    def __call__(
        self, work: Work, document_id: int, later: bool = False, run: int | None = None
    ) -> dict[str, str]:
        """The last step, as JSON. `later`: paid questions may wait for a batch. `run`: that put
        it in the queue. Raises only what the engine stops work with."""
        bound = {"document": document_id} | ({} if run is None else {"run": run})
        with log_context(**bound):
            walk = _Walk(replace(self._context, run=run), later)
            return asdict(walk.walk(work, document_id))


class _Walk:
    """The way of one document, once."""

    def __init__(self, context: JobContext, later: bool) -> None:
        self._context = context
        self._later = later
        self._understanding = Understanding(context)
        self._letters = Letters(context)
        self._moved_here: StoredDocument | None = None  # by the step before, as it stands now

    def walk(self, work: Work, document_id: int) -> Step:
        step = self._step(work, "fetch", self._fetch, document_id)
        if step.goes_on:
            step = self._step(work, "understand", self._understand, document_id)
        if step.state is DocumentState.ANALYSED and self._context.panel.asks():
            step = self._step(work, "ask", self._ask, document_id)
        return step

    def _step(
        self, work: Work, name: str, fn: Callable[[StoredDocument], Step], document_id: int
    ) -> Step:
        work.go_on()
        return self._survived(name, fn, document_id)

    # ---- the steps ----------------------------------------------------------------------

    def _fetch(self, document: StoredDocument) -> Step:
        documents, state = self._context.documents, document.state
        if state is DocumentState.FAILED:
            state = documents.retry(document.id) or DocumentState.FAILED
        if state is not DocumentState.DISCOVERED:
            self._tidied_up(document, state)
            return Step(state)
        source, agents = self._source(document), self._context.agents
        pause = agents.paused().get(source.name)
        if pause is not None:  # no outage: the next scan after the pause takes it up
            return Step(state, held_up=f"{source.name} is {pause}")
        began = agents.now()
        raw = source.fetch(document.lead)
        if not raw.content:
            raise DocumentRefused("it is empty")
        sha256 = hashlib.sha256(raw.content).hexdigest()
        execution = agents.execution(source.name, _named(document), began)
        now = self._context.clock.now()
        if documents.stored_fetch(document.id, raw, sha256, now, execution):
            self._moved_here = replace(
                document,
                state=DocumentState.FETCHED,
                reason="",
                sha256=sha256,
                content_type=raw.content_type,
                size_bytes=len(raw.content),
                fetched_at=now,
                title=document.title or raw.title,
            )
        source.accepted(document.lead)
        return Step(DocumentState.FETCHED)

    def _tidied_up(self, document: StoredDocument, state: DocumentState) -> None:
        """Tell the source again: we may have died between storing and telling."""
        source = self._context.sources.get(document.source)
        if source is None or state is DocumentState.FAILED:
            return
        if state is DocumentState.REFUSED:
            source.refused(document.lead, document.reason)
        else:
            source.accepted(document.lead)

    def _understand(self, document: StoredDocument) -> Step:
        same = self._same_as(document)
        if same is not None:
            reason = f"the same bytes as document {same}"
            self._context.documents.move(document.id, WAITING, DocumentState.IRRELEVANT, reason)
            return Step(DocumentState.IRRELEVANT, reason)
        self._understanding.read_locally(document)
        self._moved_here = replace(document, state=DocumentState.ANALYSED, reason="")
        return Step(DocumentState.ANALYSED)

    def _ask(self, document: StoredDocument) -> Step:
        met: list[CallError] = []
        context = self._context
        panel = context.panel.telling(met.append).without(self._paused())
        if not panel.asks():  # nothing would be learnt by reading it again
            paused = (said_by(name, why) for name, why in panel.left_out())
            return Step(DocumentState.ANALYSED, degraded="; ".join(paused))
        paid: PaidCalls = context.paid_calls
        if self._later and context.later_calls is not None:
            paid = context.later_calls
        asked = self._understanding.with_panel(panel).ask_panel(document, paid)
        if asked.degraded and context.stopping.is_set():
            raise ShuttingDown("panel", "stopped before an analyst answered")
        kept = self._letters.put_unanswered(document, met)
        return Step(
            DocumentState.ANALYSED,
            degraded=asked.degraded,
            later=asked.later,
            letter=kept,
            instead=asked.instead,
        )

    # ---- what may go wrong --------------------------------------------------------------

    def _survived(self, name: str, fn: Callable[[StoredDocument], Step], document_id: int) -> Step:
        """`fn`'s step, or what its failure means for the document. A database that goes away
        meanwhile is waited for, and the step looks anew where the document stands."""
        for tries_left in (2, 1, 0):
            document: StoredDocument | None = None
            try:
                document = self._found(document_id)
                if document is None:
                    return Step(DocumentState.FAILED, f"there is no document {document_id}")
                step = self._moved(name, fn, document)
                if self._ends(name, step):
                    self._letters.resolve(document_id)
            except ShuttingDown:
                raise
            except CallError as error:  # nothing about the document can be written
                if tries_left and _may_pass(error) and self._is_back(document_id):
                    continue
                state = document.state if document is not None else DocumentState.FAILED
                step = Step(state, held_up=str(error))
            break
        _say(document_id, document, step)
        return step

    def _found(self, document_id: int) -> StoredDocument | None:
        """As the step before left it, or else as it is stored."""
        left, self._moved_here = self._moved_here, None
        return left or self._context.documents.get(document_id)

    def _is_back(self, document_id: int) -> bool:
        """Wait until the database answers; False if it does not for long."""
        clock = self._context.clock
        give_up_at = clock.monotonic() + OUTAGE_S
        while clock.monotonic() < give_up_at:
            try:
                self._context.documents.get(document_id)
            except DatabaseError as away:
                log.warning("document %d waits for the database: %s", document_id, away)
            else:
                return True
            if clock.wait(DATABASE_PAUSE_S, self._context.stopping):
                raise ShuttingDown("database", "stopped while it could not be reached")
        return False

    def _ends(self, name: str, step: Step) -> bool:
        """Whether the way ends with this step, and nothing is left for a replay."""
        asks = step.state is DocumentState.ANALYSED and self._context.panel.asks()
        return not step.letter and not step.goes_on and (name == "ask" or not asks)

    def _moved(
        self, name: str, fn: Callable[[StoredDocument], Step], document: StoredDocument
    ) -> Step:
        agents, agent = self._context.agents, self._agent(name, document)
        began = agents.now()
        try:
            with agents.at_work(agent) if agent else nullcontext():
                return self._done(fn, document, agent, began)
        except ShuttingDown:
            raise
        except Rejected as gate:
            kept = self._letters.put(document, self._letters.judge(document, name, gate))
            return Step(document.state, held_up=str(gate), letter=kept)
        except CallFailed as failed:
            if isinstance(failed, DatabaseError) and failed.retryable:
                raise
            return self._failed(document, name, failed)
        except Exception as bug:
            log.exception("document %d: a step broke", document.id)
            return self._failed(document, name, bug)

    def _done(
        self,
        fn: Callable[[StoredDocument], Step],
        document: StoredDocument,
        agent: str | None,
        began: float,
    ) -> Step:
        """The step, whose agent also did its work if there turns out to be nothing to read."""
        agents = self._context.agents

        def execution() -> Execution | None:
            return agents.execution(agent, _named(document), began) if agent else None

        try:
            return fn(document)
        except (DocumentRefused, UnreadableDocument) as refusal:
            return self._refused(document, str(refusal), execution())
        except (NotResults, NoResults) as nothing:
            return self._irrelevant(document, str(nothing), execution())
        except Exception as error:
            if (failed := execution()) is not None:
                agents.failed(failed, error)
            raise

    def _agent(self, name: str, document: StoredDocument) -> str | None:
        """Whose work the step is; those of the panel are told apart where it is asked."""
        if name == "fetch":
            is_known = document.source in self._context.sources
            return document.source if is_known and document.state in FETCHABLE else None
        return LOCAL if name == "understand" else None

    def _paused(self) -> dict[str, str]:
        return {name: str(pause) for name, pause in self._context.agents.paused().items()}

    def _refused(self, document: StoredDocument, reason: str, execution: Execution | None) -> Step:
        step = self._ended(document, DocumentState.REFUSED, reason, execution)
        source = self._context.sources.get(document.source)
        if step.state is DocumentState.REFUSED and source is not None:
            source.refused(document.lead, reason)
        return step

    def _irrelevant(
        self, document: StoredDocument, reason: str, execution: Execution | None
    ) -> Step:
        step = self._ended(document, DocumentState.IRRELEVANT, reason, execution)
        earlier = record_earlier(self._context, document, later=self._later)
        return replace(step, earlier=earlier or "")

    def _failed(self, document: StoredDocument, name: str, error: Exception) -> Step:
        judged = self._letters.judge(document, name, error)
        if document.state is DocumentState.ANALYSED:  # its insights stand, asking more failed
            step = Step(DocumentState.ANALYSED, degraded=judged.error)
        elif judged.is_outage:  # no fault of its own, and no attempt of those it has
            step = Step(document.state, held_up=judged.error)
        else:
            step = self._ended(document, DocumentState.FAILED, judged.error)
        return replace(step, letter=self._letters.put(document, judged))

    def _ended(
        self,
        document: StoredDocument,
        to: DocumentState,
        reason: str,
        execution: Execution | None = None,
    ) -> Step:
        """Moved to `to`; if somebody else moved it first, where it stands now."""
        if self._context.documents.move(document.id, WAITING, to, reason, execution):
            self._context.observers.document_finished(str(to))
            return Step(to, reason)
        now = self._context.documents.get(document.id)
        return Step(now.state if now is not None else to, reason)

    # ---- within -------------------------------------------------------------------------

    def _source(self, document: StoredDocument) -> Source:
        source = self._context.sources.get(document.source)
        if source is None:
            raise CallFailed(document.source, "this installation has no such source any more")
        off = source.switched_off()
        if off is not None:
            raise Rejected(document.source, off)
        return source

    def _same_as(self, document: StoredDocument) -> int | None:
        """An earlier document with the same bytes that was analysed."""
        documents = self._context.documents
        if document.sha256 is None:
            return None
        for other_id in documents.find_same(document.sha256, but=document.id):
            other = documents.get(other_id)
            if other is not None and other.state is DocumentState.ANALYSED:
                return other_id
        return None


def _named(document: StoredDocument) -> str:
    return f"document {document.id}"


def _may_pass(error: CallError) -> bool:
    return isinstance(error, DatabaseError) and error.retryable


def _say(document_id: int, document: StoredDocument | None, step: Step) -> None:
    why = step.held_up or step.degraded or step.reason
    title = document.title if document is not None else ""
    log.log(
        logging.WARNING if step.state is DocumentState.FAILED or step.held_up else logging.INFO,
        "document %d %s%s",
        document_id,
        "held up" if step.held_up else step.state,
        f": {why}" if why else "",
        extra={"fields": {"document": document_id, "title": title, **asdict(step)}},
    )
