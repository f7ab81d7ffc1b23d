"""What every analyst is: something that reads a document and answers with drafts.

A draft is a claim before it was checked: the value and the words that are said to bear it
out. `earnings.evidence` turns drafts into claims or withholds them; no analyst is trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from earnings.reading.base import Reading
from earnings.vocabulary import (
    Basis,
    Company,
    Guidance,
    GuidanceAction,
    Metric,
    Period,
    Span,
    Theme,
    Unit,
)


@dataclass(frozen=True)
class FigureDraft:
    metric: Metric
    value: Decimal
    unit: Unit
    period: Period
    quote: str  # the sentence or table row, copied
    basis: Basis = Basis.GAAP
    prior: Decimal | None = None
    span: Span | None = None  # where the quote stands, if the analyst knows
    context: tuple[Span, ...] = ()


@dataclass(frozen=True)
class GuidanceDraft:
    metric: Metric
    low: Decimal | None
    high: Decimal | None
    unit: Unit
    period: Period
    action: GuidanceAction
    quote: str
    basis: Basis = Basis.UNSTATED
    prior_low: Decimal | None = None
    prior_high: Decimal | None = None
    span: Span | None = None
    context: tuple[Span, ...] = ()


@dataclass(frozen=True)
class QuoteDraft:
    theme: Theme
    quote: str
    speaker: str | None = None
    span: Span | None = None


Draft = FigureDraft | GuidanceDraft | QuoteDraft


@dataclass(frozen=True)
class Question:
    """One document put to an analyst."""

    sha256: str  # of the document's raw bytes
    reading: Reading
    company: Company | None
    published_at: datetime | None
    previous_guidance: tuple[Guidance, ...] = ()  # the issuer's own, from earlier documents


@dataclass(frozen=True)
class Usage:
    """What an answer took. Tokens as the provider counts them; USD by the configured prices."""

    input_tokens: int = 0
    cache_write_tokens: int = 0
    cache_read_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = Decimal(0)


@dataclass(frozen=True)
class Answer:
    """Drafts, and who gave them. `is_results` False: the document reports no results.
    `period` is the document's own reporting period."""

    analyst: str
    model: str  # "rules-3" for the local one
    prompt_version: str
    drafts: tuple[Draft, ...]
    period: Period | None = None
    is_results: bool = True
    usage: Usage = Usage()
    notes: tuple[str, ...] = ()


class NoAnswer(Exception):
    """This analyst has no answer for this document (cut off, refused, unusable); the next may."""


@dataclass(frozen=True)
class AskedWith:
    """What is needed later to say what asking like this saved. `sent_characters` are those of the
    whole prompt, `whole_characters` those it would have with nothing of the document left out;
    the prices are the provider's, USD per million tokens, without a cache and alone."""

    sent_characters: int
    whole_characters: int
    input_usd: Decimal
    output_usd: Decimal
    batch_share: Decimal = Decimal(1)


@dataclass(frozen=True)
class CallKey:
    """What makes two paid questions the same question. `asked` goes with it and does not: it is
    written down with the question, for those who count."""

    provider: str
    model: str
    prompt_version: str
    sha256: str  # of the document's raw bytes
    asked: AskedWith | None = field(default=None, compare=False)


@dataclass(frozen=True)
class PaidAnswer:
    """`asked`: what it was asked with, where that is known only when it is sent; in place of what
    the key says of it."""

    body: Mapping[str, object]  # the provider's answer, as it came
    usage: Usage
    asked: AskedWith | None = field(default=None, compare=False)


TakeBack = Callable[[Exception], None]
Begin = Callable[[], TakeBack | None]
"""To be called right before a paid question is sent, and not before: writes it down as asked.
What it raises must not be caught on the way: then nothing may be sent. What it returns is to be
called once this attempt is proven not to have been taken: nothing stands while the next one is
waited for."""


@dataclass(frozen=True)
class Batchable:
    """A question that may also be sent later, together with others, and for less."""

    request: Mapping[str, object]  # the body of the question, as the provider takes it
    estimate_usd: Decimal


class AnswerLater(Exception):
    """The question waits for the next batch, or is on its way in one: nobody else is to be
    asked, and nothing is to be paid, until its answer comes. The message says where it is."""


class CallInDoubt(Exception):
    """A call was begun earlier and its answer never stored: it may have been paid for.

    It is not made again by itself; the message names it."""


class PaidCalls(Protocol):
    """Where paid calls are written down. Implemented by storage/paid_calls.py."""

    def once(
        self,
        key: CallKey,
        estimate_usd: Decimal,
        call: Callable[[Begin], PaidAnswer],
        batch: Batchable | None = None,
    ) -> PaidAnswer:
        """The stored answer for `key`, or `call`'s, stored before it is returned.

        `call` calls the Begin it is given when every gate has let it through and the question
        is about to be sent: what never gets there was never asked. `batch` says how it may be
        asked later instead.

        Raises CallInDoubt, AnswerLater, and whatever `call` raises; a CallFailed with
        `accepted` False or a Rejected (nothing was sent) leaves the key free to be asked
        again, anything else leaves it in doubt.
        """
        ...


class Analyst(Protocol):
    @property
    def name(self) -> str: ...

    def switched_off(self) -> str | None:
        """Why it cannot work and how to switch it on, or None if it can."""
        ...

    def greet(self) -> str:
        """The cheapest question there is, free of charge; what it said, for a person.

        Raises CallError."""
        ...

    def analyse(self, question: Question, paid: PaidCalls) -> Answer:
        """Raises CallError, CallInDoubt, AnswerLater, NoAnswer."""
        ...
