"""Invented retailers and their releases: one text for each number, with figures of its own.

The same number gives the same words in every process, so a provider's log, the product's
tables and the verdict all speak of the same document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

FIRST_CIK = 1_980_001
QUARTER_END = "2026-08-01"
QUARTER = "second quarter of fiscal 2026"
_TOWNS = ("Ashford", "Bramley", "Corvale", "Dunmere", "Eastwick", "Fenholt", "Garrow", "Hexley")
_TRADES = ("Outfitters", "Home", "Grocers", "Garden", "Books", "Toys")
_MARK = re.compile(r"Storm release No\. (\d{5})")

_RELEASE = """<html><head><title>Exhibit 99.1</title></head><body>
<p><b>{name} Reports Second Quarter Fiscal 2026 Results</b></p>
<p>{mark}</p>
<p>MILLBROOK, Ohio, August 19, 2026 -- {name} (NYSE: {ticker}) today reported results for the
second quarter of fiscal 2026, the thirteen weeks ended August 1, 2026.</p>
<p>Net sales were ${sales} million, an increase of 3.1% compared to the prior year. Comparable
sales increased 2.4%. Diluted earnings per share were $0.87, compared to $0.81 in the second
quarter of fiscal 2025.</p>
<p>{name}<br/>Consolidated Statements of Operations<br/>(in millions, except per share)</p>
<table>
<tr><td></td><td colspan="2">Thirteen Weeks Ended</td></tr>
<tr><td></td><td>August 1, 2026</td><td>August 2, 2025</td></tr>
<tr><td>Net sales</td><td>{sales}</td><td>968.3</td></tr>
<tr><td>Net income</td><td>61.2</td><td>57.9</td></tr>
<tr><td>Diluted earnings per share</td><td>0.87</td><td>0.81</td></tr>
</table></body></html>"""


@dataclass(frozen=True)
class Shop:
    """One invented retailer."""

    number: int

    @property
    def cik(self) -> int:
        return FIRST_CIK + self.number

    @property
    def ticker(self) -> str:
        return "ZZ" + chr(65 + self.number // 26) + chr(65 + self.number % 26)

    @property
    def name(self) -> str:
        town = _TOWNS[self.number % len(_TOWNS)]
        return f"{town} {_TRADES[self.number // len(_TOWNS) % len(_TRADES)]} Inc"


def shop_of(number: int, shops: int) -> Shop:
    """Whose release it is: they publish in turn."""
    return Shop(number % shops)


def accession(number: int, shops: int) -> str:
    return f"{shop_of(number, shops).cik:010d}-26-{number:06d}"


def number_of(accession_number: str) -> int:
    return int(accession_number.rpartition("-")[2])


def sales_millions(number: int) -> Decimal:
    """No two releases report the same."""
    return Decimal(1000) + Decimal(number) / 10


def release(number: int, shops: int) -> bytes:
    shop = shop_of(number, shops)
    text = _RELEASE.format(
        name=shop.name,
        ticker=shop.ticker,
        mark=f"Storm release No. {number:05d}",
        sales=f"{sales_millions(number):,.1f}",
    )
    return text.encode()


def mark_in(text: str) -> int | None:
    """The number of the release that `text` holds."""
    found = _MARK.search(text)
    return int(found.group(1)) if found else None
