"""Figures that sentences state: the headline, the bullets, the first paragraphs.

Only sentences whose subject is the company's own measure count: "Net sales increased 5% to
$1.2 billion" does, "Net sales of the Outlet segment" and anything expected do not. Tables
are trusted before sentences; these fill what no table states and settle what tables dispute.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from earnings.analysts import local_sentences
from earnings.analysts import local_subjects as words
from earnings.analysts.local_candidates import Candidate, Tier
from earnings.analysts.local_expected import guided_spans, in_range
from earnings.analysts.local_ours import Ours, ours
from earnings.directions import said
from earnings.numbers import NumberToken, find_numbers
from earnings.reading.base import Reading
from earnings.reading.release import ReleaseFacts
from earnings.regexes import lazy_regex
from earnings.vocabulary import Basis, Metric, PeriodKind, Span, Unit

_ADJUSTED = lazy_regex(
    r"\b(?:adjusted|non-?\s?gaap|core|pro[- ]?forma|excluding|comparable\s+(?:eps|earnings))\b",
    re.I,
)
_PER_SHARE_AFTER = lazy_regex(
    r"\s*(?:\(\w+\)\s*)?(?:,\s*)?(?:for\s+each\s+|per\s+|a\s+)(?P<kind>(?:fully\s+|"
    r"basic\s+and\s+)?(?:diluted|basic)\s+)?(?:common\s+|ordinary\s+)?"
    r"(?:share|unit)s?\b(?P<tail>\s*[,(-]?\s*(?:diluted|basic)\b)?",
    re.I,
)
_RESULT = lazy_regex(
    r"\b(?P<adjusted>(?:adjusted|non-?\s?gaap|core|pro[- ]?forma)\s+(?:diluted\s+)?)?"
    r"(?:net\s+(?:income|earnings|loss|\(loss\)\s+income|income\s+\(loss\))|earnings|"
    r"profit|loss|(?:diluted\s+)?eps)\b",
    re.I,
)
_NOT_RESULT = lazy_regex(
    r"\b(?:dividends?|charges?|included?|includes|including|impact\w*|benefit\w*|"
    r"book\s+value|repurchas\w+|average\s+price|"
    r"gains?|expenses?|costs?|related\s+to|due\s+to|settlement|tax|goodwill|effect|"
    r"headwind|tailwind|accretive|dilutive|"
    r"offer\w*|price|reduc\w+|weather|hurricane|stock\s+split|par\s+value|before)\b",
    re.I,
)
_COMPARED = lazy_regex(
    r"\b(?:compared|versus|vs\.?|against|from(?!\s+(?:continuing|operations))|prior|last\s+year|year\s+ago|on\s+top\s+of|up\s+from|"
    r"down\s+from)\b",
    re.I,
)
_YEAR_BEHIND = lazy_regex(
    r"\s*(?:per\s+(?:\w+\s+)?share\s*)?(?:\([^()]{0,30}\)\s*)?(?:in|for|during)\s+(?:the\s+)?"
    r"(?:(?!ended|compared|versus|from)[\w'’-]+\s+){0,6}?(?:20\d\d|fy\s?\d\d)\b",
    re.I,
)
_BASIS_BEHIND = lazy_regex(
    r"\s*(?:per\s+(?:\w+\s+)?share\s*)?,?\s*(?:on\s+an?\s+(?:adjusted|non-gaap|core)\s+basis|"
    r"as\s+adjusted|\(\s*(?:adjusted|non-gaap)\s*\))",
    re.I,
)
_EXCLUDING = lazy_regex(
    r"\s*(?:per\s+(?:\w+\s+)?share\s*)?,?\s*(?:excluding|exclusive\s+of)\b", re.I
)
_YEAR_AGO = lazy_regex(
    r"\s*(?:(?:in|for|during|reported)\s+)?(?:the\s+)?(?:\w+\s+){0,3}?(?:prior|last|previous|same|"
    r"year[-\s]ago|a\s+year|year\s+earlier|20\d\d|fiscal)\b",
    re.I,
)
_THING = lazy_regex(r"traffic|transaction|ticket|guest|segment|industry|digital|online", re.I)
_STATES = lazy_regex(
    r"(?:\b(?:of|was|were|is|to|totall?(?:ed|ing)|reached|reported|at|hit|generated|"
    r"posted|came\s+to)\b|:|[–—-]|=)\s*"
    r"(?:\b(?:approximately|about|nearly|a|an|the|new|all-time|(?:first|second|third|"
    r"fourth)[- ]quarter|quarterly|company|record|of|just|over|roughly|high)\s+)*$",
    re.I,
)


_NOTE = lazy_regex(r"(?<=[\w)”\"])\s?(?:\([0-9a-z]\)|⁽[¹²³⁴⁵⁶⁷⁸⁹]⁾|[¹²³⁴⁵⁶⁷⁸⁹])")
_SMALLEST = Decimal(100_000)  # USD: smaller amounts of sales or income are per-share values


def candidates(reading: Reading, facts: ReleaseFacts) -> Iterator[Candidate]:
    """What sentences state for the quarter, and for the year where they say so."""
    end = facts.period.end if facts.period is not None else None
    own = ours(facts)
    guided = set(guided_spans(reading))
    several = words.several_comparables(reading.text)
    for sentence in local_sentences.reported(reading):
        if sentence.span in guided or not own.reports(sentence.kind):
            continue
        state = _Sentence(reading.text, sentence, own, several)
        for found in state.read():
            yield Candidate(
                metric=found.metric,
                value=found.value,
                kind=sentence.kind,
                span=sentence.span,
                tier=Tier.PROSE,
                rank=found.rank,
                end=end if sentence.kind is PeriodKind.QUARTER else None,
                prior=found.prior,
                basis=found.basis,
                step=found.step,
            )


@dataclass(frozen=True)
class _Found:
    metric: Metric
    value: Decimal
    step: Decimal
    prior: Decimal | None = None
    rank: int = 0
    basis: Basis = Basis.GAAP


class _Sentence:
    def __init__(
        self, text: str, sentence: local_sentences.Sentence, ours: Ours, several: bool
    ) -> None:
        self._text = text
        self._several = several
        self._ours = ours
        self._span: Span = sentence.span
        self._tokens = find_numbers(text, sentence.span.start, sentence.span.end)
        self._ranges = in_range(text, self._span)
        self._befores: dict[int, str] = {}

    def read(self) -> Iterator[_Found]:
        for index, token in enumerate(self._tokens):
            if not token.is_figure or token.digits in self._ranges:
                continue
            if self._ours.excludes(self._before(index)) or self._is_past(token):
                continue
            yield from self._per_share(index, token)
            if token.unit is Unit.USD and not _PER_SHARE_AFTER.match(self._text, token.span.end):
                yield from self._amount(index, token)
            if token.unit is Unit.PERCENT:
                yield from self._percent(index, token)

    def _is_past(self, token: NumberToken) -> bool:
        """ "$0.07 in the third quarter of 2024": the year right behind is another one."""
        behind = _YEAR_BEHIND.match(self._text, token.span.end, self._span.end)
        return behind is not None and self._ours.excludes(behind[0])

    # ---- the words before a number -------------------------------------------------------

    def _before(self, index: int) -> str:
        """From the clause's beginning to the number."""
        if index not in self._befores:
            before = self._text[self._span.start : self._tokens[index].span.start]
            self._befores[index] = _NOTE.sub(lambda mark: " " * len(mark[0]), before)
        return self._befores[index]

    def _amount(self, index: int, token: NumberToken) -> Iterator[_Found]:
        before = self._before(index)
        subject = words.subject_of(before)
        if subject is None or not _STATES.search(before):
            return
        between = before[subject.end :]
        if _COMPARED.search(_without_changes(between)) or words.is_part(between) or ";" in between:
            return
        if token.scale_word is None and token.value < _SMALLEST:
            return
        sign = self._sign(index, subject.metric, before[subject.start : subject.end])
        basis = Basis.ADJUSTED if _ADJUSTED.search(before[: subject.end]) else Basis.GAAP
        if basis is Basis.ADJUSTED or sign == 0:
            return
        value = abs(token.value) * sign
        yield _Found(
            subject.metric, value, _step(token), self._prior(index, subject.metric), subject.rank
        )

    def _sign(self, index: int, metric: Metric, subject: str) -> int:
        if self._tokens[index].negative or _is_loss(subject):
            return -1
        if metric in (Metric.NET_SALES, Metric.TOTAL_REVENUE, Metric.GROSS_PROFIT):
            return 1
        return said(self._text, self._tokens, index, metric, self._span.start) or 1

    def _per_share(self, index: int, token: NumberToken) -> Iterator[_Found]:
        cents = token.unit is Unit.USD_PER_SHARE
        if not cents and (token.unit is not Unit.USD or token.scale_word is not None):
            return
        before = self._before(index)
        subject = words.per_share_subject(before)
        after = _PER_SHARE_AFTER.match(self._text, token.span.end)
        if subject is not None and _STATES.search(before):
            between = before[subject.end :]
            head = before[subject.start : subject.end]
            if _COMPARED.search(_without_changes(between)) or _NOT_RESULT.search(between):
                return
        elif after is not None:
            result = _last(_RESULT, before)
            if result is None:
                return
            between = before[result.end() :]
            head = f"{result[0]} {after[0]}"
            if _COMPARED.search(_without_changes(between)) or _NOT_RESULT.search(between):
                return
            if not words.leads_in(before[: result.start()]):
                return
        else:
            return
        metric, rank, basis = _share_metric(head, before)
        if metric is Metric.EPS_DILUTED and _BASIS_BEHIND.match(
            self._text, token.span.end, self._span.end
        ):
            metric, rank, basis = Metric.EPS_ADJUSTED, 1, Basis.ADJUSTED
        if metric is None:
            return
        if basis is Basis.GAAP and _EXCLUDING.match(self._text, token.span.end, self._span.end):
            return  # before or after what is excluded? Either is written so
        value = abs(token.value) * self._sign(index, metric, head)
        yield _Found(metric, value, _step(token), self._prior(index, metric), rank, basis)

    def _percent(self, index: int, token: NumberToken) -> Iterator[_Found]:
        before = self._before(index)
        after = self._text[token.span.end : self._span.end]
        if words.gross_share(before, after):
            yield _Found(
                Metric.GROSS_MARGIN,
                token.value,
                _step(token),
                self._prior(index, Metric.GROSS_MARGIN),
            )
            return
        margin = words.margin_subject(before)
        if margin is not None:
            between = before[margin:]
            states = re.search(r"\b(?:of|was|were|to|at|:)\s*$|:\s*$", between, re.I)
            if (
                states
                and not _COMPARED.search(_without_changes(between))
                and not words.is_part(between)
            ):
                yield _Found(
                    Metric.GROSS_MARGIN,
                    token.value,
                    _step(token),
                    self._prior(index, Metric.GROSS_MARGIN),
                )
            return
        comparable = words.comparable_subject(before, after, self._several)
        if comparable is None:
            return
        adjusted, between = comparable
        if _COMPARED.search(between) or words.is_elsewhere(between):
            return
        value = self._change(index, token)
        if value is not None:
            yield _Found(
                Metric.COMPARABLE_SALES,
                value,
                _step(token),
                self._comparable_prior(index),
                rank=2 if adjusted else 0,
                basis=Basis.ADJUSTED if adjusted else Basis.GAAP,
            )

    def _change(self, index: int, token: NumberToken) -> Decimal | None:
        if token.negative or token.value == 0:
            return token.value
        direction = said(self._text, self._tokens, index, Metric.COMPARABLE_SALES, self._span.start)
        return abs(token.value) * (direction or 1)

    def _comparable_prior(self, index: int) -> Decimal | None:
        """ "Compared with 1.6% in the same period last year": only with the year-ago words."""
        prior = self._prior(index, Metric.COMPARABLE_SALES)
        if prior is None:
            return None
        later = next(t for t in self._tokens[index + 1 :] if t.unit is Unit.PERCENT)
        between = self._text[self._tokens[index].span.end : later.span.start]
        tail = self._text[later.span.end : min(later.span.end + 60, self._span.end)]
        return prior if _YEAR_AGO.match(tail) and not _THING.search(between) else None

    def _prior(self, index: int, metric: Metric) -> Decimal | None:
        """The next number of the same unit, if "compared to" and the like stand between."""
        token = self._tokens[index]
        for later in range(index + 1, len(self._tokens)):
            other = self._tokens[later]
            if other.unit is not token.unit or not other.is_figure:
                continue
            between = self._text[token.span.end : other.span.start]
            if not _COMPARED.search(between) or ";" in between or len(between) > 90:
                return None
            if (other.scale_word is None) != (token.scale_word is None):
                return None
            sign = said(self._text, self._tokens, later, metric, self._span.start)
            return -abs(other.value) if other.negative or sign < 0 else other.value
        return None


