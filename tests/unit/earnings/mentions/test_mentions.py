"""Companies are told from the words they are named after: rather none than a wrong one."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnings.mentions import Mentions
from earnings.mentions.names import Kind, kind_of, names_of
from earnings.mentions.style import Style, style_of, words_of
from earnings.vocabulary import Company
from tests.unit.earnings.mentions.titles import ABOUT, ABOUT_NOBODY, ADDED, ADDED_ABOUT

ROOT = Path(__file__).resolve().parents[4]
ENTRIES = tomllib.loads((ROOT / "retailxai.toml").read_text(encoding="utf-8"))["companies"]
WATCHED = [Company(entry["ticker"], entry["name"]) for entry in ENTRIES]
ALIASES = {entry["ticker"]: entry.get("aliases", []) for entry in ENTRIES}
SHIPPED = Mentions(WATCHED, ALIASES)
WIDER = Mentions([*WATCHED, *(Company(*one) for one in ADDED)], ALIASES)


@pytest.mark.parametrize(("title", "tickers"), ABOUT)
def test_a_headline_about_companies_names_them(title: str, tickers: str) -> None:
    assert " ".join(SHIPPED.tickers(title)) == tickers


@pytest.mark.parametrize("title", ABOUT_NOBODY)
def test_a_word_is_not_taken_for_a_company(title: str) -> None:
    """The verb target, a gap, a best buy, somebody called Ross."""
    assert SHIPPED.tickers(title) == ()


@pytest.mark.parametrize(("title", "tickers"), ADDED_ABOUT)
def test_companies_a_user_adds_go_by_the_same_rule(title: str, tickers: str) -> None:
    """None of these names is known to the rule; how ordinary its words are is worked out."""
    assert " ".join(WIDER.tickers(title)) == tickers


@pytest.mark.parametrize("company", WATCHED, ids=lambda company: company.ticker)
def test_every_shipped_company_is_found_by_name_and_ticker(company: Company) -> None:
    """In a sentence, in a title, with a figure of its own; by every proper form of its ticker."""
    for title in (
        f"{company.name} raises guidance after strong quarter",
        f"{company.name} Raises Guidance After Strong Quarter",
        f"Why {company.name} stock fell",
        f"A better quarter for retail (NYSE: {company.ticker})",
        f"A better quarter for retail (NASDAQ:{company.ticker}) and its rivals",
        f"Watching ${company.ticker} into the print",
    ):
        assert SHIPPED.tickers(title) == (company.ticker,), title


@pytest.mark.parametrize("company", WATCHED, ids=lambda company: company.ticker)
def test_a_name_in_small_letters_is_a_word(company: Company) -> None:
    """Nobody writes a company that way, unless the company does."""
    small = company.name.lower()
    if small != company.name:
        assert SHIPPED.tickers(f"the {small} is what shoppers talk of") == ()


def test_samples_are_no_companies() -> None:
    invented = Mentions([Company("BRW", "Brightwater", is_sample=True)])
    assert invented.tickers("Brightwater raises guidance (NYSE: BRW)") == ()


def test_further_text_counts_by_ticker_alone() -> None:
    """A summary speaks of many companies by the way."""
    assert SHIPPED.tickers("Holiday roundup", "Walmart and (NYSE: TGT) among others") == ("TGT",)


def test_an_alias_is_a_name() -> None:
    found = Mentions([Company("TJX", "TJX")], {"TJX": ["T.J. Maxx", "TJ Maxx"]})
    assert found.tickers("T.J. Maxx opens 40 stores") == ("TJX",)
    assert found.tickers("TJ Maxx opens 40 stores") == ("TJX",)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Walmart", Kind.COINED),
        ("Ross Stores", Kind.COINED),
        ("Best Buy", Kind.PHRASE),
        ("Target", Kind.WORD),
        ("Savers", Kind.WORD),
        ("RH", Kind.WORD),
        ("Casey's", Kind.PERSON),
        ("GameStop", Kind.COINED),
    ],
)
def test_how_easily_a_name_is_mistaken(name: str, kind: Kind) -> None:
    assert kind_of(tuple(name.split())) is kind


def test_what_is_left_out_of_a_name_says_nothing() -> None:
    """Costco Wholesale is Costco; Dollar General is not a dollar, nor Citi Trends a bank."""
    called = {
        name: {" ".join(one.words) for one in names_of("X", name)}
        for name in ("Costco Wholesale", "Dollar General", "Citi Trends", "Gap Inc.")
    }
    assert called["Costco Wholesale"] == {"costco wholesale", "costco"}
    assert called["Dollar General"] == {"dollar general"}
    assert called["Citi Trends"] == {"citi trends"}
    assert called["Gap Inc."] == {"gap", "gap inc"}


def test_titles_use_capitals_in_three_ways() -> None:
    told = {
        "Target raises its forecast for the year": Style.SENTENCE,
        "Target Raises Its Forecast for the Year": Style.TITLE,
        "TARGET RAISES ITS FORECAST FOR THE YEAR": Style.UPPER,
    }
    assert {title: style_of(words_of(title)) for title in told} == told


@given(st.text(max_size=200))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert set(SHIPPED.tickers(text, text)) <= {company.ticker for company in WATCHED}
