"""Retailers that there are not: the settings that name them, and what they publish."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice, product
from string import ascii_uppercase

JOB = "daily_earnings_scan"
RELEASE = """<html><body><p><b>{name} Reports Second Quarter Fiscal 2026 Results</b></p>
<p>MILLBROOK, Ohio, August 19, 2026 -- {name} (NYSE: {ticker}) today reported results for the second
quarter of fiscal 2026, the thirteen weeks ended August 1, 2026.</p>
<p>Net sales were $1,204.5 million, an increase of 3.1% compared to the prior year. Diluted earnings
per share were $0.87, compared to $0.81 in the second quarter of fiscal 2025.</p></body></html>"""


def tickers(first: str, companies: int) -> list[str]:
    """Of companies that there are not."""
    letters = islice(product(ascii_uppercase, repeat=3), companies)
    return ["".join((first, *three)) for three in letters]


def name(ticker: str) -> str:
    return f"{ticker.title()} Stores"


def release(ticker: str) -> str:
    return RELEASE.format(name=name(ticker), ticker=ticker)


def settings(tickers: Iterable[str], due: datetime, more: str = "") -> str:
    """A watch list of them, and when the scan is due."""
    lines = [more, '[schedule]\nzone = "UTC"\ntick_s = 0.5', "[schedule.jobs]"]
    lines += [f'{JOB} = {{ at = "{due:%H:%M}" }}']
    for ticker in tickers:
        lines += ["[[companies]]", f'ticker = "{ticker}"', f'name = "{name(ticker)}"']
    return "\n".join(lines) + "\n"
