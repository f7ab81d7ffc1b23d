"""Who a document is from, which period it reports, and whether it reports results at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from earnings.reading import periods
from earnings.reading.base import Reading
from earnings.reading.columns import lines
from earnings.reading.issuer import issuer
from earnings.reading.known import known
from earnings.reading.monthly import month
from earnings.reading.own_period import ENDED, own_period
from earnings.regexes import lazy_regex
from earnings.vocabulary import Company, Period, PeriodKind

_OPENING = 9000  # characters in which a release says what it is
_HEADLINE = 1500


@dataclass(frozen=True)
class ReleaseFacts:
    """`period` is the document's own reporting period; `why_not` says, for a person, why
    `is_results` is False and is empty otherwise. Where the document reports a month's sales,
    `period` is that month."""

    issuer_name: str
    ticker: str | None
    exchange: str | None
    period: Period | None
    published: date | None
    is_results: bool
    why_not: str = ""
    is_told: bool = False  # its first lines say that a period's results or sales are reported


def describe(
    reading: Reading, published_at: datetime | None, company: Company | None = None
) -> ReleaseFacts:
    """Never raises; what cannot be told is None or empty. `company`: whose document it is, if
    known; its fiscal year rules out dates at which none of its quarters ends."""
    first = _opening(reading)
    opening = first.text
    name, ticker, exchange = first.issuer
    published = _published(opening, published_at)
    year_end = company.fiscal_year_end if company is not None else ""
    period = own_period(reading, opening, published, year_end)
    if reading.reader.startswith("sheet") or reading.speech is not None:
        return ReleaseFacts(name, ticker, exchange, period, published, True)
    why_not = _why_no_results(reading)
    if why_not == _NO_QUARTER and period is not None:
        why_not = ""
    if first.is_behind_cover and not why_not and not _names_quarter(_headline(opening)):
        why_not = _COVER_ONLY
    is_told = first.is_told
    if why_not == _OF_A_MONTH:
        told = month(opening, published)
        if told is not None:
            return ReleaseFacts(name, ticker, exchange, told, published, True, is_told=True)
    return ReleaseFacts(name, ticker, exchange, period, published, not why_not, why_not, is_told)


@dataclass(frozen=True)
class _Opening:
    """What a release begins with; of an 8-K, what its exhibit does."""

    text: str
    is_behind_cover: bool
    issuer: tuple[str, str | None, str | None]
    is_told: bool  # in its headlines: that it reports a quarter's results


@known
def _opening(reading: Reading) -> _Opening:
    opening = _prose(reading)[:_OPENING]
    cover = bool(_COVER.search(opening[:4000]))
    if cover:
        opening = _exhibit(reading) or opening
    return _Opening(opening, cover, issuer(opening), _is_told(opening))


_EXHIBIT = lazy_regex(r"^\s*(?:exhibit|ex-)\s*99(?:\.\d+)?\b.{0,20}$", re.I | re.M)
_COVER_ONLY = "it is an 8-K with its cover page, not an earnings release"


def _exhibit(reading: Reading) -> str:
    """What follows the cover of an 8-K filed for results (item 2.02): its exhibit 99."""
    text = reading.text
    if not re.search(r"\bitem\s+2\.02", text[:20_000], re.I):
        return ""
    match = _EXHIBIT.search(text, min(len(text), 1500))
    return text[match.end() : match.end() + _OPENING] if match else ""


def _prose(reading: Reading) -> str:
    """The text without its tables, as long as the opening may be."""
    parts: list[str] = []
    position, length = 0, 0
    for table in reading.tables:
        parts.append(reading.text[position : table.span.start])
        length += table.span.start - position
        position = table.span.end
        if length > _OPENING:
            break
    parts.append(reading.text[position : position + _OPENING])
    return "".join(parts)


_AFTER_DATELINE = lazy_regex(r"\s*(?:[–—/(]|--?\s|\)\s*[–—-]|\.\.\.|…|\n|$|:\s)")


def _published(opening: str, published_at: datetime | None) -> date | None:
    if published_at is not None:
        return published_at.date()
    found = [
        d
        for d in periods.dates(opening[:4000])
        if not ENDED.search(opening[max(0, d.start - 40) : d.start])
    ]
    for dated in found:
        if _AFTER_DATELINE.match(opening[dated.end : dated.end + 12]):
            return dated.day
    return found[0].day if found else None


# ---- whether it reports results ---------------------------------------------------------------

_COVER = lazy_regex(
    r"current\s+report\s+pursuant\s+to\s+section\s+13|"
    r"form\s+8-k\b.{0,400}securities\s+exchange\s+act",
    re.I | re.S,
)
_MONTHLY = lazy_regex(
    r"\b(?:sales|results)\s+(?:results?\s+)?(?:for|of|in)\s+(?:the\s+)?(?:month|"
    r"four[-\s]week|five[-\s]week|4[-\s]week|5[-\s]week|retail\s+month|"
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december))\b"
    r"|\b(?:january|february|march|april|may|june|july|august|september|october|november|"
    r"december)\s+(?:sales|comparable)\b"
    r"|\bmonthly\s+sales\b|\bholiday\s+(?:season\s+)?sales\b|\b(?:four|five|4|"
    r"5)[-\s]+week\s+(?:period|month)\b",
    re.I,
)
_RESULTS = lazy_regex(
    r"\b(?:results|earnings|(?:net\s+)?(?:income|loss)|eps|revenues?|sales|"
    r"record\s+\w+\s+quarter)\b",
    re.I,
)
_REPORTING = lazy_regex(
    r"\b(?:report(?:s|ed|ing)?|announc(?:es|ed|ing)|deliver(?:s|ed)|post(?:s|ed)|results|"
    r"releases)\b",
    re.I,
)
# "... reported its first quarter on May 21": of another day, in a document about something else.
_BACK = lazy_regex(
    r"\b(?:reported|announced|released)\b[^.]{0,60}\bon\s+"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2}\b",
    re.I,
)
_OTHER_NEWS = lazy_regex(
    r"\b(?:declares?|dividend|appoint(?:s|ed|ment)|names|elects?|promotes?|retire(?:s|ment)|opens|"
    r"to\s+open|offering|notes\s+due|pric(?:es|ing)|acquires?|merger|completes|settlement|"
    r"(?:investors?|analysts?|capital\s+markets)\s+day)\b",
    re.I,
)
_RECAST = lazy_regex(
    r"\b(?:updated\s+financials|recast|revised\s+(?:historical|segment)|"
    r"historical\s+(?:segment|financial))\b",
    re.I,
)
_ONLY_ANNOUNCES = lazy_regex(
    r"\b(?:to\s+(?:report|announce|release|host|webcast)|will\s+(?:report|announce|"
    r"release|host)|sets?\s+date|schedules?)\b",
    re.I,
)
_MEASURE = lazy_regex(
    r"per\s+(?:\w+\s+){0,2}share|\beps\b|net\s+(?:income|earnings|loss|sales|revenues?)|"
    r"total\s+revenues?",
    re.I,
)


_OF_A_MONTH = "it reports the sales of a month or a season, not the results of a quarter"
_NO_QUARTER = "it names no quarter it reports on"


def _is_told(opening: str) -> bool:
    return any(_reports(line) for line in opening[:_HEADLINE].split("\n")[:6])


@known
def _why_no_results(reading: Reading) -> str:
    """By its words and tables alone; "" if it reports results."""
    opening = _opening(reading).text
    head = opening[:_HEADLINE]
    if _COVER.search(opening[:4000]):
        return _COVER_ONLY
    told = _opening(reading).is_told
    statements = _income_statements(reading, least=2 if told else 3)
    quarterly = _names_quarter(head) or _names_quarter(opening[:4000])
    if _MONTHLY.search(head) and not _names_quarter(_headline(opening)) and statements == 0:
        return _OF_A_MONTH
    if _RECAST.search(head) and not _names_quarter(_headline(opening)):
        return "it restates earlier periods, it does not report a new one"
    if statements:
        return "" if quarterly else _NO_QUARTER
    if _ONLY_ANNOUNCES.search(_headline(opening)) and not reading.tables:
        return "it announces when results will come, not what they are"
    other = _OTHER_NEWS.search(_headline(opening))
    if other is not None and not told:
        return f'its headline is about something else ("{other[0].lower()}")'
    if not (quarterly and any(_reports(s) for s in re.split(r"\n|(?<=[.!?])\s", head))):
        return "it does not say that it reports a quarter's results"
    if len(_MEASURE.findall(opening)) < 2 or "$" not in opening:
        return "it states no sales, income or earnings per share for a quarter"
    return ""


def _reports(sentence: str) -> bool:
    """Whether one sentence or headline names the quarter and says that its results are told."""
    return (
        _names_quarter(sentence)
        and _REPORTING.search(sentence) is not None
        and _BACK.search(sentence) is None
        and _RESULTS.search(_REPORTING.sub(" ", sentence, count=1)) is not None
    )


def _headline(opening: str) -> str:
    lines_ = [line for line in opening[:_HEADLINE].split("\n") if len(line) > 12]
    return " ".join(lines_[:4])[:600]


def _names_quarter(text: str) -> bool:
    return periods.quarter_number(text) is not None or periods.kind(text) in (
        PeriodKind.QUARTER,
        PeriodKind.YEAR,
    )


_INCOME_ROW = lazy_regex(
    r"^(?:total\s+|consolidated\s+)*(?:net\s+)?(?:operating\s+|gross\s+)?"
    r"(?:sales|revenues?|income|loss|\(loss\)|earnings|profit|margin)\b|^cost\s+of|"
    r"per\s+(?:common\s+)?share|^diluted\b|\beps\b",
    re.I,
)


def _income_statements(reading: Reading, least: int) -> int:
    """Tables with a quarter's columns and at least `least` rows an income statement has."""
    count = 0
    for table in reading.tables[:80]:
        rows = 0
        for line in lines(table):
            if any(v.column.kind is PeriodKind.QUARTER for v in line.values):
                rows += bool(_INCOME_ROW.search(line.row.label.strip()))
        count += rows >= least
    return count
