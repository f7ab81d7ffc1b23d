"""From stored bytes to stored insights: the one place where reading, analysts, evidence and
the stores meet.

Everything is derived anew from the bytes when it is needed (the same bytes give the same
text), so no step depends on what another held in memory; only where the same process asks the
panel right after reading is it spared to read again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from earnings.analysts.base import Answer, PaidCalls, Question
from earnings.analysts.crosscheck import compare, verdict_on
from earnings.analysts.panel import LOCAL, Panel, PanelAnswer
from earnings.analysts.settling import settle
from earnings.evidence import Verified, verify
from earnings.reading.base import Reading
from earnings.reading.reader import read
from earnings.reading.release import ReleaseFacts, describe
from earnings.reading.suspicions import suspicions
from earnings.reading.unordered import unordered
from earnings.vocabulary import (
    Claim,
    Company,
    DocumentState,
    PeriodKind,
    RawDocument,
    Withheld,
)
from jobs.at_work import AtWork
from jobs.context import JobContext
from resilience.outcomes import CallFailed, Outcome
from storage.documents import StoredDocument
from storage.executions import Execution

NOT_TOLD = "it is not filed as results, and does not say that it reports a period's"


class NoResults(Exception):
    """The document was read and reports no results; the message says what it is instead."""


@dataclass(frozen=True)
class _Read:
    """A document, read by the local rules."""

    question: Question
    text_id: int
    answer: Answer
    verified: Verified
    began: float  # by the agents' clock

    @property
    def is_monthly(self) -> bool:
        period = self.answer.period
        return period is not None and period.kind is PeriodKind.MONTH


@dataclass(frozen=True)
class _Saved:
    """What `read_locally` found a moment ago, and the analysis it was stored as."""

    document_id: int
    found: _Read
    analysis_id: int


@dataclass(frozen=True)
class Asked:
    """What came of asking the configured analysts: all empty if the first answered. `degraded`:
    why none did; `later`: where the question waits for its answer; `instead`: who answered for
    whom, and why that one did not."""

    degraded: str = ""
    later: str = ""
    instead: str = ""


class Understanding:
    """Of one document at a time."""

    def __init__(self, context: JobContext, saved: _Saved | None = None) -> None:
        self._context = context
        self._saved = saved

    def with_panel(self, panel: Panel) -> Understanding:
        return Understanding(replace(self._context, panel=panel), self._saved)

    def read_locally(self, document: StoredDocument) -> None:
        """Derive its text, and store what the local rules find in it.

        The document becomes ANALYSED. Raises UnreadableDocument, NoResults.
        """
        found = self._read(document)
        self._context.observers.document_read(suspicions(found.question.reading))
        analysis_id = self._save_local(document, found, DocumentState.ANALYSED)
        self._saved = _Saved(document.id, found, analysis_id)
        self._told(found.verified.claims, found.verified.withheld)

    def ask_panel(self, document: StoredDocument, paid: PaidCalls) -> Asked:
        """Have the configured analysts asked and store the answer as the one that counts, with
        what local found and it does not cover."""
        saved = self._just_saved(document)
        found = saved.found if saved is not None else self._read(document)
        if found.is_monthly:  # the rules read all of it
            return Asked()
        asked, began = self._ask(document, found, paid)
        if asked.later:
            return Asked(later=asked.later)
        if asked.degraded:
            return Asked("; ".join(said_by(name, why) for name, why in asked.tried))
        answer, question = asked.answer, found.question
        in_vain = (said_by(name, why) for name, why in asked.tried)
        answer = replace(
            answer,
            period=found.answer.period or answer.period,
            notes=(*answer.notes, *in_vain),
        )
        self._context.observers.model_answered(answer.analyst, answer.model, answer.usage)
        verified = verify(question.reading, answer.drafts)
        settled = settle(verified, found.verified, question.reading, question.previous_guidance)
        # An answer of which nothing stands in the document must not hide what does.
        is_empty = bool(found.verified.claims and not settled.claims)
        agents = self._context.agents
        kept = None
        if not is_empty:
            local = saved.analysis_id if saved is not None else self._save_local(document, found)
            kept = (local, settled.kept)
        with agents.at_work(answer.analyst):
            self._context.insights.save(
                document.id,
                found.text_id,
                answer,
                settled.claims,
                settled.withheld,
                agreements=_agreements(settled.claims, found.verified.claims),
                kept=kept,
                counts=not is_empty,
                instead_of=asked.instead_of,
                execution=self._execution(answer.analyst, document, began),
            )
        self._told((*settled.claims, *settled.kept), settled.withheld)
        if is_empty:
            return Asked(f"{answer.analyst}: nothing it said is borne out by the document")
        name, why = asked.instead_of
        return Asked(instead=f"{answer.analyst} instead of {said_by(name, why)}" if name else "")

    def _ask(
        self, document: StoredDocument, found: _Read, paid: PaidCalls
    ) -> tuple[PanelAnswer, float]:
        """The panel's answer, and when whoever gave it began. Those that were asked in vain
        are written down; the time is theirs if nobody answered."""
        agents = self._context.agents
        began, calls = agents.now(), AtWork(paid, agents)
        asked = self._context.panel.ask(found.question, calls, floor=found.answer)
        whys = dict(asked.tried)
        for number, name in enumerate(asked.failed, start=1):
            since = began if asked.degraded and number == len(asked.failed) else agents.now()
            with agents.at_work(name):
                agents.failed(self._execution(name, document, since), whys[name])
        return asked, calls.began.get(asked.answer.analyst, began)

    def _just_saved(self, document: StoredDocument) -> _Saved | None:
        saved = self._saved
        if saved is None or saved.document_id != document.id:
            return None
        return saved if saved.found.question.sha256 == document.sha256 else None

    def _execution(self, analyst: str, document: StoredDocument, began: float) -> Execution:
        what = f"document {document.id}"
        return self._context.agents.execution(analyst, what, began, what)

    def _save_local(
        self, document: StoredDocument, found: _Read, new_state: DocumentState | None = None
    ) -> int:
        """The local analysis' id. Until a configured analyst has answered, its silence shows."""
        with self._context.agents.at_work(LOCAL):
            return self._context.insights.save(
                document.id,
                found.text_id,
                found.answer,
                found.verified.claims,
                found.verified.withheld,
                new_state,
                degraded=self._is_asked() and not found.is_monthly,
                execution=self._execution(LOCAL, document, found.began),
            )

    def _is_asked(self) -> bool:
        return bool(self._context.panel.asks() or self._context.panel.left_out())

    def _told(self, claims: Sequence[Claim], withheld: Sequence[Withheld]) -> None:
        self._context.observers.document_finished(
            str(DocumentState.ANALYSED),
            Counter(type(claim).__name__.lower() for claim in claims),
            Counter(str(one.reason) for one in withheld),
        )

    def _read(self, document: StoredDocument) -> _Read:
        began = self._context.agents.now()
        reading = self._reading(document)
        text_id = self._context.documents.stored_text(
            document.id,
            reading.text,
            reading.reader,
            marks=[(mark.start, mark.second) for mark in reading.marks],
        )
        facts = describe(unordered(reading).reading, document.published_at)
        if not (document.is_filed_as_results or facts.is_told):
            raise NoResults(facts.why_not or NOT_TOLD)
        company, published_at = self._attributed(document, facts)
        previous = (
            self._context.insights.previous_guidance(
                company.ticker,
                published_at or document.reported_at,
                facts.period if document.is_amendment else None,
            )
            if company is not None
            else ()
        )
        question = Question(
            sha256=document.sha256 or "",
            reading=reading,
            company=company,
            published_at=published_at,
            previous_guidance=previous,
        )
        answer = self._context.panel.read(question)
        if not answer.is_results:
            raise NoResults(facts.why_not or "; ".join(answer.notes) or "it reports no results")
        return _Read(question, text_id, answer, verify(reading, answer.drafts), began)

    def _reading(self, document: StoredDocument) -> Reading:
        content = self._context.documents.raw(document.id)
        if content is None:
            raise CallFailed(
                "database",
                f"the bytes of document {document.id} are not there",
                outcome=Outcome.NEUTRAL,
            )
        return read(RawDocument(content, document.content_type or "", document.url, document.title))

    def _attributed(
        self, document: StoredDocument, facts: ReleaseFacts
    ) -> tuple[Company | None, datetime | None]:
        """Whose it is and since when it is known: what the source said, else what it says
        itself, which is then kept."""
        company = self._company(document, facts)
        published_at = document.published_at
        if published_at is None and facts.published is not None:
            published_at = datetime.combine(facts.published, time(), tzinfo=UTC)
        if document.ticker is None or document.published_at is None:
            self._context.documents.attribute(document.id, company, published_at=published_at)
        return company, published_at

    def _company(self, document: StoredDocument, facts: ReleaseFacts) -> Company | None:
        companies = self._context.companies
        if document.ticker is not None:
            return companies.get(document.ticker)
        if facts.ticker:
            known = companies.get(facts.ticker)
            name = facts.issuer_name or facts.ticker
            return known or Company(facts.ticker, name, is_sample=document.is_sample)
        if not facts.issuer_name:
            return None
        wanted = _bare(facts.issuer_name)
        return next((one for one in companies.all() if _bare(one.name) == wanted), None)


def said_by(analyst: str, why: str) -> str:
    """Errors of calls begin with the service's name, other reasons do not."""
    return why if why.startswith(f"{analyst}: ") else f"{analyst}: {why}"


_FORMS = frozenset(
    {"inc", "corp", "corporation", "co", "company", "companies", "ltd", "plc", "the"}
)


def _bare(name: str) -> str:
    """A company's name without its legal form, for comparing."""
    words = "".join(c if c.isalnum() else " " for c in name.lower()).split()
    return " ".join(word for word in words if word not in _FORMS)


def _agreements(model: Sequence[Claim], local: Sequence[Claim]) -> Callable[[Claim], str | None]:
    found = compare(model, local)
    return lambda claim: verdict_on(claim, found)
