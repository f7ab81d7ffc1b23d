"""Who a document is from, which quarter it reports, and whether it reports one."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from earnings.reading.html import read_html
from earnings.reading.release import ReleaseFacts, describe
from earnings.vocabulary import PeriodKind
from tests.unit.earnings.pages import release, table

STATEMENT = table(
    "(in millions) | August 3, 2024 | July 29, 2023",
    "Thirteen weeks ended",
    "Net sales | $100 | $90",
    "Operating income | 9 | 8",
    "Net income | $6 | $5",
    "Diluted earnings per share | $0.40 | $0.35",
)


def facts(headline: str, *parts: str) -> ReleaseFacts:
    return describe(read_html(release(headline, *parts)), None)


@pytest.mark.parametrize(
    ("words", "name", "ticker", "exchange"),
    [
        (
            "AUSTIN, Aug. 20, 2024 -- Larch Stores, Inc. (NYSE: LRCH) today",
            "Larch Stores, Inc.",
            "LRCH",
            "NYSE",
        ),
        (
            "AUSTIN--(BUSINESS WIRE)--Larch & Co. (Nasdaq: LRCH) today",
            "Larch & Co.",
            "LRCH",
            "NASDAQ",
        ),
        (
            "AUSTIN – August 20, 2024 – Larch Group plc (the “Company”) (NASDAQ:LRCH) said",
            "Larch Group plc",
            "LRCH",
            "NASDAQ",
        ),
        (
            "AUSTIN — Larch (Larch Stores, Inc.; NASDAQ: LRCH), a retailer,",
            "Larch",
            "LRCH",
            "NASDAQ",
        ),
        (
            "Larch Stores, Inc. (NASDAQ Global Select: LRCH) said",
            "Larch Stores, Inc.",
            "LRCH",
            "NASDAQ",
        ),
    ],
)
def test_the_issuer(words: str, name: str, ticker: str, exchange: str) -> None:
    """Name, ticker and exchange from the dateline's "(NYSE: ABC)" shapes."""
    found = facts("Larch Reports Second Quarter Results", f"{words} reported results.", STATEMENT)
    assert (found.issuer_name, found.ticker, found.exchange) == (name, ticker, exchange)


@pytest.mark.parametrize(
    ("words", "end", "label", "weeks"),
    [
        (
            "for the second quarter of fiscal 2024 ended August 3, 2024",
            date(2024, 8, 3),
            "second quarter of fiscal 2024",
            None,
        ),
        (
            "for the 13-week second quarter ended August 3, 2024 (“Q2 FY24”)",
            date(2024, 8, 3),
            "Q2 FY24",
            13,
        ),
        (
            "for the second quarter (twelve weeks) of fiscal 2024, ended August 3, 2024",
            date(2024, 8, 3),
            "second quarter",
            12,
        ),
        (
            "for its second quarter 2024, compared to the second quarter of 2023",
            date(2024, 8, 3),
            "second quarter 2024",
            None,
        ),
    ],
)
def test_the_period(words: str, end: date, label: str, weeks: int | None) -> None:
    """End from the words or the statement's columns, the issuer's own label, the weeks."""
    headline = "Larch Stores Reports Results"
    found = facts(
        headline, f"AUSTIN, August 20, 2024 -- Larch today reported results {words}.", STATEMENT
    )
    assert found.period is not None
    assert found.period.kind is PeriodKind.QUARTER
    assert (found.period.end, found.period.weeks) == (end, weeks)
    assert label in found.period.label


def test_a_date_ahead_is_not_the_periods_end() -> None:
    """An outlook "for the quarter ending" next autumn does not become the period."""
    found = facts(
        "Larch Reports Second Quarter Results",
        "AUSTIN, August 20, 2024 -- For the quarter ending November 2, 2024 we expect growth.",
        "Results for the quarter ended August 3, 2024 follow.",
        STATEMENT,
    )
    assert found.period is not None
    assert found.period.end == date(2024, 8, 3)


def test_the_source_knows_best_when_it_was_published() -> None:
    """A filing's own time is taken before any date in the text."""
    page = release("Larch Reports Second Quarter Results", "August 1, 2024", STATEMENT)
    stamp = datetime(2024, 8, 20, 12, tzinfo=UTC)
    assert describe(read_html(page), stamp).published == date(2024, 8, 20)


@pytest.mark.parametrize(
    ("headline", "parts", "why"),
    [
        (
            "Larch Stores Reports Holiday Sales",
            ("Net sales for the nine weeks ended January 4, 2025 rose 3% to $910 million.",),
            "month or a season",
        ),
        (
            "Larch Stores to Report Second Quarter Results on August 20",
            ("The company will host a call about its net sales and earnings per share.",),
            "",
        ),
        ("Larch Stores Names New Chief Financial Officer", ("She joins from Rowan.",), ""),
        (
            "Larch Stores Declares Quarterly Dividend",
            ("A dividend of $0.20 per share is payable on September 3, 2024.",),
            "",
        ),
        (
            "FORM 8-K",
            (
                "CURRENT REPORT Pursuant to Section 13 or 15(d) of the Securities Exchange Act",
                "Item 5.02 Departure of Directors",
            ),
            "8-K",
        ),
        (
            "Larch Stores Announces Updated Financials After the Separation",
            ("Recast for discontinued operations.", STATEMENT),
            "restates",
        ),
    ],
)
def test_what_is_no_earnings_release(headline: str, parts: tuple[str, ...], why: str) -> None:
    """Monthly sales, invitations, officers, dividends, covers, recasts: none is results."""
    found = facts(headline, *parts)
    assert not found.is_results
    assert why in found.why_not
    assert found.why_not


def test_an_8k_that_holds_its_exhibit_is_read_from_the_exhibit() -> None:
    """A cover filed under item 2.02 with the release behind it reports results."""
    found = facts(
        "FORM 8-K",
        "CURRENT REPORT Pursuant to Section 13 or 15(d) of the Securities Exchange Act of 1934",
        "Item 2.02 Results of Operations and Financial Condition",
        *("A furnished press release is attached and nothing here is filed." for _ in range(25)),
        "Exhibit 99.1",
        "Larch Stores Reports Second Quarter Results",
        "AUSTIN, August 20, 2024 -- Larch (NYSE: LRCH) reported the quarter ended August 3, 2024.",
        STATEMENT,
    )
    assert found.is_results
    assert found.ticker == "LRCH"


def test_a_release_without_tables_can_report_results() -> None:
    """Headline, quarter and at least two measures in dollars are enough."""
    found = facts(
        "Larch Stores Reports Second Quarter Results",
        "Net sales were $1.2 billion. Net income was $20 million, or $0.40 per diluted share.",
    )
    assert found.is_results
