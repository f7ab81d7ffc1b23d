"""A call lost on its way to Claude: listed, settled by a person, and counted, on the real thing."""

from __future__ import annotations

import pytest

from tests.acceptance.installation import Installation
from tests.acceptance.papers import filer
from tests.acceptance.processes import eventually
from tests.acceptance.test_claude import GOOD
from tests.servers.claude import ClaudeServer, rate_limited
from tests.servers.edgar import EdgarServer
from tests.servers.http import Reply

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]


def test_two_lost_calls_one_asked_again_and_one_given_up(
    asking_house: Installation, sec: EdgarServer, claude: ClaudeServer
) -> None:
    """The daemon that runs asks again at once; what was given up is never asked, and no document
    is called degraded any more. The caps count everything that may have been paid."""
    companies = [filer(number, ticker) for number, ticker in enumerate(("AAAA", "BBBB"), 1)]
    for company in companies:
        sec.add(company)
    claude.answers(Reply(drop=True))
    asking_house.configure(companies=companies)
    assert asking_house.run("scan").code == 0
    listed = asking_house.json("paid")["calls"]
    assert sorted(one["ticker"] for one in listed) == ["AAAA", "BBBB"]
    assert {one["process_lives"] for one in listed} == {False}
    shown = asking_house.run("paid")
    assert "2 calls may have been paid for" in shown.out
    before = asking_house.json("cost")["providers"][0]
    assert (before["calls"], before["in_doubt"]) == (0, 2)

    asked = len(claude.requests)
    claude.answers(GOOD)
    daemon = asking_house.daemon()
    first, second = (str(one["id"]) for one in listed)
    told = asking_house.run("paid", "retry", first, "--reason", "not on the invoice")
    assert told.code == 0, told.said
    assert "Asked again at once, by retailxai on" in told.out
    answered = "select count(*) from paid_call where state = 'answered'"
    eventually(lambda: asking_house.one(answered) == 1, "the answer is stored")
    assert asking_house.run("paid", "drop", second).code == 0
    assert asking_house.run("paid", "drop", first, second).code == 5
    assert asking_house.run("paid", "drop", "99").code == 4
    assert daemon.stop().code == 0

    scan = asking_house.run("scan")
    assert scan.code == 0, scan.said
    assert len(claude.requests) - asked == 1
    waits = "select count(*) from analysis where is_current and degraded"
    eventually(lambda: asking_house.one(waits) == 0, "no document waits for an answer")
    after = asking_house.json("cost", "--by", "document")
    (provider,) = after["providers"]
    assert (provider["calls"], provider["in_doubt"]) == (1, 0)
    given_up = float(provider["given_up_usd"])
    assert given_up == pytest.approx(float(before["in_doubt_usd"]))
    month = next(one for one in after["caps"] if one["per"] == "month")
    assert float(month["taken_usd"]) == pytest.approx(given_up + float(provider["usd"]))
    assert len(after["lines"]) == 2


def test_a_kill_while_an_overloaded_provider_is_waited_for_leaves_nothing_in_doubt(
    asking_house: Installation, sec: EdgarServer, claude: ClaudeServer
) -> None:
    """What the provider said it did not take does not stand as asked until it is tried again: the
    next scan asks it, and nobody has to decide whether it was paid for."""
    company = filer(1, "AAAA")
    sec.add(company)
    claude.answers(rate_limited("60"))
    asking_house.configure(companies=[company])
    scan = asking_house.start("scan")
    refused = "select count(*) from paid_call where state = 'refused'"
    eventually(lambda: claude.requests and asking_house.one(refused) == 1, "the refusal is written")
    assert scan.lives()
    scan.kill()

    claude.answers(GOOD)
    asked = len(claude.requests)
    asking_house.rows("delete from policy_pause returning service")  # the minute is over
    again = asking_house.run("scan")
    assert again.code == 0, again.said
    assert asking_house.json("paid")["calls"] == []
    assert asking_house.one("select count(*) from paid_call where state = 'answered'") == 1
    assert len(claude.requests) - asked == 1
