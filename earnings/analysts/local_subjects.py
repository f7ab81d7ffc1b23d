"""What the words before a number are about: the company's own measure, or something else.

Only a measure that leads its clause counts: "For the quarter, net sales rose 5% to" does,
"Driven by outlet sales of" does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from earnings.keyed import Keyed
from earnings.regexes import lazy_regex
from earnings.vocabulary import Metric

_QUARTER = (
    r"(?:(?:fiscal\s+)?(?:20\d\d\s+)?(?:first|second|third|fourth|1st|2nd|3rd|"
    r"4th)[-\s]+(?:fiscal\s+)?quarter"
    r"(?:'s|’s)?(?:\s+(?:of\s+)?(?:fiscal\s+)?(?:year\s+)?(?:20\d\d|fy\s?\d\d))?|"
    r"q[1-4](?:\s+(?:fiscal\s+)?(?:20\d\d|fy\s?\d\d|'\d\d))?"
    r"|quarterly|13[-\s]week\s+period|(?:the\s+)?quarter)"
)
_LONGER = (
    r"quarter\s+ended\s+\w+\s+\d+,\s+20\d\d|full[-\s](?:fiscal[-\s])?year|(?:at|as\s+of)\s+(?:the\s+)?(?:(?:quarter|year)[-\s]end|end\s+of\s+(?:the|fiscal)\s+(?:\w+\s+)?(?:quarter|year|20\d\d))|fiscal\s+20\d\d|twelve\s+months|"
    r"5[23]\s+weeks|excluding\s+[^,;]{0,250}(?=,)|on\s+an?\s+adjusted\s+basis|company['’]s"
)
_WORDS = (
    "for in during as and with the a an our its we company companies reported reports announces "
    "announced posted posts delivered delivers achieved generated record total consolidated "
    "enterprise global worldwide overall gaap strong solid results of fiscal ended compared to "
    "resulted today produced drove driven by also continued including on basis reporting "
    "financial highlights highlight increase decrease growth decline adjusted non-gaap diluted "
    "net year"
)
# atomic and possessive, the longest alternatives first: a hostile sentence costs one pass
_LEAD = lazy_regex(
    r"^[\s•·▪*\-–—“\"()]*+(?:o\s+)?+(?>(?>"
    + "|".join([_LONGER, _QUARTER, r"20\d\d", *sorted(_WORDS.split(), key=len, reverse=True)])
    + r")\b[\s,:\-–—;()“”\"]*+)*+$",
    re.I,
)
SALES = Keyed("sales", r"\b(?:total\s+)?(?:net\s+)?sales\b(?!\s+(?:growth|comp))")
REVENUE = Keyed("revenue", r"\b(?:total\s+|consolidated\s+)?(?:net\s+)?revenues?\b(?!\s+growth)")
_GROSS = Keyed("gross", r"\bgross\s+(?:profit|margin)\b(?!\s+(?:rate|as|percent))")
_OPERATING = Keyed(
    "operating operations",
    r"\b(?:operating\s+(?:income|profit|loss|earnings)|(?:income|loss)\s+from\s+operations)\b",
)
_NET = Keyed(
    "net",
    r"\bnet\s+(?:income|earnings|loss|profit|\(loss\)\s+income|income\s+\(loss\))\b(?!\s+per)",
)
_INVENTORY = Keyed(
    "inventor",
    r"\b(?:total\s+|merchandise\s+)*inventor(?:y|ies)\b(?:\s+levels)?(?:,?\s+(?:at\s+cost|net),?)?"
    r"(?!\s+(?:per|turn|reserve|loss|shrink))",
)
_SUBJECTS = (
    (SALES, Metric.NET_SALES, 1),
    (REVENUE, Metric.TOTAL_REVENUE, 1),
    (_GROSS, Metric.GROSS_PROFIT, 0),
    (_OPERATING, Metric.OPERATING_INCOME, 0),
    (_NET, Metric.NET_INCOME, 2),
    (_INVENTORY, Metric.INVENTORY, 0),
)
_PER_SHARE = Keyed(
    "share eps",
    r"\b(?:(?:adjusted|non-?\s?gaap|gaap|core)\s+)*(?:diluted\s+|"
    r"basic\s+)?(?:net\s+)?(?:(?:earnings|income|loss|\(loss\)|profit|or|/)\s*)+"
    r"(?:from\s+continuing\s+operations\s+)?per\s+(?:diluted\s+|basic\s+|common\s+|"
    r"ordinary\s+)*share(?:\s*[-–,]?\s*(?:diluted|basic)\b)?"
    r"(?:\s*\((?:[“\"]?(?:adjusted\s+|diluted\s+)?eps[”\"]?|loss)\))?"
    r"|\b(?:(?:adjusted|non-?\s?gaap|gaap|core|diluted|basic)\s+)*eps\b(?:\s*\(\w+\))?",
)
COMPARABLE = lazy_regex(
    r"\b(?:(?:total|consolidated|enterprise|company|global|worldwide|"
    r"overall)\s+)*(?:comparable|comp|same[- ]store|identical|like-for-like)"
    r"(?:[- ](?P<of>store|stores|club|clubs|retail|restaurant|location))?\s*(?:net\s+)?"
    r"(?:(?:brand\s+)?revenues?|sales|growth)\b"
    r"(?:\s+(?:growth|change|results?))?(?:\s*\([^)]{0,120}\))?",
    re.I,
)
_MARGIN = Keyed(
    "gross",
    r"\bgross\s+(?:profit|margin)(?:\s+(?:rate|percentage)|"
    r",?\s+as\s+a\s+percent(?:age)?\s+of\s+(?:net\s+)?(?:sales|revenues?),?)?",
)
PART = lazy_regex(
    r"\b(?:segments?|divisions?|banners?|brands?|domestic|international|u\.s\.|canada|"
    r"europe|online|digital|e-?commerce|"
    r"excluding|outlet|wholesale|licens\w+|stores\s+(?:only|in)|category|categories|"
    r"constant\s+currency|organic|two-year|"
    r"business(?:es)?|products?|services?|fuel|membership|owned|nameplates?|concepts?)\b",
    re.I,
)
_KINDS_OF_COMPS = Keyed(
    "sales",
    r"\b(?:comparable|comp|same[- ]store|identical)[- ](?:stores?[- ])?"
    r"(?P<of>retail|restaurants?|clubs?|pharmacy|front[- ]end|fuel|online|digital|wholesale)\s+"
    r"sales",
)
_SHARE_OF_SALES = lazy_regex(r"[^\S\n]*(?:of|to)\s+(?:total\s+|net\s+)*(?:sales|revenues?)\b", re.I)
_ADJUSTED_COMPS = lazy_regex(r"\b(?:excluding|without|ex-|adjusted|constant|less\s+fuel)\b", re.I)


_OTHER_MEASURE = lazy_regex(
    r"\b(?:earnings|income|profit|ebitda|expenses?|losses|loss|charges?|costs?|margin|inventor(?:y|ies)|"
    r"benefits?|gains?|credits?|debt|cash|dividends?|impairments?)\b",
    re.I,
)


@dataclass(frozen=True)
class Subject:
    metric: Metric
    start: int
    end: int
    rank: int


_CLAUSE = lazy_regex(r"[;:]\s|,\s+(?:and|while|with)\s|\b(?:today|announced|reported)\b", re.I)
_NEXT_MEASURE = lazy_regex(r"[;:,]\s|\sand\s|\b(?:today|announced|reported)\b", re.I)


def leads_in(text: str) -> bool:
    """Whether nothing but "For the first quarter, the Company reported" stands before."""
    clause = _CLAUSE.split(text)[-1]
    return bool(_LEAD.match(clause)) or bool(_LEAD.match(text))


def subject_of(before: str) -> Subject | None:
    """The company's own measure that a number belongs to: the last named before it, and only
    if that leads its clause."""
    found = None
    for pattern, metric, rank in _SUBJECTS:
        for match in pattern.finditer(before):
            if found is None or match.start() > found.start:
                found = Subject(metric, match.start(), match.end(), rank)
    if found is None or not leads_in(before[: found.start]):
        return None
    return None if _OTHER_MEASURE.search(before, found.end) else found


def per_share_subject(before: str) -> Subject | None:
    last = None
    for match in _PER_SHARE.finditer(before):
        last = match
    if last is None:
        return None
    lead = before[: last.start()]
    if not leads_in(lead) and not _LEAD.match(_NEXT_MEASURE.split(lead)[-1]):
        return None
    return Subject(Metric.EPS_DILUTED, last.start(), last.end(), 0)


def margin_subject(before: str) -> int | None:
    for match in _MARGIN.finditer(before):
        if leads_in(before[: match.start()]):
            return match.end()
    return None


def gross_share(before: str, after: str) -> bool:
    """Whether a percentage is gross profit's share of sales: "$146.7 million, or 36.5% of"."""
    if not _SHARE_OF_SALES.match(after):
        return False
    subject = subject_of(before)
    return subject is not None and subject.metric is Metric.GROSS_PROFIT


