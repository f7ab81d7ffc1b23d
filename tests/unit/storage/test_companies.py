"""storage.companies: the watch list, and companies met on the way."""

from __future__ import annotations

import pytest

from earnings.vocabulary import Company, Lead
from storage.companies import Companies
from storage.database import Database
from storage.documents import Documents

pytestmark = pytest.mark.database

HARBOR = Company("HRBR", "Harbor Home Stores, Inc.", 1234567, "0131", "home")
MEADOW = Company("MDW", "Meadow Grocers", 7654321, "1231", "grocery")


@pytest.fixture
def companies(database: Database) -> Companies:
    return Companies(database)


def test_the_watch_list_is_what_was_configured(companies: Companies) -> None:
    """A company taken off it stays known, for its documents are."""
    companies.sync([HARBOR, MEADOW])
    assert companies.watched() == (HARBOR, MEADOW)
    companies.sync([MEADOW])
    assert companies.watched() == (MEADOW,)
    assert companies.all() == (HARBOR, MEADOW)
    companies.sync([])
    assert companies.watched() == ()


def test_a_changed_name_is_taken_over(companies: Companies) -> None:
    companies.sync([HARBOR])
    renamed = Company("HRBR", "Harbor & Home", 1234567, "0131", "home")
    companies.sync([renamed])
    assert companies.get("HRBR") == renamed


def test_a_company_met_in_a_document_is_not_watched(
    companies: Companies, database: Database
) -> None:
    """And does not take the watch off one that is, nor rename it."""
    companies.sync([HARBOR])
    leads = [Lead("edgar", ticker, "Results", "", None, ticker) for ticker in ("MDW", "hrbr")]
    Documents(database).record("edgar", "all", leads, "1", None)
    assert companies.watched() == (HARBOR,)
    assert companies.get("MDW") == Company("MDW", "MDW")


@pytest.mark.parametrize("typed", ["hrbr", " HRBR ", "Hrbr"])
def test_a_ticker_is_found_however_it_is_typed(companies: Companies, typed: str) -> None:
    companies.sync([Company("hrbr", "Harbor")])
    assert companies.get(typed) == Company("HRBR", "Harbor")
    assert companies.get("NONE") is None


@pytest.mark.parametrize(
    ("typed", "found"),
    [("harbor", HARBOR), ("Home Stores", HARBOR), ("medow", MEADOW), ("HRB", HARBOR)],
)
def test_what_was_meant_comes_first(companies: Companies, typed: str, found: Company) -> None:
    """Parts of names and slips of the finger."""
    companies.sync([HARBOR, MEADOW])
    assert companies.alike(typed)[0] == found


def test_nothing_alike_is_nothing(companies: Companies) -> None:
    companies.sync([HARBOR, MEADOW])
    assert companies.alike("zzzz") == ()
