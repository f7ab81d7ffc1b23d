"""Guidance in sentences and bullets.

A number is guidance if its sentence expects it, or if it stands in a bullet under a heading
or a sentence that announces guidance. The metric is the phrase before the number (or right
behind it) that fits its unit, the period the one named nearest. Refused: safe-harbour text,
long-term ambitions, wishes, what was, what was guided earlier, and sentences in which
more than one reading is possible.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from earnings.fiscal import Mention, find_names, parse_end
from earnings.numbers import NumberToken, find_numbers
from earnings.reading.base import Reading
from earnings.reading.guidance_sections import (
    BACKWARD,
    INTRO,
    QUOTED,
    REFUSED,
    TRIGGER,
    Section,
    introduced,
    is_base,
    is_heading,
    may_guide,
    opened,
)
from earnings.reading.guidance_words import (
    Named,
    basis_in,
    is_growth_of_profit,
    metric_for,
    names,
    verb_in,
)
from earnings.reading.guided import SPENT, Ends, Guided, ends_of, plausible, unit_for, with_basis
from earnings.reading.known import known
from earnings.reading.prose import prose_lines
from earnings.reading.ranges import Range, find_ranges
from earnings.regexes import lazy_regex
from earnings.sentences import sentences
from earnings.vocabulary import GuidanceAction, Metric, Span, Unit

_PRIOR_WORDS = (
    r"(?:prior|previous(?:ly)?|earlier|initial|original(?:ly)?|former(?:ly)?|last\s+guidance)"
)
_IS_PRIOR = lazy_regex(
    rf"\b{_PRIOR_WORDS}\b[^.;•]{{0,90}}$|\b(?:up|down|raised|increased|lowered|reduced|narrowed)"
    r"\s+from\s+(?:a\s+range\s+of\s+)?(?:approximately\s+)?$",
    re.IGNORECASE,
)
_MOVED_FROM = lazy_regex(
    r"\s*,?\s*from\s+(?:a\s+range\s+of\s+)?(?:approximately\s+)?$", re.IGNORECASE
)
_MOVES = lazy_regex(r"\b(?:rais|lower|narrow|revis|updat|increas|reduc|cut|lift)", re.IGNORECASE)
_ARRIVES = lazy_regex(
    r"\s*,?\s*to\s+(?:a\s+range\s+of\s+|between\s+)?(?:approximately\s+)?", re.IGNORECASE
)
_PRIOR_BEHIND = lazy_regex(r"\s*[,(]?\s*(?:previously|prior|formerly)\b\s*[).,;]", re.IGNORECASE)
_FROM = lazy_regex(
    r"\b(?:rais|increas|lower|reduc|narrow|updat|revis|rang)\w*\b[^.;]*\bfrom\s+(?:\w+\s+){0,6}$",
    re.IGNORECASE,
)
_COMPARED = lazy_regex(
    r"\b(?:compared\s+(?:to|with)|versus|vs\.?|over|against|on\s+top\s+of|than|"
    r"from(?!\s+(?:continuing|operations)))\s+(?:[^,;.]{0,60})$",
    re.IGNORECASE,
)
_ENDING = lazy_regex(r",?\s*(?:\([^)]{0,20}\)\s*)?(?:ending|ended)\s+", re.IGNORECASE)
_BASIS_BEHIND = lazy_regex(
    r"\s*\(?(?:on\s+an?\s+|in\s+|at\s+)?(?:adjusted|non-gaap|gaap|constant|excluding)\b[\w\s-]{0,12}",
    re.IGNORECASE,
)
_AUTHORIZED = lazy_regex(r"\bauthoriz|\bannounce|\bapproved\b", re.IGNORECASE)
_SENTENCE = 700  # characters; a longer one argues instead of guiding
_BEHIND = 30  # characters between a number and the phrase behind it that it belongs to


@dataclass(frozen=True)
class _Waiting:
    """A previous range that stands before the new one: "raises EPS from $2 to $2.10 to $3"."""

    metric: Metric
    unit: Unit
    ends: Ends


@dataclass
class _Sentence:
    """A sentence on its way to guided ranges."""

    text: str
    span: Span
    section: Section
    tokens: Sequence[NumberToken] = ()
    phrases: Sequence[Named] = ()
    mentions: Sequence[Mention] = ()
    found: list[Guided] = field(default_factory=list)
    waiting: _Waiting | None = None
    said: Mention | None = None  # the period that the sentences before it spoke of
    used: Mention | None = None  # the last that its own ranges are for


@known
def guided_prose(reading: Reading) -> tuple[Guided, ...]:
    """Every range that the sentences and bullets of `reading` guide to."""
    section = Section()
    found: list[Guided] = []
    for line in _lines(reading):
        words = reading.text[line.start : line.end].strip()
        if is_heading(words):
            section = opened(words, line, section)
            continue
        if len(words) > 1500 and REFUSED.search(words):
            continue
        said: Mention | None = None  # the period that this paragraph speaks of
        for span in sentences(reading.text, line.start, line.end):
            if span.end - span.start > _SENTENCE:
                continue
            sentence = reading.text[span.start : span.end]
            if INTRO.search(sentence):
                section = introduced(reading.text, span, section)
            if may_guide(sentence, section):
                items, said = _read(reading.text, span, section, said)
                found += items
                if section.open and section.mention is None:
                    section = replace(section, mention=said)  # its other bullets speak of it too
    return tuple(found)


def _lines(reading: Reading) -> Iterator[Span]:
    """Prose lines, and the headings that a table took in as its first row."""
    headings = [
        table.rows[0].span
        for table in reading.tables
        if table.rows and table.rows[0].label.strip() and not table.rows[0].cells
    ]
    yield from sorted([*prose_lines(reading), *headings])


def _read(
    text: str, span: Span, section: Section, said: Mention | None
) -> tuple[list[Guided], Mention | None]:
    """The ranges of a sentence, and the period it speaks of; `said` is its paragraph's."""
    if BACKWARD.search(text[span.start : span.end]) and not re.search(
        r"\b(?:now|updated?|updating|revis|rais|lower|reaffirm|narrow|maintain|reiterat)",
        text[span.start : span.end],
        re.IGNORECASE,
    ):
        return [], said
    work = _Sentence(
        text,
        span,
        section,
        find_numbers(text, span.start, span.end),
        names(text, span.start, span.end),
        [m for m in find_names(text, span.start, span.end) if not is_base(text, m, span.start)],
    )
    work.said = said
    edge = span.start
    for range_ in find_ranges(text, span.start, span.end):
        _take(work, range_, edge)
        edge = range_.span.end
    return work.found, work.used or said


