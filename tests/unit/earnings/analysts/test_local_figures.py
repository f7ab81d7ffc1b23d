"""Figures of whole releases, read by the rules and checked against their evidence."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal

import pytest

from earnings.analysts.base import FigureDraft
from earnings.analysts.local_candidates import Candidate, Tier
from earnings.analysts.local_figures import choose, figure_drafts
from earnings.evidence import verify
from earnings.reading.base import Reading
from earnings.reading.html import read_html
from earnings.reading.plain import read_plain
from earnings.reading.release import describe
from earnings.vocabulary import Figure, Metric, PeriodKind, Span
from tests.unit.earnings.analysts.retail_layouts import LAYOUTS
from tests.unit.earnings.analysts.retail_layouts_more import MORE
from tests.unit.earnings.pages import release, table

DATELINE = (
    "AUSTIN, Texas, August 20, 2024 -- Larch Stores, Inc. (NYSE: LRCH) today reported results "
)
QUARTER = "for its second quarter ended August 3, 2024."
MILLIONS = "(in millions, except per share data)"


def drafts(reading: Reading) -> tuple[FigureDraft, ...]:
    return figure_drafts(reading, describe(reading, None))


def read(*parts: str) -> dict[str, str]:
    """The quarter's verified figures of a small release, as text."""
    page = release(
        "Larch Stores Reports Second Quarter Results", *parts, opening=DATELINE + QUARTER
    )
    return claims(read_html(page))


def claims(reading: Reading) -> dict[str, str]:
    verified = verify(reading, drafts(reading))
    assert verified.withheld == ()
    return {
        str(claim.metric): str(claim.value)
        for claim in verified.claims
        if isinstance(claim, Figure) and claim.period.kind is PeriodKind.QUARTER
    }


def statement(heading: tuple[str, ...], *rows: str) -> str:
    return table(*heading, *rows)


@pytest.mark.parametrize("name", [*LAYOUTS, *MORE])
def test_the_layouts_retailers_use_are_read_right(name: str) -> None:
    """Every figure of the quarter, none wrong, none invented, each borne out by its row."""
    page, truth = (LAYOUTS | MORE)[name]
    found = claims(read_html(page))
    assert {metric: Decimal(value) for metric, value in found.items()} == {
        metric: Decimal(value) for metric, value in truth.items()
    }


def test_a_draft_quotes_exactly_its_span() -> None:
    """The quote is the text at the span, and the context are the headings and the scale."""
    page, _ = LAYOUTS["bigbox"]
    reading = read_html(page)
    for draft in drafts(reading):
        assert draft.span is not None
        assert draft.quote == reading.quote(draft.span)
    sales = next(d for d in drafts(reading) if d.metric is Metric.NET_SALES)
    assert [reading.quote(span) for span in sales.context] == [
        "Three Months Ended January 31,",
        "2024",
        "(Amounts in millions, except per share data)",
    ]


def test_the_year_stands_beside_the_quarter_and_is_not_taken_for_it() -> None:
    """Q4 releases show both; the quarter's figure is the quarter's."""
    page, _ = LAYOUTS["orange"]
    by_kind = {
        d.period.kind: d.value for d in drafts(read_html(page)) if d.metric is Metric.EPS_DILUTED
    }
    assert by_kind == {PeriodKind.QUARTER: Decimal("2.82"), PeriodKind.YEAR: Decimal("15.11")}


def test_the_prior_year_is_the_same_quarter_not_the_year_end() -> None:
    """Of three balance sheet columns the one a year earlier is the comparison."""
    page, _ = LAYOUTS["star"]
    inventory = next(d for d in drafts(read_html(page)) if d.metric is Metric.INVENTORY)
    assert inventory.prior == Decimal("6404000000")


TWO = ("| Thirteen Weeks Ended::2", "| August 3, 2024 | July 29, 2023")


def test_old_columns_before_new_ones() -> None:
    """The dates decide which column is ours, not the order."""
    heading = ("| Thirteen Weeks Ended::2", "| July 29, 2023 | August 3, 2024")
    rows = ("Net sales | $90 | $100", "Operating income | 8 | 9", "Net income | $5 | $6")
    assert read(MILLIONS, statement(heading, *rows))["net_income"] == "6000000"


def test_a_loss_without_brackets_is_still_a_loss() -> None:
    """ "Net loss 17.5" is negative; in brackets it is negative once, not twice."""
    rows = (
        "Net sales | $100 | $90",
        "Operating loss | (8.1) | (9.0)",
        "Net loss | $(17.5) | $(3.2)",
    )
    found = read(MILLIONS, statement(TWO, *rows))
    assert found["operating_income"] == "-8100000.0"
    assert found["net_income"] == "-17500000.0"