def several_comparables(text: str) -> bool:
    """Whether a document has comparable sales for each of several lines of business: then
    "comparable retail sales" are not the company's."""
    kinds = {match["of"].lower().rstrip("s") for match in _KINDS_OF_COMPS.finditer(text)}
    return len(kinds) > 1


def comparable_subject(before: str, after: str, several: bool = False) -> tuple[bool, str] | None:
    """(adjusted?, words between subject and number) for "comparable sales rose" before a
    number or "increase in comparable sales" behind it."""
    for match in COMPARABLE.finditer(before):
        if several and (match["of"] or "store").lower().rstrip("s") != "store":
            continue
        if leads_in(before[: match.start()]):
            between = before[match.end() :]
            tail = re.split(r"[,;.]", after)[0]
            return bool(_ADJUSTED_COMPS.search(between + " " + tail[:60])), between
    behind = re.match(
        r"\s*(?:(?:increase|decrease|decline|growth|gain|rise|drop)\s+in\s+)?(?=\S)", after, re.I
    )
    if behind is not None:
        match_after = COMPARABLE.match(after, behind.end())
        if match_after and leads_in(before):
            tail = re.split(r"[,;.]", after[match_after.end() :])[0]
            return bool(_ADJUSTED_COMPS.search(tail[:60])), ""
    return None


def is_part(between: str) -> bool:
    """Whether the words narrow the measure to a part of the company."""
    return bool(PART.search(between))


_OTHER_CAUSE = lazy_regex(
    r"\d\s*%|percent|driven|due\s+to|reflect|traffic|transaction|ticket|guest|segment|"
    r"division|banner|brand|"
    r"domestic|international|u\.s\.|canada|online|digital|e-?commerce|two-year|stacked",
    re.I,
)


def is_elsewhere(between: str) -> bool:
    """Whether a percentage behind these words is no longer the comparable sales' own."""
    return bool(_OTHER_CAUSE.search(between))