def _take(work: _Sentence, range_: Range, edge: int) -> None:
    """Judge one range: the guided one, its previous one, a comparison, or nothing of ours."""
    before = work.text[edge : range_.span.start]
    whole_before = work.text[work.span.start : range_.span.start]
    last = work.found[-1] if work.found else None
    is_prior = _IS_PRIOR.search(before) or _PRIOR_BEHIND.match(work.text, range_.span.end)
    if last is not None and _MOVED_FROM.fullmatch(before):
        is_prior = is_prior or _MOVES.search(work.text, work.span.start, edge)
    if last is not None and is_prior and last.prior_low is None and last.prior_high is None:
        if last.unit is unit_for(_plain(last.metric), range_):
            low, high = _ends(work, range_, _plain(last.metric))
            work.found[-1] = replace(last, prior_low=low, prior_high=high)
        return
    named = _metric(work, range_, edge)
    if named is None and work.waiting is not None and _ARRIVES.fullmatch(before):
        named = (work.waiting.metric, work.waiting.unit)
    if named is None or (is_prior and last is not None) or not _meant(work, named[0]):
        return
    metric, unit = named
    ends = _ends(work, range_, metric)
    if _FROM.search(whole_before) and last is None and work.waiting is None:
        if range_.first is not range_.last or _arrives(work, range_):
            work.waiting = _Waiting(metric, unit, ends)
        return
    if work.waiting is None and (_COMPARED.search(before) or is_prior):
        return
    if _FROM.search(whole_before) and work.waiting is None:
        return
    _found(work, range_, metric, unit, ends)


def _meant(work: _Sentence, metric: Metric) -> bool:
    """A repurchase programme's size is what may be spent, not what is expected to be."""
    words = work.text[work.span.start : work.span.end]
    return metric is not Metric.SHARE_REPURCHASES or (
        TRIGGER.search(words) is not None and not _AUTHORIZED.search(words)
    )


def _arrives(work: _Sentence, range_: Range) -> bool:
    return _ARRIVES.match(work.text, range_.span.end) is not None


