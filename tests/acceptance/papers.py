"""Releases of invented retailers, and their filings, as EDGAR would hold them."""

from __future__ import annotations

from tests.servers.edgar import Filed, FiledDocument, Filer

_RELEASE = """<html><head><title>Exhibit 99.1</title>{head}</head><body>
<p><b>{name} Reports Second Quarter Fiscal 2026 Results</b></p>
<p>MILLBROOK, Ohio, August 19, 2026 -- {name} (NYSE: {ticker}) today reported results for the
second quarter of fiscal 2026, the thirteen weeks ended August 1, 2026.</p>
<p>Net sales were ${sales} million, an increase of 3.1% compared to the prior year.
Comparable sales increased 2.4%. Diluted earnings per share were ${eps}, compared to $0.81 in
the second quarter of fiscal 2025.</p>
<p>"Customers are choosing carefully, and tariffs raised our costs," said Ada Lindqvist, Chief
Executive Officer. {more}</p>
<p>For fiscal 2026 the company now expects diluted earnings per share of $3.40 to $3.60,
compared to its previous guidance of $3.20 to $3.50.</p>
<p>{name}<br/>Consolidated Statements of Operations<br/>(in millions, except per share)</p>
<table>
<tr><td></td><td colspan="2">Thirteen Weeks Ended</td></tr>
<tr><td></td><td>August 1, 2026</td><td>August 2, 2025</td></tr>
<tr><td>Net sales</td><td>{sales}</td><td>1,168.3</td></tr>
{row}<tr><td>Operating income</td><td>88.4</td><td>81.0</td></tr>
<tr><td>Net income</td><td>61.2</td><td>57.9</td></tr>
<tr><td>Diluted earnings per share</td><td>{eps}</td><td>0.81</td></tr>
</table></body></html>"""

_PAYROLL = """<html><body><p>{name} Names New Chief Financial Officer</p>
<p>MILLBROOK, Ohio, September 2, 2026 -- {name} (NYSE: {ticker}) today announced that Jon Mercer
joins the company as Chief Financial Officer. He succeeds Eve Orr, who retires.</p></body></html>"""


def release(
    name: str,
    ticker: str,
    *,
    sales: str = "1,204.5",
    eps: str = "0.87",
    more: str = "",
    head: str = "",
    row: str = "",
) -> str:
    """A second-quarter release with figures, guidance and a quote. `row`: one of its table."""
    return _RELEASE.format(
        name=name, ticker=ticker, sales=sales, eps=eps, more=more, head=head, row=row
    )


def not_results(name: str, ticker: str) -> str:
    """A release that reports no results, whatever item it is filed under."""
    return _PAYROLL.format(name=name, ticker=ticker)


def filed(
    cik: int,
    content: bytes | str,
    *,
    number: int = 31,
    accepted: str = "2026-08-19T06:45:14",
    kind: str = "EX-99.1",
    items: str = "2.02,9.01",
) -> Filed:
    """One 8-K whose exhibit 99.1 is `content`."""
    body = content.encode() if isinstance(content, str) else content
    return Filed(
        accession=f"{cik:010d}-26-{number:06d}",
        accepted=accepted,
        items=items,
        documents=(
            FiledDocument("8-K", "form8k.htm", b"<html><p>Item 2.02</p></html>", "8-K"),
            FiledDocument(kind, "release.htm", body, "PRESS RELEASE"),
        ),
    )


def filer(number: int, ticker: str, *filings: Filed, name: str = "", **figures: str) -> Filer:
    """An invented company; without `filings` it has filed one release."""
    cik, name = 1_990_000 + number, name or f"{ticker.title()} Stores Inc"
    filings = filings or (filed(cik, release(name, ticker, **figures)),)
    return Filer(cik=cik, name=name.upper(), tickers=(ticker,), filings=filings)