def test_income_before_minorities_yields_to_the_shareholders() -> None:
    """Net income is the company's own where both are stated."""
    rows = (
        "Net sales | $100 | $90",
        "Operating income | 20 | 18",
        "Net income | 12 | 11",
        "Net income attributable to noncontrolling interests | 2 | 1",
        "Net income attributable to Larch Stores, Inc. | $10 | $10",
    )
    assert read(MILLIONS, statement(TWO, *rows))["net_income"] == "10000000"


def test_amounts_without_a_scale_are_no_figures() -> None:
    """A table that does not say what it counts gives no amounts; per-share values stand."""
    rows = ("Net sales | $100 | $90", "Operating income | 20 | 18", "Diluted EPS | $0.40 | $0.35")
    assert read(statement(TWO, *rows)) == {"eps_diluted": "0.40"}


def test_two_statements_that_disagree_give_no_figure() -> None:
    """Missing beats wrong where nothing decides."""
    rows = ("Net sales | $100 | $90", "Operating income | 20 | 18", "Net income | $9 | $8")
    other = ("Net sales | $120 | $90", "Operating income | 20 | 18", "Net income | $9 | $8")
    found = read(MILLIONS, statement(TWO, *rows), MILLIONS, statement(TWO, *other))
    assert "net_sales" not in found
    assert found["net_income"] == "9000000"


def test_a_sentence_settles_what_tables_dispute() -> None:
    """Of two statements the one the lead agrees with is right."""
    rows = ("Net sales | $100 | $90", "Operating income | 20 | 18", "Net income | $9 | $8")
    other = ("Net sales | $120 | $90", "Operating income | 20 | 18", "Net income | $9 | $8")
    lead = "Net sales were $120 million, up 33% from $90 million."
    found = read(lead, MILLIONS, statement(TWO, *rows), MILLIONS, statement(TWO, *other))
    assert found["net_sales"] == "120000000"


def test_another_companys_period_is_not_ours() -> None:
    """A table of an earlier quarter only gives nothing for this one."""
    heading = ("| Thirteen Weeks Ended::2", "| May 4, 2024 | April 29, 2023")
    rows = ("Net sales | $100 | $90", "Operating income | 20 | 18", "Net income | $9 | $8")
    current = ("Net sales | $110 | $95", "Operating income | 22 | 19", "Net income | $10 | $9")
    found = read(MILLIONS, statement(TWO, *current), MILLIONS, statement(heading, *rows))
    assert found["net_sales"] == "110000000"


def test_no_results_no_figures() -> None:
    """A document that is no earnings release gives none, whatever numbers it holds."""
    page = release(
        "Larch Stores Reports October Sales",
        "Net sales for the four weeks ended November 2, 2024 were $310 million.",
    )
    assert drafts(read_html(page)) == ()


def test_typewritten_releases_are_read_too() -> None:
    """Columns set with spaces are columns."""
    text = """
LARCH STORES REPORTS SECOND QUARTER RESULTS

AUSTIN, Texas, August 20, 2024 -- Larch Stores, Inc. (NYSE: LRCH) today
reported results for its second quarter ended August 3, 2024. Comparable
store sales fell 2.4%.

                      LARCH STORES, INC.
             (in thousands, except per share data)

                                  Thirteen Weeks Ended
                              August 3,        July 29,
                                2024             2023
                             ----------       ----------
Net sales                     $410,220         $398,113
Gross profit                   151,300          149,020
Operating income (loss)         (1,204)           2,300
Net income (loss)             $ (2,010)        $  1,100
Net income (loss) per share:
   Basic                      $   (.11)        $    .06
   Diluted                    $   (.11)        $    .06
"""
    assert claims(read_plain(text.encode())) == {
        "net_sales": "410220000",
        "gross_profit": "151300000",
        "operating_income": "-1204000",
        "net_income": "-2010000",
        "eps_basic": "-0.11",
        "eps_diluted": "-0.11",
        "comparable_sales": "-2.4",
    }


def candidate(value: str, tier: Tier, rank: int = 0, start: int = 0, step: str = "1") -> Candidate:
    return Candidate(
        Metric.NET_SALES,
        Decimal(value),
        PeriodKind.QUARTER,
        Span(start, start + 5),
        tier,
        rank,
        step=Decimal(step),
    )


