"""The words by which a sentence speaks of a theme.

`strong` words make the theme. `never` are the same words in another sense ("consumer
electronics", "to weather the storm", a miner's "drilling inventory"). Own small lexicon, made
for retail releases; each theme is listed with its plainest words first, behind the keys by which
a sentence that may be about it is known (`earnings.keyed`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from earnings.keyed import Keyed
from earnings.regexes import lazy_regex
from earnings.vocabulary import Theme


@dataclass(frozen=True)
class Words:
    strong: Keyed
    never: re.Pattern[str] | None = None


def _words(keys: str, strong: str, never: str = "") -> Words:
    return Words(
        Keyed(keys, rf"\b(?:{strong})"),
        lazy_regex(rf"\b(?:{never})", re.IGNORECASE) if never else None,
    )


THEMES: dict[Theme, Words] = {
    Theme.TARIFFS: _words(
        "tariff dut polic",
        r"tariffs?\b|import\s+dut(?:y|ies)|trade\s+polic(?:y|ies)|customs\s+dut",
        r"(?:feed-in|electric\w*|utility|transmission|pipeline|gas|power|water|rail)\s+tariffs?",
    ),
    Theme.SHRINK: _words(
        "shrink loss theft crime",
        r"shrink(?:age)?\b|inventory\s+loss(?:es)?|retail\s+(?:theft|crime)|thefts?\b",
        r"shrink-?wrap|shrinking",
    ),
    Theme.PROMOTIONS: _words(
        "promotion markdown clearance discounting price",
        r"promotion(?:s|al)\b|markdowns?\b|clearance\b|discounting\b|full[- ]price",
        r"promotion\s+(?:to|of\s+\w+\s+to)|(?:regulatory|antitrust|fda|customs|security)\s+clearance",
    ),
    Theme.CONSUMER: _words(
        "consumer shopper household discretionary trad inflation customer cautious purchasing",
        r"consumers?\b|shoppers?\b|household\s+budgets?|discretionary\b|trad(?:e|ing)[- ]down|"
        r"inflation\w*|customers?\s+(?:are|is|were|remain\w*|continue\w*|respond\w*|chose|choose|"
        r"prioriti\w+|want\w*|look\w*|seek\w*)|cautious\b|purchasing\s+power",
        r"consumer\s+(?:electronics|products?|goods|financial\s+protection|price\s+index|loans?|"
        r"banking|credit|lending)|discretionary\s+(?:items|tax|cash|bonus\w*)",
    ),
    Theme.INVENTORY: _words(
        "inventor in-stock",
        r"inventor(?:y|ies)\b|in-stock\b",
        r"inventory\s+(?:loss|shrink)\w*|(?:drilling|well|land|lot|home|housing|loan|project|location|"
        r"reserve|advertising|ad|acreage|room|aircraft)\s+inventor\w+|inventor\w+\s+of\s+(?:[\w,]+[\s-]+){0,4}"
        r"(?:locations|wells|homes|lots|loans|projects|properties|opportunities|sites|prospects)",
    ),
    Theme.TRAFFIC: _words(
        "traffic guest visits footfall ticket transaction",
        r"traffic\b|guest\s+counts?|store\s+visits|footfall|average\s+ticket|"
        r"(?:customer|comparable|average|store|guest|retail|comp|total)\s+transactions?\b(?!-)|"
        r"(?:increase|decrease|decline|growth|rise|drop|fewer|more|higher|lower)\s+(?:in\s+)?(?:the\s+)?"
        r"(?:number\s+of\s+)?transactions\b|"
        r"transactions?\s+(?:count|volume|growth|and\s+(?:average\s+)?ticket|increas\w+|decreas\w+|"
        r"declin\w+|grew|rose|fell|were\s+(?:up|down|flat))",
        r"traffic\s+acquisition|transaction\s+(?:costs?|expenses?|fees?|related|price)|"
        r"transaction-related|air\s+traffic|freight\s+traffic|rail\s+traffic",
    ),
    Theme.FREIGHT: _words(
        "freight shipping transportation ocean supply fuel",
        r"freight\b|shipping\s+costs?|transportation\s+costs?|ocean\s+(?:carrier|container|rates)|"
        r"supply[- ]chain\s+(?:costs?|expenses?|efficienc\w+)|fuel\s+costs?",
    ),
    Theme.WAGES: _words(
        "wage hourly labor payroll associate",
        r"wages?\b|hourly\s+(?:pay|rate)|labor\s+(?:costs?|expenses?|rates?|hours)|payroll\b|"
        r"store\s+labor|associate\s+pay",
    ),
    Theme.ECOMMERCE: _words(
        "commerce online digital omni same-day curbside click",
        r"e-?commerce\b|online\b|digital\b|omni-?channel|same-day|curbside|click\s+and\s+collect",
        r"online\s+at\b|available\s+online|webcast",
    ),
    Theme.MEMBERSHIP: _words(
        "membership loyalty rewards paid renewal",
        r"memberships?\b|(?:loyalty|rewards)\s+(?:program|members?)|paid\s+members?|renewal\s+rates?",
    ),
    Theme.RETAIL_MEDIA: _words(
        "media advertising",
        r"retail\s+media|media\s+network|advertising\s+(?:revenue|business|sales|income|growth)",
    ),
    Theme.WEATHER: _words(
        "weather hurricane storm warmer colder cooler unseasonabl",
        r"weather\b|hurricanes?\b|winter\s+storms?|storms?\b|(?:warmer|colder|cooler)\s+(?:than|temp)|"
        r"unseasonabl\w+",
        r"weather(?:ed|ing)\b(?:\s+(?:the|this|any|a)\s+storms?)?|weather\s+(?:the|this|these|those|any|"
        r"such|our|a|an|what\w*|economic|difficult|challeng\w+|uncertain\w*|volatil\w+)\b(?:\s+storms?)?|"
        r"perfect\s+storm|storm\s+of\b",
    ),
    Theme.CAPITAL_RETURN: _words(
        "repurchase buyback dividend returned",
        r"repurchased?\b|share\s+repurchases?|buybacks?\b|dividends?\b|returned\s+\$",
        r"repurchase\s+agreements?",
    ),
}
