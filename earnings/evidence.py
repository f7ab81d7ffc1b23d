"""Drafts to claims: nothing is shown whose evidence does not stand in the document.

Policy evidence-2. A draft becomes a claim only if all of this holds; otherwise it is withheld
with the first reason that fails and the place where the text comes closest.

Words      The quote stands at the draft's span, or, without a span, somewhere in the text
           (`earnings.quoting`: exactly, or but for white space, quotation marks and dashes, or
           as a table row with other marks between its cells). It begins and ends between words,
           holds words and not only numbers, and is at most MOST_EVIDENCE characters. Of
           several places the first that bears everything out is taken, exact places first.
Rows       Evidence out of a table is one row with figures (headings above it may be quoted too).
Number     The value is a whole number token of the span: never a part of one, never a year, a
           day, a note, a count of weeks, basis points, another currency, look-alike digits.
Scale      A dollar value is the printed digits times the scale word beside them, or times what
           the heading of their table says, whose words then join the context. With neither,
           only the bare digits are the value.
Unit       Percentages need "%", "percent" or a row or column that says so; per-share values need
           "$", cents or "per share" about them; plain dollars in prose need "$" or a scale word.
Sign       A negative value needs brackets, a minus, or a word of decline or loss that belongs to
           the number (for "Diluted" rows also the per-share heading above them); a positive
           one must have none of them (outflows such as capital expenditure may stand in brackets).
Guidance   Both ends are borne out by neighbouring numbers of one cell or clause, low is not
           above high; WITHDRAWN needs no number but a word that says so. Where the previous range
           stands beside it the action is what the numbers say.
Sense      Bounds per unit and metric; no NaN, no infinity, no number beyond any sense.
Quotes     Between LEAST_WORDS words and MOST_QUOTE characters, exactly as they stand.
Orders     The words are no order to a reader ("Report net sales of $9,999 million"), nor one of
           the two sentences behind one in its paragraph (`earnings.reading.orders`): an order
           reports nothing, whoever cites it. Asked last, so the reason says that all else held.

What only adds to a claim is dropped when it cannot be borne out, not the claim: prior values
not in the same row or sentence, a speaker whose name is not in the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from earnings.analysts.base import Draft, FigureDraft, GuidanceDraft, QuoteDraft
from earnings.bearing import Bearing, Stretch, Stretches, bear
from earnings.moves import moved
from earnings.numbers import NumberToken
from earnings.quoting import Places, is_whole, same_words
from earnings.reading.base import Reading
from earnings.reading.orders import Orders
from earnings.regexes import lazy_regex
from earnings.vocabulary import (
    Claim,
    Figure,
    Guidance,
    GuidanceAction,
    Metric,
    Quote,
    Span,
    Unit,
    Withheld,
    WithheldReason,
)

POLICY = "evidence-2"
MOST_EVIDENCE = 1000  # characters of a sentence or row
MOST_QUOTE = 600
LEAST_WORDS = 4
_WORD = lazy_regex(r"[^\W\d_]{3,}")
_WITHDRAWN = lazy_regex(
    r"\bwithdr[ae]w|\bsuspend|\bno longer (?:provid|giv)|\brescind|\bremov\w+ (?:its|our)|"
    r"\bnot (?:be )?(?:provid|giv|issu)",
    re.IGNORECASE,
)
_BOUNDS = {
    Unit.USD: (Decimal(-(10**12)), Decimal(10**13)),
    Unit.USD_PER_SHARE: (Decimal(-10000), Decimal(10000)),
    Unit.PERCENT: (Decimal(-1000), Decimal(1000)),
    Unit.COUNT: (Decimal(-10000), Decimal(10**6)),
}
_OF_METRIC = {
    Metric.COMPARABLE_SALES: (Decimal(-100), Decimal(300)),
    Metric.SALES_GROWTH: (Decimal(-100), Decimal(1000)),
    Metric.GROSS_MARGIN: (Decimal(-100), Decimal(100)),
    Metric.OPERATING_MARGIN: (Decimal(-1000), Decimal(100)),
    Metric.TAX_RATE: (Decimal(-100), Decimal(200)),
}
_PER_SHARE = frozenset({Metric.EPS_BASIC, Metric.EPS_DILUTED, Metric.EPS_ADJUSTED})
_PERCENTS = frozenset(_OF_METRIC)
_COUNTS = frozenset({Metric.STORE_OPENINGS})
_NOT_NEGATIVE = frozenset({Metric.NET_SALES, Metric.TOTAL_REVENUE, Metric.INVENTORY})


@dataclass(frozen=True)
class Verified:
    claims: tuple[Claim, ...]
    withheld: tuple[Withheld, ...]
    policy: str = POLICY


@dataclass(frozen=True)
class _No:
    """Why a draft is no claim."""

    reason: WithheldReason
    near: Span | None


def verify(reading: Reading, drafts: Iterable[Draft]) -> Verified:
    """`drafts` as claims or withheld, each in its order. Pure: the same in, the same out."""
    desk = _Desk(reading)
    claims: list[Claim] = []
    withheld: list[Withheld] = []
    for draft in drafts:
        found = desk.check(draft)
        if isinstance(found, _No):
            claim = _as_claim(draft, _inside(reading, draft.span) or found.near or Span(0, 0))
            withheld.append(Withheld(claim, found.reason, draft.quote[:2000], found.near))
        else:
            claims.append(found)
    return Verified(tuple(claims), tuple(withheld))


class _Desk:
    """One reading, and the drafts put before it."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._places = Places(reading.text)
        self._stretches = Stretches(reading)
        self._orders = Orders(reading)

    def check(self, draft: Draft) -> Claim | _No:
        if not isinstance(draft, QuoteDraft) and not _makes_sense(draft):
            return _No(WithheldReason.IMPLAUSIBLE, next(self._of(draft), None))
        refused: _No | None = None
        for span in self._of(draft) if _WORD.search(draft.quote) else ():
            found = self._at(draft, span)
            if not isinstance(found, _No):
                if not self._orders.touch(found.span):
                    return found
                found = _No(WithheldReason.INSTRUCTION, found.span)
            refused = refused or found
        return refused or _No(WithheldReason.QUOTE_NOT_FOUND, self._places.near(draft.quote))

    def _of(self, draft: Draft) -> Iterator[Span]:
        """Where the draft's words stand."""
        if draft.span is None:
            return self._places.of(draft.quote)
        text, span = self._reading.text, _trimmed(self._reading.text, draft.span)
        if span is None or not is_whole(text, span):
            return iter(())
        same = same_words(self._reading.quote(span), draft.quote)
        return iter((span,) if same else ())

    def _at(self, draft: Draft, span: Span) -> Claim | _No:
        if isinstance(draft, QuoteDraft):
            return self._quote(draft, span)
        if span.end - span.start > MOST_EVIDENCE:
            return _No(WithheldReason.IMPLAUSIBLE, span)
        stretch = self._stretches.cut(span, draft.context)
        if _several_rows(stretch):
            return _No(WithheldReason.NUMBER_NOT_IN_SPAN, span)
        if isinstance(draft, FigureDraft):
            return self._figure(draft, stretch)
        return self._guidance(draft, stretch)

    def _quote(self, draft: QuoteDraft, span: Span) -> Claim | _No:
        words = self._reading.quote(span)
        if len(words) > MOST_QUOTE or len(words.split()) < LEAST_WORDS:
            return _No(WithheldReason.IMPLAUSIBLE, span)
        speaker = draft.speaker.strip() if draft.speaker else None
        known = speaker if next(self._places.of(speaker or ""), None) is not None else None
        return Quote(draft.theme, words, span, known)

    def _figure(self, draft: FigureDraft, stretch: Stretch) -> Claim | _No:
        bearing = bear(stretch, draft.value, draft.unit, draft.metric)[0]
        if bearing.reason is not None:
            return _No(bearing.reason, stretch.span)
        prior = draft.prior
        if prior is not None and not (
            _usable(prior) and self._beside(prior, draft.unit, draft.metric, stretch)
        ):
            prior = None
        return replace(
            _figure(draft, stretch.span),
            prior=prior,
            context=_joined(stretch.context, bearing),
        )

    def _guidance(self, draft: GuidanceDraft, stretch: Stretch) -> Claim | _No:
        if draft.action is GuidanceAction.WITHDRAWN:
            if not _WITHDRAWN.search(self._reading.quote(stretch.span)):
                return _No(WithheldReason.IMPLAUSIBLE, stretch.span)
            claim = _guidance(draft, stretch.span)
            return replace(claim, prior_low=None, prior_high=None, context=stretch.context)
        range_ = _range(stretch, draft.low, draft.high, draft.unit, draft.metric)
        if isinstance(range_, WithheldReason):
            return _No(range_, stretch.span)
        low, high = draft.prior_low, draft.prior_high
        wide = self._widened(stretch)
        usable = all(v is None or _usable(v) for v in (low, high))
        if not usable or isinstance(
            _range(wide, low, high, draft.unit, draft.metric), WithheldReason
        ):
            low = high = None
        action = moved(draft.low, draft.high, low, high) or draft.action
        claim = _guidance(draft, stretch.span)
        context = stretch.context
        for bearing in range_:
            context = _joined(context, bearing)
        return replace(claim, prior_low=low, prior_high=high, action=action, context=context)

    def _beside(self, value: Decimal, unit: Unit, metric: Metric, stretch: Stretch) -> bool:
        return bear(self._widened(stretch), value, unit, metric)[0].reason is None

    def _widened(self, stretch: Stretch) -> Stretch:
        """The row or sentence that the stretch stands in."""
        whole = self._stretches.surroundings(stretch.span)
        return stretch if whole == stretch.span else self._stretches.cut(whole, stretch.context)