def _found(work: _Sentence, range_: Range, metric: Metric, unit: Unit, ends: Ends) -> None:
    mention, span = _period(work, range_)
    if mention is None:
        return
    work.used = mention
    start = _clause_start(work, range_)
    after = work.text[range_.span.end : range_.span.end + 40].split(",")[0].split(";")[0]
    prior: Ends = (None, None)
    if work.waiting is not None:
        prior, start, work.waiting = work.waiting.ends, work.span.start, None
    verb = verb_in(work.text[start : range_.span.start])  # each clause may have its own
    verb = verb or verb_in(work.text[work.span.start : work.span.end])
    quoted = QUOTED.search(work.text[work.span.start : work.span.end]) is not None
    item = Guided(
        metric,
        ends[0],
        ends[1],
        unit,
        basis_in(work.text[start : range_.span.start] + " " + _basis_behind(after)),
        work.span,
        mention.name,
        mention.label,
        period_end=_ending(work.text, mention),
        verb=verb or _section_verb(work.section, metric),
        prior_low=prior[0],
        prior_high=prior[1],
        context=span,
        weight=(2 if work.section.open else 1) - 2 * quoted,
    )
    if plausible(item):
        work.found.append(with_basis(item))


def _section_verb(section: Section, metric: Metric) -> GuidanceAction | None:
    """ "Raises its outlook" speaks of results, not of what is spent; "reaffirms" of all."""
    if not section.open or section.verb is GuidanceAction.MAINTAINED:
        return section.verb if section.open else None
    return None if metric in SPENT else section.verb


def _basis_behind(after: str) -> str:
    """ "$2.00 on an adjusted basis": the rules named right behind the number."""
    match = _BASIS_BEHIND.match(after)
    return match.group() if match is not None else ""


def _ends(work: _Sentence, range_: Range, metric: Metric) -> Ends:
    return ends_of(work.text, work.tokens, range_, metric, work.span.start)


def _plain(metric: Metric) -> Metric:
    return Metric.EPS_DILUTED if metric is Metric.EPS_ADJUSTED else metric


def _clause_start(work: _Sentence, range_: Range) -> int:
    """Where the words that belong to this number begin: after the figure before it."""
    earlier = [t.span.end for t in work.tokens if t.is_figure and t.span.end <= range_.span.start]
    return max([work.span.start, *earlier])


def _metric(work: _Sentence, range_: Range, edge: int) -> tuple[Metric, Unit] | None:
    """The metric whose phrase stands between the number before and this one, nearest first;
    else right behind the number."""
    between = [p for p in work.phrases if edge <= p.start and p.end <= range_.span.start]
    for phrase in reversed(between):
        if phrase.metric is None:
            return None
        fit = _fits(work, phrase, range_)
        if fit is not None:
            near = range_.span.start - phrase.end <= _BEHIND
            return fit if fit[0] is not Metric.STORE_OPENINGS or near else None
    for phrase in work.phrases:
        gap = phrase.start - range_.span.end
        if 0 <= gap <= _BEHIND and not re.search(
            r"[.;,(]", work.text[range_.span.end : phrase.start]
        ):
            return _fits(work, phrase, range_)
    return None


def _fits(work: _Sentence, phrase: Named, range_: Range) -> tuple[Metric, Unit] | None:
    if phrase.metric is None:
        return None
    unit = unit_for(phrase.metric, range_)
    if unit is None:
        return None
    metric = metric_for(phrase, unit)
    name = work.text[phrase.start : phrase.end]
    behind = work.text[range_.span.end : range_.span.end + 40]
    if metric is Metric.OPERATING_MARGIN and is_growth_of_profit(name, behind):
        return None
    return (metric, unit) if metric is not None else None


def _period(work: _Sentence, range_: Range) -> tuple[Mention | None, tuple[Span, ...]]:
    """The period of a range and where it is named: right behind it, else before it in the
    sentence, else behind it, else by the section."""
    behind = [m for m in work.mentions if m.start >= range_.span.end]
    before = [m for m in work.mentions if m.end <= range_.span.start]
    if behind and re.fullmatch(
        r"\s*(?:for|in|during)\s+(?:the\s+|its\s+)?(?:full\s+)?",
        work.text[range_.span.end : behind[0].start],
        re.IGNORECASE,
    ):
        return behind[0], ()
    if before:
        return before[-1], ()
    if behind:
        return behind[0], ()
    if work.said is not None:
        return work.said, ()
    return work.section.mention, work.section.spans


def _ending(text: str, mention: Mention) -> date | None:
    match = _ENDING.match(text, mention.end)
    return parse_end(text[match.end() : match.end() + 20]) if match is not None else None
