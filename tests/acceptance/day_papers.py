"""What forty invented companies publish on the replayed day."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from tests.acceptance.papers import filed, filer, release
from tests.length import IS_LONG
from tests.servers.edgar import Filer
from tests.servers.feeds import Article
from tests.servers.x import Post
from tests.servers.youtube import Film, Station, stamp

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Forty companies, or as many as it takes to meet every fault.
COMPANIES = 40 if IS_LONG else 24
TICKERS = tuple(f"Q{a}{b}X" for a in "AEIO" for b in _LETTERS[:10])[:COMPANIES]
_LONG = "The weather was fine in most of the towns that we went to this summer. " * 900


def number_of(ticker: str) -> int:
    return TICKERS.index(ticker)


def name_of(ticker: str) -> str:
    return f"{ticker.title()} Stores"


def sales_of(ticker: str) -> str:
    return f"1,{204 + number_of(ticker)}.5"


def paper(ticker: str, *, is_long: bool = False) -> Filer:
    """The company with its release."""
    more = _LONG if is_long else ""
    return filer(number_of(ticker) + 1, ticker, sales=sales_of(ticker), more=more)


def unpublished(ticker: str) -> Filer:
    """The same company before that."""
    return replace(paper(ticker), filings=())


def later_paper(ticker: str) -> Filer:
    """And after another one, of a later quarter."""
    company = paper(ticker)
    text = release(f"{ticker.title()} Stores Inc", ticker, sales=sales_of(ticker), eps="0.93")
    text = text.replace("Second Quarter", "Third Quarter").replace("August 1,", "October 31,")
    another = filed(company.cik, text, number=77, accepted="2026-11-19T06:45:14")
    return replace(company, filings=(another, *company.filings))


def station(ticker: str, now: datetime, *, has_captions: bool = True) -> Station:
    """A company's channel with one call and something else."""
    said = f"{name_of(ticker)} (NYSE: {ticker}).\n\n0:00 Welcome\n0:08 Remarks\n"
    when = stamp(now - timedelta(days=7))
    call = Film(
        call_id(ticker), f"{name_of(ticker)} Earnings Conference Call", when, description=said
    )
    if not has_captions:
        call = replace(call, tracks=())
    haul = Film(f"haul{ticker}abc", "Our holiday haul", when, "PT4M")
    return Station(f"@{ticker.lower()}", f"UC{ticker.lower()}storesinvented{1:04}", name_of(ticker),
                   (call, haul))  # fmt: skip


def call_id(ticker: str) -> str:
    return f"call{ticker}abc"


def article(ticker: str, where: str, hour: int, now: datetime) -> Article:
    """One a company, place and hour; no two alike."""
    told = now - timedelta(minutes=30 - hour)
    return Article(
        f"{name_of(ticker)} (NYSE: {ticker}) as the {where} has it in hour {hour}",
        f"https://news.example/{where}/{hour}/{ticker.lower()}",
        f"{told:%a, %d %b %Y %H:%M:%S} GMT",
        stamp(told),
    )


def post(ticker: str, hour: int, now: datetime) -> Post:
    told = now - timedelta(minutes=30 - hour)
    number = int(told.timestamp()) * 1000 + number_of(ticker)
    text = f"We at {name_of(ticker)} open {number_of(ticker) + 3} more stores in hour {hour}"
    return Post(
        number, text, author=f"{ticker.lower()}stores", told=f"{told:%Y-%m-%dT%H:%M:%S.000Z}"
    )