@pytest.mark.parametrize(
    ("found", "value"),
    [
        ([candidate("5", Tier.PROSE), candidate("7", Tier.STATEMENT)], "7"),
        ([candidate("5", Tier.STATEMENT, rank=2), candidate("7", Tier.STATEMENT)], "7"),
        ([candidate("5", Tier.STATEMENT), candidate("7", Tier.STATEMENT)], None),
        ([candidate("5", Tier.PROSE), candidate("7", Tier.PROSE, start=9000)], "5"),
        ([candidate("5", Tier.PROSE), candidate("7", Tier.PROSE, start=90)], None),
        (
            [candidate("1200", Tier.STATEMENT, step="100"), candidate("1234", Tier.STATEMENT)],
            "1234",
        ),
    ],
)
def test_what_is_chosen(found: list[Candidate], value: str | None) -> None:
    """Statements before highlights before sentences; the exact before the rounded; or nothing."""
    chosen = choose(found)
    assert [str(c.value) for c in chosen] == ([] if value is None else [value])


def test_a_typical_release_takes_well_under_a_second() -> None:
    """Reading and analysing all the layouts together is a matter of a second or two."""
    started = time.process_time()
    for page, _ in LAYOUTS.values():
        drafts(read_html(page))
    assert time.process_time() - started < 0.5 * len(LAYOUTS)


def said(value: str, tier: Tier, step: str = "1000", prior: str | None = None) -> Candidate:
    one = candidate(value, tier, step=step)
    return replace(one, prior=None if prior is None else Decimal(prior))


@pytest.mark.parametrize(
    ("found", "value"),
    [
        ([said("3891", Tier.STATEMENT), said("3891000000", Tier.PROSE)], "3891000000"),
        ([said("3891000", Tier.STATEMENT), said("3900000000", Tier.PROSE)], "3900000000"),
        ([said("3891000", Tier.STATEMENT), said("3500000000", Tier.PROSE)], "3891000"),
    ],
)
def test_a_lost_scale_shows_beside_a_sentence(found: list[Candidate], value: str) -> None:
    """An amount a thousand times a sentence's has lost its scale; another amount has not."""
    assert [str(c.value) for c in choose(found)] == [value]


def test_a_coarse_sentence_gives_way_to_statements() -> None:
    """ "$0.2 million" is not said where statements count thousands, and is where none do."""
    coarse = replace(said("200000", Tier.PROSE, step="100000"), metric=Metric.NET_INCOME)
    assert [c.metric for c in choose([coarse, said("5000", Tier.STATEMENT)])] == [Metric.NET_SALES]
    assert choose([coarse]) == [coarse]
    fine = replace(said("9200000", Tier.PROSE, step="100000"), metric=Metric.NET_INCOME)
    assert fine in choose([fine, said("5000", Tier.STATEMENT)])


def test_the_place_with_the_year_ago_number_is_cited() -> None:
    """Of places that state the same number, one that states the prior too."""
    with_prior = said("7", Tier.OTHER_TABLE, prior="6")
    (chosen,) = choose([said("7", Tier.STATEMENT), with_prior, said("7", Tier.PROSE, prior="5")])
    assert chosen == with_prior
    (chosen,) = choose([said("7", Tier.STATEMENT), said("8", Tier.PROSE, prior="5")])
    assert chosen.prior is None


def test_losses_without_brackets() -> None:
    """A heading or a label of losses gives its rows their sign, in evidence too."""
    heading = ("| Thirteen Weeks Ended::2", "| August 3, 2024 | July 29, 2023")
    rows = ("Net sales | $900 | $950", "Operating loss | 8 | 9", "Net loss | $5 | $6")
    shares = ("Net loss per share:", "Basic | $0.07 | $0.08", "Diluted | $0.07 | $0.08")
    assert read(MILLIONS, statement(heading, *rows, *shares)) == {
        "net_sales": "900000000",
        "operating_income": "-8000000",
        "net_income": "-5000000",
        "eps_basic": "-0.07",
        "eps_diluted": "-0.07",
    }


def test_two_rows_of_a_statement_are_enough_behind_a_headline() -> None:
    """A headline that reports results makes a small statement one."""
    heading = ("| Thirteen Weeks Ended::2", "| August 3, 2024 | July 29, 2023")
    found = read(MILLIONS, statement(heading, "Net sales | $900 | $950", "Net income | 5 | 6"))
    assert found == {"net_sales": "900000000", "net_income": "5000000"}
