"""A service that goes away in the middle of a scan and comes back: nobody has to do anything."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from resilience.clock import SystemClock
from tests.acceptance.installation import Installation
from tests.acceptance.papers import filer
from tests.acceptance.processes import eventually
from tests.acceptance.test_claude import GOOD
from tests.servers import claude as answers
from tests.servers.claude import ClaudeServer
from tests.servers.edgar import EdgarServer, Filer, filing_path
from tests.servers.http import Reply

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

OPEN_S = 3
POLICY = {"attempts": 1, "failure_threshold": 3, "open_s": OPEN_S, "max_open_s": OPEN_S}
TICKERS = ("AAAA", "BBBB", "CCCC", "DDDD", "EEEE", "FFFF", "GGGG", "HHHH", "IIII", "JJJJ")


def companies(sec: EdgarServer) -> list[Filer]:
    found = [filer(number, ticker) for number, ticker in enumerate(TICKERS, 1)]
    for company in found:
        sec.add(company)
    return found


def exhibits(sec: EdgarServer, all_: Sequence[Filer], reply: Reply | None) -> None:
    """Answer for every release with `reply`, or (None) with the release."""
    for company in all_:
        path = filing_path(company.cik, company.filings[0], "/release.htm")
        body = company.filings[0].documents[1].content
        sec.route("GET", path, reply or Reply(body=body))


def letters(house: Installation, state: str) -> int:
    found = house.one("select count(*) from dead_letter where state = %s", state)
    return int(found)


def test_edgar_goes_away_in_mid_scan_and_the_daemon_finishes_by_itself(
    reading_house: Installation, sec: EdgarServer
) -> None:
    """The scan is over and most documents are not read; there is no other scan before
    tomorrow. Once the server is back, all are, within the breaker's wait and ten seconds."""
    filers = companies(sec)
    exhibits(sec, filers, Reply(status=503))
    reading_house.miss_a_slot(companies=filers, policies=POLICY)
    daemon = reading_house.daemon()
    eventually(lambda: letters(reading_house, "waiting") == len(TICKERS), "all are kept")
    assert reading_house.analyses() == {}
    listed = reading_house.json("dead-letters")["dead_letters"]
    assert {one["service"] for one in listed} == {"edgar"}
    assert {one["cause"] for one in listed} == {"outage"}

    exhibits(sec, filers, None)
    clock = SystemClock()
    back_at = clock.monotonic()
    eventually(lambda: len(reading_house.analyses()) == len(TICKERS), "all are read", 60)
    took_s = clock.monotonic() - back_at
    assert took_s < OPEN_S + 10
    eventually(lambda: letters(reading_house, "resolved") == len(TICKERS), "all are resolved")
    assert reading_house.analyses() == dict.fromkeys(TICKERS, 1)
    assert reading_house.json("dead-letters")["dead_letters"] == []
    assert len(reading_house.runs()) == 1, "by no other scan"
    assert daemon.stop().code == 0

    changes = ("failure_threshold=1", "open_s=2")
    tested = reading_house.json("policy", "backtest", "edgar", "--set", *changes)
    assert tested["calls"] >= 2 * len(TICKERS)
    assert tested["changed"]["failures_met"] <= tested["present"]["failures_met"]
    assert tested["present"]["opened"] >= 1


def test_claude_comes_back_and_is_asked_once_more_and_no_more(
    asking_house: Installation, sec: EdgarServer, claude: ClaudeServer
) -> None:
    """Overloaded is turned away before any work: it is asked again when it would be; what may
    have been paid for is not, whoever replays."""
    filers = companies(sec)[:3]
    claude.answers(answers.overloaded())
    asking_house.miss_a_slot(companies=filers, policies=POLICY)
    daemon = asking_house.daemon()
    eventually(lambda: letters(asking_house, "waiting") == 3, "all are kept")
    asked = len(claude.requests)
    claude.answers(answers.error(500, "api_error", "Internal server error"), GOOD)
    eventually(lambda: letters(asking_house, "resolved") == 3, "all are resolved", 60)
    states = asking_house.rows("select state, count(*) from paid_call group by state order by 1")
    assert states == [("answered", 2), ("in_doubt", 1)]
    assert len(claude.requests) - asked <= 3 + 2  # trials that still met the overload
    assert daemon.stop().code == 0


def test_a_person_has_one_tried_again_by_the_daemon_that_runs(
    reading_house: Installation, sec: EdgarServer
) -> None:
    """Also one that was given up; without a daemon the next one does it."""
    (company, *_) = filers = companies(sec)[:1]
    exhibits(sec, filers, Reply(status=503))
    reading_house.configure(companies=filers, policies=POLICY)
    assert reading_house.run("scan").code == 1
    number = reading_house.one("select id from dead_letter")
    reading_house.rows("update dead_letter set cause = 'poison' returning id")
    exhibits(sec, filers, None)

    shown = reading_house.run("dead-letters", "show", str(number))
    assert "waits for a person" in shown.out
    asked = reading_house.run("dead-letters", "retry", str(number))
    assert asked.code == 0, asked.said
    assert "by the next daemon that starts" in asked.out
    daemon = reading_house.daemon()
    eventually(lambda: reading_house.analyses() == {company.tickers[0]: 1}, "it is read")
    again = reading_house.run("dead-letters", "retry", str(number))
    assert again.code == 5, again.said
    assert reading_house.run("dead-letters", "drop", "999").code == 4
    assert daemon.stop().code == 0
