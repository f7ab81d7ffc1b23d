"""`python main.py worker`: work without a schedule, beside a daemon or alone."""

from __future__ import annotations

import signal

import pytest

from tests.acceptance.installation import SCAN, Installation
from tests.acceptance.papers import filer
from tests.acceptance.processes import eventually
from tests.servers.edgar import EdgarServer, filing_path
from tests.servers.http import Reply

pytestmark = [pytest.mark.acceptance, pytest.mark.database]

TICKERS = ("COA", "COB", "COC", "COD", "COE", "COF")
DOCUMENT_OWNERS = "select distinct executor_id from dbos.workflow_status where name = 'document'"


def test_workers_of_one_name_work_and_decide_nothing(
    reading_house: Installation, sec: EdgarServer
) -> None:
    """Two of them on one machine under the daemon's name. Alone they leave the missed slot to
    whoever has the schedule; with the daemon each document is read once, by whoever is free;
    `status` lists them, orders reach them, SIGTERM ends them in good order."""
    house = reading_house
    companies = [filer(number, ticker) for number, ticker in enumerate(TICKERS, 1)]
    for company in companies:
        sec.add(company)
        filing = company.filings[0]
        slow = Reply(body=filing.documents[1].content, wait_s=1.5)
        sec.route("GET", filing_path(company.cik, filing, "/release.htm"), slow)
    house.miss_a_slot(companies=companies)
    workers = [house.start("worker") for _ in range(2)]
    for worker in workers:
        said = worker.says("Ready in")
        assert "RetailXAI worker" in said
        assert "takes      jobs and documents" in said
        assert "next " not in said
    status, told = house.run_together(
        ("status",), ("breakers", "hold", "claude", "--for", "1h", "--why", "quiet")
    )
    assert status.code == 3, "no daemon"
    for worker in workers:
        assert "worker retailxai on " in status.out
        assert f"pid {worker.pid}" in status.out
    assert told.code == 0, told.said
    held = house.one("select count(*) from command_ack where outcome = 'done'")
    assert held >= 2, "each of them"
    assert house.runs() == [], "nobody ticked"

    daemon = house.daemon()
    eventually(lambda: [state for _, state in house.runs()] == ["succeeded"], "the run", 60)
    assert house.analyses() == dict.fromkeys(TICKERS, 1)
    assert len(house.rows(DOCUMENT_OWNERS)) > 1, "the workers helped"
    assert house.one("select count(*) from job_run where job = %s", SCAN) == 2
    workers[0].tell(signal.SIGKILL)
    for process in (workers[1], daemon):
        ended = process.stop()
        assert ended.code == 0, ended.said
        assert '"stopped"' in ended.err.splitlines()[-1]
