"""What is not shown to a model holds nothing that is asked for."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.accuracy import NoPaidCalls, kind_of
from earnings.analysts.base import Question
from earnings.analysts.essentials import essential
from earnings.analysts.local import Local
from earnings.analysts.trimming import trim
from earnings.evidence import verify
from earnings.reading.base import Reading
from earnings.reading.reader import read
from earnings.vocabulary import Quote, RawDocument, Span

ROOT = Path(__file__).parents[4]
PAPERS = sorted(
    each
    for folder in (ROOT / "samples", ROOT / "tests" / "corpus" / "releases")
    for each in folder.iterdir()
    if each.suffix in (".html", ".txt", ".pdf") and each.name[0] != "."
)


def _read(path: Path) -> Reading:
    return read(RawDocument(path.read_bytes(), kind_of(path), title=path.name))


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
def test_every_claim_of_the_rules_is_shown_with_what_gives_it_meaning(path: Path) -> None:
    """Sentence, row, heading and scale: a model that is not shown them could not cite them."""
    reading = _read(path)
    answer = Local().analyse(Question("0" * 64, reading, None, None), NoPaidCalls())
    claims = verify(reading, answer.drafts).claims
    shown = essential(reading)

    def is_shown(span: Span) -> bool:
        return any(each.start <= span.start and span.end <= each.end for each in shown)

    for claim in claims:
        assert is_shown(claim.span), reading.quote(claim.span)
        for span in () if isinstance(claim, Quote) else claim.context:
            assert is_shown(span), reading.quote(span)


def test_statements_that_nobody_asks_for_are_left_out() -> None:
    """Cash flows, the balance sheet below its inventories, safe-harbour words, who to call."""
    page = (
        b"""<html><body><p>Corner Shops Inc Reports Third Quarter Results</p>
    <p>Net sales were $4.0 billion.</p>"""
        + b"<p>We open early every day.</p>" * 60
        + b"""
    <p>We expect diluted EPS of $3.05 to $3.20.</p>
    <p>This release contains forward-looking statements within the meaning of the Private
    Securities Litigation Reform Act of 1995, which could cause actual results to differ.</p>
    <p>our ability to manage inventory, tariffs and consumer demand in a changing world of trade
    and commerce that nobody can foresee and that may turn out otherwise at any time</p>
    <p>Corner Shops Inc</p><p>Balance Sheets (in millions)</p>
    <table><tr><td></td><td>October 31, 2026</td><td>November 1, 2025</td></tr>
    <tr><td>Cash</td><td>312</td><td>290</td></tr>
    <tr><td>Merchandise inventories</td><td>1,204</td><td>1,187</td></tr>
    <tr><td>Total assets</td><td>5,204</td><td>5,187</td></tr>
    <tr><td>Accounts payable to suppliers of the company</td><td>904</td><td>887</td></tr>
    <tr><td>Long-term operating lease liabilities</td><td>1,904</td><td>1,887</td></tr>
    <tr><td>Total liabilities and equity</td><td>5,204</td><td>5,187</td></tr></table>
    <p>Statements of Cash Flows</p>
    <table><tr><td></td><td>October 31, 2026</td><td>November 1, 2025</td></tr>
    <tr><td>Net income</td><td>61</td><td>57</td></tr>
    <tr><td>Merchandise inventories</td><td>(17)</td><td>12</td></tr>
    <tr><td>Net cash provided by operating activities</td><td>99</td><td>88</td></tr>
    <tr><td>Net cash used in investing activities</td><td>(45)</td><td>(44)</td></tr></table>
    </body></html>"""
    )
    shown = trim(read(RawDocument(page, "text/html")), 100_000).text
    for words in ("$4.0 billion", "$3.05 to $3.20", "(in millions)", "October 31, 2026", "1,204"):
        assert words in shown
    for words in ("Accounts payable", "operating activities", "our ability", "Litigation"):
        assert words not in shown
    assert "[...]" in shown


@given(st.lists(st.sampled_from(
    ["Net sales were $5 million.", "Outlook", "\n", "Nothing to see here, or there. " * 9,
     "forward-looking statements", "“We are glad,” said Eve.", "5%"]), max_size=60))  # fmt: skip
def test_what_is_shown_stands_apart_and_in_order(lines: list[str]) -> None:
    """Spans of the text, none empty, none touching the next; a short text is shown whole."""
    text = "\n".join(lines)
    shown = essential(Reading(text, (), "test"))
    assert all(0 <= one.start < one.end <= len(text) for one in shown)
    assert all(one.end < other.start for one, other in pairwise(shown))
    if len(text) <= 1_200:
        assert trim(Reading(text, (), "test"), 10**6).text == text
