"""The analyst that needs nothing but the document: rules over tables and sentences.

It runs first for every document, so its insights show at once; it is what a language
model's answer is compared with, and what is left when none can be reached. It uses no
network and does not fail: a part that cannot make sense of a document gives a note.

It never sees the orders that a document gives to its readers: what it says of a document is
the same with them and without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from earnings.analysts.base import Answer, Draft, PaidCalls, Question, QuoteDraft
from earnings.analysts.local_figures import figure_drafts
from earnings.analysts.local_guidance import guidance_drafts
from earnings.analysts.local_months import month_drafts
from earnings.analysts.local_quotes import quote_drafts
from earnings.reading.base import Reading
from earnings.reading.release import ReleaseFacts, describe
from earnings.reading.suspicions import suspicions
from earnings.reading.unordered import Unordered, unordered
from earnings.vocabulary import PeriodKind

MODEL = "rules-3"
_T = TypeVar("_T")


class Local:
    """Implements `earnings.analysts.base.Analyst`."""

    @property
    def name(self) -> str:
        return "local"

    def switched_off(self) -> str | None:
        return None

    def greet(self) -> str:
        return "reads without asking anybody"

    def analyse(self, question: Question, paid: PaidCalls) -> Answer:
        """Never raises, whatever the document holds."""
        whole = question.reading
        left = unordered(whole)
        answer = self._read(replace(question, reading=left.reading))
        drafts = tuple(_placed(draft, left, whole) for draft in answer.drafts)
        found = suspicions(whole)
        said = (
            (found.get("orders"), "{} passages tell their reader what to report: read past"),
            (found.get("marks"), "{} marks of a conversation with a model: they are text"),
        )
        notes = tuple(words.format(count) for count, words in said if count)
        return replace(answer, drafts=drafts, notes=(*answer.notes, *notes))

    def _read(self, question: Question) -> Answer:
        notes: list[str] = []
        facts = _attempt(
            "the release",
            lambda: [describe(question.reading, question.published_at, question.company)],
            notes,
        )
        if not facts:
            return Answer(self.name, MODEL, MODEL, (), is_results=False, notes=tuple(notes))
        return self._answer(question, facts[0], notes)

    def _answer(self, question: Question, facts: ReleaseFacts, notes: list[str]) -> Answer:
        reading, company = question.reading, question.company
        drafts: list[Draft] = []
        if company is not None and facts.ticker not in (None, company.ticker):
            notes.append(f"local: it names the ticker {facts.ticker}, not {company.ticker}")
        is_monthly = facts.period is not None and facts.period.kind is PeriodKind.MONTH
        if facts.is_results and is_monthly:
            drafts += _attempt("sales", lambda: month_drafts(_written(reading), facts), notes)
            drafts += _attempt("quotes", lambda: quote_drafts(_ours(reading)), notes)
        elif facts.is_results:
            previous, written = question.previous_guidance, _written(reading)
            drafts += _attempt("figures", lambda: figure_drafts(written, facts), notes)
            drafts += _attempt("guidance", lambda: guidance_drafts(written, facts, previous), notes)
            drafts += _attempt("quotes", lambda: quote_drafts(_ours(reading)), notes)
        else:
            notes.append(facts.why_not)
        return Answer(
            analyst=self.name,
            model=MODEL,
            prompt_version=MODEL,
            drafts=tuple(drafts),
            period=facts.period,
            is_results=facts.is_results,
            notes=(*reading.warnings, *notes),
        )


def _written(reading: Reading) -> Reading:
    """What may hold figures. Of speech the rules take none: a number that was heard wrongly, or
    is an analyst's, looks like any other, and the release states it anyhow."""
    if reading.speech is None:
        return reading
    return replace(reading, text=reading.text[: reading.speech.start], speech=None)


def _ours(reading: Reading) -> Reading:
    """Without the questions of a call: those are other people's words."""
    speech = reading.speech
    if speech is None or speech.questions_at is None:
        return reading
    return replace(reading, text=reading.text[: speech.questions_at])


def _placed(draft: Draft, left: Unordered, whole: Reading) -> Draft:
    """The draft where its words stand in the whole document."""
    span = draft.span and left.back(draft.span)
    quote = whole.quote(span) if span is not None else draft.quote
    if isinstance(draft, QuoteDraft):
        speech = whole.speech
        heard = speech.speaker(span.start) if speech is not None and span is not None else None
        return replace(draft, span=span, quote=quote, speaker=draft.speaker or heard)
    context = tuple(left.back(each) for each in draft.context)
    return replace(draft, span=span, quote=quote, context=context)


def _attempt(what: str, part: Callable[[], Iterable[_T]], notes: list[str]) -> list[_T]:
    """What `part` gives, or nothing and a note: one part's trouble costs only that part."""
    try:
        return list(part())
    except Exception as error:  # noqa: BLE001 - the promise that the local analyst never fails
        notes.append(f"local: {what} could not be read ({type(error).__name__}: {error})")
        return []
