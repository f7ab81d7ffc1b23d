"""Sales of a month: which month, what is said of it alone, and what is no such release."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from earnings.analysts.base import Question
from earnings.analysts.local import Local
from earnings.analysts.panel import NothingToPay
from earnings.evidence import verify
from earnings.reading.reader import read
from earnings.vocabulary import Figure, Metric, Period, PeriodKind, RawDocument

NOVEMBER = datetime(2025, 11, 6, 12, tzinfo=UTC)
SALES, COMPS = Metric.NET_SALES, Metric.COMPARABLE_SALES
TABLE = (
    "<table><tr><td></td><td>4 Weeks</td><td>39 Weeks</td></tr>"
    "<tr><td>U.S.</td><td>5.2%</td><td>5.0%</td></tr>"
    "<tr><td>Total Company</td><td>(0.4)%</td><td>4.7%</td></tr></table>"
)


def page(headline: str, *parts: str) -> str:
    paragraphs = "".join(part if part.startswith("<") else f"<p>{part}</p>" for part in parts)
    return f"<html><body><p>{headline}</p>{paragraphs}</body></html>"


def told(html: str) -> tuple[Period | None, dict[Metric, tuple[Decimal, Decimal | None]]]:
    """The period, and verified figures with their priors."""
    reading = read(RawDocument(html.encode(), "text/html"))
    question = Question("x", reading, None, NOVEMBER)
    answer = Local().analyse(question, NothingToPay())
    verified = verify(reading, answer.drafts)
    assert verified.withheld == ()
    figures = [claim for claim in verified.claims if isinstance(claim, Figure)]
    assert all(figure.period == answer.period for figure in figures)
    found = {figure.metric: (figure.value, figure.prior) for figure in figures}
    return (answer.period if answer.is_results else None), found


def test_the_bundled_release_of_a_month() -> None:
    """Its four weeks and not the forty-eight beside them; the total and not its parts."""
    corpus = Path(__file__).parents[3] / "corpus"
    html = (corpus / "monthly_sales.html").read_text(encoding="utf-8")
    reading = read(RawDocument(html.encode(), "text/html"))
    at = datetime(2025, 8, 6, tzinfo=UTC)
    answer = Local().analyse(Question("x", reading, None, at), NothingToPay())
    assert answer.period == Period(PeriodKind.MONTH, date(2025, 8, 3), "JULY", 4)
    claims = verify(reading, answer.drafts).claims
    found = {c.metric: (c.value, c.prior) for c in claims if isinstance(c, Figure)}
    assert found == {
        SALES: (Decimal("10040000000"), Decimal("9400000000")),
        COMPS: (Decimal("5.1"), None),
    }


MILLION = 10**6
CASES = [
    (
        page(
            "Larch Stores, Inc. Reports October 2025 Net Sales",
            "MILLBROOK, Ohio, November 6, 2025 -- Larch Stores, Inc. (NYSE: LRCH) announced today "
            "that comparable store net sales for the 4-week period ended November 1, 2025 "
            "increased 4.9 percent from comparable store net sales for the 4-week "
            "period ended November 2, "
            "2024. Net sales for the 4-week fiscal month ended November 1, 2025 increased 8.1 "
            "percent to $98.6 million from net sales of $91.2 million for the prior year 4-week "
            "fiscal month ended November 2, 2024. Net sales for the 39-week period ended November "
            "1, 2025 increased 6.6 percent to $873.9 million.",
        ),
        date(2025, 11, 1),
        {SALES: (98600000, 91200000), COMPS: (Decimal("4.9"), None)},
    ),
    (
        page(
            "ROWAN WHOLESALE CORPORATION REPORTS OCTOBER SALES RESULTS",
            "Rowan Wholesale Corporation today reported net sales of $21.75 billion for the retail "
            "month of October, the four weeks ended November 2, 2025, an increase of 8.6 percent "
            "from $20.03 billion last year.",
            "Comparable sales for the periods ended November 2, 2025, were as follows:",
            TABLE,
            "Comparable sales excluding the impacts from changes in gasoline prices and foreign "
            "exchange were as follows:",
            TABLE.replace("(0.4)%", "6.3%"),
        ),
        date(2025, 11, 2),
        {SALES: (21750 * MILLION, 20030 * MILLION), COMPS: (Decimal("-0.4"), None)},
    ),
    (
        page(
            "Cedar Shops Reports October Sales",
            "CEDAR FALLS, Iowa, November 6, 2025 -- Cedar Shops (NYSE: CDR) today reported sales "
            "for the month of October of $44.1 million. Same-store sales for the month of October "
            "decreased 3.0%.",
        ),
        date(2025, 10, 31),
        {SALES: (44100000, None), COMPS: (Decimal("-3.0"), None)},
    ),
    (
        page(
            "Larch Stores Reports October Sales",
            "Net sales for the five weeks ended November 2, 2025 rose 3% to $310 million.",
        ),
        date(2025, 11, 2),
        {SALES: (310 * MILLION, None)},
    ),
]


@pytest.mark.parametrize(("html", "end", "figures"), CASES)
def test_what_retailers_write(
    html: str, end: date, figures: dict[Metric, tuple[Decimal, Decimal | None]]
) -> None:
    period, found = told(html)
    assert period is not None
    assert (period.kind, period.end) == (PeriodKind.MONTH, end)
    assert found == figures


@pytest.mark.parametrize(
    "html",
    [
        page("Larch Stores to Present at October Conference", "A webcast is on November 12, 2025."),
        page("Larch Stores Declares Dividend", "$0.20 a share for the month of October."),
        page("Larch Stores Prices Offering of Notes", "Sales of notes close on November 20, 2025."),
        page("Larch Stores Reports Holiday Sales", "Net sales for the nine weeks rose 3%."),
        page("Larch Stores Reports July Sales", "Net sales for the four weeks ended August 2, 2025 "
             "were $80.1 million."),
    ],
)  # fmt: skip
def test_what_is_no_months_sales(html: str) -> None:
    """Presentations, dividends, offerings; a season; a month that ended long ago."""
    period, found = told(html)
    assert period is None
    assert found == {}


def test_a_quarter_that_names_its_last_month_stays_a_quarter() -> None:
    html = page(
        "Larch Stores Reports Third Quarter and October Sales Results",
        "Net sales for the third quarter ended November 1, 2025 were $310.4 million, compared to "
        "$300.1 million, and net income was $12.5 million or $0.31 per share.",
    )
    period, _ = told(html)
    assert period is None or period.kind is PeriodKind.QUARTER
