"""Processes that are killed or told to stop in the middle of their work."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from functools import partial

import pytest

from tests.acceptance.conftest import PACE, MakeHouse
from tests.acceptance.installation import CONTACT, QUICK, SCAN, Installation
from tests.acceptance.papers import filer
from tests.acceptance.processes import eventually
from tests.servers.edgar import EdgarServer, Filer, filing_path, submissions_path
from tests.servers.http import Reply

pytestmark = [pytest.mark.acceptance, pytest.mark.database]

TICKERS = ("COA", "COB", "COC", "COD", "COE")  # one more than are worked on at a time
ONCE_EACH = dict.fromkeys(TICKERS, 1)
STOP_WITHIN_S = 30.0


def slow_shop(sec: EdgarServer, wait_s: float, tickers: Sequence[str] = TICKERS) -> list[Filer]:
    """Companies whose releases take their time."""
    companies = [filer(number, ticker) for number, ticker in enumerate(tickers, 1)]
    for company in companies:
        sec.add(company)
        filing = company.filings[0]
        slow = Reply(body=filing.documents[1].content, wait_s=wait_s)
        sec.route("GET", filing_path(company.cik, filing, "/release.htm"), slow)
    return companies


def in_the_middle(house: Installation) -> bool:
    """Some documents are done, some are not."""
    states = dict(house.rows("select state, count(*) from document group by state"))
    return bool(0 < states.get("analysed", 0) < len(TICKERS))


def under_way(sec: EdgarServer, seen: int = 0) -> bool:
    """A release is being fetched."""
    return any("/release.htm" in path for path in sec.paths()[seen:])


def finished(house: Installation) -> bool:
    return [state for _, state in house.runs()] == ["succeeded"]


def test_a_daemon_killed_in_the_middle_of_a_scan(own_house: MakeHouse, sec: EdgarServer) -> None:
    """kill -9, with the database it started itself: the next start takes up the run and its
    documents where they were; each is analysed exactly once, what was stored is not fetched
    again."""
    house = own_house(
        SEC_CONTACT=CONTACT,
        RETAILXAI_SEC_WWW_URL=sec.url,
        RETAILXAI_SEC_DATA_URL=sec.url,
        RETAILXAI_SEC_REQUESTS_PER_S=str(PACE),
    )
    companies = slow_shop(sec, 0.6)
    house.miss_a_slot(companies=companies)
    daemon = house.daemon()
    # Its server is asked by a user of its own all the while: it does not stop in between.
    eventually(lambda: in_the_middle(house), "some documents are done")
    daemon.kill()
    done_before = house.analyses()

    daemon = house.daemon()
    eventually(lambda: finished(house), "the run succeeds in its second attempt")
    assert house.analyses() == ONCE_EACH
    assert house.one("select attempts from job_run where job = %s and attempts > 0", SCAN) == 2
    fetched = [path for path in sec.paths() if path.endswith("/release.htm")]
    for company in companies:
        if company.tickers[0] in done_before:
            path = filing_path(company.cik, company.filings[0], "/release.htm")
            assert fetched.count(path) == 1
    assert daemon.stop().code == 0


def test_a_daemon_told_to_stop_in_the_middle_of_a_scan(
    reading_house: Installation, sec: EdgarServer
) -> None:
    """SIGTERM: what is being fetched is stored, the rest is left, exit 0 well within 30 s; the
    next start finishes the same run."""
    reading_house.miss_a_slot(companies=slow_shop(sec, 0.6))
    daemon = reading_house.daemon()
    eventually(lambda: under_way(sec), "the first release is fetched")
    ended = daemon.stop(STOP_WITHIN_S)
    assert ended.code == 0, ended.said
    assert '"stopped"' in ended.err.splitlines()[-1], "the last word, when all is put away"
    assert len(reading_house.analyses()) < len(TICKERS)

    daemon = reading_house.daemon()
    eventually(lambda: finished(reading_house), "the run succeeds")
    assert reading_house.analyses() == ONCE_EACH
    assert daemon.stop().code == 0


def test_a_scan_that_is_killed_is_finished_by_the_next(
    reading_house: Installation, sec: EdgarServer
) -> None:
    """kill -9 of the command: its documents are taken over, its run is not left "running". Whoever
    types the next sees all of them, also those that were done before it looked; the one after
    that repeats nothing."""
    reading_house.configure(companies=slow_shop(sec, 0.6))
    scan = reading_house.start("scan")
    eventually(lambda: in_the_middle(reading_house), "some documents are done")
    scan.kill()
    again = reading_house.run("scan")
    assert again.code == 0, again.said
    assert reading_house.analyses() == ONCE_EACH
    assert [state for _, state in reading_house.runs()] == ["abandoned", "succeeded"]
    assert f"{len(TICKERS)} documents read; " in again.out
    assert "finished after a break: a scan before was interrupted" in again.out
    assert not [ticker for ticker in TICKERS if ticker not in again.out]
    assert "Nothing new" in reading_house.run("scan").out


def test_scans_that_are_interrupted(reading_house: Installation, sec: EdgarServer) -> None:
    """Ctrl-C ends one with 130 and a word, SIGTERM with 143; the ledger says that they were
    stopped, and a later scan does the rest, once."""
    reading_house.configure(companies=slow_shop(sec, 3.0), policies={**QUICK, "timeout_s": 20})
    signals = {signal.SIGINT: 130, signal.SIGTERM: 143}
    scans = [reading_house.start("scan") for _ in signals]
    eventually(partial(under_way, sec), "a release is fetched")
    eventually(lambda: len(reading_house.runs()) == len(signals), "both scan")
    for scan, (number, code) in zip(scans, signals.items(), strict=True):
        scan.tell(number)
        ended = scan.ended(STOP_WITHIN_S)
        assert ended.code == code, ended.said
        assert "stopping: what runs is finished or left for the next scan" in ended.err
        assert "Traceback" not in ended.err
    stopped = "select distinct state, error from job_run where job = %s"
    assert reading_house.rows(stopped, SCAN) == [("abandoned", "stopped by hand")]
    assert reading_house.run("scan").code == 0
    assert reading_house.analyses() == ONCE_EACH


def test_a_second_ctrl_c_ends_at_once(reading_house: Installation, sec: EdgarServer) -> None:
    """Even while a server keeps everybody waiting, and without a traceback."""
    companies = slow_shop(sec, 0.0)
    for company in companies:
        sec.route("GET", submissions_path(company.cik), Reply(wait_s=60))
    reading_house.configure(companies=companies, policies={**QUICK, "timeout_s": 60})
    scan = reading_house.start("scan")
    eventually(lambda: sec.requests, "EDGAR is asked")
    scan.tell(signal.SIGINT)
    scan.says("stopping")
    scan.tell(signal.SIGINT)
    ended = scan.ended(5)
    # For a shell both are 130: what it exits with, and being ended by the signal itself.
    assert ended.code in (130, -signal.SIGINT), ended.said
    assert "Traceback" not in ended.err


def test_a_daemon_stopped_before_it_was_ready(house: Installation) -> None:
    """SIGTERM while it starts is an end in good order too."""
    daemon = house.start()
    eventually((house.folder / "reports").exists, "the checks before the start")
    ended = daemon.stop()
    assert ended.code == 0, ended.said
    assert "Traceback" not in ended.err
