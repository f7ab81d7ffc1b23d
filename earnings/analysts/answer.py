"""A language model's answer becomes drafts.

Nothing in an answer is believed: a number that is none, a word outside the vocabulary or an
empty quote drops that one item with a note; an answer of another shape is `UnusableAnswer`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from pydantic import ValidationError

from earnings.analysts.answer_shape import (
    FigureAnswer,
    GuidanceAnswer,
    ModelAnswer,
    PeriodAnswer,
    QuoteAnswer,
    Scale,
)
from earnings.analysts.base import Draft, FigureDraft, GuidanceDraft, QuoteDraft
from earnings.regexes import lazy_regex
from earnings.vocabulary import (
    Basis,
    GuidanceAction,
    Metric,
    Period,
    PeriodKind,
    Theme,
    Unit,
)

MAX_ITEMS = 400  # of each kind; a release has a few dozen
MAX_QUOTE_CHARACTERS = 4_000  # a table row is under 400, a long paragraph under 2,000
_NUMBER = lazy_regex(r"[+-]?\d{1,15}(\.\d{1,8})?")

_FACTOR = {
    Scale.ONES: Decimal(1),
    Scale.THOUSANDS: Decimal(1_000),
    Scale.MILLIONS: Decimal(1_000_000),
    Scale.BILLIONS: Decimal(1_000_000_000),
}

_Word = TypeVar("_Word", bound=StrEnum)


class UnusableAnswer(ValueError):
    """The text is not an answer of the agreed shape; the message says where it departs."""


@dataclass(frozen=True)
class Drafts:
    """What an answer amounts to, with a note for each item that was dropped."""

    drafts: tuple[Draft, ...]
    period: Period | None
    is_results: bool
    notes: tuple[str, ...]


def read_answer(text: str) -> Drafts:
    """The drafts in a model's JSON answer. Raises UnusableAnswer."""
    try:
        answer = ModelAnswer.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the answer"
        raise UnusableAnswer(f"{where}: {first['msg']}") from error
    notes: list[str] = []
    drafts: list[Draft] = []
    drafts += _kept("figure", answer.figures, _figure, notes)
    drafts += _kept("guidance", answer.guidance, _guidance, notes)
    drafts += _kept("quote", answer.quotes, _quote, notes)
    return Drafts(
        drafts=tuple(drafts),
        period=_document_period(answer.period, notes),
        is_results=answer.is_results,
        notes=tuple(notes),
    )


class _Dropped(ValueError):
    """This one item is of no use; the message becomes a note."""


_Item = TypeVar("_Item", FigureAnswer, GuidanceAnswer, QuoteAnswer)


def _kept(
    what: str, items: list[_Item], draft_of: Callable[[_Item], Draft], notes: list[str]
) -> list[Draft]:
    kept: list[Draft] = []
    for number, item in enumerate(items[:MAX_ITEMS], start=1):
        try:
            kept.append(draft_of(item))
        except _Dropped as why:
            notes.append(f"{what} {number} dropped: {why}")
    if len(items) > MAX_ITEMS:
        notes.append(
            f"{len(items) - MAX_ITEMS} of {len(items)} {what} items beyond the limit dropped"
        )
    return kept


def _figure(item: FigureAnswer) -> FigureDraft:
    scale = _word(Scale, item.scale)
    value = _number(item.value, scale)
    if value is None:
        raise _Dropped(f"{item.metric} has no value")
    return FigureDraft(
        metric=_word(Metric, item.metric),
        value=value,
        unit=_word(Unit, item.unit),
        period=_period(item.period),
        quote=_words_of(item.quote),
        basis=_word(Basis, item.basis),
        prior=_number(item.prior, scale),
    )


def _guidance(item: GuidanceAnswer) -> GuidanceDraft:
    scale = _word(Scale, item.scale)
    action = _word(GuidanceAction, item.action)
    low, high = _number(item.low, scale), _number(item.high, scale)
    if low is None and high is None and action is not GuidanceAction.WITHDRAWN:
        raise _Dropped(f"{item.metric} guides no number")
    return GuidanceDraft(
        metric=_word(Metric, item.metric),
        low=low,
        high=high,
        unit=_word(Unit, item.unit),
        period=_period(item.period),
        action=action,
        quote=_words_of(item.quote),
        basis=_word(Basis, item.basis),
        prior_low=_number(item.prior_low, scale),
        prior_high=_number(item.prior_high, scale),
    )


def _quote(item: QuoteAnswer) -> QuoteDraft:
    speaker = " ".join(item.speaker.split())[:120]
    return QuoteDraft(_word(Theme, item.theme), _words_of(item.quote), speaker or None)


def _word(kind: type[_Word], text: str) -> _Word:
    try:
        return kind(text.strip().lower())
    except ValueError:
        raise _Dropped(f"{text[:60]!r} is no known {kind.__name__.lower()}") from None


def _number(text: str, scale: Scale) -> Decimal | None:
    """The number times its scale; None for "". What is not plain digits is dropped: "NaN",
    "1E+999" and their like are Decimals too."""
    plain = text.strip().replace(",", "").replace("\N{MINUS SIGN}", "-").removesuffix("%")
    if plain.startswith("(") and plain.endswith(")"):
        plain = f"-{plain[1:-1].strip()}"
    plain = plain.replace("$", "")
    if not plain:
        return None
    if not (plain.isascii() and _NUMBER.fullmatch(plain)):
        raise _Dropped(f"{text[:60]!r} is no number")
    return Decimal(plain) * _FACTOR[scale]


def _words_of(quote: str) -> str:
    words = quote.strip()
    if not words:
        raise _Dropped("it cites no words")
    if len(words) > MAX_QUOTE_CHARACTERS:
        raise _Dropped(f"it cites {len(words)} characters, which is no sentence or row")
    return words


def _period(answer: PeriodAnswer) -> Period:
    end: date | None = None
    if answer.end.strip():
        try:
            end = date.fromisoformat(answer.end.strip())
        except ValueError:
            raise _Dropped(f"{answer.end[:60]!r} is no date") from None
    return Period(_word(PeriodKind, answer.kind), end, " ".join(answer.label.split())[:120])


def _document_period(answer: PeriodAnswer, notes: list[str]) -> Period | None:
    try:
        period = _period(answer)
    except _Dropped as why:
        notes.append(f"the document's period dropped: {why}")
        return None
    return period if period != Period(PeriodKind.UNKNOWN) else None
