"""The words of guidance: which metric a phrase names, by which rules, and with which verb.

A guided "earnings per share" with non-GAAP words about it (adjusted, core, excluding) is
EPS_ADJUSTED on an adjusted basis; with "GAAP" it is EPS_DILUTED on a GAAP basis; with neither it
is EPS_DILUTED and the basis stays unstated. Parts of a company (a segment, a country, a
channel) and things that are none of our metrics are known too, so that their numbers are
not taken for the whole company's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from earnings.regexes import lazy_regex
from earnings.vocabulary import Basis, GuidanceAction, Metric, Unit


@dataclass(frozen=True)
class Named:
    """A metric phrase in a text; `metric` None names something that is not ours."""

    metric: Metric | None
    start: int
    end: int


_SALES = r"(?:net\s+|total\s+|company\s+|consolidated\s+)*sales"
_REVENUE = r"(?:net\s+|total\s+|company\s+|consolidated\s+)*revenues?(?!\s+ex-)"
_STORES = r"(?:stores?|warehouses?|clubs?|restaurants?|shops?|locations?|showrooms?|units)"
_PHRASES: tuple[tuple[str, tuple[Metric, ...]], ...] = (
    (
        r"(?:net\s+)?(?:earnings|income|loss|profit)\s+(?:from\s+continuing\s+operations\s+)?per\s+"
        r"(?:(?:diluted|basic|common)\s+)*share|(?:diluted\s+)?\beps\b|diluted\s+earnings",
        (Metric.EPS_DILUTED,),
    ),
    (
        r"(?:comparable|comp|same|identical|like-for-like)(?:[\s-]+(?:store|stores|club|restaurant|"
        r"brand|retail|owned|total|company|o\+l(?:\+m)?))*[\s-]+sales|\bcomps\b|like-for-likes?|"
        r"(?:comparable|comp)(?:\s+(?:store|brand|revenues?|sales)){0,2}\s+growth",
        (Metric.COMPARABLE_SALES,),
    ),
    (r"(?:effective\s+|annual\s+)*(?:income\s+)?tax\s+rate", (Metric.TAX_RATE,)),
    (
        r"operating\s+(?:profit\s+|income\s+)?(?:margin|rate)|operating\s+(?:income|profit)\s+as\s+an?\s+"
        r"(?:percent(?:age)?|rate|%)\s+(?:of|to)\s+(?:net\s+)?(?:sales|revenues?)",
        (Metric.OPERATING_MARGIN,),
    ),
    (r"operating\s+(?:income|profit)", (Metric.OPERATING_INCOME, Metric.OPERATING_MARGIN)),
    (
        r"net\s+(?:income|earnings)|(?:earnings|income)\s+from\s+continuing\s+operations",
        (Metric.NET_INCOME, Metric.EPS_DILUTED),
    ),
    (r"gross\s+(?:profit\s+)?(?:margin|rate)(?:\s+rate)?", (Metric.GROSS_MARGIN,)),
    (
        r"capital\s+(?:expenditures?|spending|investments?|expenses|projects)|\bcapex\b",
        (Metric.CAPITAL_EXPENDITURE,),
    ),
    (
        r"(?:share|stock)\s+(?:re-?purchases?|buy-?backs?)|re-?purchases?\s+of\s+(?:\w+\s+){0,3}"
        r"(?:shares|stock)|re-?purchas(?:e|ing)\s+(?:of\s+)?|buy-?backs?",
        (Metric.SHARE_REPURCHASES,),
    ),
    (
        rf"(?:net\s+)?new\s+(?:(?!and\b|or\b|in\b|of\b)[\w'’&]+\s+){{0,2}}{_STORES}|(?:new\s+)?{_STORES}\s+openings",
        (Metric.STORE_OPENINGS,),
    ),
    (
        rf"(?:{_SALES}|{_REVENUE}|organic|year-over-year|y/y)(?:\s+[\w./-]+){{0,3}}\s+growth",
        (Metric.SALES_GROWTH,),
    ),
    (_REVENUE, (Metric.TOTAL_REVENUE, Metric.SALES_GROWTH)),
    (_SALES, (Metric.NET_SALES, Metric.SALES_GROWTH)),
)
_NOT_OURS = (
    r"depreciation|amortization|interest|ebitda?r?|cash\s+flows?|sg&a|selling,?\s+general|"
    r"expenses?|dividends?|debt|leverage|charges?|savings|inventor(?:y|ies)|share\s+count|"
    r"shares\s+outstanding|(?:weighted|average)[\w\s]{0,20}shares|square\s+(?:feet|foot(?:age)?)|"
    r"gmv|gross\s+merchandise|remodels?|remodeling|relocat\w+|clos(?:e|es|ing|ures?)\b|synerg\w+|"
    r"53rd\s+week|extra\s+week|additional\s+week|tariffs?|headwinds?|tailwinds?|currency\s+impact|"
    r"restructuring|wages?|gross\s+profit|authorization|"
    r"market\s+share|penetration|traffic|transactions?|average\s+ticket|membership\s+fees?|"
    r"cost\s+of\s+(?:sales|goods)|per\s+gallon|impact\s+of|dilutive|accretive|benefits?|"
    r"impacts?|contribut\w+|accretion|dilution"
)
_NAMES = lazy_regex(
    "|".join(
        [rf"(?P<m{i}>\b(?:{pattern}))" for i, (pattern, _) in enumerate(_PHRASES)]
        + [rf"(?P<other>\b(?:{_NOT_OURS}))"]
    ),
    re.IGNORECASE,
)
_UNITS = {
    Unit.PERCENT: frozenset(
        {
            Metric.COMPARABLE_SALES,
            Metric.SALES_GROWTH,
            Metric.OPERATING_MARGIN,
            Metric.GROSS_MARGIN,
            Metric.TAX_RATE,
        }
    ),
    Unit.USD: frozenset(
        {
            Metric.NET_SALES,
            Metric.TOTAL_REVENUE,
            Metric.OPERATING_INCOME,
            Metric.NET_INCOME,
            Metric.CAPITAL_EXPENDITURE,
            Metric.SHARE_REPURCHASES,
        }
    ),
    Unit.USD_PER_SHARE: frozenset({Metric.EPS_DILUTED, Metric.EPS_ADJUSTED}),
    Unit.COUNT: frozenset({Metric.STORE_OPENINGS}),
}
_PART = lazy_regex(
    r"\b(?:domestic|international|u\.?s\.?|united\s+states|north\s+america\w*|canad\w+|mexic\w+|"
    r"europe\w*|asia\w*|china|online|digital\w*|e-?commerce|pharmacy|fuel|gasoline|segment\w*|"
    r"wholesale|franchis\w*|outlets?|retail\s+media|advertising|licens\w+|credit\s+card|"
    r"direct-to-consumer|dtc|product|services|banner|division|brand|two-year|stacked?|three-year)\s+"
    r"(?:(?:net|total|segment|store|comparable|same-store)\s+){0,2}$",
    re.IGNORECASE,
)
_WHOLE = lazy_regex(
    r"(?:The|Company|Total|Enterprise|Consolidated|Net|Full|Year|Fiscal|Adjusted|Non-GAAP|GAAP|"
    r"FY[0-9]*|Q[1-4]|Quarter|Diluted|Expects?|Raises|Now|Annual|Company-Wide|Overall|And|Of|For|"
    r"FIFO|LIFO|Reaffirms|Maintains|Lowers|Updated?|Guidance|Outlook|Inc|Corp|To|In|Its|Comparable|Same)\b",
)
_PROPER = lazy_regex(r"(?:^|[^.!?•:|\n]\s)((?:[A-Z][\w'’&.-]*\s+){1,3})$")
_ADJUSTED = lazy_regex(
    r"\b(?:non-?\s?gaap|adjusted|core|excluding|exclusive\s+of|before\s+special)\b", re.IGNORECASE
)
_GAAP = lazy_regex(r"(?<!non-)(?<!non)(?<!non\s)\bgaap\b", re.IGNORECASE)
_CONSTANT = lazy_regex(
    r"\b(?:constant[\s-]currenc\w+|fx-?\s?neutral|currency[\s-]neutral)", re.IGNORECASE
)
_VERBS: tuple[tuple[GuidanceAction, str], ...] = (
    (GuidanceAction.WITHDRAWN, r"withdr[ae]w\w*|suspend(?:s|ed|ing)?|rescind\w*"),
    (
        GuidanceAction.MAINTAINED,
        r"(?:re)?affirm(?:s|ed|ing)?|reiterat(?:es?|ed|ing)|maintain(?:s|ed|ing)?|"
        r"confirm(?:s|ed|ing)?|continues?\s+to\s+(?:expect|anticipate|forecast|assume|project|plan)|"
        r"unchanged|"
        r"no\s+change|still\s+expects?",
    ),
    (GuidanceAction.NARROWED, r"narrow(?:s|ed|ing)?|tighten(?:s|ed|ing)?"),
    (
        GuidanceAction.RAISED,
        r"rais(?:es?|ed|ing)|increas(?:es|ed|ing)\s+(?:its|our|the|full|fiscal|guidance|outlook)|"
        r"lift(?:s|ed|ing)?|upward|boost(?:s|ed|ing)?",
    ),
    (
        GuidanceAction.LOWERED,
        r"lower(?:s|ed|ing)\s+(?:its|our|the|full|fiscal|guidance|outlook|\w+\s+guidance)|"
        r"reduc(?:es|ed|ing)\s+(?:its|our|the|full|fiscal|guidance|outlook)|cut(?:s|ting)?|downward",
    ),
)
_VERB = lazy_regex(
    "|".join(rf"(?P<v{i}>\b(?:{pattern})\b)" for i, (_, pattern) in enumerate(_VERBS)),
    re.IGNORECASE,
)


_MARGIN_WORDS = lazy_regex(r"margin|rate|percent|%", re.IGNORECASE)
_OF_SALES = lazy_regex(r"\s*(?:of|to)\s+(?:total\s+|net\s+)*(?:sales|revenues?)\b", re.IGNORECASE)


def is_growth_of_profit(name: str, behind: str) -> bool:
    """ "Operating income up 3.5% to 5.5%": a percentage of it is a margin only if it says so."""
    return not _MARGIN_WORDS.search(name) and not _OF_SALES.match(behind)


OUTLOOK = lazy_regex(
    r"\b(?:outlook|guidance|expect(?:ed|s|ations?)|forecast|projected|anticipates?|plans\s+to)\b",
    re.IGNORECASE,
)
_OUTLOOK_HEADING = lazy_regex(
    r"^\W*(?:(?:(?:the|our|company(?:['’]s)?|business|financial|full|fiscal|calendar|annual|year|"
    r"updated|current|initial|revised|long[-\s]term|preliminary|first|second|third|fourth|quarter|"
    r"half|remaining|and|of|for|fy|q[1-4]|[1-4]q|h[12]|[12]h|metric|end(?:ing|ed)|january|february|"
    r"march|april|may|june|july|august|september|october|november|december|20[0-9]{2}|fy\s?[0-9]{2})\b|"
    r"[0-9]{1,2}\b)[\s,’'\-–—]*)*"
    r"(?:outlook|guidance|expectations|targets|ranges|forecast)\b"
    r"(?:\W|\b(?:summary|for|the|fiscal|full|year|quarter|20[0-9]{2}|fy|first|second|third|fourth|"
    r"of|and|q[1-4])\b|\([^()]*\))*$",
    re.IGNORECASE,
)


def names_outlook(heading: str) -> bool:
    """Whether a heading is the name of an outlook ("Fiscal 2026 Guidance"); a headline that
    speaks of one ("Company raises full-year outlook") is none."""
    return len(heading) <= 120 and _OUTLOOK_HEADING.match(heading) is not None


def names(text: str, start: int, end: int) -> tuple[Named, ...]:
    """Every phrase of text[start:end] that a number may belong to, left to right."""
    found = []
    for match in _NAMES.finditer(text, start, end):
        key = match.lastgroup or "other"
        metric = None if key == "other" else _PHRASES[int(key[1:])][1][0]
        if metric is not None and _is_part(text, max(start, match.start() - 60), match.start()):
            metric = None
        found.append(Named(metric, match.start(), match.end()))
    return tuple(found)


def metric_for(named: Named, unit: Unit) -> Metric | None:
    """The metric that `named` means beside a number of `unit`: sales in percent are a growth."""
    if named.metric is None:
        return None
    options = next(all_ for _, all_ in _PHRASES if all_[0] is named.metric)
    return next((metric for metric in options if metric in _UNITS[unit]), None)


def basis_in(text: str) -> Basis:
    """The rules that the words about a number name; the last named counts."""
    marks = [
        (match.start(), basis)
        for pattern, basis in (
            (_ADJUSTED, Basis.ADJUSTED),
            (_GAAP, Basis.GAAP),
            (_CONSTANT, Basis.CONSTANT_CURRENCY),
        )
        for match in pattern.finditer(text)
    ]
    return max(marks)[1] if marks else Basis.UNSTATED


def verb_in(text: str) -> GuidanceAction | None:
    """The one move that the verbs of `text` speak of; None for none or for several."""
    found = {_VERBS[int((m.lastgroup or "v0")[1:])][0] for m in _VERB.finditer(text)}
    return found.pop() if len(found) == 1 else None


def _is_part(text: str, start: int, end: int) -> bool:
    """Whether the words before a phrase make it a part of the company's."""
    before = text[start:end]
    if _PART.search(before):
        return True
    proper = _PROPER.search(before)
    if proper is None:
        return False
    words = proper[1].split()
    return not any(_WHOLE.match(word) or word.endswith((".", ",")) for word in words)


_PART_ANYWHERE = lazy_regex(
    r"\b(?:domestic|international|u\.?s\.|united\s+states|north\s+america|canada|mexico|europe|online|"
    r"digital|e-?commerce|product|pharmacy|fuel\s+sales|segment|wholesale|two-year|stack)\b",
    re.IGNORECASE,
)


def row_name(label: str) -> Named | None:
    """What a table row's label names for the whole company; None for parts and other things."""
    found = names(label, 0, len(label))
    if not found or found[0].metric is None or _PART_ANYWHERE.search(label):
        return None
    return found[0]