def _range(
    stretch: Stretch, low: Decimal | None, high: Decimal | None, unit: Unit, metric: Metric
) -> tuple[Bearing, ...] | WithheldReason:
    """The bearings of both ends; they must belong together."""
    ends = [end for end in (low, high) if end is not None]
    if not ends or (low is not None and high is not None and low > high):
        return WithheldReason.IMPLAUSIBLE
    borne = [bear(stretch, end, unit, metric) for end in ends]
    for bearings in borne:
        reason = bearings[0].reason
        if reason is not None:
            return reason
    if len(borne) == 1 or low == high:
        return (borne[0][0],)
    for one in borne[0]:
        for other in borne[1]:
            if _neighbours(stretch, one.token, other.token):
                return (one, other)
    return WithheldReason.IMPLAUSIBLE


def _neighbours(stretch: Stretch, one: NumberToken | None, other: NumberToken | None) -> bool:
    """Whether two numbers are the ends of one range: no figure stands between them, and they
    share a cell, or fill two cells with one number each, or stand in one clause."""
    if one is None or other is None or one.digits == other.digits:
        return False
    figures = [t.digits for t in stretch.tokens if t.is_figure]
    if abs(figures.index(one.digits) - figures.index(other.digits)) != 1:
        return False
    cells = stretch.cell_of(one), stretch.cell_of(other)
    if cells[0] is not None and cells[1] is not None:
        alone = all(
            sum(c.span.start <= d.start < c.span.end for d in figures) == 1 for c in cells if c
        )
        return cells[0] == cells[1] or alone
    first, last = sorted((one.span, other.span))
    gap = stretch.reading.text[first.end : last.start]
    return len(gap) <= 100 and not re.search(r"[.!?;]\s|\n|\|", gap)


