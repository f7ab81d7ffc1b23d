"""Who a release is from: the name, the ticker and the exchange in its opening."""

from __future__ import annotations

import re

from earnings.reading import periods
from earnings.regexes import lazy_regex

_HEADLINE = 1500
_DATELINE_CHARACTERS = 90  # a later date is the period's

_EXCHANGE = lazy_regex(
    r"[(\[](?:[^()\[\]]{0,60}[;,]\s*)?\s*(?P<exchange>(?:NYSE|NASDAQ|Nasdaq|"
    r"New\s+York\s+Stock\s+Exchange|Ticker|AMEX|OTC\w*|TSX)"
    r"[\w\s/.]{0,24}?)\s*[:/;]\s*[“\"]?(?P<ticker>[A-Z]{1,5}(?:[.\-][A-Z]{1,2})?)\b",
)
_TRAILING = lazy_regex(
    r"(?P<name>\b[a-z]?[A-Z][\w&'’.\-]*(?:[ ,]+(?:&|and|of|the|[A-Z0-9][\w&'’.!\-]*|[A-Z]\.))*?"
    r"(?:,?\s+(?:Inc|Incorporated|Corp|Corporation|Co|Company|Companies|plc|PLC|Ltd|"
    r"Limited|LLC|N\.V|S\.A|L\.P|Stores|Group|Holdings)\.?)*)"
    r",?\s*(?:\([^)]{1,120}\)\s*){0,2}$"
)
_DATELINE = lazy_regex(r"\s[–-]\s|—|--|–\s|WIRE\)|/\s")


def issuer(opening: str) -> tuple[str, str | None, str | None]:
    """Name, ticker, exchange; "" and None for what the opening does not tell."""
    match = _EXCHANGE.search(opening)
    if match is None:
        return _name_from_headline(opening), None, None
    before = opening[max(0, match.start() - 240) : match.start()].split("\n")[-1]
    after_dateline = _DATELINE.split(_without_dateline(before))[-1].strip()
    name = _TRAILING.search(after_dateline or before.strip())
    found = re.sub(r"\s*\([^)]*\)\s*$", "", name["name"]).strip(" ,") if name else ""
    exchange = re.sub(r"\s+", " ", match["exchange"]).strip().upper()
    exchange = "NYSE" if exchange.startswith(("NYSE", "NEW YORK")) else exchange
    exchange = "NASDAQ" if exchange.startswith("NASDAQ") else exchange
    named = None if exchange.upper() == "TICKER" else exchange
    return found or _name_from_headline(opening), match["ticker"], named


def _without_dateline(line: str) -> str:
    """What follows the date of "REDMOND, Wash. - April 29, 2024 - "."""
    dated = [found for found in periods.dates(line) if found.start < _DATELINE_CHARACTERS]
    return line[dated[0].end :].lstrip(" .,:;–—-/") if dated else line


_REPORTS = lazy_regex(
    r"^(?P<name>.{2,80}?)\s+(?:reports?|announces?|reported|announced|delivers?|posts?)\b",
    re.I | re.M,
)


_TODAY = lazy_regex(r"^(?P<name>[A-Z][^\n]{1,80}?)[,\s]+today\b", re.M)
_HEADLINE_WORDS = lazy_regex(
    r"\b(?:quarter|results|sales|record|fiscal|earnings|strong|growth|increas\w+|year)\b|[$%:;]",
    re.I,
)


def _name_from_headline(opening: str) -> str:
    """Whoever reports: in the headline, or behind the dateline. A headline's other words
    ("Strong quarter drives growth as Larch reports") are no name."""
    for line in opening[:_HEADLINE].split("\n"):
        bare = _without_dateline(line)
        for pattern in (_REPORTS, _TODAY):
            match = pattern.match(bare)
            name = match["name"].strip(" ,•·-–—") if match else ""
            name = re.sub(r"\s+today$", "", name)
            if name and name[0].isupper() and not _HEADLINE_WORDS.search(name):
                return name
    return ""
