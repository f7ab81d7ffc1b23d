"""What a row's label says it measures.

Labels are spelled out to one form first ("Net (loss) earnings" and "Net income (loss)" are
the same words), then compared with the whole label: a label that says more than a metric's
name ("Domestic net sales", "Net income per store") is not that metric.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from earnings.regexes import lazy_regex
from earnings.vocabulary import Basis, Metric


@dataclass(frozen=True)
class Meaning:
    """A metric, and how good a label for it this is: 0 is the issuer's total, greater numbers
    are lesser readings (before minorities, continuing operations only)."""

    metric: Metric
    rank: int = 0
    basis: Basis = Basis.GAAP
    basic_too: bool = False  # "Basic and diluted" in one row
    loss_only: bool = False  # the label says loss and nothing else


_NOTES = lazy_regex(
    r"\((?:\d{1,2}|[a-z])\)|\[(?:\d{1,2}|[a-z])\]|(?<=[a-z)])\d{1,2}(?=\s|$|,)|[*†‡§]+", re.I
)
_ASIDE = lazy_regex(
    r"\((?:unaudited|in (?:thousands|millions|billions).*?|gaap|us gaap|u\.s\. gaap|as reported|"
    r"as adjusted|note.*?|table.*?|dollars.*?|\$.*?|a non-gaap.*?|ebit|lbit)\)",
    re.I,
)
_LOSS = lazy_regex(r"\(?\s*(?:losses|loss|deficit)\s*\)?", re.I)
_PUNCTUATION = lazy_regex(r"[^a-z%&/.\- ]+")

_NONGAAP = lazy_regex(
    r"\badjusted\b|\bnon-?\s?gaap\b|\bcore\b|\beconomic\b|\bpro[- ]?forma\b|\bnormali[sz]ed\b|"
    r"\bexcluding\b|\bexclusive\b|\bbefore (?!provision)|\bcomparable (?:net )?(?:income|"
    r"eps|earnings)\b|"
    r"\bcash eps\b|\bunderlying\b|\boperating (?:eps|earnings per)\b|\bas adjusted\b"
)
_NEVER = lazy_regex(
    r"\b(?:weighted|average shares|share counts?|number of shares|dividends?|book value|"
    r"comprehensive|cash flows?|impact|effect|"
    r"adjustments?|change|increase|decrease|growth|tangible|price|reconcil\w*|"
    r"amorti[sz]ation|charges?|benefit|costs?|gain|tax\w*|restructuring|impairment|litigation|"
    r"non-?controlling|minority|preferred|participating|redeemable|per (?:store|square|gallon|unit|"
    r"transaction|barrel|ton|mcf\w*)|ebitda\w*|ffo|affo|guidance|outlook)\b"
)
_CONTROLLING = lazy_regex(
    r"(?:attributable|available|allocated|applicable|"
    r"allocable) to (?!non)(?!the non)(?!redeem)(?!particip)"
)
_SEGMENT = lazy_regex(
    r"\b(?:domestic|international|u\.s\.|us|canada|segment|online|digital|e-?commerce|"
    r"store[- ]only|"
    r"franchise\w*|wholesale|retail|outlet|europe|asia|americas|mexico|services?|membership|fuel|"
    r"gasoline|pharmacy|front[- ]end|restaurants?|demand|owned plus|licensed?|stores|"
    r"banner|brand|rental|product|merchandise)\b"
)


_REMEMBERED = 1024  # labels, which all releases of a company share
_LONGEST = 240  # characters; longer labels are sentences


@lru_cache(_REMEMBERED)
def spelled(label: str) -> str:
    """The label in one spelling: lower case, without notes, brackets and asides."""
    text = label[:_LONGEST].lower().replace("’", "'").replace("–", "-").replace("—", "-")
    text = _NOTES.sub(" ", _ASIDE.sub(" ", text))
    text = re.sub(r"\bearnings?\b|\bprofits?\b|\bincome\b", "income", text)
    has_income = "income" in text
    text = _LOSS.sub(" " if has_income else " income ", text)
    text = re.sub(r"\(\s*\)|/\s*(?=\s|$)", " ", text)
    text = re.sub(r"\bnet and comprehensive income\b", "net income", text)
    text = _PUNCTUATION.sub(" ", text.replace("income/", "income "))
    text = re.sub(r"\s+", " ", text).strip(" -.:/&")
    return re.sub(r"\bincome(?: -? ?income)+\b", "income", text)


_SALES_WORD = (
    r"(?:net )?(?:operating )?(?:sales|revenues?)"
    r"(?: and other(?: operating)?(?: revenues?| income)?)?"
)
_TOP = lazy_regex(
    r"^(?:total |consolidated |total consolidated |total company |enterprise |worldwide |company )?"
    + _SALES_WORD
    + r"(?: and (?:net )?(?:operating )?revenues?| net)?"
    r"(?: - ?(?:total|consolidated|as reported))?$|"
    r"^(?:net )?(?:sales|revenues?) ?-? total$"
)
_GROSS = lazy_regex(r"^(?:total |consolidated )?gross (?:income|margin)(?: \$)?$")
_RATE = lazy_regex(
    r"^(?:consolidated |total )?gross (?:income|margin)(?: \$)?,? ?(?:\(?as a |"
    r"\(?as )?-?(?: ?rate| ?%| percent(?:age)?|"
    r" ?%? ?(?:percentage |percent |% )?(?:rate )?(?:of|to) (?:total |net |"
    r"total net )?(?:sales|revenues?))+$"
)
_OF_SALES = lazy_regex(
    r"^\W*(?:as\s+an?\s+)?(?:percent(?:age)?|%)\s+(?:of|to)\s+(?:total\s+|net\s+)*(?:sales|revenues?)\W*$",
    re.I,
)
_OPERATING = lazy_regex(
    r"^(?:total |consolidated |total consolidated )?(?:gaap )?(?:operating income|"
    r"income from operations|"
    r"income from continuing operations before interest and (?:income )?taxes)$"
)
_EBIT = lazy_regex(
    r"^(?:income )?(?:from continuing operations )?before interest(?: expense)?(?: net)? and "
    r"(?:income )?tax(?:es)?$"
)
_NET = lazy_regex(
    r"^(?:consolidated |gaap |"
    r"total )*net income(?: and (?:total )?comprehensive income)?(?: from continuing "
    r"(?:and discontinued )?operations)?"
    r"(?: (?:including|and) (?:the )?(?:non-?controlling|minority) interests?)?"
    r"(?: -? ?(?:attributable|available|allocated|applicable|"
    r"allocable) to .*)?(?: - ?gaap| as reported)?$"
)
_PER_SHARE = lazy_regex(
    r"\bper (?:common |ordinary |diluted |basic |class a |"
    r"limited partner )*(?:and )?(?:diluted |common )*"
    r"(?:share|unit|ads)s?\b|\beps\b|/share\b|per-share"
)
_INVENTORY = lazy_regex(
    r"^(?:total |net )?(?:merchandise |finished goods |retail |store )?inventor(?:y|"
    r"ies)(?: net| - net|-net)?"
    r"(?: of .*| at .*| held for sale)?(?: net)?$"
)
_COMPS = lazy_regex(
    r"\b(?:comparable|comp|comps|same[- ]store|identical|like-for-like)\b.*\b(?:sales|"
    r"comps?|revenues?|growth)\b|"
    r"^(?:total |company )*comps?\b|^id sales\b|\bsales comps?\b|"
    r"\bcomparable (?:store|club|restaurant)s?\b"
)
_COMPS_NEVER = lazy_regex(
    r"\b(?:two|three|four|2|3|4)[- ]year|stack|transactions?|traffic|ticket|basket|guest|"
    r"count|number of|"
    r"non-?comp|geostack|stores? open|square|average unit|weeks?\b|base\b|\bmix\b"
)
_COMPS_ADJUSTED = lazy_regex(
    r"excluding|without|ex[- ](?:fuel|gas)|adjusted|constant|currency|neutral|less fuel"
)


_SECTION_BASIS = lazy_regex(r"^(?:non-?gaap|adjusted)\b(?!.*per )")


@lru_cache(_REMEMBERED)
def read(label: str, parents: tuple[str, ...] = ()) -> Meaning | None:
    """The metric a row with this label states, None for every other row."""
    own = spelled(label)
    if parents and _SECTION_BASIS.search(spelled(parents[-1])) and not _NONGAAP.search(own):
        own_basis = f"non-gaap {own}"
        return _per_share(own_basis, (), label)
    share = _per_share(own, parents, label)
    if share is not None:
        named = label if _PER_SHARE.search(own) else " ".join(parents)
        return replace(share, loss_only=_loss_only(named))
    if _PER_SHARE.search(own) or any(_PER_SHARE.search(spelled(p)) for p in parents[-1:]):
        return None
    return _comparable(own) or _amount(own, label, parents)


def _amount(own: str, label: str, parents: tuple[str, ...]) -> Meaning | None:
    if _RATE.match(own):
        return Meaning(Metric.GROSS_MARGIN)
    if parents and _OF_SALES.search(parents[-1]):
        return Meaning(Metric.GROSS_MARGIN, rank=1) if _GROSS.match(own) else None
    if _INVENTORY.match(own) and not re.search(r"\b(?:lifo|reserve|turn|days|per)\b", own):
        return Meaning(Metric.INVENTORY)
    above = spelled(parents[-1]) if parents else ""
    if own in (
        "total",
        "consolidated",
        "total company",
        "enterprise",
        "consolidated total",
    ) and _TOP.match(above):
        own = above
    loss = _loss_only(label)
    if _EBIT.match(own):
        return Meaning(Metric.OPERATING_INCOME, rank=1, loss_only=loss)
    if _NONGAAP.search(own):
        return None
    if _TOP.match(own):
        plain_sales = re.match(r"(?:\w+ )*?(?:net )?sales\b", own) is not None
        total = own.startswith(("total", "consolidated", "enterprise", "worldwide"))
        metric = Metric.NET_SALES if plain_sales else Metric.TOTAL_REVENUE
        return Meaning(metric, rank=0 if total else 1)
    if _GROSS.match(own):
        return Meaning(Metric.GROSS_PROFIT)
    if _OPERATING.match(own):
        return Meaning(Metric.OPERATING_INCOME, loss_only=loss)
    return _net(own, loss)


def _net(own: str, loss: bool) -> Meaning | None:
    if not _NET.match(own):
        return None
    if "attributable" in own or "available" in own or "alloca" in own or "applicable" in own:
        if not _CONTROLLING.search(own):
            return None
        common = "common" in own and "attributable" not in own
        return Meaning(Metric.NET_INCOME, rank=1 if common else 0, loss_only=loss)
    rank = 4 if "continuing" in own else 3 if "interest" in own else 2
    return Meaning(Metric.NET_INCOME, rank=rank, loss_only=loss)


_BASIC = lazy_regex(r"\bbasic\b")
_DILUTED = lazy_regex(r"\bdiluted\b|assuming dilution|fully diluted")
_PART = lazy_regex(r"\b(?:continuing|discontinued|cumulative|extraordinary)\b")
_PART_ROW = lazy_regex(
    r"^(?:net )?(?:income )?(?:-? ?from )?(?:continuing|"
    r"discontinued) operations(?: (?:net|attrib|avail).*)?$"
)
_EPS_HEAD = lazy_regex(r"\b(?:income|eps)\b")


def _per_share(own: str, parents: tuple[str, ...], label: str) -> Meaning | None:
    """EPS rows name themselves, or stand as "Diluted" under a label that does."""
    above = " ".join(spelled(parent) for parent in parents)
    last = spelled(parents[-1]) if parents else ""
    named = bool(_PER_SHARE.search(own))
    if named:
        whole = own if (_BASIC.search(own) or _DILUTED.search(own)) else f"{own} {_split_of(last)}"
    elif _PER_SHARE.search(above) and not re.search(
        r"weighted|shares (?:used|outstanding)|dividend", last
    ):
        whole = f"{above} {own}"
        if not (_BASIC.search(whole) or _DILUTED.search(whole)):
            return None
        if not (_is_split(own) or _NET.match(own) or _PART_ROW.match(own) or own in ("total", "")):
            return None
    else:
        return None
    text = whole.replace("diluted share", "diluted per share")
    if not _EPS_HEAD.search(text) or _NEVER.search(_EXCEPTED.sub(" ", _drop_attribution(text))):
        return None
    return _eps(text, label)


_EXCEPTED = lazy_regex(r"(?<=excluding )(?:the )?.*$|(?<=before )special.*$")


def _split_of(last: str) -> str:
    return last if _is_split(last) else ""


def _is_split(own: str) -> bool:
    return bool(
        re.fullmatch(
            r"(?:-? ?(?:basic|diluted|and|assuming dilution|income per share|"
            r"net income|per share|eps|total|common|stock|shares?|&|/|-)\s*)+",
            own,
        )
    ) and bool(_BASIC.search(own) or _DILUTED.search(own))


def _drop_attribution(text: str) -> str:
    return re.sub(
        r"(?:attributable|available|allocated|applicable|allocable) to .*?(?=per |basic|"
        r"diluted|eps|-|$)",
        " ",
        text,
    )


def _eps(text: str, label: str) -> Meaning | None:
    if "discontinued" in text and "continuing" not in text.replace("discontinued", ""):
        return None
    part = bool(_PART.search(text))
    both = bool(_BASIC.search(text)) and bool(_DILUTED.search(text))
    last_basic = text.rfind("basic")
    last_diluted = max(text.rfind("diluted"), text.rfind("dilution"))
    own = spelled(label)
    own_both = bool(_BASIC.search(own)) and bool(_DILUTED.search(own))
    if _NONGAAP.search(text):
        if last_basic > last_diluted:
            return None
        named = 0 if "adjusted" in text else 1
        return Meaning(Metric.EPS_ADJUSTED, rank=named + (2 if part else 0), basis=Basis.ADJUSTED)
    rank = 2 if part else 0
    if own_both or (
        both
        and last_basic >= 0
        and re.search(r"basic (?:and|&|/|-) ?diluted", text)
        and not _is_single(own)
    ):
        return Meaning(Metric.EPS_DILUTED, rank=rank, basic_too=True)
    if last_diluted > last_basic:
        return Meaning(Metric.EPS_DILUTED, rank=rank)
    if last_basic >= 0:
        return Meaning(Metric.EPS_BASIC, rank=rank)
    return Meaning(Metric.EPS_DILUTED, rank=rank + 4)  # "per share" alone: better than nothing


def _is_single(own: str) -> bool:
    return bool(_BASIC.search(own)) != bool(_DILUTED.search(own))


def _comparable(own: str) -> Meaning | None:
    if not _COMPS.search(own) or _COMPS_NEVER.search(own) or _SEGMENT.search(_own_words(own)):
        return None
    if _COMPS_ADJUSTED.search(own):
        return Meaning(Metric.COMPARABLE_SALES, rank=2, basis=Basis.ADJUSTED)
    total = re.search(r"\b(?:total|consolidated|enterprise|company|global)\b", own)
    return Meaning(Metric.COMPARABLE_SALES, rank=0 if total else 1)


def _own_words(own: str) -> str:
    """Words of the measure's own name that would else read as a segment."""
    return re.sub(
        r"\b(?:comparable|same|identical)[- ](?:stores?|retail|club|merchandise|restaurant|owned)\b"
        r"|\bstores? sales\b|\bcomparable sales\b.*\bstores\b",
        " ",
        own,
    )


