"""Real filings' shapes over real HTTP, with everything that goes wrong there."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

import pytest

from resilience.clock import SystemClock
from tests.acceptance.conftest import PACE
from tests.acceptance.installation import Installation
from tests.acceptance.papers import filed, filer, not_results, release
from tests.acceptance.processes import eventually
from tests.servers.edgar import (
    FEED_PATH,
    EdgarServer,
    Filer,
    Shown,
    filing_path,
    refusal_page,
    submissions_json,
    submissions_path,
)
from tests.servers.http import RecordedRequest, Reply

pytestmark = [pytest.mark.acceptance, pytest.mark.database]

NEWEST, BEFORE = 31, 10


def exhibit(company: Filer) -> str:
    return filing_path(company.cik, company.filings[0], "/release.htm")


def test_the_latest_release_of_each_company_with_every_figure_cited(
    reading_house: Installation, sec: EdgarServer
) -> None:
    """Only the newest results; a filing under item 2.02 that reports none gives way to the one
    before it; the evidence shows the sentence; later scans ask, store and analyse nothing
    twice; never faster than the pace."""
    name = "Kilo Markets Inc"
    older = filed(
        1_990_002, release(name, "KILO", eps="0.55"), number=BEFORE, accepted="2026-05-20T07:00:00"
    )
    oldest = filed(
        1_990_002, release(name, "KILO", eps="0.44"), number=9, accepted="2026-03-04T07:00:00"
    )
    newest = filed(
        1_990_002, not_results(name, "KILO"), number=NEWEST, accepted="2026-09-02T07:00:00"
    )
    first = filed(
        1_990_001,
        release("Alpha Stores Inc", "ALPH"),
        number=BEFORE,
        accepted="2026-05-20T07:00:00",
    )
    second = filed(1_990_001, release("Alpha Stores Inc", "ALPH", sales="1,310.2", eps="0.93"))
    latin = release("Nord Stores Inc", "NORD", more="“Café” sales – up").encode("cp1252", "replace")
    wide = release("Oscar Stores Inc", "OSCR", eps="0.92").encode("utf-16")
    companies = [
        filer(1, "ALPH", second, first, name="Alpha Stores Inc"),
        filer(2, "KILO", newest, older, oldest, name=name),
        filer(3, "NORD", filed(1_990_003, latin), name="Nord Stores Inc"),
        filer(4, "OSCR", filed(1_990_004, wide), name="Oscar Stores Inc"),
    ]
    for company in companies:
        sec.add(company)
    nowhere = filer(5, "GONE")
    reading_house.configure(companies=[*companies, nowhere])

    scan = reading_house.run("scan")
    assert scan.code == 0, scan.said
    assert "4 documents read; 1 without results." in scan.out
    assert "$0.93" in scan.out
    assert "$0.55" in scan.out
    assert "$0.44" not in scan.out
    assert "GONE: CIK 1990005 is not in EDGAR; correct it" in scan.out
    assert len(sec.requests) <= PACE * scan.took_s + 1
    agents = {request.headers["user-agent"] for request in sec.requests}
    assert len(agents) == 1
    assert "reader@northgate-reading.org" in agents.pop()
    done, asked = reading_house.counts(), len(sec.requests)

    number = reading_house.one(
        "select i.id from insight i join document d on d.id = i.document_id"
        " where d.ticker = 'ALPH' and i.metric = 'net_sales' and i.status = 'claimed' limit 1"
    )
    shown = reading_house.run("evidence", str(number)).out
    assert "Net sales | 1,310.2 | 1,168.3" in shown
    assert "000199000126000031" in shown

    assert "Nothing new" in reading_house.run("scan").out
    assert reading_house.counts() == done
    assert set(sec.paths()[asked:]) == {submissions_path(c.cik) for c in [*companies, nowhere]}


def test_what_goes_wrong_at_one_company_costs_the_others_nothing(
    reading_house: Installation, sec: EdgarServer
) -> None:
    """Each fault is said with its company and its reason; the others are read; as soon as the
    server is well the next scan heals what can be healed, and nothing is there twice."""
    names = ("WELL", "BUSY", "TORN", "JUNK", "PAGE", "HUGE", "VOID", "SLOW", "BYTE")
    _, busy, torn, junk, page, huge, void, slow, noise = companies = [
        filer(number, ticker) for number, ticker in enumerate(names, 1)
    ]
    for company in companies:
        sec.add(company)
    listed = {company: Reply.json(submissions_json(company)) for company in companies}
    body = slow.filings[0].documents[1].content
    sec.route("GET", submissions_path(busy.cik), Reply(status=503), listed[busy])
    sec.route("GET", submissions_path(torn.cik), listed[torn].truncated(300))
    sec.route("GET", submissions_path(junk.cik), replace(listed[junk], body=b'{"cik": "00'))
    sec.route("GET", submissions_path(page.cik), Reply.html("<html><p>Welcome</p></html>"))
    sec.route("GET", exhibit(huge), Reply(body=b"x" * 40_000_000))
    sec.route("GET", exhibit(void), Reply())
    sec.route("GET", exhibit(slow), Reply(body=body).slow(10, 0.2))
    sec.route("GET", exhibit(noise), Reply(body=b"\x00\x01\x02garbage" * 60))
    reading_house.configure(companies=companies)

    ill = reading_house.run("scan")
    assert ill.code == 1, ill.said
    assert set(reading_house.analyses()) == {"WELL", "BUSY", "SLOW"}
    for ticker, words in {
        "TORN": "the answer was cut off",
        "JUNK": "not JSON",
        "PAGE": "a page of HTML where JSON was due",
        "HUGE": "is 40.0 MB; the limit is 25.0 MB",
        "VOID": "answered nothing",
        "BYTE": "binary data, not text",
    }.items():
        assert any(ticker in line and words in line for line in ill.out.splitlines()), ill.said

    for company in companies:
        sec.add(company)
    healed = reading_house.run("scan")
    assert healed.code == 0, healed.said
    kept_out = {"HUGE", "BYTE"}  # refused for what they are: a person is told, nobody asks again
    assert reading_house.analyses() == dict.fromkeys(sorted(set(names) - kept_out), 1)


def test_a_refusal_of_the_sec_holds_everybody_back(
    reading_house: Installation, sec: EdgarServer
) -> None:
    """Its page comes with status 200. Asking on would prolong it: the scan leaves EDGAR alone
    at once, says why, reads the inbox all the same. The next process remembers the ten minutes;
    once a person lets it try, everything is found."""
    companies = [filer(number, f"CO{letter}") for number, letter in enumerate("ABCDEF", 1)]
    for company in companies:
        sec.route("GET", submissions_path(company.cik), Reply.html(refusal_page("rate")))
    reading_house.configure(companies=companies)
    reading_house.drop("COA-q2.html", release("Inbox Stores Inc", "COA"))

    refused = reading_house.run("scan")
    assert refused.code == 1, refused.said
    assert "too many requests from this address" in refused.out
    assert "more not asked this time" in refused.out
    assert len(sec.requests) <= 4, "those that were under way"
    assert reading_house.analyses() == {"COA": 1}

    for company in companies:
        sec.add(company)
    asked = len(sec.requests)
    held = reading_house.run("scan")
    assert held.code == 1, held.said
    assert "edgar: paused for another" in held.out
    assert len(sec.requests) == asked

    assert reading_house.run("breakers", "probe", "edgar").code == 0
    assert reading_house.run("scan").code == 0
    assert set(reading_house.analyses()) == {company.tickers[0] for company in companies}


def test_a_release_in_the_feed_is_read_at_once_and_once(
    reading_house: Installation, sec: EdgarServer
) -> None:
    """By the shipped daemon, without a scan: the feed is looked at, the company that filed is
    asked, its release is analysed. After a kill -9 the same day's watch goes on; the next scan
    finds nothing that is not known. One row of the ledger holds the day."""
    quiet = filer(1, "QUIE")
    busy = filer(2, "BUSY")
    sec.show(Shown(quiet, quiet.filings[0], says_items=False))
    for company in (quiet, busy):
        sec.add(company)
    every = '[edgar]\nwatch = "always"\nwatch_every_s = 1\n'
    reading_house.configure(companies=[quiet, busy], more=every)
    daemon = reading_house.daemon()

    def is_read(**analyses: int) -> None:
        eventually(lambda: reading_house.analyses() == analyses, f"{analyses} are read", 90)

    is_read(QUIE=1)
    assert submissions_path(busy.cik) not in sec.paths(), "nobody asks who did not file"

    sec.show(Shown(busy, busy.filings[0]), Shown(quiet, quiet.filings[0]))
    is_read(QUIE=1, BUSY=1)
    daemon.kill()

    amended = release(busy.name.title(), "BUSY", sales="1,310.2", eps="0.93")
    later = replace(
        filed(busy.cik, amended, number=32, accepted="2026-08-20T16:05:00"), form="8-K/A"
    )
    sec.add(replace(busy, filings=(later, *busy.filings)))
    sec.show(Shown(busy, later), Shown(busy, busy.filings[0]))
    daemon = reading_house.daemon()
    is_read(QUIE=1, BUSY=2)
    shown = reading_house.run("company", "BUSY").out
    assert "$0.93" in shown
    assert "amended by document" in shown
    assert "Nothing new" in reading_house.run("scan").out
    daemon.stop()

    documents = [f"/{one.folder}/release.htm" for one in (*busy.filings, *quiet.filings, later)]
    fetched = [path for path in sec.paths() if path.endswith("/release.htm")]
    assert sorted(path[path.rindex("/0") :] for path in fetched) == sorted(documents)
    assert reading_house.one("select count(*) from job_run where job = 'edgar_watch'") == 1


def test_what_a_look_sets_off_keeps_to_the_pace(
    reading_house: Installation, sec: EdgarServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four companies file at once: feed, lists, exhibits and filed figures are asked for one
    after the other, never faster than configured."""
    companies = []
    for number in range(1, 5):
        company = filer(number, f"CO{number}")
        report = replace(
            company.filings[0],
            accession=f"{company.cik:010d}-26-000090",
            form="10-Q",
            accepted="2026-09-02T16:30:00",
        )
        companies.append(replace(company, filings=(report, *company.filings)))
        sec.add(companies[-1])
    sec.show(*(Shown(company, company.filings[1]) for company in companies))
    times = timed(sec, monkeypatch)
    every = '[edgar]\nwatch = "always"\nwatch_every_s = 1\n'
    reading_house.configure(companies=companies, more=every)
    daemon = reading_house.daemon()
    read = {company.tickers[0]: 1 for company in companies}
    eventually(lambda: reading_house.analyses() == read, "all four are read", 90)
    daemon.stop()
    asked = {path.partition("/CIK")[0] for path in sec.paths()}
    assert {FEED_PATH, "/submissions", "/api/xbrl/companyfacts"} <= asked
    assert len(times) > 2 * PACE - 4
    assert most_in_a_second(times) <= PACE + 2


