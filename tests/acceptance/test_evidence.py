"""The audit trail of what is shown, over a real scan with a paid analyst on loopback."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.acceptance.installation import Installation
from tests.acceptance.papers import filer
from tests.acceptance.test_claude import (
    EPS,
    INVENTED,
    LIE,
    OF_LIE,
    SALES,
    by_company,
    read,
)
from tests.servers.claude import ClaudeServer
from tests.servers.edgar import EdgarServer

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

# What the fake provider says that an answer took: 15,000 new, 2,000 written, 1,000 read, 1,500 out,
# at the shipped prices (2, 2.5, 0.2, 10 USD a million).
COST = Decimal("0.0502")


def test_every_claim_leads_to_its_document_its_reader_its_cost_and_who_else_said_it(
    asking_house: Installation, sec: EdgarServer, claude: ClaudeServer
) -> None:
    """Document, span and sentence, analyst, model, prompt, the answer's cost and the claim's share
    of it, what was withheld beside it, who agrees and who contradicts; for the terminal too."""
    fibs, liar = filer(1, "FIBS"), filer(2, "LIAR", more=LIE)
    sec.add(fibs)
    sec.add(liar)
    claude.answers(by_company({"FIBS": [read(SALES, INVENTED)], "LIAR": [read(OF_LIE, EPS)]}))
    asking_house.configure(companies=[fibs, liar])
    shown = {one["ticker"]: one for one in asking_house.json("scan")["readings"]}
    ids = {
        ticker: {one["metric"]: str(one["place"]["evidence_id"]) for one in reading["figures"]}
        for ticker, reading in shown.items()
    }

    sales = asking_house.json("evidence", ids["FIBS"]["net_sales"])
    assert sales["document"]
    assert "/Archives/edgar/data/" in sales["url"]
    assert sales["published_at"]
    assert len(sales["sha256"]) == 64
    assert sales["source"] == "edgar"
    assert sales["words"] == sales["sentence"] == "Net sales | 1,204.5 | 1,168.3"
    assert "Consolidated Statements of Operations" in sales["before"]
    assert (sales["analyst"], sales["prompt_version"][:7]) == ("claude", "release")
    assert sales["model"] == "claude-sonnet-5-5"
    assert Decimal(sales["cost_usd"]) == COST
    assert sales["answer_items"] == 2, "one claimed, one withheld"
    assert Decimal(sales["cost_share_usd"]) == COST / 2
    assert (sales["input_tokens"], sales["cached_tokens"]) == (18_000, 1_000)
    assert (sales["output_tokens"], sales["in_batch"]) == (1_500, False)
    (withheld,) = sales["withheld"]
    assert withheld["reason"] == "its words are not in the document"
    same = [one for one in sales["others"] if one["verdict"] == "agrees"]
    assert {one["analyst"] for one in same} == {"local"}
    assert not any(one["verdict"] == "differs" for one in sales["others"])

    own = asking_house.json("evidence", ids["LIAR"]["net_sales"])
    assert (own["analyst"], own["cost_usd"], own["in_batch"]) == ("local", "0", None)
    (against,) = [one for one in own["others"] if one["verdict"] == "differs"]
    assert (against["analyst"], against["document"]) == ("claude", "")
    assert "a table of results in the document says otherwise" in against["reason"]
    eps = asking_house.json("evidence", ids["LIAR"]["eps_diluted"])
    assert eps["analyst"] == "claude"
    income = asking_house.json("evidence", ids["LIAR"]["net_income"])
    assert income["silent"] == ["claude"]

    told = asking_house.run("evidence", ids["FIBS"]["net_sales"]).out
    for words in ("Who else said the same:", "that answer holds 2 items", "asked singly"):
        assert words in told
    assert "Who contradicted it:" in asking_house.run("evidence", ids["LIAR"]["net_sales"]).out


def test_a_later_document_that_says_otherwise_is_named(
    asking_house: Installation, sec: EdgarServer, claude: ClaudeServer
) -> None:
    """Two documents of one company about one quarter: each names the other, by its title."""
    claude.answers(read(SALES))
    first = filer(1, "TWIN")
    sec.add(first)
    asking_house.configure(companies=[first])
    scan = asking_house.json("scan")
    (reading,) = scan["readings"]
    (number,) = (
        one["place"]["evidence_id"] for one in reading["figures"] if one["metric"] == "net_sales"
    )
    asking_house.drop("TWIN restated.txt", RESTATED)
    asking_house.run("scan")
    others = asking_house.json("evidence", str(number))["others"]
    elsewhere = [one for one in others if one["document"]]
    assert [(one["verdict"], "1.19" in one["what"]) for one in elsewhere] == [("differs", True)]
    assert "TWIN restated" in elsewhere[0]["document"]


RESTATED = """Twin Stores Inc Restates Second Quarter Fiscal 2026 Results

MILLBROOK, Ohio, September 30, 2026 -- Twin Stores Inc (NYSE: TWIN) today reported restated results
for the second quarter of fiscal 2026, the thirteen weeks ended August 1, 2026.

Net sales were $1,190.2 million, an increase of 1.9% compared to the prior year. Diluted earnings
per share were $0.85, compared to $0.81 in the second quarter of fiscal 2025.
"""