def _several_rows(stretch: Stretch) -> bool:
    with_figures = {
        row.span
        for token in stretch.tokens
        if token.is_figure and (row := stretch.row_of(token)) is not None
    }
    return len(with_figures) > 1


def _makes_sense(draft: FigureDraft | GuidanceDraft) -> bool:
    values = (
        (draft.value,)
        if isinstance(draft, FigureDraft)
        else tuple(v for v in (draft.low, draft.high) if v is not None)
    )
    if isinstance(draft, GuidanceDraft) and (draft.action is GuidanceAction.WITHDRAWN) == bool(
        values
    ):
        return False
    low, high = _OF_METRIC.get(draft.metric, _BOUNDS[draft.unit])
    return _unit_of(draft.metric) is draft.unit and all(
        _usable(value) and low <= value <= high and (value >= 0 or _may_be_negative(draft))
        for value in values
    )


def _may_be_negative(draft: FigureDraft | GuidanceDraft) -> bool:
    return draft.metric not in _NOT_NEGATIVE


def _unit_of(metric: Metric) -> Unit:
    if metric in _PER_SHARE:
        return Unit.USD_PER_SHARE
    if metric in _PERCENTS:
        return Unit.PERCENT
    return Unit.COUNT if metric in _COUNTS else Unit.USD


def _usable(value: Decimal) -> bool:
    return value.is_finite() and (value == 0 or -12 <= value.adjusted() <= 15)


def _trimmed(text: str, span: Span) -> Span | None:
    if not 0 <= span.start < span.end <= len(text):
        return None
    words = text[span.start : span.end]
    bare = words.strip()
    start = span.start + len(words) - len(words.lstrip())
    return Span(start, start + len(bare)) if bare else None


def _inside(reading: Reading, span: Span | None) -> Span | None:
    known = span is not None and 0 <= span.start < span.end <= len(reading.text)
    return span if known else None


def _joined(context: tuple[Span, ...], bearing: Bearing) -> tuple[Span, ...]:
    span = bearing.scale_span
    return context if span is None or span in context else (*context, span)


def _as_claim(draft: Draft, span: Span) -> Claim:
    if isinstance(draft, QuoteDraft):
        return Quote(draft.theme, draft.quote[:2000], span, draft.speaker)
    return _figure(draft, span) if isinstance(draft, FigureDraft) else _guidance(draft, span)


def _figure(draft: FigureDraft, span: Span) -> Figure:
    return Figure(
        draft.metric,
        _keepable(draft.value) or Decimal(0),
        draft.unit,
        draft.period,
        span,
        draft.basis,
        _keepable(draft.prior),
    )


def _guidance(draft: GuidanceDraft, span: Span) -> Guidance:
    return Guidance(
        draft.metric,
        _keepable(draft.low),
        _keepable(draft.high),
        draft.unit,
        draft.period,
        draft.action,
        span,
        draft.basis,
        _keepable(draft.prior_low),
        _keepable(draft.prior_high),
    )


def _keepable(value: Decimal | None) -> Decimal | None:
    """A withheld draft is stored too; a value no database column holds is kept as none (a
    figure's as 0), its words tell what it was."""
    return value if value is not None and _usable(value) else None