_APART = lazy_regex(r"\b(?:adjusted|non-?gaap)\b[^,;.]*$|\bexcluding\b[^;.]*$", re.I)


def _share_metric(head: str, before: str) -> tuple[Metric | None, int, Basis]:
    low = head.lower()
    if _ADJUSTED.search(head) or _APART.search(before):
        return Metric.EPS_ADJUSTED, 0 if "dilut" in low else 1, Basis.ADJUSTED
    part = 2 if re.search(r"\b(?:continuing|discontinued)\b", before, re.I) else 0
    if "dilut" in low:
        return Metric.EPS_DILUTED, part, Basis.GAAP
    if "basic" in low:
        return Metric.EPS_BASIC, part, Basis.GAAP
    return Metric.EPS_DILUTED, 4 + part, Basis.GAAP


def _is_loss(subject: str) -> bool:
    low = subject.lower()
    return "loss" in low and not re.search(r"income|earnings|profit|\(loss", low)


def _without_changes(between: str) -> str:
    """ "Up 5% from the prior year to" names no other period's number before ours."""
    return re.sub(r"\b(?:for|in|during)\s+the\s+(?:quarter|period)\b", " ", between, flags=re.I)


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for match in pattern.finditer(text):
        found = match
    return found


def _step(token: NumberToken) -> Decimal:
    exponent = token.printed.as_tuple().exponent
    scale = token.scale_word or Decimal(1)
    return scale * Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
