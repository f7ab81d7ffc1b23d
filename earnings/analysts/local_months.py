"""The figures of a release of a month's sales: net sales, and comparable sales of the whole.

Only what is said of the month itself: sentences that name a longer stretch beside it, and
columns of one, are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from earnings.analysts.base import FigureDraft
from earnings.reading.base import Reading, Table
from earnings.reading.columns import lines
from earnings.reading.monthly import MONTH_NAMES, MONTH_STRETCH
from earnings.reading.release import ReleaseFacts
from earnings.regexes import lazy_regex
from earnings.sentences import sentences
from earnings.vocabulary import Metric, Period, Span, Unit

_LEAD = 6000
_SCALES = {"billion": 10**9, "million": 10**6, "thousand": 10**3}
_LONGER = lazy_regex(
    r"\b(?:(?!0?[45]\b)\d{1,2}|(?:twenty|thirty|forty|fifty)(?:[-\s][a-z]+)?|six|seven|eight|nine|"
    r"ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)[-\s]+weeks?\b"
    r"|year[-\s]to[-\s]date|\bquarter\b|\bmonths\b|\bfiscal\s+year\b|\bfirst\s+half\b",
    re.IGNORECASE,
)
_OTHER_SALES = lazy_regex(
    r"\b(?:online|e-?commerce|digital|same[-\s]store|comparable|segment|pharmacy|fuel|gasoline)\b"
    r"[\w\s-]{0,20}$",
    re.IGNORECASE,
)
_NET_SALES = lazy_regex(r"\b(?:net\s+|total\s+(?:company\s+)?)?sales\b", re.IGNORECASE)
_AMOUNT = lazy_regex(r"\$\s?(?P<digits>\d[\d,]*(?:\.\d+)?)\s*(?P<scale>billion|million|thousand)")
_FROM = lazy_regex(
    r"\b(?:from|compared\s+(?:to|with)|versus|vs\.?|against)\b[^$]{0,80}$", re.IGNORECASE
)
_COMPARABLE = lazy_regex(
    r"\b(?:comparable|same)[-\s]*(?:stores?|clubs?)?[-\s]*(?:net\s+)?sales\b", re.IGNORECASE
)
_MOVED = lazy_regex(
    r"\b(?P<verb>increas\w+|ris\w+|rose|grew|up|decreas\w+|declin\w+|fell|down|was|were)\b"
    r"(?:\s+by|\s+of)?\s+(?P<sign>[-−(])?(?P<digits>\d{1,2}(?:\.\d+)?)\)?\s*(?:%|percent)",
    re.IGNORECASE,
)
_DOWN = lazy_regex(r"decreas|declin|fell|down", re.IGNORECASE)
_EXCLUDING = lazy_regex(r"\bexclud|\badjust", re.IGNORECASE)
_WHOLE = lazy_regex(
    r"^(?:total|total\s+company|company|consolidated|total\s+comparable\s+sales)$", re.IGNORECASE
)


def month_drafts(reading: Reading, facts: ReleaseFacts) -> tuple[FigureDraft, ...]:
    """At most one of each metric."""
    if facts.period is None:
        return ()
    drafts = [*_sales(reading, facts.period), *_comparable(reading, facts.period)]
    found: dict[Metric, FigureDraft] = {}
    for draft in drafts:
        found.setdefault(draft.metric, draft)
    return tuple(found.values())


# ---- net sales --------------------------------------------------------------------------------


def _sales(reading: Reading, period: Period) -> Iterator[FigureDraft]:
    for span in _of_the_month(reading):
        words = reading.quote(span)
        for named in _NET_SALES.finditer(words):
            if _OTHER_SALES.search(words[: named.start()][-40:]):
                continue
            draft = _amounts(words, named.end(), span, period)
            if draft is not None:
                yield draft
            break


def _amounts(words: str, start: int, span: Span, period: Period) -> FigureDraft | None:
    """The first amount that is not what the month is compared with, and the one that is."""
    value: Decimal | None = None
    prior: Decimal | None = None
    for match in _AMOUNT.finditer(words, start):
        amount = Decimal(match["digits"].replace(",", "")) * _SCALES[match["scale"].lower()]
        is_prior = _FROM.search(words[start : match.start()][-100:]) is not None
        if is_prior and prior is None:
            prior = amount
        elif not is_prior and value is None:
            value = amount
    if value is None:
        return None
    return FigureDraft(Metric.NET_SALES, value, Unit.USD, period, words, prior=prior, span=span)


def _of_the_month(reading: Reading) -> Iterator[Span]:
    """Sentences of prose that speak of the month alone."""
    tables = [table.span for table in reading.tables]
    for span in sentences(reading.text, 0, _LEAD):
        words = reading.quote(span)
        if any(table.start <= span.start < table.end for table in tables):
            continue
        if MONTH_STRETCH.search(words) and not _LONGER.search(words):
            yield span


# ---- comparable sales -------------------------------------------------------------------------


def _comparable(reading: Reading, period: Period) -> Iterator[FigureDraft]:
    for table in reading.tables[:10]:
        before = reading.text[max(0, table.span.start - 300) : table.span.start]
        title = f"{before.rstrip().rpartition(chr(10))[2]} {table.title}"
        if _COMPARABLE.search(title) and not _EXCLUDING.search(title):
            yield from _from_table(table, period, reading)
    for span in _of_the_month(reading):
        words = reading.quote(span)
        named = _COMPARABLE.search(words)
        moved = _MOVED.search(words, named.end()) if named else None
        if moved is None or _EXCLUDING.search(words):
            continue
        value = Decimal(moved["digits"])
        is_down = moved["sign"] or _DOWN.search(moved["verb"])
        yield _percent(-value if is_down else value, span, period, reading)


def _from_table(table: Table, period: Period, reading: Reading) -> Iterator[FigureDraft]:
    for line in lines(table):
        for value in line.values:
            if value.amount.percent and _is_month(value.column.text):
                if _WHOLE.match(line.row.label.strip(" :*")):
                    yield _percent(value.amount.value, line.row.span, period, reading)
                break


def _is_month(heading: str) -> bool:
    is_named = re.fullmatch(rf"(?:{MONTH_NAMES})", heading.strip(), re.IGNORECASE)
    return bool(is_named or (MONTH_STRETCH.search(heading) and not _LONGER.search(heading)))


def _percent(value: Decimal, span: Span, period: Period, reading: Reading) -> FigureDraft:
    quote = reading.quote(span)
    return FigureDraft(Metric.COMPARABLE_SALES, value, Unit.PERCENT, period, quote, span=span)
