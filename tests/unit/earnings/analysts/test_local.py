"""The local analyst keeps its promises: no network, no failure, honest notes."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earnings.analysts import local
from earnings.analysts.base import CallKey, FigureDraft, PaidAnswer, Question
from earnings.analysts.local import Local
from earnings.reading.base import Cell, Reading, Row, Table
from earnings.reading.html import read_html
from earnings.vocabulary import Company, Metric, Span
from tests.unit.earnings.analysts.retail_layouts import LAYOUTS


class NoMoney:
    """Paid calls that must never be made."""

    def once(
        self, key: CallKey, estimate_usd: Decimal, call: object, batch: object = None
    ) -> PaidAnswer:
        raise AssertionError("the local analyst paid for something")


def question(reading: Reading) -> Question:
    return Question("0" * 64, reading, None, None)


def test_a_release_is_answered_with_figures() -> None:
    """Figures, the period, and who answered."""
    page, _ = LAYOUTS["offprice"]
    answer = Local().analyse(question(read_html(page)), NoMoney())
    assert (answer.analyst, answer.model, answer.is_results) == ("local", "rules-3", True)
    assert answer.period is not None
    assert {d.metric for d in answer.drafts if isinstance(d, FigureDraft)} >= {
        Metric.NET_SALES,
        Metric.EPS_DILUTED,
    }
    assert Local().switched_off() is None


def test_no_results_are_said_to_be_none() -> None:
    """The answer says why, and drafts nothing."""
    page = b"<p>Larch Stores Names New Chief Financial Officer</p><p>She starts in May.</p>"
    answer = Local().analyse(question(read_html(page)), NoMoney())
    assert not answer.is_results
    assert answer.drafts == ()
    assert answer.notes


def test_trouble_in_one_part_costs_only_that_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that trips leaves a note; the other parts still answer."""

    def trips(*_: object) -> tuple[FigureDraft, ...]:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(local, "guidance_drafts", trips)
    page, _ = LAYOUTS["offprice"]
    answer = Local().analyse(question(read_html(page)), NoMoney())
    assert any("guidance could not be read (ZeroDivisionError: oops)" in n for n in answer.notes)
    assert answer.drafts


PHRASES = (
    "Net sales|Diluted|per share|Q4 FY23|$|(1.2|5%|\n|comparable sales|declined|(NYSE: X)|ended|"
    "January 32, 2023|fiscal 2023|guidance|to|million|reports|results|quarter|-|“|expects|tariffs"
)
WORDS = PHRASES.split("|")


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    text = " ".join(draw(st.lists(st.sampled_from(WORDS), max_size=60)))
    size = len(text)
    spans = st.tuples(st.integers(0, size), st.integers(0, size)).map(lambda t: Span(*sorted(t)))
    cell = st.builds(Cell, st.integers(0, 9), st.sampled_from([*WORDS, "2023", "7.1"]), spans)
    row = st.builds(
        Row, st.sampled_from([*WORDS, ""]), st.lists(cell, max_size=4).map(tuple), spans
    )
    table = st.builds(Table, st.lists(row, max_size=6).map(tuple), spans, st.sampled_from(WORDS))
    tables = sorted(draw(st.lists(table, max_size=3)), key=lambda t: t.span)
    return Reading(text, tuple(tables), "html-1")


@settings(max_examples=200, deadline=None)
@given(readings())
def test_it_never_fails(reading: Reading) -> None:
    """Whatever a reading holds, there is an answer."""
    assert Local().analyse(question(reading), NoMoney()).model == "rules-3"


@pytest.mark.parametrize(
    "hostile",
    [
        "fiscal 2023 " * 60 + "net sales of $5 million.",
        "the the quarter quarter " * 30 + "comparable sales rose 5%.",
        "comparable " * 400 + "sales 5%",
        "excluding " * 70 + ", EPS of $1.",
        "(" * 600 + "NYSE: X)",
        "first quarter of fiscal year " * 25 + "ended January 1, 2024",
        "Inc. Co. Corp. Group Holdings " * 20 + "(NYSE: LRCH) reports results",
    ],
)
def test_hostile_sentences_cost_no_time(hostile: str) -> None:
    """No rule takes more than a moment on words made to make it backtrack."""
    page = f"<p>Larch Reports Second Quarter Results</p><p>{hostile}</p><p>{hostile} x</p>"
    started = time.process_time()
    Local().analyse(question(read_html(page.encode())), NoMoney())
    assert time.process_time() - started < 2


def test_another_companys_document_is_told() -> None:
    """Filed under one company and naming another's ticker: read, with a note."""
    page, _ = LAYOUTS["offprice"]
    reading = read_html(page)
    asked = Question("0" * 64, reading, Company("OTHR", "Other", fiscal_year_end="0131"), None)
    answer = Local().analyse(asked, NoMoney())
    assert any("not OTHR" in note for note in answer.notes)
    assert answer.drafts