def _loss_only(label: str) -> bool:
    low = label.lower()
    return "loss" in low and not re.search(r"income|earnings|profit|\(loss", low)


_STRETCH = lazy_regex(r"\b(?:for|in|and|the|first|second|third|fourth|quarter|weeks?|\s)+weeks\b")


def names_comparable(text: str) -> bool:
    """Whether a heading announces a table of comparable sales."""
    own = spelled(text.split(",")[0])  # "Same store sales, or sales of stores open a year,"
    own = _STRETCH.sub(" ", own)
    return bool(_COMPS.search(own)) and not _COMPS_NEVER.search(own)


_COMPANY = lazy_regex(
    r"^(?:total(?: company| enterprise| consolidated| sales| stores)?|consolidated|"
    r"enterprise|company|"
    r"total comparable.*|global|company-wide|companywide)$"
)


def names_whole_company(label: str, called: frozenset[str] = frozenset()) -> bool:
    """`called`: what the issuer calls itself, lower case."""
    own = spelled(label)
    return bool(_COMPANY.match(own)) or (own != "" and own in called)


_KIND_OF = r"(?: (?:basis|measures?|metrics|results|amounts?|figures|totals?))?"
_REPORTED = lazy_regex(rf"^(?:us )?(?:gaap|reported|as reported){_KIND_OF}(?: as reported)?$")
_ADJUSTED = lazy_regex(
    r"^(?:as adjusted(?: (?:to exclude|excluding) .*)?|(?:adjusted )?non-?gaap|adjusted)"
    rf"{_KIND_OF}(?: non-gaap)?$"
)


_ADJUSTED_RESULT = lazy_regex(
    r"^(?:adjusted|non-gaap) (?:net )?income(?: from continuing operations)?"
    r"(?: (?:attributable|available|allocated|applicable) to .*)?(?: (?:as adjusted|non-gaap))?$"
)


def names_adjusted_result(label: str) -> bool:
    """ "Adjusted net income": under "Diluted EPS" its number is the adjusted EPS."""
    return bool(_ADJUSTED_RESULT.match(spelled(label)))


def names_basis(label: str) -> Basis | None:
    """ "GAAP" or "Non-GAAP" as a whole label: the row's measure is in the column heading."""
    own = spelled(label) or label.lower()
    if _REPORTED.match(own) or label.strip().lower() in ("gaap", "as reported (gaap)"):
        return Basis.GAAP
    return Basis.ADJUSTED if _ADJUSTED.match(own) else None
