"""Which sentences report the company's own past quarter, and what they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from earnings.analysts.local_expected import Lists
from earnings.analysts.local_subjects import COMPARABLE, PART, REVENUE, SALES
from earnings.keyed import Keyed
from earnings.reading import periods
from earnings.reading.base import Reading
from earnings.regexes import lazy_regex
from earnings.sentences import sentences
from earnings.vocabulary import PeriodKind, Span

MAX_CHARACTERS = 30_000  # of prose; what comes later is definitions and boilerplate
_ENOUGH = 700  # characters of a sentence
_HEADING = 110
_TITLE = 1200  # characters: headlines announce everything that follows, they head no section
_STOP = lazy_regex(
    r"^\W*(?:about\s+[A-Z]|forward[- ]looking|cautionary|safe\s+harbor|"
    r"non-?gaap\s+(?:financial\s+)?(?:measures|information)|"
    r"use\s+of\s+non-?gaap|conference\s+call|definitions?\b)",
    re.I,
)
_ELSEWHERE = lazy_regex(
    r"\b(?:segments?|division|outlook|guidance|business\s+update|by\s+(?:brand|segment|"
    r"banner)|store\s+update|"
    r"subsequent|second\s+half|two-year|dividend|domestic|international|brands?)\b",
    re.I,
)
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
)
_OTHER_SPAN = Keyed(
    "trailing last past ltm year month week date far january february march april may june "
    "july august september october november december",
    r"\b(?:trailing|last|past)\s+(?:twelve|12|four)\b|\bltm\b|\btwo-year\b|\bthree-year\b|"
    r"\b(?:for|in|during)\s+(?:the\s+)?(?:month|(?:four|five|4|5)[-\s]weeks?)\b|\bmonthly\b|"
    r"\b(?:quarter|month)[-\s]to[-\s]date\b|\bso\s+far\b|\b(?:each|every)\s+month\b|"
    rf"\b(?:in|for|during|with|through)\s+(?:fiscal\s+|early\s+|late\s+|mid-)?{_MONTH}\b(?!\s*\d{{1,2}},?\s+20)",
)


_OF_YEAR = Keyed(
    "year 20",
    r"^\W*(?:for|in|during)\s+(?:the\s+year|20\d\d)\b"
    r"|^(?:(?!compared|versus|\bvs\b|against|from).)*\bfor\s+the\s+(?:full\s+)?(?:fiscal\s+)?year\b"
    r"|^(?:(?!compared|versus|\bvs\b|against|from).)*\b(?:for|in|during|"
    r"of)\s+(?:fiscal\s+)(?:year\s+)?20\d\d\b",
)


@dataclass(frozen=True)
class Sentence:
    span: Span
    kind: PeriodKind  # QUARTER or YEAR


def reported(reading: Reading) -> Iterator[Sentence]:
    """Sentences outside tables that report a quarter or a year, by their own words or by the
    heading they stand under."""
    section: PeriodKind | None = PeriodKind.QUARTER
    outlook = Lists()
    read = 0
    apart = False  # the paragraph is about a part of the company
    spoken: PeriodKind | None = None  # the period that the paragraph's last sentence named
    for start, end in _gaps(reading):
        for span, opens in _sentences(reading.text, start, end):
            text = reading.text[span.start : span.end]
            apart = _is_apart(text) if opens else apart
            spoken = _named_kind(text) or (None if opens else spoken)
            if _STOP.match(text) and read > 600:
                return
            read += len(text)
            if read > MAX_CHARACTERS:
                return
            if _is_heading(text):
                outlook.heading(text, on_top=span.start < _TITLE)
                section = _section(text) if span.start > _TITLE else PeriodKind.QUARTER
                continue
            expected = outlook.sentence(text, opens)
            kind = None if expected else _kind(text, section, spoken)
            if kind is not None and len(text) <= _ENOUGH and not apart:
                yield Sentence(span, kind)


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[Span, bool]]:
    """Sentences line by line, as a reader puts each paragraph on one line; True: it opens it."""
    for line in re.finditer(r"[^\n]+", text[start:end]):
        for number, span in enumerate(sentences(text, start + line.start(), start + line.end())):
            yield span, number == 0


_NAMED = lazy_regex(r"^[\s•·▪*\-–—]*(?P<name>[A-Z][\w.&'’ -]{1,40}):\s")
_OWN_NAME = lazy_regex(
    r"quarter|results|highlights?|compan|total|consolidated|sales|income|earnings|eps|"
    r"revenue|margin|gaap|profit",
    re.I,
)


_WIRE = Keyed("wire", r"\b(?:business\s*wire|globe\s*newswire|pr\s*newswire)\b")


def _is_apart(opening: str) -> bool:
    """Whether a paragraph is about a part: "Outlets: net sales were", "Outlet net sales of"."""
    opening = _WIRE.sub(" ", opening)
    named = _NAMED.match(opening)
    if named is not None and not _OWN_NAME.search(named["name"]):
        return True
    first = min(
        (m for p in (SALES, REVENUE, COMPARABLE) if (m := p.search(opening))),
        key=lambda match: match.start(),
        default=None,
    )
    return first is not None and PART.search(opening[: first.start()]) is not None


def _gaps(reading: Reading) -> Iterator[tuple[int, int]]:
    position = 0
    for table in reading.tables:
        if table.span.start > position:
            yield position, table.span.start
        position = max(position, table.span.end)
    yield position, len(reading.text)


def _is_heading(text: str) -> bool:
    return (
        len(text) <= _HEADING
        and not re.search(r"[$%]|\bpercent\b|\bper\s+share\b|[.:]$", text)
        and "•" not in text
    )


def _section(heading: str) -> PeriodKind | None:
    """What the sentences under a heading report: None for what is no report of the company."""
    if _ELSEWHERE.search(heading):
        return None
    kind = periods.kind(heading)
    if kind is PeriodKind.YEAR and periods.quarter_number(heading) is None:
        return PeriodKind.YEAR
    return None if kind is PeriodKind.YEAR_TO_DATE else PeriodKind.QUARTER


_YEAR_AGO = lazy_regex(
    r"^\W*(?:(?:this|that|these|those)\s+(?:\w+\s+)?compares?\b|(?:by\s+comparison|comparatively)\b|"
    r"(?:in|for|during)\s+(?:the\s+)?(?:(?:same|comparable)\s+(?:\w+\s+){1,2}(?:last|a\s+year|of\s+the\s+prior)|"
    r"(?:prior|previous|last)[-\s](?:fiscal\s+)?(?:year|quarter))|"
    r"(?:last|prior|previous)[-\s]year)",
    re.I,
)


def _kind(text: str, section: PeriodKind | None, spoken: PeriodKind | None) -> PeriodKind | None:
    """The period a sentence reports: by its own words, by those before it in its paragraph, by
    its section; None where that is neither the quarter nor the year."""
    if _OTHER_SPAN.search(text) or _YEAR_AGO.match(text) or section is None:
        return None
    kind = spoken or section
    return None if kind is PeriodKind.YEAR_TO_DATE else kind


def _named_kind(text: str) -> PeriodKind | None:
    """The period that a sentence names itself."""
    kind = periods.kind(text)
    if kind is PeriodKind.YEAR_TO_DATE:
        return kind
    quarter = periods.quarter_number(text) is not None or "quarter" in text.lower()
    if quarter or kind is PeriodKind.QUARTER:
        return PeriodKind.QUARTER
    if kind is PeriodKind.YEAR or _OF_YEAR.search(text):
        return PeriodKind.YEAR
    return None