def test_processes_that_join_keep_to_one_pace_together(
    reading_house: Installation, sec: EdgarServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A daemon reads, two scans are typed beside it at once: the SEC counts all of them."""
    companies = [filer(number, f"CO{number}") for number in range(1, 13)]
    for company in companies:
        sec.add(company)
    times = timed(sec, monkeypatch)
    reading_house.miss_a_slot(companies=companies)
    daemon = reading_house.daemon()
    eventually(lambda: times, "the daemon asks", 30)
    scans = [reading_house.start("scan"), reading_house.start("scan")]
    assert [scan.ended().code for scan in scans] == [0, 0]
    read = {company.tickers[0]: 1 for company in companies}
    eventually(lambda: reading_house.analyses() == read, "all are read", 90)
    daemon.stop()
    assert len(times) > 3 * PACE
    assert most_in_a_second(times) <= PACE + 3  # what was on its way when another joined


def timed(sec: EdgarServer, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When the server was asked, from now on."""
    answer, clock, times = sec.reply_to, SystemClock(), list[float]()

    def reply_to(request: RecordedRequest) -> Reply:
        times.append(clock.monotonic())
        return answer(request)

    monkeypatch.setattr(sec, "reply_to", reply_to)
    return times


def most_in_a_second(times: list[float]) -> int:
    times.sort()
    return max(bisect_left(times, began + 1) - first for first, began in enumerate(times))
